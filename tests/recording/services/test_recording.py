from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import AppointmentStatus, FailureReason, RecordingOutcome
from recording.exceptions import NotEntitled, PapersNotChecked, RecordingIncomplete, WrongState
from recording.models import AuditEvent, Recording
from recording.services import recording as service
from recording.services import tracking_code
from recording.services.recording import CheckedPapers
from recording.signals import recording_logged
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    QueueTicketFactory,
    RecordingFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ACCEPTED, FAILED = RecordingOutcome.ACCEPTED, RecordingOutcome.FAILED


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def appointment(clerk):
    return _arrived(clerk)


@pytest.fixture
def announced():
    heard = []

    def listen(sender, recording, **_):
        heard.append(recording)

    recording_logged.connect(listen)
    yield heard
    recording_logged.disconnect(listen)


def _arrived(clerk, **values):
    values = {"status": "arrived", **values}
    return AppointmentFactory(slot=SlotFactory(office=clerk.office), **values)


def _log(appointment, clerk, now, outcome=ACCEPTED, **values):
    return service.log(appointment_id=appointment.pk, by=clerk, now=now, outcome=outcome, **values)


class TestAccepted:
    def test_one_call_records_everything_and_ends_the_visit(self, appointment, clerk, now):
        ticket = QueueTicketFactory(appointment=appointment)

        recording = _log(appointment, clerk, now, station=2)

        appointment.refresh_from_db()
        ticket.refresh_from_db()
        assert appointment.status == AppointmentStatus.DONE
        assert recording.captured == ["photo", "fingerprints", "iris", "signature"]
        assert (recording.attempt, recording.operator, recording.recorded_at) == (1, clerk, now)
        assert (ticket.station, ticket.ended_at) == (2, now)

    def test_it_is_announced_once_inside_the_transaction(self, appointment, clerk, now, announced):
        recording = _log(appointment, clerk, now)

        assert announced == [recording]

    def test_a_listener_that_fails_undoes_the_recording(self, appointment, clerk, now):
        def refuse(sender, recording, **_):
            raise RuntimeError("upper floor")

        recording_logged.connect(refuse)
        try:
            with pytest.raises(RuntimeError):
                _log(appointment, clerk, now)
        finally:
            recording_logged.disconnect(refuse)

        appointment.refresh_from_db()
        assert appointment.status == AppointmentStatus.ARRIVED
        assert not Recording.objects.exists()
        assert not AuditEvent.objects.filter(action="recording.accepted").exists()

    def test_the_resident_keeps_the_code(self, appointment, clerk, now):
        code = TrackingCodeFactory(resident=appointment.resident).code

        _log(appointment, clerk, now)

        assert tracking_code.active_code(appointment.resident) == code

    def test_a_resident_without_code_gets_one(self, appointment, clerk, now):
        _log(appointment, clerk, now)

        assert len(tracking_code.active_code(appointment.resident)) == 11

    def test_the_trail_names_clerk_and_resident(self, appointment, clerk, now):
        recording = _log(appointment, clerk, now)

        event = AuditEvent.objects.get(action="recording.accepted")
        assert (event.actor, event.resident_id, event.subject) == (
            clerk,
            appointment.resident_id,
            f"recording:{recording.pk}",
        )

    def test_no_iris_because_blind_is_accepted(self, appointment, clerk, now):
        recording = _log(appointment, clerk, now, missing={"iris": "blind"}, note="tunanetra sejak lahir")

        assert recording.missing == {"iris": "blind"}
        assert "iris" not in recording.captured

    @pytest.mark.parametrize("missing", [{"photo": "other"}, {"iris": "tremor"}])
    def test_without_photograph_or_with_an_unfit_reason_nothing_is_written(self, missing, appointment, clerk, now):
        with pytest.raises(RecordingIncomplete):
            _log(appointment, clerk, now, missing=missing)
        assert not Recording.objects.exists()

    def test_it_keeps_the_moment_it_really_happened(self, appointment, clerk, now):
        recording = _log(appointment, clerk, now, recorded_at=now - timedelta(days=3))

        assert recording.day == timezone.localdate(now - timedelta(days=3))

    def test_it_never_happens_in_the_future(self, appointment, clerk, now):
        assert _log(appointment, clerk, now, recorded_at=now + timedelta(days=1)).recorded_at == now


class TestFailed:
    def test_a_failure_is_written_with_its_reason_and_leaves_nothing_captured(self, appointment, clerk, now, announced):
        recording = _log(appointment, clerk, now, FAILED, failure_reason=FailureReason.PHOTO, note="lampu mati")

        appointment.refresh_from_db()
        assert (recording.outcome, recording.failure_reason, recording.captured) == ("failed", "photo", [])
        assert appointment.status == AppointmentStatus.DONE
        assert announced == [recording]

    def test_the_next_try_is_the_second_attempt(self, appointment, clerk, now):
        RecordingFactory(resident=appointment.resident, failed=True)

        assert _log(appointment, clerk, now).attempt == 2


