from datetime import timedelta

import pytest
from django.utils import timezone

from issuance.exceptions import (
    CheckAtCentreFirst,
    DeletionDateNeeded,
    HasCase,
    HoldsCard,
    NothingToSettle,
    NotRecordedBefore,
    ObservationNotAdoptable,
    ReasonNeeded,
    SecondPersonNeeded,
    StepNotYours,
)
from issuance.models import CardPrint, Case
from issuance.services.case import move, open_by_officer, open_from_recording, settle_conflict
from recording.exceptions import WrongState
from recording.models import AuditEvent, Notification
from recording.signals import recording_logged, recordings_sent, recordings_unsent
from tests.factories import (
    AppointmentFactory,
    ApprovalFactory,
    CaseFactory,
    DeclarationFactory,
    NotificationFactory,
    OfficeFactory,
    RecordingFactory,
    ResidentFactory,
    UserFactory,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TOMORROW = timezone.localdate(NOW) + timedelta(days=1)


def verifier():
    return UserFactory(role="verifier")


def moved(case, to, *, by=None, **values):
    return move(case_id=case.pk, to=to, by=by or verifier(), now=NOW, **values)


def entitlement_of(case):
    case.resident.refresh_from_db()
    return case.resident.entitlement


def history_of(case):
    return list(case.history.order_by("pk").values_list("event", "from_status", "to_status", "attempt"))


def test_open_from_recording_opens_a_captured_case():
    recording = RecordingFactory(recorded_at=NOW - timedelta(hours=5), resident__identity__phone="+6281200000001")

    case = open_from_recording(recording=recording)

    case.refresh_from_db()
    assert (case.status, case.kind, case.opened_by, case.attempt) == ("captured", "first", "recording", 1)
    assert (case.recording, case.office, case.pickup_office) == (recording, recording.office, recording.office)
    assert case.status_since == case.clock_from == case.opened_at == recording.recorded_at
    assert history_of(case) == [("opened", "", "captured", 1)]
    assert entitlement_of(case) == "none"
    assert case.resident.entitlement_reason == "case_open"
    assert Notification.objects.get().kind == "recorded"


def test_open_from_recording_runs_when_a_recording_is_logged():
    recording = RecordingFactory()

    recording_logged.send(sender=type(recording), recording=recording)

    assert Case.objects.get().recording == recording


def test_open_from_recording_tells_the_contact_declared_for_the_appointment():
    appointment = AppointmentFactory(status="done", language="en")
    DeclarationFactory(appointment=appointment, email="warga@contoh.example")
    recording = RecordingFactory(resident=appointment.resident, appointment=appointment)

    open_from_recording(recording=recording)

    notification = Notification.objects.get()
    assert (notification.channel, notification.language, notification.appointment) == ("email", "en", appointment)


def test_open_from_recording_of_a_replacement_opens_a_replacement():
    appointment = AppointmentFactory(status="done", purpose="replacement")
    recording = RecordingFactory(resident=appointment.resident, appointment=appointment)

    assert open_from_recording(recording=recording).kind == "replacement"


def test_open_from_recording_that_failed_opens_a_case_to_record_again():
    recording = RecordingFactory(failed=True)

    case = open_from_recording(recording=recording)

    case.refresh_from_db()
    assert (case.status, case.rerecord_reason) == ("rerecord", "Sidik jari tidak terbaca")
    assert case.clock_from == recording.recorded_at
    assert entitlement_of(case) == "rerecord"
    assert Notification.objects.values_list("kind", "channel").get() == ("recording_failed", "call")


def test_open_from_recording_again_goes_on_with_the_same_case():
    first = open_from_recording(recording=RecordingFactory(failed=True, recorded_at=NOW - timedelta(days=2)))
    again = RecordingFactory(resident=first.resident, attempt=2)

    case = open_from_recording(recording=again)

    case.refresh_from_db()
    assert (case.pk, case.status, case.attempt, case.recording) == (first.pk, "captured", 2, again)
    assert (case.rerecord_reason, case.status_since) == ("", again.recorded_at)
    assert history_of(case) == [("opened", "", "rerecord", 1), ("moved", "rerecord", "captured", 2)]
    assert entitlement_of(case) == "none"
    assert dict(Notification.objects.values_list("kind", "state")) == {"recording_failed": "withdrawn"}


def test_open_from_recording_that_fails_again_stays_to_be_recorded():
    first = open_from_recording(recording=RecordingFactory(failed=True, recorded_at=NOW - timedelta(days=2)))

    case = open_from_recording(recording=RecordingFactory(failed=True, resident=first.resident, attempt=2))

    case.refresh_from_db()
    assert (case.pk, case.status, case.attempt) == (first.pk, "rerecord", 2)
    assert entitlement_of(case) == "rerecord"
    assert sorted(Notification.objects.values_list("state", flat=True)) == ["waiting", "withdrawn"]


def test_open_from_recording_never_moves_a_case_on_its_way():
    case = CaseFactory(status="sent")

    open_from_recording(recording=RecordingFactory(resident=case.resident, attempt=2))

    case.refresh_from_db()
    assert (case.status, case.attempt) == ("sent", 1)
    assert case.conflict_since is not None
    assert case.history.last().event == "noted"
    assert not Notification.objects.exists()


def test_open_from_recording_after_an_ended_case_opens_another():
    ended = CaseFactory(status="issued")

    case = open_from_recording(recording=RecordingFactory(resident=ended.resident, attempt=2))

    assert case.pk != ended.pk


def test_move_changes_the_status_and_restarts_the_clock():
    case = CaseFactory(status="captured", stalled_since=NOW, next_step="office_resend")
    NotificationFactory(resident=case.resident, kind="case_stalled")
    by = verifier()

    change = moved(case, "sent", by=by, note="dikirim ulang")

    case.refresh_from_db()
    assert (case.status, case.status_since, case.clock_from) == ("sent", NOW, NOW)
    assert (case.stalled_since, case.next_step) == (None, "none")
    assert (change.from_status, change.to_status) == ("captured", "sent")
    assert (change.actor, change.note) == (by, "dikirim ulang")
    assert Notification.objects.get().state == "withdrawn"
    assert AuditEvent.objects.get().action == "case.sent"


def test_move_refuses_a_step_that_does_not_exist():
    with pytest.raises(WrongState):
        moved(CaseFactory(status="captured"), "issued")


def test_move_refuses_whose_step_it_is_not():
    case = CaseFactory(status="captured")

    with pytest.raises(StepNotYours):
        moved(case, "sent", by=UserFactory(role="operator"))


def test_move_to_record_again_needs_a_look_at_the_centre():
    case = CaseFactory(status="captured")

    with pytest.raises(CheckAtCentreFirst):
        moved(case, "rerecord")
    moved(case, "rerecord", checked_at_centre=True, note="berkas hilang")

    case.refresh_from_db()
    assert (case.status, case.rerecord_reason) == ("rerecord", "berkas hilang")
    assert entitlement_of(case) == "rerecord"
    assert Notification.objects.get().kind == "rerecord"


def test_move_of_a_duplicate_needs_a_second_person():
    case = CaseFactory(status="duplicate", status_since=NOW - timedelta(days=1))
    granted = ApprovalFactory(
        subject=f"case:{case.pk}", decided_by=UserFactory(role="supervisor", office=None), decided_at=NOW, granted=True
    )

    with pytest.raises(SecondPersonNeeded):
        moved(case, "rerecord", checked_at_centre=True)
    with pytest.raises(SecondPersonNeeded):
        moved(case, "rerecord", checked_at_centre=True, approval=ApprovalFactory(subject=f"case:{case.pk}"))
    with pytest.raises(DeletionDateNeeded):
        moved(case, "rerecord", checked_at_centre=True, approval=granted)
    with pytest.raises(DeletionDateNeeded):
        moved(case, "rerecord", checked_at_centre=True, approval=granted, central_deletion_on=TOMORROW)
    moved(case, "rerecord", checked_at_centre=True, approval=granted, central_deletion_on=timezone.localdate(NOW))

    case.refresh_from_db()
    assert (case.status, case.central_deletion_on) == ("rerecord", timezone.localdate(NOW))


def test_move_to_closed_needs_a_reason_and_stops_the_clock():
    case = CaseFactory(status="sent", stalled_since=NOW)

    with pytest.raises(ReasonNeeded):
        moved(case, "closed")
    moved(case, "closed", note="pindah")

    case.refresh_from_db()
    assert (case.status, case.closed_reason, case.clock_from, case.stalled_since) == ("closed", "pindah", None, None)


def test_move_to_print_ready_waits_for_the_seventeenth_birthday():
    today = timezone.localdate(NOW)
    young = ResidentFactory(birth_date=today.replace(year=today.year - 16, day=1), entitlement="none")
    case = CaseFactory(status="printed", recording__resident=young)

    moved(case, "print_ready", by=UserFactory(role="operator"))

    case.refresh_from_db()
    assert (case.waiting_for, case.clock_from) == ("age", None)


def test_move_to_ready_tells_the_resident():
    case = CaseFactory(status="printed")

    moved(case, "ready", by=UserFactory(role="operator"))

    assert Notification.objects.get().kind == "card_ready"


def test_move_back_from_the_hand_is_the_supervisors_and_the_same_days():
    supervisor = UserFactory(role="supervisor", office=None)
    today, earlier = (
        CaseFactory(status="issued", status_since=NOW),
        CaseFactory(status="issued", status_since=NOW - timedelta(days=1)),
    )

    moved(today, "ready", by=supervisor, note="salah orang")
    with pytest.raises(WrongState):
        moved(earlier, "ready", by=supervisor, note="salah orang")

    assert Case.objects.get(pk=today.pk).status == "ready"


@pytest.mark.django_db(transaction=True)
def test_move_by_many_at_once_happens_once():
    case, by = CaseFactory(status="printed"), UserFactory(role="operator")

    results = at_once(8, lambda: move(case_id=case.pk, to="ready", by=by, now=NOW))

    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert all(isinstance(result, WrongState) for result in results if isinstance(result, Exception))
    assert case.history.count() == 2


class TestSending:
    """What the stations have sent, as `recording.services.closing` announces it."""

    SENT_AT = NOW + timedelta(hours=1)

    def send(self, *cases, signal=recordings_sent):
        rows = [case.recording for case in cases]
        signal.send(sender=type(rows[0]), recordings=rows, by=UserFactory(), at=self.SENT_AT)
        for case in cases:
            case.refresh_from_db()

    def test_a_captured_case_waits_for_the_centre_from_now_on(self):
        case = CaseFactory(stalled_since=NOW)
        told = NotificationFactory(resident=case.resident, kind="case_stalled", state="waiting")

        self.send(case)

        assert (case.status, case.status_since, case.clock_from) == ("sent", self.SENT_AT, self.SENT_AT)
        assert (case.stalled_since, case.next_step) == (None, "none")
        assert history_of(case)[-1] == ("moved", "captured", "sent", 1)
        told.refresh_from_db()
        assert told.state == "withdrawn"

    @pytest.mark.parametrize("status", ["sent", "adjudication", "print_ready", "issued"])
    def test_a_case_that_has_gone_on_stays(self, status):
        case = CaseFactory(status=status)

        self.send(case)

        assert case.status == status
        assert len(history_of(case)) == 1

    def test_the_case_of_a_later_recording_stays(self):
        case = CaseFactory()
        earlier = RecordingFactory(resident=case.resident, attempt=2)

        recordings_sent.send(sender=type(earlier), recordings=[earlier], by=UserFactory(), at=self.SENT_AT)

        case.refresh_from_db()
        assert case.status == "captured"

    def test_taken_back_the_case_is_late_since_its_recording(self):
        case = CaseFactory()
        self.send(case)

        self.send(case, signal=recordings_unsent)

        assert (case.status, case.clock_from) == ("captured", case.recording.recorded_at)
        assert history_of(case)[-1] == ("moved", "sent", "captured", 1)

    def test_the_number_of_queries_does_not_grow(self, django_assert_max_num_queries):
        one, many = [CaseFactory()], [CaseFactory() for _ in range(4)]
        with django_assert_max_num_queries(20) as first:
            self.send(*one)
        with django_assert_max_num_queries(len(first) + 3):
            self.send(*many)


def test_move_takes_back_what_is_no_longer_true():
    case = CaseFactory(status="ready")
    untrue = NotificationFactory(resident=case.resident, kind="card_ready", state="waiting")
    still_true = NotificationFactory(resident=case.resident, kind="recorded", state="waiting")

    moved(case, "printed", by=UserFactory(role="operator"))

    untrue.refresh_from_db()
    still_true.refresh_from_db()
    assert (untrue.state, still_true.state) == ("withdrawn", "waiting")


def test_move_to_closed_withdraws_every_message_about_the_card():
    case = CaseFactory(status="print_ready")
    about_the_card = [
        NotificationFactory(resident=case.resident, kind=kind, state="waiting") for kind in ("recorded", "case_stalled")
    ]
    about_a_time = NotificationFactory(resident=case.resident, kind="appointment_booked", state="waiting")

    moved(case, "closed", note="pindah")

    for message in (*about_the_card, about_a_time):
        message.refresh_from_db()
    assert [message.state for message in about_the_card] == ["withdrawn", "withdrawn"]
    assert about_a_time.state == "waiting"


class TestOpenByOfficer:
    def open(self, resident, by=None):
        by = by or UserFactory()
        return open_by_officer(resident=resident, by=by, now=NOW, office=by.office)

    def test_waits_for_the_centre_from_now_on(self):
        resident, by = ResidentFactory(recorded_before=True), UserFactory()

        case = self.open(resident, by)

        case.refresh_from_db()
        assert (case.status, case.opened_by, case.next_step) == ("sent", "officer", "check_centre")
        assert case.status_since == case.clock_from == NOW
        assert (case.office, case.pickup_office, case.recording) == (by.office, by.office, None)
        assert history_of(case) == [("opened", "", "sent", 1)]
        assert (entitlement_of(case), case.resident.entitlement_reason) == ("none", "case_open")
        assert AuditEvent.objects.get().action == "case.open"

    def test_is_not_for_somebody_who_was_never_recorded(self):
        with pytest.raises(NotRecordedBefore):
            self.open(ResidentFactory())

    def test_is_not_for_somebody_who_holds_the_card(self):
        with pytest.raises(HoldsCard):
            self.open(ResidentFactory(recorded_before=True, card_held=True))

    def test_never_opens_a_second_case(self):
        resident = ResidentFactory(recorded_before=True)
        CaseFactory(
            recording=None,
            resident=resident,
            office=OfficeFactory(),
            opened_by="officer",
            status="closed",
            closed_reason="pindah",
        )

        with pytest.raises(HasCase):
            self.open(resident)


@pytest.mark.django_db(transaction=True)
def test_open_by_officer_at_two_desks_at_once_opens_one_case():
    resident, by = ResidentFactory(recorded_before=True), UserFactory()

    results = at_once(6, lambda: open_by_officer(resident=resident, by=by, now=NOW, office=by.office))

    assert sum(isinstance(result, Case) for result in results) == 1
    assert sum(isinstance(result, HasCase) for result in results) == 5


class TestSettleConflict:
    def in_conflict(self, **values):
        return CaseFactory(conflict_since=NOW, observed_raw="DUPLICATE_RECORD", observed_as_of=NOW, **values)

    def settle(self, case, *, adopt, by=None, note="sudah ditanyakan ke pusat"):
        settle_conflict(case_id=case.pk, adopt=adopt, by=by or verifier(), now=NOW, note=note)
        case.refresh_from_db()

    def test_our_record_stays_where_it_was_right(self):
        case = self.in_conflict(status="print_ready", observed_status="duplicate")

        self.settle(case, adopt=False)

        assert (case.status, case.conflict_since) == ("print_ready", None)
        assert history_of(case)[-1] == ("noted", "print_ready", "print_ready", 1)
        assert AuditEvent.objects.get().action == "case.keep_ours"

    def test_the_case_follows_the_centre_where_that_was_right(self):
        case = self.in_conflict(status="rerecord", observed_status="duplicate")

        self.settle(case, adopt=True)

        assert (case.status, case.status_since, case.conflict_since) == ("duplicate", NOW, None)
        assert history_of(case)[-1] == ("moved", "rerecord", "duplicate", 1)
        assert Notification.objects.get().kind == "being_checked"
        assert entitlement_of(case) == "none"

    def test_no_second_card_is_printed_beside_a_good_one(self):
        case = self.in_conflict(status="printed", observed_status="print_ready")
        CardPrint.objects.create(case=case, attempt=1, office=case.office, printed_at=NOW)

        with pytest.raises(ObservationNotAdoptable):
            self.settle(case, adopt=True)

    def test_is_the_verifiers_and_has_a_reason(self):
        case = self.in_conflict(status="print_ready", observed_status="duplicate")

        with pytest.raises(StepNotYours):
            self.settle(case, adopt=False, by=UserFactory())
        with pytest.raises(ReasonNeeded):
            self.settle(case, adopt=False, note=" ")

    def test_once_settled_there_is_nothing_left(self):
        with pytest.raises(NothingToSettle):
            self.settle(CaseFactory(status="sent"), adopt=False)
