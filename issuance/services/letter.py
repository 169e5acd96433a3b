"""Interim letters: papers of the national system that stand in for a card, of which we keep book.

The only writer of `InterimLetter.status`. A letter is valid only while its case is open: whoever ends a case calls
`revoke_for_cases` in the same transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from issuance.enums import CaseStatus, LetterKind, LetterStatus, WaitingFor
from issuance.exceptions import LetterNotPossible, NumberTaken, ReasonNeeded, StepNotYours
from issuance.models import Case, InterimLetter, LetterRule, SupplyBalance
from issuance.policy import letter as policy
from issuance.services import supply
from issuance.services.promise import birth_date_of
from recording.enums import OfficeKind, Role
from recording.exceptions import WrongState
from recording.models import Approval, Office, User
from recording.policy.booking import card_from
from recording.services import audit, notification
from recording.services.notification import Owed

ISSUED_KIND = "letter_issued"
EXPIRING_KIND = "letter_expiring"
CHUNK = 2000  # letters in one transaction of the daily job


def allowed_kinds(*, on: date) -> list[LetterKind]:
    """The kinds that the rules let issue on that local date; the rule that began last comes first."""
    rules = LetterRule.objects.filter(allowed_from__lte=on).filter(Q(until__isnull=True) | Q(until__gte=on))
    return list(dict.fromkeys(LetterKind(kind) for kind in rules.values_list("kind", flat=True)))


def obstacle_to(*, case: Case, now: datetime) -> str:
    """Why `case` (resident and identity loaded) may get no letter now, in words for staff; empty when it may."""
    if InterimLetter.objects.filter(case=case, status=LetterStatus.VALID).exists():
        return "Berkas ini sudah punya surat yang berlaku. Perpanjang surat itu bila perlu."
    if not allowed_kinds(on=timezone.localdate(now)):
        return "Tidak ada jenis surat yang boleh diterbitkan hari ini. Administrator mengaturnya di Kelola."
    return policy.obstacle(_circumstances(case, now))


@transaction.atomic
def issue(*, case_id: int, kind: LetterKind | str, number: str, by: User, now: datetime) -> InterimLetter:
    """Note a letter that the national system gave `number` for, valid for six months, and owe the resident the news.

    Raises StepNotYours. Raises LetterNotPossible: the case, the person's age or the blanks do not allow it, or the kind
    is not allowed today. Raises NumberTaken. Locks the case, so that it cannot end meanwhile.
    """
    _require_verifier(by)
    case = _locked_case(case_id)
    today = timezone.localdate(now)
    reason = obstacle_to(case=case, now=now)
    if reason:
        raise LetterNotPossible(reason)
    if LetterKind(kind) not in allowed_kinds(on=today):
        raise LetterNotPossible(f"{LetterKind(kind).label} tidak boleh diterbitkan hari ini. Pilih jenis lain.")
    letter = _write(case, kind=LetterKind(kind), number=number, by=by, now=now)
    notification.enqueue(
        resident_id=case.resident_id,
        kind=ISSUED_KIND,
        dedup_key=f"{ISSUED_KIND}:{letter.pk}",
        now=now,
        context={"letter": letter.pk},
    )
    _note("issue", letter, case.resident_id, by)
    return letter


def _write(case: Case, *, kind: LetterKind, number: str, by: User, now: datetime) -> InterimLetter:
    today = timezone.localdate(now)
    try:
        with transaction.atomic():
            return InterimLetter.objects.create(
                case=case,
                kind=kind,
                number=policy.read_number(number),
                office_id=case.pickup_office_id,
                issued_on=today,
                valid_until=policy.valid_until(today),
                token=policy.new_token(),
                issued_by=by,
                issued_at=now,
            )
    except IntegrityError as error:
        raise NumberTaken from error  # the lock on the case leaves no other row to collide with


@transaction.atomic
def extend(*, letter_id: int, by: User, now: datetime) -> InterimLetter:
    """Let a letter hold six months longer: from its end, or from today when it has run out.

    Raises StepNotYours. Raises WrongState: revoked, or somebody was faster. Raises LetterNotPossible: too early, the
    card can be printed by now, or the kind is forbidden by now. Locks the case.
    """
    _require_verifier(by)
    letter = InterimLetter.objects.get(pk=letter_id)
    case = _locked_case(letter.case_id)
    today = timezone.localdate(now)
    if letter.status == LetterStatus.REVOKED:
        raise WrongState
    if not policy.may_extend(until=letter.valid_until, today=today):
        raise LetterNotPossible(f"Surat baru dapat diperpanjang {policy.EXTEND_FROM_DAYS} hari sebelum habis.")
    if LetterKind(letter.kind) not in allowed_kinds(on=today):
        raise LetterNotPossible("Jenis surat ini tidak boleh dipakai lagi. Terbitkan jenis yang boleh hari ini.")
    reason = policy.obstacle(_circumstances(case, now))
    if reason:
        raise LetterNotPossible(reason)
    unchanged = InterimLetter.objects.filter(pk=letter.pk, status=letter.status, valid_until=letter.valid_until)
    others = InterimLetter.objects.filter(case=case, status=LetterStatus.VALID).exclude(pk=letter.pk)
    letter.valid_until = policy.extended_until(until=letter.valid_until, today=today)
    if others.exists() or not unchanged.update(
        status=LetterStatus.VALID,
        valid_until=letter.valid_until,
        ended_at=None,
        extended_times=letter.extended_times + 1,
    ):
        raise WrongState
    notification.withdraw(resident_id=case.resident_id, kinds=[EXPIRING_KIND])
    _note("extend", letter, case.resident_id, by)
    letter.refresh_from_db()
    return letter


@transaction.atomic
def revoke(*, letter_id: int, by: User, reason: str, now: datetime) -> None:
    """End one valid letter before its time. `reason` is shown to staff only.

    Raises StepNotYours, ReasonNeeded. Raises WrongState: it is not valid any more.
    """
    _require_verifier(by)
    if not reason.strip():
        raise ReasonNeeded
    letter = InterimLetter.objects.select_related("case").get(pk=letter_id)
    if not _end([letter.pk], reason=reason, at=now):
        raise WrongState
    notification.withdraw(resident_id=letter.case.resident_id, kinds=[ISSUED_KIND, EXPIRING_KIND])
    _note("revoke", letter, letter.case.resident_id, by, reason=reason)


@transaction.atomic
def revoke_for_cases(*, case_ids: Sequence[int], reason: str, at: datetime, by: User | None = None) -> int:
    """End every valid letter of cases that have just ended (card in the hand, or closed). Returns how many.

    Call it after the case's own UPDATE, which waits for whoever is issuing a letter for it. `reason` is shown to staff
    only. Four statements whatever the number of cases; one when none has a valid letter.
    Idempotent. Locks the letters.
    """
    valid = InterimLetter.objects.filter(case_id__in=case_ids, status=LetterStatus.VALID)
    letters = list(valid.select_related("case").select_for_update(no_key=True, of=["self"]).order_by("pk"))
    if not letters:
        return 0
    _end([letter.pk for letter in letters], reason=reason, at=at)
    notification.withdraw_many(
        resident_ids=[letter.case.resident_id for letter in letters], kinds=[ISSUED_KIND, EXPIRING_KIND]
    )
    audit.record_many(
        action="letter.revoke",
        about=[(letter.case.resident_id, f"letter:{letter.pk}", letter.office_id) for letter in letters],
        actor=by,
        reason=reason,
    )
    return len(letters)


def _end(letter_ids: Sequence[int], *, reason: str, at: datetime) -> int:
    valid = InterimLetter.objects.filter(pk__in=letter_ids, status=LetterStatus.VALID)
    return valid.update(status=LetterStatus.REVOKED, ended_at=at, revoked_reason=reason.strip()[:120])


def expire_due(*, now: datetime) -> int:
    """End what has run out, and warn who holds a letter that ends within 14 days, once for each end date.

    Returns how many ran out. Chunks, each one transaction. Idempotent; safe in two workers at once.
    """
    today = timezone.localdate(now)
    _warn(today, now)
    due = InterimLetter.objects.filter(status=LetterStatus.VALID, valid_until__lt=today)
    expired = 0
    while chunk := list(due.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        expired += due.filter(pk__in=chunk).update(status=LetterStatus.EXPIRED, ended_at=now)
    return expired


@transaction.atomic
def _warn(today: date, now: datetime) -> None:
    soon = InterimLetter.objects.filter(
        status=LetterStatus.VALID,
        valid_until__gte=today,
        valid_until__lte=today + timedelta(days=policy.WARN_DAYS),
    )
    owed = [
        Owed(
            resident_id=letter.case.resident_id,
            dedup_key=f"{EXPIRING_KIND}:{letter.pk}:{letter.valid_until:%Y%m%d}",
            context={"letter": letter.pk},
        )
        for letter in soon.select_related("case").order_by("pk")
    ]
    notification.enqueue_many(kind=EXPIRING_KIND, owed=owed, now=now)


def _locked_case(case_id: int) -> Case:
    cases = Case.objects.select_for_update(no_key=True, of=["self"]).select_related("resident", "pickup_office")
    return cases.get(pk=case_id)


def _circumstances(case: Case, now: datetime) -> policy.Circumstances:
    birth_date = birth_date_of(case.resident)
    today = timezone.localdate(now)
    married = case.resident.ever_married
    of_age = None if birth_date is None else card_from(birth_date, married=married, recorded_on=today) is None
    office_id = _printing_office_id(case.pickup_office)
    alarm = SupplyBalance.objects.filter(office_id=office_id, item="blank").values_list("alarm_below", flat=True)
    return policy.Circumstances(
        status=CaseStatus(case.status),
        of_age=of_age,
        waits_for_blank=case.waiting_for == WaitingFor.BLANK,
        free=min(supply.free(office_id=office_id).values()),  # a blank without ribbon or film is no card
        reserve=max([policy.RESERVE, *alarm]),
        approved=case.status in policy.WITH_APPROVAL and _is_approved(case),
    )


def _printing_office_id(office: Office) -> int:
    """Where a card of `office` is printed: there, or at Disdukcapil."""
    if office.prints_here:
        return office.pk
    central = Office.objects.active().filter(kind=OfficeKind.DISDUKCAPIL).values_list("pk", flat=True).first()
    return central or office.pk


def _is_approved(case: Case) -> bool:
    granted = Approval.objects.filter(subject=f"case:{case.pk}", action=policy.LETTER_ACTION, granted=True)
    return granted.filter(decided_at__gte=case.status_since).exists()


def _require_verifier(by: User) -> None:
    if by.role != Role.VERIFIER:
        raise StepNotYours


def _note(step: str, letter: InterimLetter, resident_id: int, by: User, *, reason: str = "") -> None:
    audit.record(
        action=f"letter.{step}",
        actor=by,
        resident_id=resident_id,
        subject=f"letter:{letter.pk}",
        office_id=letter.office_id,
        reason=reason,
    )
