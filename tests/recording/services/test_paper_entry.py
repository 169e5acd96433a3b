import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from recording.enums import AppointmentStatus, Entitlement, Purpose, RecordingOutcome, ResidentSource
from recording.exceptions import GuardianMissing, NotEntitled, PapersNotChecked, WrongState
from recording.models import AuditEvent, Notification, Recording
from recording.services import closing, paper_entry
from recording.services.paper_entry import Line, Result, WalkIn
from recording.services.walk_in import Visitor
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    RecordingFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)

pytestmark = pytest.mark.django_db
_minutes = iter(range(0, 100_000, 30))


@pytest.fixture
def now():
    return timezone.now().replace(hour=8, minute=0, second=0, microsecond=0)  # 15.00 WIB


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def happened(now):
    """Two days ago, at ten."""
    return (timezone.localtime(now) - timedelta(days=2)).replace(hour=10)


@pytest.fixture
def booked(clerk, happened):
    def make(**values):
        slot = SlotFactory(office=clerk.office, starts_at=happened - timedelta(minutes=next(_minutes) % 240))
        return AppointmentFactory(slot=slot, **values)

    return make


@pytest.fixture
def enter(clerk, now, happened):
    def run(appointment, **values):
        given = {"seen": appointment.status, "result": Result.RECORDED, "at": happened} | values
        by = given.pop("by", clerk)
        line = Line(appointment_id=appointment.pk, **given)
        paper_entry.enter(line=line, day=timezone.localdate(happened), by=by, now=now)
        appointment.refresh_from_db()

    return run


def test_a_recording_keeps_its_real_day_and_time(booked, enter, happened, clerk):
    appointment = booked()

    enter(appointment, station=2)

    made = Recording.objects.get(appointment=appointment)
    assert (made.recorded_at, made.day, made.station, made.outcome) == (
        happened,
        timezone.localdate(happened),
        2,
        RecordingOutcome.ACCEPTED,
    )
    assert appointment.status == AppointmentStatus.DONE
    assert AuditEvent.objects.filter(action="recording.from_paper", actor=clerk).exists()


def test_whoever_was_marked_missing_meanwhile_is_recorded_all_the_same(booked, enter):
    appointment = booked(status=AppointmentStatus.NO_SHOW)

    enter(appointment)

    assert appointment.status == AppointmentStatus.DONE


def test_a_failed_recording_keeps_its_reason(booked, enter):
    appointment = booked()

    enter(appointment, result=Result.FAILED, failure_reason="photo")

    assert Recording.objects.get().failure_reason == "photo"


def test_who_did_not_come_is_missed_and_told_nothing(booked, enter):
    appointment = booked()
    DeclarationFactory(appointment=appointment, phone="+6281200000001")

    enter(appointment, result=Result.MISSED, at=None)
    enter(appointment, result=Result.MISSED, at=None)

    assert appointment.status == AppointmentStatus.NO_SHOW
    assert not Notification.objects.exists()


def test_what_a_colleague_has_changed_meanwhile_is_said(booked, enter):
    appointment = booked()
    enter(appointment)

    with pytest.raises(WrongState, match="Sudah dicatat oleh"):
        enter(appointment, seen="booked")
    with pytest.raises(WrongState, match="sekarang hadir"):
        enter(booked(status=AppointmentStatus.ARRIVED), seen="booked")
    assert Recording.objects.count() == 1


def test_an_appointment_moved_to_another_day_is_said(booked, enter, clerk):
    with pytest.raises(WrongState, match="dipindah"):
        enter(AppointmentFactory(slot=SlotFactory(office=clerk.office)))


def test_whoever_is_here_by_the_computer_is_not_missing(booked, enter):
    with pytest.raises(WrongState, match="Loket"):
        enter(booked(status=AppointmentStatus.ARRIVED), result=Result.MISSED, at=None)


def test_a_second_recording_is_refused_with_where_the_first_was(booked, enter):
    resident = ResidentFactory(entitlement=Entitlement.NONE)
    elsewhere = RecordingFactory(resident=resident, appointment=None)

    with pytest.raises(NotEntitled, match=elsewhere.office.name):
        enter(booked(resident=resident))
    with pytest.raises(NotEntitled, match="data pusat"):
        enter(booked(resident=ResidentFactory(entitlement=Entitlement.NONE)))
    assert Recording.objects.count() == 1


def test_somebody_the_register_does_not_know_needs_the_family_card(booked, enter):
    appointment = booked(resident=ResidentFactory(source=ResidentSource.SELF))

    with pytest.raises(PapersNotChecked):
        enter(appointment)
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.BOOKED

    enter(appointment, papers_checked=True)
    assert appointment.status == AppointmentStatus.DONE


