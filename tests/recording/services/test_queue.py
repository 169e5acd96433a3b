from datetime import timedelta

import pytest
from django.db import Error, transaction
from django.utils import timezone

from recording.enums import PriorityReason, RecordingOutcome
from recording.exceptions import NobodyWaiting, NothingToUndo, StationBusy, WrongState
from recording.models import AuditEvent, QueueTicket, TicketEvent
from recording.services import attendance, line, queue
from recording.services import recording as recordings
from tests.factories import AppointmentFactory, OfficeFactory, QueueTicketFactory, ResidentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def waits(office, now):
    """Makes a walk-in that waits, the next one a minute later."""
    numbers = iter(range(1, 100))

    def make(**values):
        number = next(numbers)
        given = {"status": "arrived"} | values.pop("appointment", {})
        appointment = AppointmentFactory(slot=None, channel="walk_in", office=office, **given)
        came = now - timedelta(minutes=120 - number)
        return QueueTicketFactory(appointment=appointment, series="W", number=number, issued_at=came, **values)

    return make


@pytest.fixture
def call(office, clerk, now):
    later = iter(range(1, 1000))

    def make(station=1, by=clerk):
        moment = now + timedelta(seconds=next(later))
        return queue.call_next(office=office, station=station, by=by, now=moment)

    return make


def seen(ticket):
    ticket.refresh_from_db()
    ticket.appointment.refresh_from_db()
    return ticket.status, ticket.appointment.status


class TestCallNext:
    def test_the_first_is_called_to_the_station(self, waits, call, now):
        first = waits()
        waits()

        called = call(station=2)

        assert called == first
        assert seen(first) == ("called", "arrived")
        assert first.station == 2
        assert first.called_at == first.announced_at

    def test_nobody_waits(self, call):
        with pytest.raises(NobodyWaiting):
            call()

    def test_a_station_serves_one_person(self, waits, call):
        waits()
        second = waits()
        call()

        with pytest.raises(StationBusy):
            call()
        assert seen(second) == ("waiting", "arrived")

    def test_another_station_gets_the_second(self, waits, call):
        waits()
        second = waits()
        call(station=1)

        assert call(station=2) == second

    def test_who_is_recorded_straight_after_check_in_is_never_called(self, waits, call, clerk, now):
        recorded = waits()
        second = waits()
        recordings.log(
            appointment_id=recorded.appointment_id, by=clerk, now=now, outcome=RecordingOutcome.ACCEPTED, station=1
        )

        assert call() == second
        assert seen(recorded) == ("closed", "done")

    def test_recording_frees_the_station(self, waits, call, clerk, now):
        first, second = waits(), waits()
        call(station=3)

        recordings.log(
            appointment_id=first.appointment_id, by=clerk, now=now, outcome=RecordingOutcome.ACCEPTED, station=3
        )

        assert seen(first) == ("closed", "done")
        assert call(station=3) == second

    def test_other_offices_and_days_are_left_alone(self, office, clerk, waits, call, now):
        QueueTicketFactory(appointment__status="arrived", appointment__slot=None, appointment__channel="walk_in")
        waits(day=timezone.localdate(now) - timedelta(days=1))

        with pytest.raises(NobodyWaiting):
            call()

    def test_a_clerk_of_another_office_may_not(self, waits, call):
        waits()

        with pytest.raises(WrongState):
            call(by=UserFactory())

    @pytest.mark.parametrize("station", [0, -1, 21])
    def test_an_impossible_station_is_refused(self, waits, call, station):
        waits()

        with pytest.raises(WrongState):
            call(station=station)

    def test_the_trail_names_who_called_whom(self, waits, call, clerk):
        ticket = waits()

        call()

        event = AuditEvent.objects.get(action="queue.call")
        assert (event.actor, event.resident_id) == (clerk, ticket.appointment.resident_id)

    def test_priority_goes_first(self, waits, call):
        waits()
        old = waits(priority=2, priority_reason="elderly")

        assert call() == old


