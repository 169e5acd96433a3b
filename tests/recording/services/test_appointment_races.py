"""Races on real connections. Each asserts what must hold, and one shows that the harness sees a missing guard."""

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from recording.declared import Declared
from recording.exceptions import DomainError, SlotFull
from recording.models import Appointment, Slot
from recording.services import appointment as appointments
from recording.services import place
from tests.factories import AppointmentFactory, ResidentFactory, SlotFactory, UserFactory, VillageFactory, synthetic_nik

pytestmark = pytest.mark.django_db(transaction=True)
BORN = date(1990, 8, 17)
CLIENTS = 16


def race(*attempts):
    """Run the callables at once, each on a connection of its own; returns how often each outcome came."""

    def run(attempt):
        with closing(connection):
            try:
                attempt()
            except DomainError as refusal:
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(run, attempts))


def booking(slot_id, nik, village, **options):
    declared = Declared(nik=nik, name="Sutrisno", birth_date=BORN, sex="L", village=village)
    values = {"slot_id": slot_id, "idempotency_key": uuid.uuid4(), "now": timezone.now()} | options
    return lambda: appointments.book(declared=declared, **values)


def assert_counters_are_true():
    for slot in Slot.objects.all():
        held = list(slot.appointments.filter(places_held__gt=0).values_list("places_held", "pool"))
        assert slot.booked == sum(places for places, _ in held) <= slot.capacity
        assert slot.booked_public == sum(places for places, pool in held if pool == "public")


def last_place(village):
    slot = SlotFactory(capacity=1, public_capacity=1)
    niks = {synthetic_nik(birth_date=BORN) for _ in range(200)}
    return slot, [booking(slot.pk, nik, village) for nik in niks]


def test_two_hundred_people_and_one_place_make_one_booking():
    _slot, attempts = last_place(VillageFactory())

    outcomes = race(*attempts)

    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "SlotFull", "TooBusy"}
    assert Appointment.objects.count() == 1
    assert_counters_are_true()


def test_the_same_race_overbooks_when_the_guard_is_taken_away(monkeypatch):
    """The negative control: read, then write, as several well-known systems do."""
    _slot, attempts = last_place(VillageFactory())

    def read_then_insert(*, appointment, now):
        chosen = Slot.objects.get(pk=appointment.slot_id)
        if chosen.booked >= chosen.capacity:
            raise SlotFull
        time.sleep(0.1)  # what a slower machine would put between the read and the write
        appointment.office_id, appointment.day = chosen.office_id, chosen.day
        appointment.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE recording_slot SET booked = 1, booked_public = 1 WHERE id = %s", [chosen.pk])

    monkeypatch.setattr(place, "take_and_insert", read_then_insert)

    race(*attempts)

    assert Appointment.objects.count() > 1


def test_web_desk_and_a_move_for_the_last_place_make_one():
    village, clerk = VillageFactory(), UserFactory()
    for _ in range(10):
        slot = SlotFactory(capacity=1, public_capacity=1)
        moving = AppointmentFactory(slot=SlotFactory(), resident=ResidentFactory())

        outcomes = race(
            booking(slot.pk, synthetic_nik(birth_date=BORN), village),
            booking(slot.pk, synthetic_nik(birth_date=BORN), village, by=clerk, channel="desk", pool="reserved"),
            lambda moving=moving, slot=slot: appointments.move(
                appointment_id=moving.pk, slot_id=slot.pk, now=timezone.now()
            ),
        )

        assert outcomes["done"] == 1
    assert_counters_are_true()


def test_one_person_in_two_offices_gets_one_booking():
    resident, village = ResidentFactory(), VillageFactory()
    slots = SlotFactory.create_batch(8)

    outcomes = race(*[booking(slot.pk, resident.identity.nik, village) for slot in slots])

    assert outcomes == {"done": 1, "BookingNotPossible": 7}
    assert_counters_are_true()


def test_one_unknown_person_declared_at_once_is_one_resident():
    nik, village = synthetic_nik(birth_date=BORN), VillageFactory()

    race(*[booking(slot.pk, nik, village) for slot in SlotFactory.create_batch(8)])

    assert Appointment.objects.count() == 1
    assert Appointment.objects.get().resident.identity.nik == nik


def test_a_double_click_makes_one_booking_and_both_clicks_see_it():
    slot, key = SlotFactory(), uuid.uuid4()
    attempt = booking(slot.pk, synthetic_nik(birth_date=BORN), VillageFactory(), idempotency_key=key)

    assert race(*[attempt] * 8) == {"done": 8}
    assert Appointment.objects.count() == 1
    assert_counters_are_true()


def test_two_people_swapping_their_times_never_deadlock():
    for _ in range(10):
        one, other = AppointmentFactory(), AppointmentFactory()

        outcomes = race(
            lambda one=one, other=other: appointments.move(
                appointment_id=one.pk, slot_id=other.slot_id, now=timezone.now()
            ),
            lambda one=one, other=other: appointments.move(
                appointment_id=other.pk, slot_id=one.slot_id, now=timezone.now()
            ),
        )

        assert outcomes == {"done": 2}
    assert_counters_are_true()


def test_one_appointment_cancelled_and_moved_at_once_ends_in_one_state():
    for _ in range(10):
        made, new = AppointmentFactory(), SlotFactory()

        race(
            lambda made=made: appointments.cancel(appointment_id=made.pk, now=timezone.now()),
            lambda made=made, new=new: appointments.move(appointment_id=made.pk, slot_id=new.pk, now=timezone.now()),
        )

    assert_counters_are_true()


def test_places_are_returned_once_by_two_workers():
    now = timezone.now()
    slot = SlotFactory(capacity=40, public_capacity=40)
    AppointmentFactory.create_batch(30, slot=slot)
    Appointment.objects.update(status="cancelled", release_at=now)

    race(*[lambda: appointments.release_places(now=now)] * 6)

    assert_counters_are_true()
    assert Slot.objects.get(pk=slot.pk).booked == 0
