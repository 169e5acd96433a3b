from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import AppointmentStatus, Entitlement, Pool, Purpose, TicketStatus
from recording.exceptions import CountsDiffer, DayAlreadyClosed, DayNotSettled, NothingUnsent, WrongState
from recording.models import AuditEvent, DayClosing, Notification, Recording
from recording.services import attendance, closing
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    OfficeFactory,
    QueueTicketFactory,
    RecordingFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
_numbers = iter(range(1, 100_000))


@pytest.fixture
def now():
    return timezone.now().replace(hour=13, minute=50, second=0, microsecond=0)  # 20.50 WIB


@pytest.fixture
def today(now):
    return timezone.localdate(now)


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def tomorrow(office, now):
    """Two places of tomorrow morning."""
    morning = (timezone.localtime(now) + timedelta(days=1)).replace(hour=8, minute=0)
    return SlotFactory(office=office, starts_at=morning, capacity=2, public_capacity=0)


@pytest.fixture
def waits(office, today, now):
    def make(**values):
        number = next(_numbers)
        appointment = AppointmentFactory(
            slot=None, channel="walk_in", office=office, day=today, status=AppointmentStatus.ARRIVED, **values
        )
        issued_at = now - timedelta(hours=1) + timedelta(seconds=number % 1000)
        QueueTicketFactory(appointment=appointment, series="W", number=number, issued_at=issued_at)
        return appointment

    return make


@pytest.fixture
def recorded(office, clerk, now, today):
    def make(name="Sri Wahyuni", station=1, days_ago=0, **values):
        at = now - timedelta(days=days_ago, minutes=30)
        return RecordingFactory(
            resident=ResidentFactory(name=name),
            office=office,
            operator=clerk,
            appointment=None,
            station=station,
            recorded_at=at,
            day=timezone.localdate(at),
            **values,
        )

    return make


@pytest.fixture
def close(office, clerk, today, now):
    def run(**values):
        given = {"office": office, "day": today, "sent": {}, "unsent_ids": [], "by": clerk, "now": now} | values
        return closing.close(**given)

    return run


def _fresh(row):
    row.refresh_from_db()
    return row


class TestSendHome:
    def test_who_waits_leaves_with_the_next_free_time(self, office, clerk, today, now, waits, tomorrow):
        waiting = waits(purpose=Purpose.FIRST)

        (new,) = closing.send_home(office=office, day=today, by=clerk, now=now).placed

        assert (new.resident, new.slot, new.status, new.pool) == (
            waiting.resident,
            tomorrow,
            AppointmentStatus.BOOKED,
            Pool.RESERVED,
        )
        assert _fresh(waiting).status == AppointmentStatus.CANCELLED
        assert waiting.ticket.__class__.objects.get(pk=waiting.ticket.pk).status == TicketStatus.CLOSED
        assert _fresh(tomorrow).booked == 1
        assert closing.sent_home(office=office, day=today) == [new]

    def test_the_place_of_today_is_given_back(self, office, clerk, today, now, tomorrow):
        slot = SlotFactory(office=office, starts_at=now - timedelta(hours=1))
        AppointmentFactory(slot=slot, status=AppointmentStatus.ARRIVED)

        closing.send_home(office=office, day=today, by=clerk, now=now)

        assert _fresh(slot).booked == 0

    def test_special_needs_hold_two_places(self, office, clerk, today, now, waits, tomorrow):
        waits(special_needs=True)

        (new,) = closing.send_home(office=office, day=today, by=clerk, now=now).placed

        assert (new.places_held, _fresh(tomorrow).booked) == (2, 2)

    def test_whoever_finds_no_place_keeps_waiting_and_is_named(self, office, clerk, today, now, waits, tomorrow):
        people = [waits() for _ in range(3)]

        done = closing.send_home(office=office, day=today, by=clerk, now=now)

        assert [row.resident for row in done.placed] == [people[0].resident, people[1].resident]
        assert done.without_place == [people[2]]
        assert _fresh(people[2]).status == AppointmentStatus.ARRIVED

    def test_twice_gives_one_time(self, office, clerk, today, now, waits, tomorrow):
        waits()
        closing.send_home(office=office, day=today, by=clerk, now=now)

        assert closing.send_home(office=office, day=today, by=clerk, now=now).placed == []
        assert _fresh(tomorrow).booked == 1

    def test_whoever_is_recorded_already_gets_no_second_time(self, office, clerk, today, now, waits, tomorrow):
        waiting = waits(resident=ResidentFactory(entitlement=Entitlement.NONE))

        assert closing.send_home(office=office, day=today, by=clerk, now=now).placed == []
        assert closing.day_of(office=office, day=today, now=now).at_station == [waiting]

    def test_nobody_is_sent_home_while_a_time_is_still_to_begin(self, office, clerk, today, now, waits, tomorrow):
        waiting = waits()
        SlotFactory(office=office, starts_at=now + timedelta(minutes=10))

        with pytest.raises(WrongState, match="belum sampai"):
            closing.send_home(office=office, day=today, by=clerk, now=now)
        assert _fresh(waiting).status == AppointmentStatus.ARRIVED

    def test_another_office_is_refused(self, office, today, now, waits):
        waiting = waits()

        with pytest.raises(WrongState):
            closing.send_home(office=office, day=today, by=UserFactory(), now=now)
        assert _fresh(waiting).status == AppointmentStatus.ARRIVED


