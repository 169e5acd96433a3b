"""Hours change while people book: counters stay true, nobody is lost, two administrators do it once."""

import time as clock
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from recording.declared import Declared
from recording.exceptions import DomainError
from recording.models import Appointment, Closure, HoursChange, Notification, Slot
from recording.services import appointment as appointments
from recording.services import closure as closures
from recording.services import hours_change, relocation
from recording.services import slot as slots
from tests.factories import (
    AppointmentFactory,
    CampaignFactory,
    OfficeFactory,
    ServiceHoursFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)
from tests.recording.services.test_hours_change import assert_counters_are_true, assert_nobody_is_lost, slot_at

pytestmark = pytest.mark.django_db(transaction=True)
BORN = date(1990, 8, 17)
ROUNDS = 4


def at_once(*attempts):
    """Run the callables on connections of their own; returns "done" or the name of the refusal of each, in order."""

    def run(attempt):
        with closing(connection):
            try:
                attempt()
            except DomainError as refusal:
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


@pytest.fixture
def office():
    office = OfficeFactory(stations=4)
    CampaignFactory()
    ServiceHoursFactory(opens=time(8), closes=time(10))
    slots.top_up(today=timezone.localdate())
    return office


def booking(slot_id, village):
    declared = Declared(
        nik=synthetic_nik(birth_date=BORN), name="Sutrisno", birth_date=BORN, sex="L", village=village, phone=""
    )
    key = uuid.uuid4()
    return lambda: appointments.book(declared=declared, slot_id=slot_id, idempotency_key=key, now=timezone.now())


def proposal(day, admin):
    return closures.propose_closures(first=day, last=day, reason="Listrik padam", by=admin, now=timezone.now())


def applying(change):
    seen = hours_change.preview(change=change, now=timezone.now()).fingerprint
    return lambda: hours_change.apply(change_id=change.pk, seen=seen, by=change.created_by, now=timezone.now())


def test_bookings_moves_and_cancellations_during_a_closure_leave_nobody_behind(office):
    village, admin = VillageFactory(), UserFactory(role="administrator")
    for round_number in range(ROUNDS):
        day = timezone.localdate() + timedelta(days=2 + 2 * round_number)
        closed_slots = [slot_at(office, day, 8), slot_at(office, day, 8, 30)]
        mover, leaver = AppointmentFactory(slot=closed_slots[0]), AppointmentFactory(slot=closed_slots[1])
        target = slot_at(office, day + timedelta(days=1), 9).pk
        change = proposal(day, admin)

        outcomes = at_once(
            applying(change),
            *[booking(slot.pk, village) for slot in closed_slots for _ in range(4)],
            lambda mover=mover, target=target: appointments.move(
                appointment_id=mover.pk, slot_id=target, now=timezone.now()
            ),
            lambda leaver=leaver: appointments.cancel(appointment_id=leaver.pk, now=timezone.now()),
        )

        assert outcomes[0] == "done"
        assert not Slot.objects.filter(office=office, day=day, open=True).exists()
        assert not Appointment.objects.filter(status="booked", slot__open=False).exists()
        assert_counters_are_true()


def test_the_same_race_loses_people_when_they_are_read_before_the_slots_are_locked(office, monkeypatch):
    """The negative control: the harness sees the mistake that the order of locks prevents."""
    village, admin = VillageFactory(), UserFactory(role="administrator")
    day = timezone.localdate() + timedelta(days=3)
    change, slot = proposal(day, admin), slot_at(office, day, 8)
    regenerate, read = hours_change._regenerate, []

    def read_then_lock(*arguments):
        read.extend(Appointment.objects.filter(day=day, status="booked").select_related("slot"))
        clock.sleep(0.3)
        return regenerate(*arguments)

    monkeypatch.setattr(hours_change, "_regenerate", read_then_lock)
    monkeypatch.setattr(relocation, "_stranded", lambda office_days, now: read)

    at_once(applying(change), *[booking(slot.pk, village) for _ in range(6)])

    assert Appointment.objects.filter(status="booked", slot__open=False).exists()


