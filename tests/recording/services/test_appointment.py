import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from recording.declared import Declared
from recording.exceptions import (
    AppointmentNotLive,
    BookingNotPossible,
    GuardianMissing,
    IdempotencyConflict,
    SlotFull,
    SlotNotBookable,
    TooManyForPhone,
    TooManyMoves,
    TooYoung,
)
from recording.models import Appointment, AppointmentChange, AuditEvent, Declaration, Notification, Resident, Slot
from recording.services import appointment as appointments
from recording.services import integrity, tracking_code
from tests.factories import (
    AppointmentFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)

pytestmark = pytest.mark.django_db
BORN = date(1990, 8, 17)


def declared_for(resident=None, **changes):
    """What the resident, or somebody we do not know, would type."""
    values = {
        "nik": resident.identity.nik if resident else synthetic_nik(birth_date=BORN),
        "name": resident.name if resident else "Sulastri",
        "birth_date": BORN,
        "sex": "L",
        "village": VillageFactory(),
    }
    return Declared(**(values | changes))


def book(slot, declared=None, **changes):
    values = {"slot_id": slot.pk, "idempotency_key": uuid.uuid4(), "now": timezone.now()}
    return appointments.book(declared=declared or declared_for(), **(values | changes))


def counters(slot):
    slot.refresh_from_db()
    return slot.booked, slot.booked_public


def test_book_takes_a_place_and_gives_a_code_that_opens_the_status():
    slot, declared = SlotFactory(), declared_for(phone="+6281234567890")

    booking = book(slot, declared)

    assert counters(slot) == (1, 1)
    made = Appointment.objects.get()
    assert (made.office, made.day, made.slot, made.status) == (slot.office, slot.day, slot, "booked")
    assert tracking_code.find(nik=declared.nik, code=booking.code) == made.resident
    assert (made.declaration.nik, made.declaration.phone) == (declared.nik, declared.phone)
    assert Notification.objects.get().kind == "appointment_booked"
    assert AuditEvent.objects.get().action == "appointment.book"


def test_book_makes_an_unknown_nik_a_self_declared_resident():
    booking = book(SlotFactory(), declared_for(name="Slamet", village=None))

    resident = booking.appointment.resident
    assert (resident.source, resident.name, resident.outside_regency) == ("self", "Slamet", True)


def test_book_never_changes_a_resident_we_know():
    resident = ResidentFactory(name="Sulastri")

    book(SlotFactory(), declared_for(resident, name="Orang Lain", phone="+6281234567890"))

    resident.refresh_from_db()
    assert (resident.name, resident.identity.phone) == ("Sulastri", "")


def test_special_needs_hold_two_places_in_the_same_slot():
    slot = SlotFactory(capacity=3, public_capacity=3)

    book(slot, special_needs=True)

    assert counters(slot) == (2, 2)
    with pytest.raises(SlotFull):
        book(slot, special_needs=True)
    assert counters(slot) == (2, 2)


def test_the_public_cannot_take_reserved_places_but_a_clerk_can():
    slot = SlotFactory(capacity=2, public_capacity=1)
    book(slot)

    with pytest.raises(SlotFull):
        book(slot)
    book(slot, pool="reserved", channel="desk", by=UserFactory())

    assert counters(slot) == (2, 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"open": False},
        {"starts_at": timezone.now() - timedelta(minutes=1), "ends_at": timezone.now() + timedelta(minutes=29)},
        {"starts_at": timezone.now() + timedelta(days=40), "ends_at": timezone.now() + timedelta(days=40, hours=1)},
    ],
    ids=["closed", "begun", "beyond the window"],
)
def test_a_slot_that_is_not_on_offer_cannot_be_booked(broken):
    slot = SlotFactory(**broken)

    with pytest.raises(SlotNotBookable):
        book(slot)
    assert not Resident.objects.exists()


def test_a_slot_that_does_not_exist_cannot_be_booked():
    with pytest.raises(SlotNotBookable):
        book(SlotFactory.build(pk=999_999_999))


