from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import AppointmentStatus
from recording.exceptions import WrongState
from recording.models import AuditEvent, Notification, QueueTicket
from recording.services import attendance
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    QueueTicketFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now().replace(hour=3, minute=0, second=0, microsecond=0)  # 10.00 WIB


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def appointment(clerk, now):
    return _today(clerk, now)


def _today(clerk, now, **values):
    slot = SlotFactory(office=clerk.office, starts_at=now - timedelta(minutes=next(_minutes)))
    return AppointmentFactory(slot=slot, **values)


_minutes = iter(range(0, 100_000, 30))


def _check_in(appointment, clerk, now):
    return attendance.check_in(appointment_id=appointment.pk, by=clerk, now=now)


def _status(appointment):
    appointment.refresh_from_db()
    return appointment.status


class TestCheckIn:
    def test_a_booked_resident_arrives_and_gets_a_number(self, appointment, clerk, now):
        ticket = _check_in(appointment, clerk, now)

        assert _status(appointment) == AppointmentStatus.ARRIVED
        assert (str(ticket), ticket.day, ticket.office) == ("B001", appointment.day, clerk.office)

    def test_numbers_follow_the_order_of_arrival(self, appointment, clerk, now):
        other = _today(clerk, now)

        assert [_check_in(each, clerk, now).number for each in (other, appointment)] == [1, 2]

    def test_a_walk_in_has_a_series_of_its_own(self, clerk, now):
        walk_in = AppointmentFactory(slot=None, channel="walk_in", office=clerk.office, day=timezone.localdate(now))

        assert str(_check_in(walk_in, clerk, now)) == "W001"

    def test_the_trail_names_clerk_and_resident(self, appointment, clerk, now):
        _check_in(appointment, clerk, now)

        event = AuditEvent.objects.get(action="appointment.check_in")
        assert (event.actor, event.resident_id) == (clerk, appointment.resident_id)

    def test_twice_is_refused_with_the_number_given(self, appointment, clerk, now):
        _check_in(appointment, clerk, now)

        with pytest.raises(WrongState, match="B001"):
            _check_in(appointment, clerk, now)
        assert QueueTicket.objects.count() == 1

    def test_another_day_is_refused_with_that_day_in_words(self, clerk, now):
        tomorrow = AppointmentFactory(slot=SlotFactory(office=clerk.office, starts_at=now + timedelta(days=1)))

        with pytest.raises(WrongState, match=r"Janji ini untuk \w+, \d+ \w+ \d{4}"):
            _check_in(tomorrow, clerk, now)
        assert _status(tomorrow) == AppointmentStatus.BOOKED

    def test_another_office_is_refused_like_a_missing_row(self, appointment, now):
        with pytest.raises(WrongState) as elsewhere:
            _check_in(appointment, UserFactory(), now)
        with pytest.raises(WrongState) as missing:
            attendance.check_in(appointment_id=0, by=UserFactory(), now=now)

        assert str(elsewhere.value) == str(missing.value)
        assert _status(appointment) == AppointmentStatus.BOOKED

    @pytest.mark.parametrize("status", ["serving", "done", "refused", "cancelled"])
    def test_what_has_gone_further_is_refused(self, status, clerk, now):
        appointment = _today(clerk, now, status=status)

        with pytest.raises(WrongState, match="Tidak dapat lapor hadir"):
            _check_in(appointment, clerk, now)
        assert _status(appointment) == status

    def test_a_no_show_of_today_may_still_come(self, clerk, now):
        late = _today(clerk, now, status="no_show")

        _check_in(late, clerk, now)

        assert _status(late) == AppointmentStatus.ARRIVED
        assert late.places_held == 1

    def test_somebody_who_left_and_comes_back_keeps_the_number(self, clerk, now):
        left = _today(clerk, now, status="no_show")
        QueueTicketFactory(appointment=left, number=7, called_at=now, ended_at=now)

        ticket = _check_in(left, clerk, now)

        assert (ticket.number, ticket.called_at, ticket.ended_at) == (7, None, None)

    def test_a_no_show_who_has_booked_again_uses_the_new_appointment(self, clerk, now):
        late = _today(clerk, now, status="no_show")
        AppointmentFactory(resident=late.resident)

        with pytest.raises(WrongState, match="janji lain"):
            _check_in(late, clerk, now)
        assert _status(late) == AppointmentStatus.NO_SHOW