class TestSettleMissed:
    def test_who_did_not_come_is_a_no_show_without_grace_and_told(self, office, clerk, today, now):
        slot = SlotFactory(office=office, starts_at=now - timedelta(minutes=40))
        missed = AppointmentFactory(slot=slot)
        DeclarationFactory(appointment=missed, phone="+6281200000001")
        elsewhere = AppointmentFactory(slot=SlotFactory(starts_at=now - timedelta(minutes=40)))

        assert closing.settle_missed(office=office, day=today, by=clerk, now=now) == 1
        assert _fresh(missed).status == AppointmentStatus.NO_SHOW
        assert Notification.objects.get().kind == "appointment_missed"
        assert _fresh(elsewhere).status == AppointmentStatus.BOOKED

    def test_whose_time_is_not_over_may_still_come(self, office, clerk, today, now):
        expected = AppointmentFactory(slot=SlotFactory(office=office, starts_at=now - timedelta(minutes=10)))

        assert closing.settle_missed(office=office, day=today, by=clerk, now=now) == 0
        assert closing.day_of(office=office, day=today, now=now).expected == [expected]

    def test_another_office_is_refused(self, office, today, now):
        with pytest.raises(WrongState):
            closing.settle_missed(office=office, day=today, by=UserFactory(), now=now)


class TestClose:
    def test_the_day_is_closed_with_the_figures_of_each_station(self, close, recorded, clerk, now):
        going, staying = recorded(station=1), recorded(station=1)
        recorded(station=2)
        recorded(station=1, outcome="failed", failure_reason="device", captured=[])

        made = close(sent={1: 1, 2: 1}, unsent_ids=[staying.pk])

        assert list(made.tallies.order_by("station").values_list("station", "recorded", "sent")) == [
            (1, 2, 1),
            (2, 1, 1),
        ]
        assert (made.closed_by, _fresh(going).sent_locally_at) == (clerk, now)
        assert list(closing.unsent(user=clerk)) == [staying]
        assert AuditEvent.objects.filter(action="closing.close", actor=clerk).exists()

    @pytest.mark.parametrize("status", [AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.SERVING])
    def test_not_while_a_row_is_open(self, close, office, now, status):
        AppointmentFactory(slot=SlotFactory(office=office, starts_at=now - timedelta(hours=1)), status=status)

        with pytest.raises(DayNotSettled):
            close()
        assert not DayClosing.objects.exists()

    @pytest.mark.parametrize(
        ("sent", "says"), [({}, "tulis 0"), ({1: 3}, "baru tercatat 2"), ({1: 1}, "1 nama dicentang")], ids=str
    )
    def test_figures_that_cannot_be_right_are_named(self, close, recorded, sent, says):
        recorded(), recorded()

        with pytest.raises(CountsDiffer) as refused:
            close(sent=sent)
        assert says in refused.value.stations[1]
        assert not Recording.objects.exclude(sent_locally_at=None).exists()

    def test_a_day_is_closed_once(self, close):
        close()

        with pytest.raises(DayAlreadyClosed):
            close()

    def test_a_forgotten_day_of_last_week_can_be_closed_but_no_older_and_none_ahead(self, close, today):
        close(day=today - timedelta(days=7))

        for day in (today - timedelta(days=8), today + timedelta(days=1)):
            with pytest.raises(WrongState):
                close(day=day)

    def test_another_office_is_refused_and_a_verifier_closes_any(self, close):
        with pytest.raises(WrongState):
            close(by=UserFactory())
        close(by=UserFactory(role="verifier", office=None))

    def test_nobody_is_let_in_after_closing(self, close, office, clerk, now):
        slot = SlotFactory(office=office, starts_at=now - timedelta(hours=1))
        missed = AppointmentFactory(slot=slot, status=AppointmentStatus.NO_SHOW)
        close()

        with pytest.raises(DayAlreadyClosed):
            attendance.check_in(appointment_id=missed.pk, by=clerk, now=now)