class TestCallThis:
    def test_one_out_of_turn(self, waits, clerk, now):
        waits()
        second = waits()

        assert queue.call_this(ticket_id=second.pk, station=1, by=clerk, now=now) == second
        assert seen(second) == ("called", "arrived")

    def test_somebody_called_already_is_refused(self, waits, call, clerk, now):
        first = waits()
        call(station=1)

        with pytest.raises(WrongState):
            queue.call_this(ticket_id=first.pk, station=2, by=clerk, now=now)

    def test_of_another_office_is_refused(self, waits, now):
        with pytest.raises(WrongState):
            queue.call_this(ticket_id=waits().pk, station=1, by=UserFactory(), now=now)


class TestPark:
    def test_who_is_not_there_returns_after_three_others(self, waits, call, clerk, now):
        absent, *others = [waits() for _ in range(6)]
        call()
        queue.park(ticket_id=absent.pk, by=clerk, now=now + timedelta(seconds=1.5))
        assert seen(absent) == ("parked", "arrived")

        order = [call(station=station) for station in range(1, 6)]

        assert order == [*others[:3], absent, others[3]]

    def test_who_has_to_fetch_something_is_no_longer_served(self, waits, call, clerk, now):
        ticket = waits()
        call()
        queue.start(ticket_id=ticket.pk, by=clerk, now=now)

        queue.park(ticket_id=ticket.pk, by=clerk, now=now)

        assert seen(ticket) == ("parked", "arrived")
        assert ticket.station is None

    def test_somebody_waiting_cannot_be_parked(self, waits, clerk, now):
        with pytest.raises(WrongState):
            queue.park(ticket_id=waits().pk, by=clerk, now=now)


class TestLeave:
    def test_who_has_gone_is_a_no_show_and_may_return_with_the_number(self, waits, call, clerk, now):
        ticket = waits()
        call()

        queue.mark_left(ticket_id=ticket.pk, by=clerk, now=now)

        assert seen(ticket) == ("closed", "no_show")
        assert ticket.appointment.status_reason == attendance.LEFT
        again = attendance.check_in(appointment_id=ticket.appointment_id, by=clerk, now=now)
        assert again == ticket
        assert seen(ticket) == ("waiting", "arrived")

    def test_somebody_being_served_has_not_gone(self, waits, call, clerk, now):
        ticket = waits()
        call()
        queue.start(ticket_id=ticket.pk, by=clerk, now=now)

        with pytest.raises(WrongState):
            queue.mark_left(ticket_id=ticket.pk, by=clerk, now=now)
        assert seen(ticket) == ("serving", "serving")


class TestStartFinish:
    def test_starting_serves(self, waits, call, clerk, now):
        ticket = waits()
        call()

        queue.start(ticket_id=ticket.pk, by=clerk, now=now)
        queue.start(ticket_id=ticket.pk, by=clerk, now=now)

        assert seen(ticket) == ("serving", "serving")
        assert ticket.started_at == now
        assert TicketEvent.objects.filter(step="start").count() == 1

    def test_collecting_ends_at_the_station(self, waits, call, clerk, now):
        ticket = waits(appointment={"purpose": "collect"})
        call()

        queue.finish(ticket_id=ticket.pk, by=clerk, now=now)

        assert seen(ticket) == ("closed", "done")

    def test_a_recording_is_not_finished_without_its_result(self, waits, call, clerk, now):
        ticket = waits()
        call()

        with pytest.raises(WrongState):
            queue.finish(ticket_id=ticket.pk, by=clerk, now=now)
        assert seen(ticket) == ("called", "arrived")


