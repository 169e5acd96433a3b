import pytest

from issuance.models import PriorityRule
from issuance.services.reference import load_priority_rules
from recording.models import AuditEvent
from tests.factories import OfficeFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/kelola/cetak/"


@pytest.fixture
def admin():
    return signed_in(UserFactory(role="administrator"))


def test_the_order_and_the_way_of_each_office_are_decided_here(admin):
    load_priority_rules()
    here, there = OfficeFactory(), OfficeFactory()
    values = {
        "urutan_0": "oldest",
        "urutan_1": "first_card",
        "urutan_2": "",
        f"cara_{here.pk}": "in_advance",
        f"cara_{there.pk}": "tidak",
    }

    assert "Cetak saat warga datang" in admin.get(PAGE).content.decode()
    assert "Disimpan" in admin.post(PAGE, values, follow=True).content.decode()
    admin.post(PAGE, values)

    here.refresh_from_db(), there.refresh_from_db()
    assert list(PriorityRule.objects.values_list("priority", flat=True)) == ["oldest", "first_card"]
    assert (here.prints_here, here.print_policy, there.prints_here) == (True, "in_advance", False)
    assert AuditEvent.objects.filter(action="office.printing").count() == 2
    assert AuditEvent.objects.filter(action="print_rule.order").count() == 1


def test_the_same_priority_twice_is_refused(admin):
    office = OfficeFactory()
    values = {"urutan_0": "oldest", "urutan_1": "oldest", f"cara_{office.pk}": "on_request"}

    assert "hanya dipakai sekali" in admin.post(PAGE, values).content.decode()
    assert not PriorityRule.objects.exists()