def test_second_live_booking_gets_the_neutral_sentence_and_takes_nothing():
    resident, slots = ResidentFactory(), SlotFactory.create_batch(2)
    book(slots[0], declared_for(resident))

    with pytest.raises(BookingNotPossible):
        book(slots[1], declared_for(resident))

    assert counters(slots[1]) == (0, 0)


@pytest.mark.parametrize("entitlement", ["none", "rerecord", "replacement"])
def test_a_nik_alone_never_reveals_that_its_holder_was_recorded(entitlement):
    resident = ResidentFactory(entitlement=entitlement)

    with pytest.raises(BookingNotPossible):
        book(SlotFactory(), declared_for(resident))


def test_a_resident_who_must_record_again_books_with_the_code():
    resident = ResidentFactory(entitlement="rerecord")
    code = tracking_code.issue(resident=resident, nik=resident.identity.nik, now=timezone.now())

    booking = book(SlotFactory(), declared_for(resident), proven=resident, pool="reserved")

    assert (booking.appointment.purpose, booking.code) == ("rerecord", code)


def test_an_unproven_booking_never_shows_the_code_somebody_else_may_hold():
    resident = ResidentFactory()
    before = tracking_code.issue(resident=resident, nik=resident.identity.nik, now=timezone.now())

    booking = book(SlotFactory(), declared_for(resident))

    assert booking.code != before
    assert tracking_code.find(nik=resident.identity.nik, code=before) is None


def test_the_same_request_twice_is_one_booking():
    slot, declared, key = SlotFactory(), declared_for(), uuid.uuid4()

    first = book(slot, declared, idempotency_key=key)
    second = book(slot, declared, idempotency_key=key)

    assert (second.appointment, second.code) == (first.appointment, first.code)
    assert counters(slot) == (1, 1)
    assert Notification.objects.count() <= 1


def test_a_key_used_again_with_other_content_is_refused():
    slot, key = SlotFactory(), uuid.uuid4()
    book(slot, idempotency_key=key)

    with pytest.raises(IdempotencyConflict):
        book(slot, idempotency_key=key)


def birthday(years_on, day):
    return date(day.year - years_on, day.month, day.day)


def test_age_counts_on_the_day_of_the_visit():
    slot = SlotFactory()
    sixteen_that_day = birthday(16, slot.day)
    guardian = {"guardian_name": "Sumarni", "guardian_relation": "parent"}

    with pytest.raises(TooYoung):
        book(slot, declared_for(birth_date=sixteen_that_day + timedelta(days=1)), **guardian)
    with pytest.raises(GuardianMissing):
        book(slot, declared_for(birth_date=sixteen_that_day))
    assert book(slot, declared_for(birth_date=sixteen_that_day), **guardian).appointment.guardian_consent_at
    book(slot, declared_for(birth_date=sixteen_that_day + timedelta(days=1), married=True))


def test_three_live_bookings_per_phone_and_a_household_counts_once():
    phone, household = "+6281234567890", uuid.uuid4()
    slot = SlotFactory(capacity=20, public_capacity=20)
    for _ in range(3):
        book(slot, declared_for(phone=phone), group=household)
    for _ in range(2):
        book(slot, declared_for(phone=phone))

    with pytest.raises(TooManyForPhone):
        book(slot, declared_for(phone=phone))
    book(slot, declared_for(phone=phone), by=UserFactory(), channel="desk")


def test_move_takes_the_new_place_frees_the_old_and_keeps_the_row():
    old, new = SlotFactory.create_batch(2)
    made = book(old, declared_for(phone="+6281234567890")).appointment

    moved = appointments.move(appointment_id=made.pk, slot_id=new.pk, now=timezone.now())

    assert (moved.pk, moved.slot, moved.office, moved.day) == (made.pk, new, new.office, new.day)
    assert (counters(old), counters(new)) == ((0, 0), (1, 1))
    change = AppointmentChange.objects.get()
    assert (change.from_slot, change.to_slot) == (old, new)
    assert Notification.objects.filter(kind="appointment_changed").count() == 1


