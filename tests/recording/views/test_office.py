import pytest

from recording.models import AuditEvent
from tests.factories import OfficeFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def manage():
    return signed_in(UserFactory(role="administrator"))


def test_an_address_typed_here_is_read_by_residents(manage, client):
    office = OfficeFactory(name="Kecamatan Dawe")

    answer = manage.post(
        f"/kelola/kantor/{office.code}/",
        {"name": "Kecamatan Dawe", "address": "Jl. Raya Dawe 1", "phone": "(0291) 438813"},
    )

    assert answer.url == "/kelola/kantor/"
    assert "Jl. Raya Dawe 1" in client.get("/jadwal/").content.decode()
    assert AuditEvent.objects.get().action == "office.describe"


def test_an_office_needs_a_name_and_what_was_typed_is_kept(manage):
    office = OfficeFactory(name="Kecamatan Dawe")

    page = manage.post(f"/kelola/kantor/{office.code}/", {"name": "", "address": "Jl. Baru 5"}).content.decode()

    office.refresh_from_db()
    assert (office.name, office.address) == ("Kecamatan Dawe", "")
    assert "Isi nama kantor" in page
    assert "Jl. Baru 5" in page


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_asks_the_same_for_any_number_of_offices(manage, django_assert_num_queries, count):
    OfficeFactory.create_batch(count)
    manage.get("/kelola/kantor/")

    with django_assert_num_queries(3):
        page = manage.get("/kelola/kantor/").content.decode()

    assert page.count("Belum diisi") == count
