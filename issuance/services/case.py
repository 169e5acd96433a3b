"""The life of one card's production. The only writer of `Case.status` and of its history's moves.

Every change is a compare-and-swap on the status and attempt that were read, with a history row beside it.
"""

from collections.abc import Sequence
from datetime import datetime
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
    WaitingFor,
)
from issuance.exceptions import CheckAtCentreFirst, ReasonNeeded, SecondPersonNeeded, StepNotYours
from issuance.models import Case, StatusChange
from issuance.policy.entitlement import entitlement_for
from issuance.policy.transitions import Step, step
from issuance.services.promise import birth_date_of
from recording.enums import Purpose, RecordingOutcome
from recording.exceptions import WrongState
from recording.models import Approval, Recording, User
from recording.policy.booking import card_from
from recording.services import audit, notification
from recording.services.resident import set_entitlement

RERECORD_ACTION = "rerecord"  # what an Approval for re-recording is called
STALLED_KIND = "case_stalled"
SENT_NOTE = "Terkirim menurut alat perekaman."
UNSENT_NOTE = "Ternyata belum terkirim."
TOLD_ON_ARRIVAL = {CaseStatus.RERECORD: "rerecord", CaseStatus.READY: "card_ready"}


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
    notification.withdraw(resident_id=case.resident_id, kinds=[STALLED_KIND, "rerecord", "recording_failed"])
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
def move(
    *,
    case_id: int,
    to: CaseStatus,
    by: User,
    now: datetime,
    note: str = "",
    checked_at_centre: bool = False,
    approval: Approval | None = None,
) -> StatusChange:
    """Take a step the office decides. `checked_at_centre`: `by` states having looked the resident up there.

    Raises WrongState: no such step from here, or somebody else was faster. Raises StepNotYours, ReasonNeeded,
    CheckAtCentreFirst, SecondPersonNeeded: what the step needs and lacks (`policy.transitions`).
    """
    case = Case.objects.select_related("resident").get(pk=case_id)
    needed = step(case.status, to)
    if needed is None:
        raise WrongState
    _require(needed, case, by=by, now=now, note=note, checked_at_centre=checked_at_centre, approval=approval)
    if case.stalled_since is not None:
        notification.withdraw(resident_id=case.resident_id, kinds=[STALLED_KIND])
    reasons = {}
    if to == CaseStatus.CLOSED:
        reasons["closed_reason"] = note[:120]
    if to == CaseStatus.RERECORD:
        reasons["rerecord_reason"] = note[:120]
    change = _change(case, to, at=now, by=by, note=note, **reasons)
    if to in TOLD_ON_ARRIVAL:
        _tell(case, TOLD_ON_ARRIVAL[to], at=now)
    audit.record(
        action=f"case.{to}",
        actor=by,
        resident_id=case.resident_id,
        subject=f"case:{case.pk}",
        office_id=case.office_id,
        reason=note,
    )
    return change


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
    """Compare-and-swap to `to`, with history and entitlement. Raises WrongState: the case has moved meanwhile."""
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
    return change


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
