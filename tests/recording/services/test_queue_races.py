"""Two clerks never call the same person. Each thread has a connection of its own."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from recording.models import QueueTicket, TicketEvent
from recording.services import queue
from tests.factories import AppointmentFactory, OfficeFactory, QueueTicketFactory, UserFactory
from tests.recording.services.test_appointment_races import race

pytestmark = pytest.mark.django_db(transaction=True)
STATIONS = 20
WITHOUT_LOCK = """
WITH next AS (
    SELECT id FROM recording_queueticket WHERE id = ANY(%s) AND status = 'waiting'
    ORDER BY array_position(%s::bigint[], id) LIMIT 1
), pause AS (SELECT pg_sleep(0.05) FROM next)
UPDATE recording_queueticket t SET status = 'called', station = %s, called_at = %s
FROM next, pause WHERE t.id = next.id RETURNING t.id
"""


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def office():
    return OfficeFactory()


def people(office, now, count):
    return [
        QueueTicketFactory(
            appointment=AppointmentFactory(slot=None, channel="walk_in", office=office, status="arrived"),
            series="W",
            number=number,
            issued_at=now - timedelta(minutes=100 - number),
        )
        for number in range(1, count + 1)
    ]


def call(office, station, now, clerk):
    return lambda: queue.call_next(office=office, station=station, by=clerk, now=now)


def test_twenty_stations_call_twenty_different_people(office, now):
    people(office, now, STATIONS)
    clerks = [UserFactory(office=office) for _ in range(STATIONS)]

    outcomes = race(*(call(office, station + 1, now, clerk) for station, clerk in enumerate(clerks)))

    assert outcomes == {"done": STATIONS}
    assert TicketEvent.objects.filter(step="call").values("ticket").distinct().count() == STATIONS
    assert QueueTicket.objects.filter(status="called").values("station").distinct().count() == STATIONS


def test_the_same_race_calls_one_person_twice_when_the_row_is_not_locked(office, now):
    """The negative control: read who waits, then write, without lock and without looking again."""
    order = [ticket.pk for ticket in people(office, now, 4)]
    called = []

    def without_lock(station):
        def take():
            with connection.cursor() as cursor:
                cursor.execute(WITHOUT_LOCK, [order, order, station, now])
                called.append(cursor.fetchone()[0])

        return take

    race(*(without_lock(station) for station in range(1, 5)))

    assert len(set(called)) < len(called)


def test_twenty_clerks_and_five_people(office, now):
    people(office, now, 5)

    outcomes = race(*(call(office, station + 1, now, UserFactory(office=office)) for station in range(STATIONS)))

    assert outcomes == {"done": 5, "NobodyWaiting": 15}


def test_pressing_eight_times_at_one_station_calls_one_person(office, now):
    people(office, now, 8)
    clerk = UserFactory(office=office)

    outcomes = race(*[call(office, 1, now, clerk) for _ in range(8)])

    assert outcomes == {"done": 1, "StationBusy": 7}
    assert QueueTicket.objects.filter(status="called").count() == 1


def test_undoing_twice_at_once_takes_one_step_back(office, now):
    people(office, now, 1)
    clerk = UserFactory(office=office)
    call(office, 1, now, clerk)()

    outcomes = race(*[lambda: queue.undo(office=office, by=clerk, now=now) for _ in range(4)])

    assert outcomes["done"] == 1
    assert TicketEvent.objects.filter(step="undo").count() == 1