def test_move_to_the_same_time_changes_nothing():
    slot = SlotFactory()
    made = book(slot).appointment

    assert appointments.move(appointment_id=made.pk, slot_id=slot.pk, now=timezone.now()).moves == 0
    assert counters(slot) == (1, 1)


def test_move_to_a_full_slot_keeps_the_old_place():
    old, full = SlotFactory(), SlotFactory(capacity=1, public_capacity=1)
    AppointmentFactory(slot=full)
    made = book(old).appointment

    with pytest.raises(SlotFull):
        appointments.move(appointment_id=made.pk, slot_id=full.pk, now=timezone.now())

    assert (counters(old), counters(full)) == ((1, 1), (1, 1))


def test_two_moves_and_no_more():
    slots = SlotFactory.create_batch(4)
    made = book(slots[0]).appointment
    for slot in slots[1:3]:
        appointments.move(appointment_id=made.pk, slot_id=slot.pk, now=timezone.now())

    with pytest.raises(TooManyMoves):
        appointments.move(appointment_id=made.pk, slot_id=slots[3].pk, now=timezone.now())


def test_only_a_booked_appointment_moves_or_is_cancelled():
    arrived = AppointmentFactory(status="arrived")

    with pytest.raises(AppointmentNotLive):
        appointments.move(appointment_id=arrived.pk, slot_id=SlotFactory().pk, now=timezone.now())
    with pytest.raises(AppointmentNotLive):
        appointments.cancel(appointment_id=arrived.pk, now=timezone.now())


def slot_in(delta):
    starts_at = timezone.make_aware(datetime.combine(timezone.localdate() + delta, time(10)))
    return SlotFactory(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))


def test_a_cancelled_place_returns_at_a_random_moment_within_the_hour():
    slot, now = slot_in(timedelta(days=5)), timezone.now()
    made = book(slot).appointment

    cancelled = appointments.cancel(appointment_id=made.pk, now=now)

    assert counters(slot) == (1, 1)
    assert now + timedelta(minutes=10) <= cancelled.release_at <= now + timedelta(minutes=60)
    assert appointments.release_places(now=cancelled.release_at - timedelta(seconds=1)) == 0
    assert appointments.release_places(now=cancelled.release_at) == 1
    assert appointments.release_places(now=cancelled.release_at) == 0
    assert counters(slot) == (0, 0)


def test_a_place_less_than_a_day_away_returns_at_once():
    now = timezone.now()
    slot = SlotFactory(starts_at=now + timedelta(hours=5), ends_at=now + timedelta(hours=6))
    made = book(slot).appointment

    appointments.cancel(appointment_id=made.pk, now=now)

    assert counters(slot) == (0, 0)


@pytest.mark.parametrize(
    ("pool", "booked_before", "public_capacity_after"),
    [("public", 1, 4), ("reserved", 1, 5), ("public", 5, 4)],
)
def test_a_place_cancelled_on_its_day_is_kept_for_who_comes_to_the_office(pool, booked_before, public_capacity_after):
    now = timezone.now()
    slot = SlotFactory(starts_at=now + timedelta(minutes=5), day=timezone.localdate(now))  # 6 places, 5 of them public
    others = AppointmentFactory.create_batch(booked_before - 1, slot=slot)
    made = AppointmentFactory(slot=slot, pool=pool)

    appointments.cancel(appointment_id=made.pk, now=now)

    slot.refresh_from_db()
    assert (slot.public_capacity, slot.capacity) == (public_capacity_after, 6)
    assert counters(slot) == (len(others), len(others))
    assert Slot.objects.bookable(now=now).filter(pk=slot.pk).exists() == (booked_before < 5)
    assert integrity.slots_count_their_places() == []


