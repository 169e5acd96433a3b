import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from recording.enums import Channel, Pool
from recording.exceptions import (
    AlreadyRecorded,
    HasAppointment,
    IdempotencyConflict,
    NoRoomTogether,
    PersonNotBooked,
    SlotFull,
    SlotNotBookable,
    TooYoung,
)
from recording.models import Appointment, AuditEvent, Resident
from recording.services import household, integrity
from recording.services.household import Member, book_household, registered
from tests.factories import AppointmentFactory, OfficeFactory, ResidentFactory, SlotFactory, UserFactory
from tests.races import at_once


@pytest.fixture
def clerk(db):
    return UserFactory()


@pytest.fixture
def half_hours():
    """Makes open half hours of one office, one after the other, with so many places each."""

    def make(*places, office=None):
        office = office or OfficeFactory()
        first = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return [
            SlotFactory(
                office=office,
                starts_at=first + timedelta(minutes=30 * number),
                capacity=capacity,
                public_capacity=capacity,
            )
            for number, capacity in enumerate(places)
        ]

    return make


def member(resident=None, **values):
    resident = Resident.objects.select_related("identity", "village").get(pk=(resident or ResidentFactory()).pk)
    return Member(declared=registered(resident, today=timezone.localdate()), **values)


def book(members, slot, by, **values):
    given = {"idempotency_key": uuid.uuid4(), "now": timezone.now()} | values
    return book_household(members=members, slot_id=slot.pk, by=by, **given)


@pytest.mark.django_db
class TestBookHousehold:
    def test_everybody_gets_a_neighbouring_time_a_code_and_the_same_group(self, clerk, half_hours):
        first, second = half_hours(2, 1)
        members = [member() for _ in range(3)]

        made = book(members, first, clerk)

        appointments = [booking.appointment for booking in made]
        assert [each.slot_id for each in appointments] == [first.pk, first.pk, second.pk]
        assert len({each.group for each in appointments}) == 1
        assert appointments[0].group
        assert len({booking.code for booking in made}) == 3
        assert {(each.channel, each.booked_by, each.pool) for each in appointments} == {
            (Channel.DESK, clerk, Pool.PUBLIC)
        }
        assert AuditEvent.objects.filter(action="appointment.book", actor=clerk).count() == 3
        assert integrity.slots_count_their_places() == []

    def test_one_person_has_no_group_and_exactly_the_chosen_time(self, clerk, half_hours):
        _first, second = half_hours(1, 1)

        made = book([member()], second, clerk)

        assert (made[0].appointment.slot_id, made[0].appointment.group) == (second.pk, None)

    def test_a_full_time_is_full_for_one_person(self, clerk, half_hours):
        full, _free = half_hours(1, 1)
        AppointmentFactory(slot=full)

        with pytest.raises(SlotFull):
            book([member()], full, clerk)

    def test_the_reserved_pool_opens_places_kept_from_the_public(self, clerk, half_hours):
        (slot,) = half_hours(2)
        type(slot).objects.update(public_capacity=0)

        made = book([member(), member()], slot, clerk, pool=Pool.RESERVED)

        slot.refresh_from_db()
        assert {booking.appointment.pool for booking in made} == {Pool.RESERVED}
        assert (slot.booked, slot.booked_public) == (2, 0)

    def test_special_needs_take_two_places(self, clerk, half_hours):
        first, second = half_hours(1, 2)

        made = book([member(special_needs=True), member()], first, clerk)

        assert [booking.appointment.slot_id for booking in made] == [second.pk, first.pk]
        assert made[0].appointment.places_held == 2

    def test_without_room_for_all_nobody_is_booked(self, clerk, half_hours):
        slot, *_others = half_hours(1, 1)

        with pytest.raises(NoRoomTogether):
            book([member() for _ in range(3)], slot, clerk)
        assert not Appointment.objects.exists()

    def test_one_who_has_an_appointment_stops_all_and_is_pointed_at(self, clerk, half_hours):
        (slot,) = half_hours(5)
        taken = AppointmentFactory().resident

        with pytest.raises(PersonNotBooked) as refused:
            book([member(), member(taken), member()], slot, clerk)
        assert refused.value.position == 1
        assert isinstance(refused.value.reason, HasAppointment)
        assert Appointment.objects.count() == 1
        assert integrity.slots_count_their_places() == []

    def test_one_who_is_recorded_stops_all(self, clerk, half_hours):
        (slot,) = half_hours(5)

        with pytest.raises(PersonNotBooked) as refused:
            book([member(), member(ResidentFactory(recorded_before=True))], slot, clerk)
        assert isinstance(refused.value.reason, AlreadyRecorded)

    def test_a_child_stops_all(self, clerk, half_hours):
        (slot,) = half_hours(5)
        child = ResidentFactory(birth_date=timezone.localdate() - timedelta(days=15 * 365))

        with pytest.raises(PersonNotBooked) as refused:
            book([member(), member(child)], slot, clerk)
        assert isinstance(refused.value.reason, TooYoung)
        assert not Appointment.objects.exists()

    def test_a_closed_time_is_refused(self, clerk, half_hours):
        (slot,) = half_hours(5)
        type(slot).objects.update(open=False)

        with pytest.raises(SlotNotBookable):
            book([member()], slot, clerk)

    def test_the_same_key_again_is_the_same_booking_also_when_the_time_is_full_now(self, clerk, half_hours):
        (slot,) = half_hours(2)
        members, key = [member(), member()], uuid.uuid4()
        made = book(members, slot, clerk, idempotency_key=key)

        again = book(members, slot, clerk, idempotency_key=key)

        assert [each.appointment.pk for each in again] == [each.appointment.pk for each in made]
        assert [each.code for each in again] == [each.code for each in made]

    def test_the_same_key_for_others_is_a_conflict(self, clerk, half_hours):
        (slot,) = half_hours(5)
        key = uuid.uuid4()
        book([member()], slot, clerk, idempotency_key=key)

        with pytest.raises(IdempotencyConflict):
            book([member()], slot, clerk, idempotency_key=key)

    def test_a_person_known_by_nobody_becomes_a_resident(self, clerk, half_hours):
        (slot,) = half_hours(5)
        somebody = member()
        unknown = replace(somebody.declared, nik=f"{somebody.declared.nik[:12]}9777", name="Baru")

        made = book([Member(declared=unknown)], slot, clerk)

        assert (made[0].appointment.resident.name, made[0].appointment.resident.source) == ("Baru", "self")