def test_another_live_appointment_is_in_the_way(booked, enter):
    appointment = booked(status=AppointmentStatus.NO_SHOW)
    AppointmentFactory(resident=appointment.resident)

    with pytest.raises(WrongState, match="janji lain"):
        enter(appointment)


@pytest.mark.parametrize("hours", [24, 72], ids=["another day", "still to come"])
def test_a_time_that_cannot_be_is_refused(booked, enter, happened, hours):
    with pytest.raises(WrongState, match="Periksa jam"):
        enter(booked(), at=happened + timedelta(hours=hours))


def test_who_came_for_the_card_is_not_recorded(booked, enter):
    with pytest.raises(WrongState, match="mengambil kartu"):
        enter(booked(purpose=Purpose.COLLECT))


def test_another_office_is_refused(booked, enter):
    with pytest.raises(WrongState):
        enter(booked(), by=UserFactory())


def test_one_wrong_row_loses_no_other(booked, clerk, now, happened):
    good, wrong = booked(), booked(status=AppointmentStatus.DONE)
    lines = [Line(appointment_id=row.pk, seen="booked", result=Result.RECORDED, at=happened) for row in (wrong, good)]

    answers = paper_entry.enter_all(lines=lines, day=timezone.localdate(happened), by=clerk, now=now)

    assert [bool(answer.problem) for answer in answers] == [True, False]
    assert Recording.objects.get().appointment == good
    assert not connection.needs_rollback


class TestWalkIn:
    """Recorded on paper without an appointment."""

    @pytest.fixture
    def came(self, clerk, now, happened):
        def run(resident=None, *, by=clerk, key=None, **values):
            visitor = {"nik": values.pop("nik", None) or resident.identity.nik}
            visitor |= {name: values.pop(name) for name in list(values) if name in Visitor.__dataclass_fields__}
            given = {"result": Result.RECORDED, "at": happened} | values
            return paper_entry.enter_walk_in(
                came=WalkIn(visitor=Visitor(**visitor), **given),
                office=clerk.office,
                day=timezone.localdate(happened),
                idempotency_key=key or uuid.uuid4(),
                by=by,
                now=now,
            )

        return run

    def test_it_keeps_its_day_and_time_and_is_on_the_sheet(self, came, clerk, happened):
        made = came(ResidentFactory(), station=3)

        assert (made.recorded_at, made.station, made.appointment.channel) == (happened, 3, "walk_in")
        assert (made.appointment.status, made.appointment.slot, made.appointment.day) == (
            AppointmentStatus.DONE,
            None,
            timezone.localdate(happened),
        )
        assert made.appointment in paper_entry.rows_of(office=clerk.office, day=made.day)
        assert AuditEvent.objects.filter(action="recording.from_paper", resident_id=made.resident_id).exists()

    def test_a_closed_day_takes_it(self, came, clerk, happened, now):
        day = timezone.localdate(happened)
        closing.close(office=clerk.office, day=day, sent={}, unsent_ids=[], by=clerk, now=now)

        assert came(ResidentFactory()).day == day

    def test_pressing_twice_keeps_it_once(self, came):
        resident, key = ResidentFactory(), uuid.uuid4()

        assert came(resident, key=key) == came(resident, key=key)

    def test_a_failed_one_keeps_its_reason_and_a_booking_stays(self, came):
        booked = AppointmentFactory()

        made = came(booked.resident, result=Result.FAILED, failure_reason="network")

        booked.refresh_from_db()
        assert (made.failure_reason, booked.status) == ("network", AppointmentStatus.BOOKED)

    def test_who_is_on_the_sheet_is_entered_there(self, came, booked):
        appointment = booked()

        with pytest.raises(WrongState, match="lembar hari itu"):
            came(appointment.resident)

    def test_who_was_recorded_already_is_not_again(self, came):
        with pytest.raises(NotEntitled):
            came(ResidentFactory(recorded_before=True))

    def test_a_child_needs_the_consent_and_an_unknown_nik_the_family_card(self, came, happened):
        born = timezone.localdate(happened) - timedelta(days=17 * 366)
        with pytest.raises(GuardianMissing):
            came(ResidentFactory(birth_date=born))
        unknown = {"nik": synthetic_nik(birth_date=date(1990, 8, 17)), "name": "Baru", "village": VillageFactory()}
        with pytest.raises(PapersNotChecked):
            came(**unknown)

        made = came(**unknown, papers_checked=True)

        assert made.resident.source == ResidentSource.SELF

    def test_another_day_or_office_is_refused(self, came, happened):
        with pytest.raises(WrongState):
            came(ResidentFactory(), at=happened - timedelta(days=1))
        with pytest.raises(WrongState):
            came(ResidentFactory(), by=UserFactory())