@pytest.mark.parametrize(("pool", "public_capacity_after"), [("public", 3), ("reserved", 4)])
def test_a_place_of_today_given_up_by_moving_is_kept_for_who_comes_to_the_office(pool, public_capacity_after):
    now = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    today = SlotFactory(starts_at=now + timedelta(hours=3), capacity=6, public_capacity=4)
    later = SlotFactory(office=today.office, starts_at=now + timedelta(days=2), capacity=6, public_capacity=4)
    made = AppointmentFactory(slot=today, pool=pool)

    appointments.move(appointment_id=made.pk, slot_id=later.pk, now=now)

    today.refresh_from_db()
    assert (today.public_capacity, *counters(today)) == (public_capacity_after, 0, 0)
    assert integrity.slots_count_their_places() == []


def test_a_place_of_another_day_given_up_by_moving_is_offered_to_everybody_again():
    now = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    later = SlotFactory(starts_at=now + timedelta(days=2), capacity=6, public_capacity=4)
    today = SlotFactory(office=later.office, starts_at=now + timedelta(hours=3), capacity=6, public_capacity=4)
    made = AppointmentFactory(slot=later)

    appointments.move(appointment_id=made.pk, slot_id=today.pk, now=now)

    later.refresh_from_db()
    assert later.public_capacity == 4


def test_a_slot_cut_below_what_is_booked_keeps_its_counters_when_somebody_cancels_on_the_day():
    now = timezone.now()
    slot = SlotFactory(starts_at=now + timedelta(minutes=5), day=timezone.localdate(now))
    made, *_others = AppointmentFactory.create_batch(3, slot=slot)
    Slot.objects.filter(pk=slot.pk).update(public_capacity=1)

    appointments.cancel(appointment_id=made.pk, now=now)

    slot.refresh_from_db()
    assert (slot.booked_public, slot.public_capacity) == (2, 2)


def test_who_booked_at_the_desk_is_told_of_a_change_at_the_registered_number():
    resident = ResidentFactory(identity__phone="+6281234567890")
    made = AppointmentFactory(resident=resident, channel="desk")

    appointments.move(appointment_id=made.pk, slot_id=SlotFactory().pk, now=timezone.now(), by=UserFactory())

    assert Notification.objects.get(resident=resident).kind == "appointment_changed"


def test_a_person_who_cancelled_can_book_again():
    resident, slots = ResidentFactory(), SlotFactory.create_batch(2)
    first = book(slots[0], declared_for(resident)).appointment
    appointments.cancel(appointment_id=first.pk, now=timezone.now())

    assert book(slots[1], declared_for(resident)).appointment.resident == resident


def test_places_of_several_slots_and_pools_return_together():
    slots = SlotFactory.create_batch(2)
    now = timezone.now()
    rows = [
        AppointmentFactory(slot=slots[0], places_held=2, pool="public"),
        AppointmentFactory(slot=slots[0], pool="reserved"),
        AppointmentFactory(slot=slots[1], pool="public"),
    ]
    Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(status="cancelled", release_at=now)

    assert appointments.release_places(now=now) == 4
    assert [counters(slot) for slot in slots] == [(0, 0), (0, 0)]


def test_the_database_refuses_an_overbooked_slot():
    slot = SlotFactory(capacity=1, public_capacity=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.filter(pk=slot.pk).update(booked=2)


def test_the_database_refuses_overlapping_open_slots():
    slot = SlotFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        SlotFactory(office=slot.office, starts_at=slot.starts_at + timedelta(minutes=10))


def test_what_was_declared_is_sealed_in_the_database():
    declared = declared_for(phone="+6281234567890", name="Kasmirah")
    booking = book(SlotFactory(), declared)

    row = Declaration.objects.filter(pk=booking.appointment.pk).values().get()
    stored = b"".join(bytes(value) for value in row.values() if isinstance(value, memoryview | bytes))
    assert not any(text.encode() in stored for text in (declared.nik, "Kasmirah", "81234567890"))


def test_book_asks_the_same_number_of_questions_however_full_the_slot(django_assert_max_num_queries):
    counts = []
    for others in (1, 3, 100):
        slot, declared = SlotFactory(capacity=200, public_capacity=200), declared_for()
        AppointmentFactory.create_batch(others, slot=slot)
        with django_assert_max_num_queries(30) as captured:
            book(slot, declared)
        counts.append(len(captured))
    assert len(set(counts)) == 1