class TestRecallTransfer:
    def test_recalling_announces_again(self, waits, call, clerk, now):
        ticket = waits()
        called_at = call().called_at

        queue.recall(ticket_id=ticket.pk, by=clerk, now=now + timedelta(minutes=2))

        ticket.refresh_from_db()
        assert ticket.announced_at == now + timedelta(minutes=2)
        assert ticket.called_at == called_at

    def test_transferring_frees_the_station(self, waits, call, clerk, now):
        ticket, second = waits(), waits()
        call(station=1)

        queue.transfer(ticket_id=ticket.pk, station=2, by=clerk, now=now)

        ticket.refresh_from_db()
        assert ticket.station == 2
        assert call(station=1) == second

    def test_to_a_busy_station_is_refused(self, waits, call, clerk, now):
        ticket = waits()
        waits()
        call(station=1)
        call(station=2)

        with pytest.raises(StationBusy):
            queue.transfer(ticket_id=ticket.pk, station=2, by=clerk, now=now)
        ticket.refresh_from_db()
        assert ticket.station == 1


class TestPrioritise:
    def test_a_pregnant_woman_is_called_earlier(self, waits, call, clerk, now):
        waits()
        pregnant = waits()

        queue.prioritise(ticket_id=pregnant.pk, reason=PriorityReason.PREGNANT, by=clerk, now=now)

        assert call() == pregnant

    def test_it_can_be_taken_back(self, waits, clerk, now):
        ticket = waits(priority=2, priority_reason="elderly")

        queue.prioritise(ticket_id=ticket.pk, reason="", by=clerk, now=now)

        ticket.refresh_from_db()
        assert (ticket.priority, ticket.priority_reason) == (0, "")


class TestUndo:
    @pytest.mark.parametrize("step", [queue.park, queue.mark_left, queue.start])
    def test_the_last_step_is_taken_back(self, waits, call, office, clerk, now, step):
        ticket = waits()
        call(station=2)
        before = QueueTicket.objects.values().get()
        step(ticket_id=ticket.pk, by=clerk, now=now + timedelta(seconds=5))

        queue.undo(office=office, by=clerk, now=now + timedelta(seconds=9))

        assert QueueTicket.objects.values().get() == before
        assert seen(ticket) == ("called", "arrived")

    def test_steps_are_taken_back_one_after_the_other(self, waits, call, office, clerk, now):
        ticket = waits()
        call()
        queue.start(ticket_id=ticket.pk, by=clerk, now=now)

        queue.undo(office=office, by=clerk, now=now)
        queue.undo(office=office, by=clerk, now=now)

        assert seen(ticket) == ("waiting", "arrived")
        assert (ticket.station, ticket.called_at) == (None, None)
        with pytest.raises(NothingToUndo):
            queue.undo(office=office, by=clerk, now=now)

    def test_finishing_and_refusing_are_taken_back(self, waits, call, office, clerk, now):
        collects, refused = waits(appointment={"purpose": "collect"}), waits()
        call(station=1)
        queue.finish(ticket_id=collects.pk, by=clerk, now=now)
        queue.undo(office=office, by=clerk, now=now)
        assert seen(collects) == ("called", "arrived")

        call(station=2)
        attendance.refuse(appointment_id=refused.appointment_id, by=clerk, reason="KK tidak dibawa", now=now)
        queue.undo(office=office, by=clerk, now=now)

        assert seen(refused) == ("called", "arrived")
        assert refused.appointment.status_reason == ""

    def test_a_recording_stays(self, waits, call, office, clerk, now):
        ticket = waits()
        call()
        recordings.log(
            appointment_id=ticket.appointment_id, by=clerk, now=now, outcome=RecordingOutcome.ACCEPTED, station=1
        )

        with pytest.raises(NothingToUndo):
            queue.undo(office=office, by=clerk, now=now)
        assert seen(ticket) == ("closed", "done")

    def test_nobody_takes_back_the_step_of_a_colleague(self, waits, call, office, now):
        ticket = waits()
        call()

        with pytest.raises(NothingToUndo):
            queue.undo(office=office, by=UserFactory(office=office), now=now)
        assert seen(ticket) == ("called", "arrived")

    def test_what_a_colleague_went_on_with_stays(self, waits, call, office, clerk, now):
        ticket = waits()
        call()
        queue.start(ticket_id=ticket.pk, by=UserFactory(office=office), now=now)

        with pytest.raises(NothingToUndo):
            queue.undo(office=office, by=clerk, now=now)
        assert seen(ticket) == ("serving", "serving")

    def test_a_station_taken_meanwhile_is_said(self, waits, call, office, clerk, now):
        ticket = waits()
        waits()
        call(station=1)
        queue.park(ticket_id=ticket.pk, by=clerk, now=now + timedelta(seconds=1.5))
        call(station=1, by=UserFactory(office=office))

        with pytest.raises(StationBusy):
            queue.undo(office=office, by=clerk, now=now)
        assert seen(ticket) == ("parked", "arrived")

    def test_yesterdays_step_stays(self, waits, call, office, clerk, now):
        waits()
        call()

        with pytest.raises(NothingToUndo):
            queue.undo(office=office, by=clerk, now=now + timedelta(days=1))

    def test_who_has_booked_anew_since_leaving_stays_gone(self, waits, call, office, clerk, now):
        person = ResidentFactory()
        ticket = waits(appointment={"resident": person})
        call()
        queue.mark_left(ticket_id=ticket.pk, by=clerk, now=now)
        AppointmentFactory(resident=person)

        with pytest.raises(NothingToUndo):
            queue.undo(office=office, by=clerk, now=now)
        assert seen(ticket) == ("closed", "no_show")