class TestRefuse:
    @pytest.mark.parametrize("status", ["arrived", "serving"])
    def test_somebody_who_arrived_is_turned_away_with_a_reason(self, status, clerk, now):
        appointment = _today(clerk, now, status=status)
        ticket = QueueTicketFactory(appointment=appointment)

        attendance.refuse(appointment_id=appointment.pk, by=clerk, reason="KK tidak dibawa", now=now)

        ticket.refresh_from_db()
        assert _status(appointment) == AppointmentStatus.REFUSED
        assert (appointment.status_reason, ticket.ended_at) == ("KK tidak dibawa", now)
        assert AuditEvent.objects.get(action="appointment.refuse").reason == "KK tidak dibawa"

    @pytest.mark.parametrize("status", ["booked", "done", "no_show", "cancelled", "refused"])
    def test_nobody_else_is(self, status, clerk, now):
        appointment = _today(clerk, now, status=status)

        with pytest.raises(WrongState):
            attendance.refuse(appointment_id=appointment.pk, by=clerk, reason="KK tidak dibawa", now=now)
        assert _status(appointment) == status

    def test_another_office_cannot(self, clerk, now):
        appointment = _today(clerk, now, status="arrived")

        with pytest.raises(WrongState):
            attendance.refuse(appointment_id=appointment.pk, by=UserFactory(), reason="x", now=now)


class TestFinish:
    def test_somebody_who_came_for_a_card_is_served(self, clerk, now):
        appointment = _today(clerk, now, status="arrived", purpose="collect")

        attendance.finish(appointment_id=appointment.pk, by=clerk, now=now)

        assert _status(appointment) == AppointmentStatus.DONE

    def test_a_recording_does_not_end_without_its_outcome(self, clerk, now):
        appointment = _today(clerk, now, status="arrived", purpose="first")

        with pytest.raises(WrongState):
            attendance.finish(appointment_id=appointment.pk, by=clerk, now=now)
        assert _status(appointment) == AppointmentStatus.ARRIVED


class TestMarkNoShows:
    def _ended(self, clerk, now, ago, **values):
        slot = SlotFactory(office=clerk.office, starts_at=now - ago - timedelta(minutes=30))
        return AppointmentFactory(slot=slot, **values)

    def test_who_has_not_come_an_hour_after_the_slot_is_a_no_show(self, clerk, now):
        missed = self._ended(clerk, now, timedelta(minutes=61))
        within_grace = self._ended(clerk, now, timedelta(minutes=30))

        assert attendance.mark_no_shows(now=now) == 1
        assert _status(missed) == AppointmentStatus.NO_SHOW
        assert _status(within_grace) == AppointmentStatus.BOOKED

    def test_places_stay_held_so_the_slot_still_adds_up(self, clerk, now):
        missed = self._ended(clerk, now, timedelta(hours=2))

        attendance.mark_no_shows(now=now)

        missed.refresh_from_db()
        missed.slot.refresh_from_db()
        assert missed.places_held == missed.slot.booked == 1

    def test_twice_is_harmless(self, clerk, now):
        DeclarationFactory(appointment=self._ended(clerk, now, timedelta(hours=2)), phone="+6281234567890")

        assert [attendance.mark_no_shows(now=now) for _ in range(2)] == [1, 0]
        assert Notification.objects.filter(kind="appointment_missed").count() == 1

    def test_only_people_who_left_a_contact_are_told(self, clerk, now):
        self._ended(clerk, now, timedelta(hours=2))
        reachable = self._ended(clerk, now, timedelta(hours=3))
        DeclarationFactory(appointment=reachable, email="warga@contoh.id")

        attendance.mark_no_shows(now=now)

        assert Notification.objects.get(kind="appointment_missed").resident_id == reachable.resident_id

    @pytest.mark.parametrize("status", ["arrived", "serving", "done", "cancelled"])
    def test_whoever_came_or_cancelled_is_left_alone(self, status, clerk, now):
        appointment = self._ended(clerk, now, timedelta(hours=2), status=status)

        assert attendance.mark_no_shows(now=now) == 0
        assert _status(appointment) == status

    @pytest.mark.parametrize("rows", [1, 3, 20])
    def test_cost_does_not_grow_with_the_number_missed(self, rows, clerk, now, django_assert_num_queries):
        for number in range(rows):
            missed = self._ended(clerk, now, timedelta(hours=2 + number))
            DeclarationFactory(appointment=missed, phone="+6281234567890")

        with django_assert_num_queries(6):  # savepoint and release, read, update, contacts, messages
            assert attendance.mark_no_shows(now=now) == rows
