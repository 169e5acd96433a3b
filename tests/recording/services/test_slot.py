from datetime import date, time, timedelta

import pytest

from recording.models import Slot
from recording.services import slot as slots
from recording.services.appointment import cancel
from tests.factories import (
    AppointmentFactory,
    CampaignFactory,
    ClosureFactory,
    OfficeFactory,
    ServiceHoursFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 12, 7)


def test_generate_makes_the_slots_of_the_hours_once():
    OfficeFactory()
    ServiceHoursFactory(opens=time(8), closes=time(10))

    assert slots.generate(days=[MONDAY]) == 4
    assert slots.generate(days=[MONDAY]) == 0
    assert Slot.objects.filter(open=True, capacity=6, public_capacity=4).count() == 4


def test_shorter_hours_delete_unused_slots_and_close_used_ones():
    OfficeFactory()
    hours = ServiceHoursFactory(opens=time(8), closes=time(10))
    slots.generate(days=[MONDAY])
    used = Slot.objects.order_by("starts_at").last()
    AppointmentFactory(slot=used)

    hours.closes = time(9)
    hours.save()
    changed = slots.generate(days=[MONDAY])

    used.refresh_from_db()
    assert changed == 2
    assert (used.open, used.booked, used.capacity) == (False, 1, 6)
    assert Slot.objects.filter(open=True).count() == 2


def test_fewer_stations_never_cut_below_what_is_booked():
    office = OfficeFactory(stations=2)
    ServiceHoursFactory(opens=time(8), closes=time(8, 30))
    slots.generate(days=[MONDAY])
    slot = Slot.objects.get()
    for _ in range(4):
        AppointmentFactory(slot=slot)

    office.stations = 1
    office.save()
    slots.generate(days=[MONDAY])

    slot.refresh_from_db()
    assert (slot.capacity, slot.public_capacity, slot.booked) == (4, 2, 4)


def test_a_closed_slot_opens_again_when_the_closure_is_lifted():
    OfficeFactory()
    ServiceHoursFactory(opens=time(8), closes=time(8, 30))
    slots.generate(days=[MONDAY])
    AppointmentFactory(slot=Slot.objects.get())
    closure = ClosureFactory(day=MONDAY)
    slots.generate(days=[MONDAY])
    closed = Slot.objects.get()

    closure.delete()
    slots.generate(days=[MONDAY])

    assert (closed.open, Slot.objects.get().open) == (False, True)


def test_a_proposed_holiday_closes_nothing():
    OfficeFactory()
    ServiceHoursFactory(opens=time(8), closes=time(9))
    ClosureFactory(day=MONDAY, kind="holiday", status="proposed")

    assert slots.generate(days=[MONDAY]) == 2


def test_top_up_reaches_a_week_beyond_the_window_and_leaves_no_empty_day():
    OfficeFactory()
    ServiceHoursFactory()
    CampaignFactory(starts_on=MONDAY, booking_window_days=3)

    missing_before = slots.days_without_slots(today=MONDAY)
    slots.top_up(today=MONDAY)

    assert [day for _, day in missing_before] == [MONDAY + timedelta(days=offset) for offset in range(4)]
    assert slots.days_without_slots(today=MONDAY) == []
    assert Slot.objects.latest("day").day == MONDAY + timedelta(days=10)


def test_generate_asks_the_same_number_of_questions_for_any_number_of_days(django_assert_num_queries):
    OfficeFactory.create_batch(3)
    ServiceHoursFactory()
    for count in (1, 3, 100):
        days = [MONDAY + timedelta(days=1000 * count + offset) for offset in range(count)]
        with django_assert_num_queries(7 if count < 65 else 8):
            slots.generate(days=days)


def test_a_place_cancelled_on_the_day_stays_with_walk_ins_when_slots_are_made_again():
    OfficeFactory()
    ServiceHoursFactory(opens=time(8), closes=time(8, 30))
    slots.generate(days=[MONDAY])
    slot = Slot.objects.get()
    made = AppointmentFactory(slot=slot)
    cancel(appointment_id=made.pk, now=slot.starts_at - timedelta(minutes=30))

    assert slots.generate(days=[MONDAY]) == 0

    slot.refresh_from_db()
    assert (slot.capacity, slot.public_capacity, slot.booked) == (6, 3, 0)