class TestRefused:
    def test_nobody_is_recorded_twice(self, clerk, now):
        appointment = _arrived(clerk, resident=ResidentFactory(recorded_before=True))

        with pytest.raises(NotEntitled):
            _log(appointment, clerk, now)
        appointment.refresh_from_db()
        assert appointment.status == AppointmentStatus.ARRIVED
        assert not Recording.objects.exists()

    @pytest.mark.parametrize("entitlement", ["first", "rerecord", "replacement"])
    def test_whoever_is_entitled_is_recorded(self, entitlement, clerk, now):
        appointment = _arrived(clerk, resident=ResidentFactory(entitlement=entitlement))

        assert _log(appointment, clerk, now).outcome == ACCEPTED

    @pytest.mark.parametrize("status", ["booked", "done", "no_show", "refused", "cancelled"])
    def test_whoever_has_not_arrived_is_not_recorded(self, status, clerk, now):
        appointment = _arrived(clerk, status=status)

        with pytest.raises(WrongState):
            _log(appointment, clerk, now)

    def test_whoever_came_for_a_card_is_not_recorded(self, clerk, now):
        with pytest.raises(WrongState):
            _log(_arrived(clerk, purpose="collect"), clerk, now)

    def test_another_office_is_answered_like_a_missing_row(self, appointment, now):
        with pytest.raises(WrongState) as elsewhere:
            _log(appointment, UserFactory(), now)
        with pytest.raises(WrongState) as missing:
            service.log(appointment_id=0, by=UserFactory(), now=now, outcome=ACCEPTED)

        assert str(elsewhere.value) == str(missing.value)


class TestPapers:
    def test_a_self_declared_resident_is_recorded_only_after_the_family_card_was_compared(self, clerk, now):
        appointment = _arrived(clerk, resident=ResidentFactory(source="self"))

        with pytest.raises(PapersNotChecked):
            _log(appointment, clerk, now)
        assert _log(appointment, clerk, now, papers=CheckedPapers()).outcome == ACCEPTED

    def test_a_failure_is_written_without_it(self, clerk, now):
        appointment = _arrived(clerk, resident=ResidentFactory(source="self"))

        assert _log(appointment, clerk, now, FAILED, failure_reason=FailureReason.DATA).outcome == FAILED

    def test_so_is_somebody_whose_declaration_differs(self, appointment, clerk, now):
        DeclarationFactory(appointment=appointment, name="Nama Lain")

        with pytest.raises(PapersNotChecked):
            _log(appointment, clerk, now)

    def test_a_declaration_that_agrees_needs_no_extra_step(self, appointment, clerk, now):
        DeclarationFactory(appointment=appointment, name=appointment.resident.name.upper())

        assert _log(appointment, clerk, now).outcome == ACCEPTED

    def test_what_was_read_on_the_card_is_kept_sealed(self, appointment, clerk, now):
        papers = CheckedPapers(family_card="3319022001159001", phone="+6281234567890")

        _log(appointment, clerk, now, papers=papers)

        identity = appointment.resident.identity
        identity.refresh_from_db()
        assert (identity.family_card, identity.phone) == (papers.family_card, papers.phone)
        assert identity.phone_checked_at == now
        assert papers.phone.encode() not in bytes(identity.phone_ct)

    def test_a_number_that_was_typed_or_imported_is_asked_about_until_it_is_checked(self, clerk, now):
        typed = _arrived(clerk)
        DeclarationFactory(appointment=typed, phone="+6281234567890")
        imported = _arrived(clerk, resident=ResidentFactory(identity__phone="+6281111111111"))
        checked = _arrived(
            clerk, resident=ResidentFactory(identity__phone="+6281111111111", identity__phone_checked_at=now)
        )

        assert [service.phone_to_confirm(each) for each in (typed, imported, checked, _arrived(clerk))] == [
            "+6281234567890",
            "+6281111111111",
            "",
            "",
        ]

    def test_nothing_read_changes_nothing(self, clerk, now):
        resident = ResidentFactory(source="self", identity__phone="+6281111111111")

        _log(_arrived(clerk, resident=resident), clerk, now, papers=CheckedPapers())

        resident.identity.refresh_from_db()
        assert (resident.identity.phone, resident.identity.phone_checked_at) == ("+6281111111111", None)


@pytest.mark.parametrize(
    ("years", "married", "apart"), [(16, False, True), (16, True, False), (17, False, False), (40, False, False)]
)
def test_log_keeps_those_apart_who_need_no_card_yet(db, years, married, apart):
    """They are recorded, but are none of the 601,696."""
    today = timezone.localdate()
    born = today.replace(day=1, year=today.year - years)
    appointment = AppointmentFactory(
        status=AppointmentStatus.ARRIVED,
        resident=ResidentFactory(ever_married=married, birth_date=born),
    )
    recording = service.log(
        appointment_id=appointment.pk,
        by=UserFactory(office=appointment.office),
        now=timezone.now(),
        outcome=RecordingOutcome.ACCEPTED,
    )
    assert recording.before_obliged is apart
