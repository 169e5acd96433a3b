from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from recording.models import Slot
from tests.factories import CampaignFactory, OfficeFactory, SlotFactory
from tests.recording.views import visitor

pytestmark = pytest.mark.django_db


def at(days: int, hour: int):
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=days), time(hour)))


@pytest.fixture
def morning(time_machine):
    """Every test of this file that asks for it stands at six o'clock, before any office opens."""
    moment = timezone.localtime().replace(hour=6, minute=0, second=0, microsecond=0)
    time_machine.move_to(moment, tick=False)
    return moment


def test_each_office_shows_its_next_free_times(client, morning):
    office = OfficeFactory()
    for days, hour in ((0, 9), (1, 10), (3, 13)):
        SlotFactory(office=office, starts_at=at(days, hour))
    SlotFactory(office=office, starts_at=at(0, 8), capacity=1, public_capacity=1, booked=1, booked_public=1)

    (card,) = client.get("/jadwal/").context["cards"]

    assert [row["text"].split(", ")[-1] for row in card["next_times"]] == ["09.00", "10.00", "13.00"]
    assert [row["label"] for row in card["next_times"]] == ["Hari ini", "Besok", "Minggu ini"]


def test_full_and_closed_are_told_apart(client, morning):
    office = OfficeFactory()
    SlotFactory(office=office, starts_at=at(0, 9), capacity=1, public_capacity=1, booked=1, booked_public=1)

    (card,) = client.get("/jadwal/").context["cards"]

    assert [row["text"] for row in card["next_times"][:2]] == ["penuh", "tutup"]
    assert "Semua jam sudah penuh" in client.get("/jadwal/").content.decode()


def test_offices_that_serve_nobody_are_left_out(client):
    OfficeFactory(active=False)

    assert client.get("/jadwal/").context["cards"] == []


def test_the_day_lists_free_and_full_times(client, morning):
    office = OfficeFactory()
    SlotFactory(office=office, starts_at=at(1, 9), capacity=6, public_capacity=5)
    SlotFactory(office=office, starts_at=at(1, 10), capacity=1, public_capacity=1, booked=1, booked_public=1)

    page = client.get(f"/jadwal/{office.code}/", {"tanggal": at(1, 9).date().isoformat()})

    (group,) = page.context["groups"]
    assert [(each["text"], each["note"], "value" in each) for each in group["times"]] == [
        ("09.00", "5 tempat", True),
        ("10.00", "Penuh", False),
    ]


def test_without_a_day_the_first_free_one_is_shown(client, morning):
    office = OfficeFactory()
    SlotFactory(office=office, starts_at=at(0, 9), capacity=1, public_capacity=1, booked=1, booked_public=1)
    SlotFactory(office=office, starts_at=at(2, 9))

    assert client.get(f"/jadwal/{office.code}/").context["day"] == at(2, 9).date()


def test_days_lead_to_their_neighbours_within_the_window(client, morning):
    CampaignFactory(booking_window_days=3)
    slot = SlotFactory(starts_at=at(0, 9))

    def links(days):
        page = client.get(f"/jadwal/{slot.office.code}/", {"tanggal": at(days, 9).date().isoformat()})
        return bool(page.context["previous_url"]), bool(page.context["next_url"])

    assert [links(days) for days in (-5, 0, 1, 3, 9)] == [
        (False, True),
        (False, True),
        (True, True),
        (True, False),
        (True, False),
    ]


def test_an_empty_day_says_what_to_do(client, morning):
    slot = SlotFactory(starts_at=at(2, 9))

    page = client.get(f"/jadwal/{slot.office.code}/", {"tanggal": at(1, 9).date().isoformat()}).content.decode()

    assert "Tidak ada jam layanan lagi" in page
    assert "datang langsung" in page
    assert "Lihat hari itu" in page


def test_a_day_beyond_the_window_says_until_when(client):
    slot = SlotFactory()

    page = client.get(f"/jadwal/{slot.office.code}/", {"tanggal": "2099-01-01"}).content.decode()

    assert "Pemesanan baru dibuka sampai" in page


def test_a_time_that_was_just_taken_is_said(client):
    slot = SlotFactory(capacity=1, public_capacity=1, booked=1, booked_public=1)

    response = client.post(f"/jadwal/{slot.office.code}/", {"slot": slot.pk})

    assert "Jam itu sudah penuh" in response.content.decode()
    assert not client.session.get("booking")


def test_looking_costs_no_session(client):
    slot = SlotFactory()
    client.get("/jadwal/")
    client.get(f"/jadwal/{slot.office.code}/")

    assert "sid" not in client.cookies


@pytest.mark.parametrize("address", ["/jadwal/", "/jadwal/{office}/"])
def test_queries_do_not_grow_with_offices_and_slots(client, address, django_assert_max_num_queries):
    counts = []
    for offices, slots in ((1, 1), (2, 3), (10, 100)):
        made = visitor.offices_with_slots(offices, slots)
        with django_assert_max_num_queries(6) as captured:
            client.get(address.format(office=made[0].office.code))
        counts.append(len(captured))

    assert len(set(counts)) == 1


@pytest.mark.parametrize("address", ["/janji/waktu/", "/janji/waktu/?kantor={office}", "/janji/periksa/"])
def test_queries_of_the_booking_pages_do_not_grow(client, address, django_assert_max_num_queries):
    visitor.answer_all(client)
    counts = []
    for offices, slots in ((1, 1), (2, 3), (10, 100)):
        made = visitor.offices_with_slots(offices, slots)
        visitor.choose(client, made[0])
        client.get("/janji/periksa/")  # writes the key of this booking into the session
        with django_assert_max_num_queries(9) as captured:
            client.get(address.format(office=made[0].office.code))
        counts.append(len(captured))

    assert len(set(counts)) == 1
    assert Slot.objects.count() > 1000