@pytest.mark.django_db
def test_a_birth_date_the_register_lacks_is_read_from_the_nik():
    resident = ResidentFactory(birth_date=date(1990, 8, 17))
    resident.identity.birth_date = ""
    resident.identity.save()

    assert registered(resident, today=timezone.localdate()).birth_date == date(1990, 8, 17)


@pytest.mark.django_db(transaction=True)
def test_clerks_who_book_families_into_the_last_places_never_overbook(half_hours):
    slots = half_hours(3, 2)
    clerks = iter([(UserFactory(), [member() for _ in range(3)]) for _ in range(4)])

    def attempt():
        clerk, members = next(clerks)
        return book(members, slots[0], clerk)

    outcomes = at_once(4, attempt)

    booked = [outcome for outcome in outcomes if isinstance(outcome, list)]
    assert len(booked) == 1, outcomes
    assert {type(each) for each in outcomes} <= {list, NoRoomTogether}
    assert Appointment.objects.count() == 3
    assert integrity.slots_count_their_places() == []


@pytest.mark.django_db(transaction=True)
def test_a_second_press_at_the_same_moment_books_once(half_hours):
    slots, clerk = half_hours(3, 2), UserFactory()
    members, key = [member() for _ in range(2)], uuid.uuid4()

    outcomes = at_once(3, lambda: book(members, slots[0], clerk, idempotency_key=key))

    assert all(isinstance(outcome, list) for outcome in outcomes), outcomes
    assert Appointment.objects.count() == 2


def test_a_household_is_at_least_one_person(clerk):
    with pytest.raises(NoRoomTogether):
        household.book_household(members=[], slot_id=1, idempotency_key=uuid.uuid4(), by=clerk, now=timezone.now())
