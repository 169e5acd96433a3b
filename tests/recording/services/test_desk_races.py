"""Two clerks at once, on real connections. Each asserts what must hold; one shows that the harness would notice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from recording.enums import RecordingOutcome, TicketSeries
from recording.models import Appointment, QueueCounter, QueueTicket, Recording
from recording.services import appointment as appointments
from recording.services import attendance, ticket
from recording.services import recording as recordings
from tests.factories import AppointmentFactory, OfficeFactory, SlotFactory, UserFactory
from tests.recording.services.test_appointment_races import race

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 20


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def office():
    return OfficeFactory()


def booked_today(office, now, number=0, **values):
    starts_at = now + timedelta(minutes=30 * number)
    slot = SlotFactory(office=office, starts_at=starts_at, day=timezone.localdate(now))
    return AppointmentFactory(slot=slot, **values)


def check_in(appointment, now):
    clerk = UserFactory(office=appointment.office)
    return lambda: attendance.check_in(appointment_id=appointment.pk, by=clerk, now=now)


def record(appointment, now):
    clerk = UserFactory(office=appointment.office)
    return lambda: recordings.log(appointment_id=appointment.pk, by=clerk, now=now, outcome=RecordingOutcome.ACCEPTED)


def test_twenty_people_checked_in_at_once_get_twenty_numbers_in_a_row(office, now):
    people = [booked_today(office, now, number) for number in range(PEOPLE)]

    outcomes = race(*(check_in(person, now) for person in people))

    assert outcomes == {"done": PEOPLE}
    assert sorted(QueueTicket.objects.values_list("number", flat=True)) == list(range(1, PEOPLE + 1))


def test_numbers_collide_when_the_counter_is_read_before_it_is_written(office, now, monkeypatch):
    """The negative control: the same race over a counter that two clerks may read at once."""

    def read_then_write(*, office_id, day, series):
        counter, _ = QueueCounter.objects.get_or_create(office_id=office_id, day=day, series=series)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        QueueCounter.objects.filter(pk=counter.pk).update(last_number=counter.last_number + 1)
        return counter.last_number + 1

    day = timezone.localdate(now)
    read_then_write(office_id=office.pk, day=day, series=TicketSeries.BOOKED)
    given = []

    def take(next_number):
        return lambda: given.append(next_number(office_id=office.pk, day=day, series=TicketSeries.BOOKED))

    race(*[take(read_then_write)] * PEOPLE)
    assert len(set(given)) < PEOPLE

    given.clear()
    race(*[take(ticket.next_number)] * PEOPLE)
    assert len(set(given)) == PEOPLE


def test_two_clerks_who_check_in_the_same_person_give_one_ticket(office, now):
    person = booked_today(office, now)

    outcomes = race(*[check_in(person, now) for _ in range(8)])

    assert outcomes == {"done": 1, "WrongState": 7}
    assert QueueTicket.objects.count() == 1
    assert QueueCounter.objects.get().last_number == 1


def test_two_clerks_who_record_the_same_person_make_one_recording(office, now):
    person = booked_today(office, now, status="arrived")

    outcomes = race(*[record(person, now) for _ in range(8)])

    assert outcomes == {"done": 1, "WrongState": 7}
    assert Recording.objects.count() == 1


def test_recording_and_refusing_at_once_leaves_one_end(office, now):
    person = booked_today(office, now, status="arrived")
    clerk = UserFactory(office=office)

    outcomes = race(
        record(person, now),
        lambda: attendance.refuse(appointment_id=person.pk, by=clerk, reason="KK tidak dibawa", now=now),
    )

    person.refresh_from_db()
    assert outcomes == {"done": 1, "WrongState": 1}
    assert person.status == ("done" if Recording.objects.exists() else "refused")


def test_a_cancelled_appointment_and_its_check_in_leave_one_winner(office, now):
    person = booked_today(office, now)

    outcomes = race(check_in(person, now), lambda: appointments.cancel(appointment_id=person.pk, now=now))

    assert outcomes["done"] == 1
    status = Appointment.objects.get().status
    assert QueueTicket.objects.count() == (1 if status == "arrived" else 0)
    assert status in ("arrived", "cancelled")


def test_a_no_show_sweep_and_a_check_in_at_once_keep_the_person_in(office, now):
    person = booked_today(office, now)
    person.slot.ends_at = now - timedelta(hours=2)
    person.slot.starts_at = now - timedelta(hours=3)
    person.slot.save()

    race(check_in(person, now), lambda: attendance.mark_no_shows(now=now))

    person.refresh_from_db()
    assert person.status == "arrived"