class TestUndo:
    def test_the_day_is_open_again_and_nothing_counts_as_sent(self, close, recorded, office, clerk, today, now):
        row, earlier = recorded(), recorded(sent_locally_at=now - timedelta(hours=1))
        close(sent={1: 2})

        closing.undo(office=office, day=today, by=clerk, now=now + timedelta(minutes=5))

        assert closing.closing_of(office=office, day=today) is None
        assert _fresh(row).sent_locally_at is None
        assert _fresh(earlier).sent_locally_at is not None

    def test_not_on_another_date_nor_by_another_office_nor_twice(self, close, office, clerk, today, now):
        close()

        with pytest.raises(WrongState, match="hari yang sama"):
            closing.undo(office=office, day=today, by=clerk, now=now + timedelta(days=1))
        with pytest.raises(WrongState):
            closing.undo(office=office, day=today, by=UserFactory(), now=now)
        closing.undo(office=office, day=today, by=clerk, now=now)
        with pytest.raises(WrongState):
            closing.undo(office=office, day=today, by=clerk, now=now)


class TestUnsent:
    def test_what_was_sent_later_leaves_the_list(self, recorded, clerk, now):
        row, other = recorded(days_ago=1), recorded(days_ago=1)

        assert closing.mark_sent(recording_ids=[row.pk], by=clerk, now=now) == 1
        assert list(closing.unsent(user=clerk)) == [other]
        assert AuditEvent.objects.get(action="recording.sent").resident_id == row.resident_id

    def test_what_was_sent_already_or_is_elsewhere_is_refused(self, recorded, now):
        row = recorded(days_ago=1)

        with pytest.raises(NothingUnsent):
            closing.mark_sent(recording_ids=[row.pk], by=UserFactory(), now=now)
        assert _fresh(row).sent_locally_at is None


class TestNotClosed:
    def test_names_who_served_and_did_not_close(self, close, office, tomorrow, recorded, today):
        recorded()
        idle = OfficeFactory()

        assert closing.not_closed(day=today) == [office]
        assert closing.not_closed(day=tomorrow.day) == [office]
        assert idle not in closing.not_closed(day=today)

        close(sent={1: 1})
        assert closing.not_closed(day=today) == []

    def test_somebody_let_in_after_closing_opens_it_again(self, close, office, recorded, waits, today):
        recorded()
        close(sent={1: 1})
        waits()

        assert closing.not_closed(day=today) == [office]

    def test_the_desk_is_led_there_after_the_last_time(self, close, office, now):
        slot = SlotFactory(office=office, starts_at=now - timedelta(minutes=30))
        after = slot.ends_at

        assert not closing.last_time_is_over(office=office, now=after - timedelta(minutes=1))
        assert closing.last_time_is_over(office=office, now=after)
        close()
        assert not closing.last_time_is_over(office=office, now=after)