def test_two_clicks_and_two_administrators_apply_once(office):
    admins = UserFactory.create_batch(2, role="administrator")
    day = timezone.localdate() + timedelta(days=3)
    AppointmentFactory.create_batch(5, slot=slot_at(office, day, 8))
    change = proposal(day, admins[0])
    seen = hours_change.preview(change=change, now=timezone.now()).fingerprint

    outcomes = at_once(
        *[
            lambda by=by: hours_change.apply(change_id=change.pk, seen=seen, by=by, now=timezone.now())
            for by in admins * 3
        ]
    )

    assert set(outcomes) == {"done"}
    assert Closure.objects.count() == 1
    assert Notification.objects.count() == 5
    assert_counters_are_true()
    assert_nobody_is_lost()


def test_of_two_different_changes_at_once_one_asks_to_look_again(office):
    admins = UserFactory.create_batch(2, role="administrator")
    today = timezone.localdate()
    one, other = proposal(today + timedelta(days=3), admins[0]), proposal(today + timedelta(days=4), admins[1])

    outcomes = at_once(applying(one), applying(other))

    assert sorted(outcomes) == ["PreviewOutdated", "done"]
    assert HoursChange.objects.filter(applied_at__isnull=False).count() == Closure.objects.count() == 1
    assert_counters_are_true()


def test_undoing_while_people_book_keeps_the_counters_true(office):
    village, admin = VillageFactory(), UserFactory(role="administrator")
    for round_number in range(ROUNDS):
        day = timezone.localdate() + timedelta(days=2 + 2 * round_number)
        booked = AppointmentFactory.create_batch(6, slot=slot_at(office, day, 8))
        change = proposal(day, admin)
        applying(change)()
        next_day = slot_at(office, day + timedelta(days=1), 8)

        outcomes = at_once(
            lambda change=change: hours_change.undo(change_id=change.pk, by=admin, now=timezone.now()),
            *[booking(next_day.pk, village) for _ in range(6)],
            lambda booked=booked: appointments.cancel(appointment_id=booked[0].pk, now=timezone.now()),
        )

        change.refresh_from_db()
        assert outcomes[0] == "done"
        undone = change.result["undo"]
        assert set(undone["back"]) | set(undone["kept"]) == {one.pk for one in booked}
        assert not Appointment.objects.filter(status="booked", slot__open=False).exists()
        assert_counters_are_true()


def test_a_resident_in_the_middle_of_a_move_only_delays_the_change(office):
    """The resident holds the appointment's row and then wants the slot that the change holds: no deadlock, no loss."""
    admin, day = UserFactory(role="administrator"), timezone.localdate() + timedelta(days=3)
    appointment = AppointmentFactory(slot=slot_at(office, day, 8))
    change = proposal(day, admin)
    target = slot_at(office, day + timedelta(days=2), 9).pk

    def hold_the_row_and_move():
        with transaction.atomic():
            Appointment.objects.select_for_update().get(pk=appointment.pk)
            clock.sleep(0.4)
            appointments.move(appointment_id=appointment.pk, slot_id=target, now=timezone.now())

    def apply_a_little_later():
        clock.sleep(0.1)
        applying(change)()

    assert at_once(hold_the_row_and_move, apply_a_little_later) == ["done", "done"]
    appointment.refresh_from_db()
    assert appointment.slot_id == target
    assert_counters_are_true()


def test_the_moment_of_applying_is_the_moment_given(office):
    admin, day = UserFactory(role="administrator"), timezone.localdate() + timedelta(days=3)
    now = timezone.make_aware(datetime.combine(timezone.localdate(), time(7)))
    change = proposal(day, admin)
    seen = hours_change.preview(change=change, now=now).fingerprint

    applied = hours_change.apply(change_id=change.pk, seen=seen, by=admin, now=now)

    assert applied.applied_at == now
