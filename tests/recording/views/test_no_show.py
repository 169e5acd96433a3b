from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import AppointmentFactory, OfficeFactory, SlotFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE, FILE = "/pengawas/tidak-hadir/", "/pengawas/tidak-hadir/unduh.csv"


@pytest.fixture
def supervisor():
    return signed_in(UserFactory(role="supervisor"))


def hour_with(office, *, done, missed):
    starts_at = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
    slot = SlotFactory(office=office, starts_at=starts_at, capacity=60)
    AppointmentFactory.create_batch(done, slot=slot, status="done")
    AppointmentFactory.create_batch(missed, slot=slot, status="no_show")


def cells(response):
    assert response.status_code == 200
    return [row["cells"] for row in response.context["rows"]]


def test_few_bookings_suggest_nothing_and_many_suggest_a_share(supervisor):
    hour_with(OfficeFactory(district__code="33.19.01"), done=2, missed=1)
    hour_with(OfficeFactory(district__code="33.19.02"), done=24, missed=6)

    few, many = cells(supervisor.get(PAGE))

    assert few[1:5] + few[6:] == ["09.00", 3, 1, "33%", "data belum cukup"]
    assert many[6]["text"] == "20%"
    assert len(cells(supervisor.get(PAGE, {"tampil": "cukup"}))) == 1
    assert len(cells(supervisor.get(PAGE, {"tampil": "beda"}))) == 1


def test_filters_stand_in_the_address_and_wrong_ones_filter_nothing(supervisor):
    here = OfficeFactory()
    hour_with(here, done=1, missed=0)
    hour_with(OfficeFactory(), done=1, missed=0)

    assert [row[0] for row in cells(supervisor.get(PAGE, {"kantor": here.code}))] == [here.name]
    assert len(cells(supervisor.get(PAGE, {"kantor": "\0", "tampil": "x"}))) == 2


def test_a_supervisor_of_one_office_sees_that_office(supervisor):
    here = OfficeFactory()
    hour_with(here, done=1, missed=0)
    hour_with(OfficeFactory(), done=1, missed=0)
    own = signed_in(UserFactory(role="supervisor", office=here))

    assert [row[0] for row in cells(own.get(PAGE))] == [here.name]


def test_without_bookings_the_page_says_when_figures_come(supervisor):
    assert "Belum ada janji yang lewat" in supervisor.get(PAGE).content.decode()


def test_the_file_is_safe_to_open(supervisor):
    hour_with(OfficeFactory(name="=1+1"), done=1, missed=1)

    text = b"".join(supervisor.get(FILE)).decode()

    assert text.splitlines()[0].lstrip("\ufeff").startswith("kode,kantor,jam,dipesan,tidak_hadir")
    assert ",'=1+1,9,2,1,50,,\r\n" in text


def test_many_hours_stand_on_pages(supervisor):
    for _ in range(41):
        hour_with(OfficeFactory(), done=1, missed=0)

    assert len(cells(supervisor.get(PAGE))) == 40
    assert len(cells(supervisor.get(PAGE, {"halaman": "2"}))) == 1
