"""The life of one card's production. The only writer of `Case.status` and of its history's moves.

Every change is a compare-and-swap on the status and attempt that were read, with a history row beside it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from issuance.enums import (
    ENDED_STATUSES,
    CaseKind,
    CaseStatus,
    ChangeEvent,
    NextStep,
    OpenedBy,
    PickState,
    WaitingFor,
)
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
from issuance.models import Case, PrintPick, StatusChange
from issuance.policy.conflict import may_adopt
from issuance.policy.entitlement import entitlement_for
from issuance.policy.observation import message_for
from issuance.policy.transitions import Step, step
from issuance.services import letter
from issuance.services.promise import birth_date_of
from recording.enums import Purpose, RecordingOutcome, Role
from recording.exceptions import WrongState
from recording.models import Approval, Office, Recording, Resident, User
from recording.policy.booking import card_from
from recording.services import audit, notification
from recording.services.resident import set_entitlement

RERECORD_ACTION = "rerecord"  # what an Approval for re-recording is called
STALLED_KIND = "case_stalled"
SENT_NOTE = "Terkirim menurut alat perekaman."
UNSENT_NOTE = "Ternyata belum terkirim."
BEFORE_PORTAL_NOTE = "Direkam sebelum ada portal; berkas dibuka di loket."
TOLD_ON_ARRIVAL = {CaseStatus.RERECORD: "rerecord", CaseStatus.READY: "card_ready"}
# What was said in a status, or is still to be said, and is no longer true once it is left.
SAID_IN: dict[str, tuple[str, ...]] = {
    CaseStatus.ADJUDICATION: ("being_checked",),
    CaseStatus.DUPLICATE: ("being_checked",),
    CaseStatus.FAILED: ("being_checked",),
    CaseStatus.RERECORD: ("rerecord", "recording_failed"),
    CaseStatus.PRINT_READY: ("print_ready", "print_invitation"),
    CaseStatus.READY: ("card_ready", "collect_reminder"),
}
# Whatever is said about a card that is still on its way.
SAID_WHILE_OPEN = tuple(
    sorted({"recorded", "found_in_list", STALLED_KIND, *(kind for kinds in SAID_IN.values() for kind in kinds)})
)


@transaction.atomic
def open_from_recording(*, recording: Recording) -> Case:
    """Open or advance the resident's case by a recording just logged, and owe the message. Runs inside the
    recording's own transaction.

    Accepted: a new case, or the one in RERECORD goes on as CAPTURED. Failed: a new case in RERECORD, or it stays
    there. Any other open case keeps its status and is marked as in conflict for an officer to see.
    """
    case = Case.objects.open().select_for_update().filter(resident_id=recording.resident_id).first()
    accepted = recording.outcome == RecordingOutcome.ACCEPTED
    if case is None:
        case = _open(recording, CaseStatus.CAPTURED if accepted else CaseStatus.RERECORD)
    elif case.status == CaseStatus.RERECORD:
        _record_again(case, recording, CaseStatus.CAPTURED if accepted else CaseStatus.RERECORD)
    else:
        return _note_conflict(case, recording)
    _tell(case, "recorded" if accepted else "recording_failed", at=recording.entered_at)
    return case


def _open(recording: Recording, status: CaseStatus) -> Case:
    replaces = recording.appointment is not None and recording.appointment.purpose == Purpose.REPLACEMENT
    case = Case.objects.create(
        resident_id=recording.resident_id,
        kind=CaseKind.REPLACEMENT if replaces else CaseKind.FIRST,
        opened_by=OpenedBy.RECORDING,
        opened_at=recording.recorded_at,
        recording=recording,
        office_id=recording.office_id,
        pickup_office_id=recording.office_id,
        status=status,
        status_since=recording.recorded_at,
        clock_from=recording.recorded_at,
        rerecord_reason=_reason(recording),
    )
    case.history.create(
        event=ChangeEvent.OPENED, to_status=status, occurred_at=recording.recorded_at, actor_id=recording.operator_id
    )
    _set_entitlement(case)
    return case


def _record_again(case: Case, recording: Recording, to: CaseStatus) -> None:
    _change(
        case,
        to,
        at=recording.recorded_at,
        by=recording.operator,
        attempt=case.attempt + 1,
        recording=recording,
        office_id=recording.office_id,
        pickup_office_id=recording.office_id,
        rerecord_reason=_reason(recording),
        central_deletion_on=None,
    )


def _note_conflict(case: Case, recording: Recording) -> Case:
    case.conflict_since = case.conflict_since or recording.entered_at
    Case.objects.filter(pk=case.pk).update(conflict_since=case.conflict_since)
    case.history.create(
        event=ChangeEvent.NOTED,
        from_status=case.status,
        to_status=case.status,
        attempt=case.attempt,
        occurred_at=recording.recorded_at,
        actor_id=recording.operator_id,
        note="Direkam lagi walau berkas masih berjalan; periksa data ganda.",
    )
    return case


def _reason(recording: Recording) -> str:
    return recording.get_failure_reason_display() if recording.failure_reason else ""


@transaction.atomic
def open_by_officer(*, resident: Resident, by: User, now: datetime, office: Office) -> Case:
    """Open the case of somebody recorded before the portal who stands at the desk of `office`.

    What the centre says is not known yet: the case is SENT from `now` on, so that the clock of waiting for the centre
    runs, and a verifier is to look it up. Nobody is told; the resident goes home with the code.
    Raises NotRecordedBefore, HoldsCard: what the register says. Raises HasCase. Locks the resident.
    """
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident.pk)
    if not resident.recorded_before_portal:
        raise NotRecordedBefore
    if resident.card_held:
        raise HoldsCard
    if Case.objects.filter(resident=resident).exists():
        raise HasCase
    case = Case.objects.create(
        resident=resident,
        kind=CaseKind.FIRST,
        opened_by=OpenedBy.OFFICER,
        opened_at=now,
        office=office,
        pickup_office=office,
        status=CaseStatus.SENT,
        status_since=now,
        clock_from=now,
        next_step=NextStep.CHECK_CENTRE,
    )
    case.history.create(
        event=ChangeEvent.OPENED, to_status=case.status, occurred_at=now, actor=by, note=BEFORE_PORTAL_NOTE
    )
    _set_entitlement(case)
    _audit(case, "case.open", by)
    return case


@transaction.atomic
def move(
    *,
    case_id: int,
    to: CaseStatus,
    by: User,
    now: datetime,
    note: str = "",
    checked_at_centre: bool = False,
    central_deletion_on: date | None = None,
    approval: Approval | None = None,
) -> StatusChange:
    """Take a step the office decides. `checked_at_centre`: `by` states having looked the resident up there;
    `central_deletion_on`: and on which day the centre deleted its record.

    Raises WrongState: no such step from here, or somebody else was faster. Raises StepNotYours, ReasonNeeded,
    CheckAtCentreFirst, DeletionDateNeeded, SecondPersonNeeded: what the step needs and lacks (`policy.transitions`).
    """
    case = Case.objects.select_related("resident").get(pk=case_id)
    needed = step(case.status, to)
    if needed is None:
        raise WrongState
    _require(needed, case, by=by, now=now, note=note, checked_at_centre=checked_at_centre, approval=approval)
    _require_deletion(needed, central_deletion_on, now)
    reasons: dict[str, Any] = {}
    if to == CaseStatus.CLOSED:
        reasons["closed_reason"] = note[:120]
    if to == CaseStatus.RERECORD:
        reasons |= {"rerecord_reason": note[:120], "central_deletion_on": central_deletion_on}
    change = _change(case, to, at=now, by=by, note=note, **reasons)
    if to in TOLD_ON_ARRIVAL:
        _tell(case, TOLD_ON_ARRIVAL[to], at=now)
    _audit(case, f"case.{to}", by, note)
    return change


@transaction.atomic
def note(*, case_id: int, by: User, now: datetime, text: str, action: str) -> StatusChange:
    """Add a line to the history that moves nothing. `action`: what the audit trail calls it. Locks the case."""
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    change = _noted(case, text, at=now, by=by)
    _audit(case, action, by, text)
    return change


@transaction.atomic
def settle_conflict(*, case_id: int, adopt: bool, by: User, now: datetime, note: str) -> StatusChange:
    """Say who was right where the centre's list and our record differ. `adopt`: the centre, so the case follows the
    observation (`policy.conflict`); else our record stays.

    Raises StepNotYours, ReasonNeeded, NothingToSettle, ObservationNotAdoptable. Raises WrongState: moved meanwhile.
    Locks the case.
    """
    if by.role != Role.VERIFIER:
        raise StepNotYours
    if not note.strip():
        raise ReasonNeeded
    # What is locked is the case alone: its resident may be locked by the desk at the same time.
    case = Case.objects.select_related("resident").select_for_update(of=("self",), no_key=True).get(pk=case_id)
    if case.conflict_since is None:
        raise NothingToSettle
    if not adopt:
        Case.objects.filter(pk=case.pk).update(conflict_since=None)
        _audit(case, "case.keep_ours", by, note)
        return _noted(case, f"Catatan kami benar: {note}", at=now, by=by)
    has_card = case.prints.filter(spoiled_at__isnull=True).exists()
    if not may_adopt(status=case.status, observed=case.observed_status, has_card=has_card):
        raise ObservationNotAdoptable
    _free_blank(case)
    observed = CaseStatus(case.observed_status)
    change = _change(case, observed, at=now, by=by, note=f"Mengikuti data pusat: {note}", conflict_since=None)
    if kind := message_for(observed):
        _tell(case, kind, at=now)
    _audit(case, "case.adopt_observed", by, note)
    return change


def _noted(case: Case, text: str, *, at: datetime, by: User) -> StatusChange:
    return case.history.create(
        event=ChangeEvent.NOTED,
        from_status=case.status,
        to_status=case.status,
        attempt=case.attempt,
        occurred_at=at,
        actor=by,
        note=text[:200],
    )


def _audit(case: Case, action: str, by: User, reason: str = "") -> None:
    audit.record(
        action=action,
        actor=by,
        resident_id=case.resident_id,
        subject=f"case:{case.pk}",
        office_id=case.office_id,
        reason=reason,
    )


@transaction.atomic
def follow_sending(*, recordings: Sequence[Recording], by: User, at: datetime) -> int:
    """The stations have sent `recordings`: their cases in CAPTURED wait for the centre now. Returns how many.

    A case that has gone on, or is about another recording, stays. Set-based. Locks the cases.
    """
    return _follow(recordings, CaseStatus.CAPTURED, CaseStatus.SENT, by=by, at=at, note=SENT_NOTE)


@transaction.atomic
def take_back_sending(*, recordings: Sequence[Recording], by: User, at: datetime) -> int:
    """It turned out that `recordings` are not sent: their cases in SENT are CAPTURED again, and late since the
    recording. Returns how many."""
    return _follow(recordings, CaseStatus.SENT, CaseStatus.CAPTURED, by=by, at=at, note=UNSENT_NOTE)


def _follow(
    recordings: Sequence[Recording], old: CaseStatus, to: CaseStatus, *, by: User, at: datetime, note: str
) -> int:
    rows = Case.objects.filter(recording__in=recordings, status=old).select_for_update(no_key=True).order_by("pk")
    cases = list(rows)
    for stalled in cases:
        if stalled.stalled_since is not None:
            notification.withdraw(resident_id=stalled.resident_id, kinds=[STALLED_KIND])
    rests_since = {each.pk: each.recorded_at if to == CaseStatus.CAPTURED else at for each in recordings}
    for case in cases:
        case.status, case.status_since, case.clock_from = to, at, rests_since[case.recording_id or 0]
        case.stalled_since, case.next_step = None, NextStep.NONE
    Case.objects.bulk_update(cases, ["status", "status_since", "clock_from", "stalled_since", "next_step"])
    StatusChange.objects.bulk_create(
        StatusChange(
            case=case, from_status=old, to_status=to, attempt=case.attempt, occurred_at=at, actor=by, note=note
        )
        for case in cases
    )
    return len(cases)


def _require(
    needed: Step, case: Case, *, by: User, now: datetime, note: str, checked_at_centre: bool, approval: Approval | None
) -> None:
    if by.role not in needed.by:
        raise StepNotYours
    if needed.same_day and timezone.localdate(case.status_since) != timezone.localdate(now):
        raise WrongState
    if needed.reason and not note.strip():
        raise ReasonNeeded
    if needed.checked_at_centre and not checked_at_centre:
        raise CheckAtCentreFirst
    if needed.second_person and not _is_granted(approval, case):
        raise SecondPersonNeeded


def _require_deletion(needed: Step, deleted_on: date | None, now: datetime) -> None:
    """A deletion that is still to come is none."""
    if (needed.deleted_at_centre and deleted_on is None) or (deleted_on and deleted_on > timezone.localdate(now)):
        raise DeletionDateNeeded


def _is_granted(approval: Approval | None, case: Case) -> bool:
    return (
        approval is not None
        and bool(approval.granted)
        and (approval.subject, approval.action) == (f"case:{case.pk}", RERECORD_ACTION)
        and approval.decided_at is not None
        and approval.decided_at >= case.status_since
    )


def _change(
    case: Case, to: CaseStatus, *, at: datetime, by: User | None = None, note: str = "", **columns: Any
) -> StatusChange:
    """Compare-and-swap to `to`, with history and entitlement; what was said in the old status is taken back, a blank
    held for the case is free again. Raises WrongState: the case has moved meanwhile."""
    old = case.status
    waiting_for = _waiting_for(case, to, at)
    columns |= {
        "status": to,
        "status_since": at,
        "clock_from": None if to in ENDED_STATUSES or waiting_for != WaitingFor.NONE else at,
        "stalled_since": None,
        "next_step": NextStep.NONE,
        "waiting_for": waiting_for,
    }
    unmoved = Case.objects.filter(pk=case.pk, status=old, attempt=case.attempt, status_since=case.status_since)
    if not unmoved.update(**columns):
        raise WrongState
    for name, value in columns.items():
        setattr(case, name, value)
    change = case.history.create(
        from_status=old, to_status=to, attempt=case.attempt, occurred_at=at, actor=by, note=note[:200]
    )
    _set_entitlement(case)
    said = SAID_WHILE_OPEN if to in ENDED_STATUSES else (STALLED_KIND, *SAID_IN.get(old, ()))
    notification.withdraw(resident_id=case.resident_id, kinds=said)
    if to in ENDED_STATUSES:
        reason = note or ("Kartu sudah diterima." if to == CaseStatus.ISSUED else "Berkas ditutup.")
        letter.revoke_for_cases(case_ids=[case.pk], reason=reason, at=at, by=by)
    if old == CaseStatus.PRINT_READY and to != CaseStatus.PRINTED:
        _free_blank(case)
    return change


def _free_blank(case: Case) -> None:
    """Who is not printed any more holds no blank."""
    live = PrintPick.objects.filter(case=case, state__in=[PickState.PICKED, PickState.INVITED])
    live.update(state=PickState.DROPPED)


def _waiting_for(case: Case, to: CaseStatus, at: datetime) -> WaitingFor:
    """Nobody under 17 who never married may have a card printed: the office is not late until then."""
    if to != CaseStatus.PRINT_READY:
        return WaitingFor.NONE
    birth_date = birth_date_of(case.resident)
    if birth_date is None:
        return WaitingFor.NONE
    wait = card_from(birth_date, married=case.resident.ever_married, recorded_on=timezone.localdate(at))
    return WaitingFor.NONE if wait is None else WaitingFor.AGE


def _set_entitlement(case: Case) -> None:
    entitlement, reason = entitlement_for(case.status)
    set_entitlement(resident_ids=[case.resident_id], entitlement=entitlement, reason=reason)


def _tell(case: Case, kind: str, *, at: datetime) -> None:
    notification.enqueue(
        resident_id=case.resident_id,
        kind=kind,
        dedup_key=f"{kind}:{case.pk}:{case.attempt}:{int(case.status_since.timestamp())}",
        now=at,
        context={"case": case.pk},
        appointment=case.recording.appointment if case.recording else None,
    )
