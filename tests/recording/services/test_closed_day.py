"""After a day is closed nobody is let in, recorded or taken back into the queue until it is opened again."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import AppointmentStatus, RecordingOutcome
from recording.exceptions import DayAlreadyClosed
from recording.models import Appointment, DayClosing, QueueTicket, Recording
from recording.services import attendance, closing, paper_entry, queue, walk_in
from recording.services import recording as recordings
from recording.services.paper_entry import Line, Result
from recording.services.walk_in import Visitor
from tests.factories import AppointmentFactory, QueueTicketFactory, ResidentFactory, SlotFactory, UserFactory
from tests.races import at_once


@pytest.fixture
def now():
    return timezone.now().replace(hour=13, minute=50, second=0, microsecond=0)  # 20.50 WIB


@pytest.fixture
def clerk(db):
    return UserFactory()


@pytest.fixture
def close(clerk, now):
    def run():
        return closing.close(
            office=clerk.office, day=timezone.localdate(now), sent={}, unsent_ids=[], by=clerk, now=now
        )

    return run


@pytest.fixture
def arrives(clerk, now):
    """A walk-in by NIK; the resident is in the register, or unknown when none is given."""

    def run(resident=None, **values):
        visitor = Visitor(nik=(resident or ResidentFactory()).identity.nik, **values)
        return walk_in.register(visitor=visitor, office=clerk.office, idempotency_key=uuid.uuid4(), by=clerk, now=now)

    return run


def _next_of(steps):
    """A call that takes the next step of `steps` and does it."""

    def step():
        return next(steps)()

    return step


def _record(appointment, clerk, now):
    return recordings.log(appointment_id=appointment.pk, by=clerk, now=now, outcome=RecordingOutcome.ACCEPTED)


@pytest.mark.django_db
class TestClosedDay:
    @pytest.mark.parametrize("collects", [False, True])
    def test_a_walk_in_gets_no_number(self, close, arrives, collects):
        close()

        with pytest.raises(DayAlreadyClosed, match="sudah ditutup"):
            arrives(collects=collects)

        assert not Appointment.objects.exists()

    def test_a_walk_in_gets_one_after_the_day_is_opened_again(self, close, arrives, clerk, now):
        close()
        closing.undo(office=clerk.office, day=timezone.localdate(now), by=clerk, now=now)

        assert f"{arrives()}" == "W001"

    def test_nobody_is_recorded(self, close, clerk, now):
        close()
        late = AppointmentFactory(
            slot=None, channel="walk_in", office=clerk.office, day=timezone.localdate(now), status="arrived"
        )

        with pytest.raises(DayAlreadyClosed):
            _record(late, clerk, now)

        assert not Recording.objects.exists()

    def test_another_office_goes_on(self, close, now):
        close()
        other = UserFactory()
        visitor = AppointmentFactory(
            slot=None, channel="walk_in", office=other.office, day=timezone.localdate(now), status="arrived"
        )

        assert _record(visitor, other, now).outcome == RecordingOutcome.ACCEPTED

    def test_the_last_step_is_not_taken_back(self, close, clerk, now):
        day = timezone.localdate(now)
        gone = AppointmentFactory(
            slot=None, channel="walk_in", office=clerk.office, day=day, status=AppointmentStatus.ARRIVED
        )
        ticket = QueueTicketFactory(appointment=gone, series="W", status="called", station=1, called_at=now)
        queue.mark_left(ticket_id=ticket.pk, by=clerk, now=now)
        close()

        with pytest.raises(DayAlreadyClosed):
            queue.undo(office=clerk.office, by=clerk, now=now)

        gone.refresh_from_db()
        assert gone.status == AppointmentStatus.NO_SHOW

    def test_what_was_kept_on_paper_is_still_keyed_in(self, close, clerk, now):
        slot = SlotFactory(office=clerk.office, starts_at=now - timedelta(hours=2))
        missed = AppointmentFactory(slot=slot, status=AppointmentStatus.NO_SHOW)
        close()
        line = Line(
            appointment_id=missed.pk, seen=missed.status, result=Result.RECORDED, at=now - timedelta(minutes=90)
        )

        paper_entry.enter(line=line, day=missed.day, by=clerk, now=now)

        assert Recording.objects.get(appointment=missed).recorded_at == line.at


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_a_walk_in_is_inside_or_outside_never_both(self, close, arrives):
        resident = ResidentFactory()
        steps = iter([lambda: arrives(resident), close])

        done = at_once(2, _next_of(steps))

        inside = Appointment.objects.filter(status=AppointmentStatus.ARRIVED).exists()
        assert inside != DayClosing.objects.exists()
        assert {type(each).__name__ for each in done} in [
            {"QueueTicket", "DayNotSettled"},
            {"DayAlreadyClosed", "DayClosing"},
        ]

    def test_letting_in_and_closing_never_wait_for_each_other_for_ever(self, clerk, now, close):
        """Whoever checks somebody in takes the office's lock before the person's row, as closing does."""
        slot = SlotFactory(office=clerk.office, starts_at=now - timedelta(hours=1), capacity=20)
        late = [AppointmentFactory(slot=slot, status=AppointmentStatus.BOOKED) for _ in range(4)]
        steps = iter(
            [
                close,
                close,
                *(lambda pk=row.pk: attendance.check_in(appointment_id=pk, by=clerk, now=now) for row in late),
            ]
        )

        done = at_once(6, _next_of(steps))

        assert {type(each).__name__ for each in done} <= {"DayNotSettled", "QueueTicket"}
        assert QueueTicket.objects.count() == len(late)