class TestHistory:
    def test_it_cannot_be_changed(self, waits, call):
        waits()
        call()

        for change in (lambda: TicketEvent.objects.update(step="park"), lambda: TicketEvent.objects.all().delete()):
            with pytest.raises(Error), transaction.atomic():
                change()

    def test_each_step_names_clerk_and_station(self, waits, call, clerk, now):
        ticket = waits()
        call(station=4)
        queue.start(ticket_id=ticket.pk, by=clerk, now=now)

        steps = TicketEvent.objects.order_by("pk").values_list("step", "station", "by")
        assert list(steps) == [("call", 4, clerk.pk), ("start", 4, clerk.pk)]


class TestLine:
    @pytest.mark.parametrize("people", [1, 3, 60])
    def test_one_query_however_many_wait(self, waits, office, now, people, django_assert_num_queries):
        for _ in range(people):
            waits()

        with django_assert_num_queries(1):
            found = line.today(office=office, now=now, with_people=True)
            assert len([each.appointment.resident.village.name for each in found.order]) == people

    def test_place_and_expected_time(self, waits, office, clerk, now):
        for minutes in range(1, 7):
            waits(
                status="closed",
                station=1 + minutes % 2,
                called_at=now - timedelta(minutes=20),
                ended_at=now - timedelta(minutes=12),
                appointment={"status": "done"},
            )
        for _ in range(5):
            waits()

        place = line.place_of(office=office, series="W", number=11, now=now)

        assert (place.before, place.stations) == (4, 2)
        assert (place.wait.shortest, place.wait.longest) == (15, 25)

    def test_a_number_that_was_not_given(self, office, now):
        assert line.place_of(office=office, series="B", number=1, now=now) is None

    def test_a_called_number_says_where(self, waits, call, office, now):
        waits()
        call(station=3)

        place = line.place_of(office=office, series="W", number=1, now=now)

        assert (place.status, place.station) == ("called", 3)

    @pytest.mark.parametrize(
        ("text", "number"),
        [("B012", ("B", 12)), (" w 7", ("W", 7)), ("b-12", ("B", 12)), ("12", None), ("X1", None), ("B0", None)],
    )
    def test_numbers_as_people_write_them(self, text, number):
        assert line.number_from(text) == number
