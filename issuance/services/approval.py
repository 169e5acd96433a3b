"""The second person: a verifier asks, somebody of the supervisors grants or refuses, the verifier completes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from issuance.enums import CaseStatus
from issuance.exceptions import AskedAlready, DeletionDateNeeded, ReasonNeeded, StepNotYours
from issuance.models import Case
from issuance.policy.transitions import TRANSITIONS, step
from issuance.services import case as cases
from issuance.services.case import RERECORD_ACTION
from recording.enums import Role
from recording.exceptions import WrongState
from recording.models import Approval, User
from recording.policy.access import Permission, allows

STAYS_OPEN = timedelta(days=60)  # how long a home page reminds of a consent that nobody used
# Whose re-recording needs a second person.
NEEDING = tuple(status for status, to in TRANSITIONS.items() if (s := to.get(CaseStatus.RERECORD)) and s.second_person)


@transaction.atomic
def ask(*, case_id: int, by: User, now: datetime, reason: str, central_deletion_on: date | None) -> Approval:
    """Ask for a second person's consent to record again. `by` states having looked the resident up at the centre, and
    on which day the centre deleted its record.

    Raises StepNotYours, ReasonNeeded, DeletionDateNeeded. Raises WrongState: nothing to consent to in this status.
    Raises AskedAlready. Locks the case.
    """
    if by.role != Role.VERIFIER:
        raise StepNotYours
    if not reason.strip():
        raise ReasonNeeded
    if central_deletion_on is None or central_deletion_on > timezone.localdate(now):
        raise DeletionDateNeeded
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    if not _needs_second_person(case):
        raise WrongState
    subject = f"case:{case.pk}"
    if Approval.objects.filter(subject=subject, action=RERECORD_ACTION, decided_by__isnull=True).exists():
        raise AskedAlready
    approval = Approval.objects.create(subject=subject, action=RERECORD_ACTION, reason=reason[:300], asked_by=by)
    Case.objects.filter(pk=case.pk).update(central_deletion_on=central_deletion_on)
    cases.note(case_id=case.pk, by=by, now=now, text=f"Minta persetujuan: {reason}", action="case.ask_second_person")
    return approval


@transaction.atomic
def decide(*, approval_id: int, granted: bool, by: User, now: datetime, note: str = "") -> Approval:
    """Grant or refuse what a verifier asked for. Moves nothing: the verifier completes.

    Raises StepNotYours: not a supervisor, of another office, or asked by the same person. Raises ReasonNeeded: refused
    without one. Raises WrongState: decided already, or the case has moved since it was asked. Locks the case.
    """
    approval = Approval.objects.get(pk=approval_id)
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id_of(approval))
    is_theirs = by.office_id in (None, case.office_id, case.pickup_office_id)
    if not allows(by, Permission.SECOND_PERSON) or not is_theirs or approval.asked_by_id == by.pk:
        raise StepNotYours
    if not granted and not note.strip():
        raise ReasonNeeded
    if granted and not is_current(approval, case):
        raise WrongState
    undecided = Approval.objects.filter(pk=approval.pk, decided_by__isnull=True)
    if not undecided.update(decided_by=by, decided_at=now, granted=granted):
        raise WrongState
    if not granted:
        Case.objects.filter(pk=case.pk, status__in=NEEDING).update(central_deletion_on=None)
    said = "Orang kedua menyetujui rekam ulang." if granted else f"Orang kedua menolak: {note}"
    action = "case.second_person_granted" if granted else "case.second_person_refused"
    cases.note(case_id=case.pk, by=by, now=now, text=said, action=action)
    approval.refresh_from_db()
    return approval


def standing(case: Case) -> Approval | None:
    """The latest request about `case` as it is now: waiting, granted or refused; None: none since it came here."""
    asked = Approval.objects.filter(
        subject=f"case:{case.pk}", action=RERECORD_ACTION, asked_at__gte=case.status_since
    ).select_related("asked_by", "decided_by")
    return asked.order_by("-pk").first()


def waiting(*, by: User) -> list[tuple[Approval, Case]]:
    """What waits for a decision in the offices of `by`, the longest waiting first, with case and resident."""
    undecided = Approval.objects.filter(action=RERECORD_ACTION, decided_by__isnull=True)
    return _with_cases(undecided.select_related("asked_by").order_by("pk"), by)


def granted_to(*, by: User, now: datetime) -> list[tuple[Approval, Case]]:
    """What `by` asked for, was granted in the last STAYS_OPEN and has not completed yet."""
    granted = Approval.objects.filter(
        action=RERECORD_ACTION, granted=True, asked_by=by, decided_at__gte=now - STAYS_OPEN
    )
    return _with_cases(granted.select_related("asked_by").order_by("pk"), by)


def case_id_of(approval: Approval) -> int:
    """The case that `approval` is about."""
    return int(approval.subject.removeprefix("case:"))


def is_current(approval: Approval, case: Case) -> bool:
    """Whether `case` still is where it was when `approval` was asked for."""
    return _needs_second_person(case) and case.status_since <= approval.asked_at


def _with_cases(approvals: Iterable[Approval], by: User) -> list[tuple[Approval, Case]]:
    found = {case_id_of(approval): approval for approval in approvals}
    rows = Case.objects.for_staff(by).select_related("resident__village", "office").in_bulk(found)
    return [(approval, rows[pk]) for pk, approval in found.items() if pk in rows and is_current(approval, rows[pk])]


def _needs_second_person(case: Case) -> bool:
    needed = step(case.status, CaseStatus.RERECORD)
    return needed is not None and needed.second_person
