"""The card in the hand: who took it, how they proved who they are, and what ends with it.

By a member of staff at the office where the card lies; to the resident in person unless sick or disabled.
"""

import contextlib
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from issuance.enums import CaseStatus, Collector, ProofOfIdentity
from issuance.exceptions import ProxyNotComplete, ReasonNeeded, SecondIsTheSame, WrongOffice
from issuance.models import Case, HandOver
from issuance.services import case as case_service
from issuance.services import shipment
from issuance.services.print_order import collected_from
from recording.enums import LIVE_STATUSES, Role
from recording.models import Appointment, Resident, TrackingCode, User
from recording.policy import code, nik
from recording.policy.access import Permission, allows
from recording.services import audit, notification, tracking_code
from recording.services.directory import Sought
from recording.services.notification import Owed
from recording.services.resident import find_by_nik, note_card

REMINDER_KIND = "collect_reminder"
REMIND_AFTER = (30, 7)  # days after the card was ready, the latest stage first; office standard, not law
LONG_UNCOLLECTED = 90  # days; from then on somebody of the village asks; office standard, not law
REMIND_FROM = time(9)  # local time; nobody is woken for it
CODE_ENDS_AFTER = timedelta(days=90)  # after the card was handed over
AT_COUNTER = (CaseStatus.PRINT_READY, CaseStatus.PRINTED, CaseStatus.READY, CaseStatus.SHIPPED)
NAME_LIMIT = 50
_WORDS = re.compile(r"[^\W\d_]+")


@transaction.atomic
def hand_over(
    *,
    case_id: int,
    by: User,
    now: datetime,
    proof: ProofOfIdentity,
    collector: Collector = Collector.RESIDENT,
    proxy_name: str = "",
    proxy_relation: str = "",
    authority: str = "",
    second_staff: User | None = None,
) -> HandOver:
    """Give the card away: READY -> ISSUED, also straight from the printer (PRINTED -> READY -> ISSUED).

    What ends with the case, its letter first, ends in the same transaction. `proof`: how `by` knew the resident.
    A proxy needs `proxy_name`, `authority` (the letter and its date) and a `second_staff` who proved to be there.
    Raises WrongState: no card to give, or somebody was faster. Raises WrongOffice, CardIsElsewhere, ProxyNotComplete,
    SecondIsTheSame.
    """
    case = Case.objects.select_related("resident", "pickup_office").get(pk=case_id)
    if by.office_id not in (None, case.pickup_office_id):
        raise WrongOffice
    proxy = {}
    if collector == Collector.PROXY:
        proxy = {"proxy_name": proxy_name, "proxy_relation": proxy_relation, "authority": authority}
        _require_proxy(case, proxy, by=by, second=second_staff)
    if case.status == CaseStatus.PRINTED:
        shipment.make_ready(case=case, by=by, now=now)
    case_service.move(case_id=case_id, to=CaseStatus.ISSUED, by=by, now=now)
    note_card(resident_id=case.resident_id, held=True)
    notification.withdraw(resident_id=case.resident_id, kinds=["card_ready", REMINDER_KIND, "print_invitation"])
    return HandOver.objects.create(
        case=case,
        office_id=case.pickup_office_id,
        handed_at=now,
        handed_by=by,
        collector=collector,
        proof=proof,
        second_staff=second_staff if proxy else None,
        **{name: value.strip() for name, value in proxy.items()},
    )


def _require_proxy(case: Case, proxy: dict[str, str], *, by: User, second: User | None) -> None:
    if second is None or not all(value.strip() for value in proxy.values()):
        raise ProxyNotComplete
    works_here = second.office_id in (None, case.pickup_office_id)
    may = allows(second, Permission.CARDS) or allows(second, Permission.SECOND_PERSON)
    if second.pk == by.pk or not (works_here and may):
        raise SecondIsTheSame


@transaction.atomic
def undo(*, case_id: int, by: User, reason: str, now: datetime) -> None:
    """The card was not handed over after all: ISSUED -> READY, the same day, by a supervisor with a reason. A letter
    that was revoked stays revoked.

    Raises StepNotYours, ReasonNeeded. Raises WrongState: another day, or undone already. Raises WrongOffice.
    """
    case = Case.objects.get(pk=case_id)
    if by.office_id not in (None, case.pickup_office_id):
        raise WrongOffice
    if not reason.strip():
        raise ReasonNeeded
    case_service.move(case_id=case_id, to=CaseStatus.READY, by=by, now=now, note=reason)
    HandOver.objects.filter(case=case, undone_at__isnull=True).update(undone_at=now)
    note_card(resident_id=case.resident_id, held=False)


def may_undo(row: HandOver, *, by: User, now: datetime) -> bool:
    """Whether `by` may undo this hand-over now."""
    today = timezone.localdate(now)
    return by.role == Role.SUPERVISOR and row.undone_at is None and timezone.localdate(row.handed_at) == today


# Uncollected cards.


def remind(*, now: datetime) -> int:
    """Remind everybody whose card has been ready for 7 days, and again at 30; once each. Returns how many.

    The messages leave from 09:00 on. Idempotent by their dedup keys.
    """
    today = timezone.localdate(now)
    ready = Case.objects.filter(status=CaseStatus.READY, status_since__lt=_midnight(today - timedelta(days=6)))
    owed = []
    for pk, resident_id, since in ready.order_by("pk").values_list("pk", "resident_id", "status_since").iterator():
        days = (today - timezone.localdate(since)).days
        stage = next(stage for stage in REMIND_AFTER if days >= stage)
        if days < LONG_UNCOLLECTED:
            key = f"{REMINDER_KIND}:{pk}:{int(since.timestamp())}:{stage}"
            owed.append(Owed(resident_id=resident_id, dedup_key=key, context={"case": pk}))
    return notification.enqueue_many(kind=REMINDER_KIND, owed=owed, now=max(now, _at_nine(today)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _at_nine(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, REMIND_FROM))


def uncollected(*, by: User, now: datetime, days: int):
    """Cards of the offices of `by` that have been ready for `days` days or longer, the oldest first."""
    before = _midnight(timezone.localdate(now) - timedelta(days=days - 1))
    ready = at_pickup(by).filter(status=CaseStatus.READY, status_since__lt=before)
    return ready.select_related("resident__village", "pickup_office").order_by("status_since", "pk")


def at_pickup(by: User):
    """Cases whose card is collected at the office of `by`; all where the account has none."""
    return Case.objects.all() if by.office_id is None else Case.objects.filter(pickup_office=by.office_id)


# Who stands at the counter.


def at_counter(by: User):
    """Cases whose card is collected, or as a rule printed, at the office of `by`; all where the account has none."""
    return Case.objects.all() if by.office is None else Case.objects.filter(pickup_office__in=collected_from(by.office))


def sought(*, text: str, by: User, now: datetime) -> tuple[Sought, Resident | None]:
    """What `text` is (code, scanned address that ends in `#CODE`, NIK, or a name), and whose it is. A look by code or NIK
    is noted in the audit trail; names are looked up by `find_by_name`."""
    kind, person = _sought(text)
    if kind in (Sought.CODE, Sought.NIK):
        audit.record(
            action=f"search.{kind}",
            actor=by,
            resident_id=person.pk if person else None,
            office_id=by.office_id,
        )
    return kind, person


def _sought(text: str) -> tuple[Sought, Resident | None]:
    scanned = text.rpartition("#")[2]
    with contextlib.suppress(ValueError):
        person = tracking_code.find_at_desk(code.normalise(scanned))
        if person or any(character.isdigit() for character in scanned):
            return Sought.CODE, person
    if re.fullmatch(r"[\d\s.\-]{10,}", text):
        try:
            return Sought.NIK, find_by_nik(nik.sixteen_digits(text))
        except nik.NikError:
            return Sought.WRONG_NIK, None
    if "#" in text:
        return Sought.WRONG_CODE, None
    return (Sought.NAME if sum(map(len, _WORDS.findall(text))) > 1 else Sought.TOO_SHORT), None


def case_of(*, resident_id: int, by: User) -> Case | None:
    """The open case of a resident that is collected or printed at the office of `by`."""
    return at_counter(by).open().filter(resident_id=resident_id).select_related("resident", "pickup_office").first()


def find_by_name(*, text: str, by: User) -> list[Case]:
    """Cases on their way into the hand at the office of `by` whose resident's name has words that begin so. Two letters
    or more; else none. The look is noted in the audit trail."""
    words = _WORDS.findall(text)
    if sum(map(len, words)) < 2:
        return []
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    named = Resident.objects.annotate(words=SearchVector("name", config="simple")).filter(words=query)
    rows = at_counter(by).filter(status__in=AT_COUNTER, resident__in=named)
    found = list(
        rows.select_related("resident__village", "pickup_office").order_by("resident__name", "pk")[:NAME_LIMIT]
    )
    audit.record(action="search.name", actor=by, subject=f"cases:{len(found)}", office_id=by.office_id)
    return found


def is_proof_of(*, text: str, resident_id: int) -> ProofOfIdentity | None:
    """Whether `text` is the tracking code or the NIK of this resident: what it was, or None."""
    try:
        person = tracking_code.find_at_desk(code.normalise(text.rpartition("#")[2]))
        proof = ProofOfIdentity.CODE
    except ValueError:
        try:
            person, proof = find_by_nik(nik.sixteen_digits(text)), ProofOfIdentity.NIK
        except nik.NikError:
            return None
    return proof if person is not None and person.pk == resident_id else None


# What ends long after.


def end_codes(*, now: datetime) -> int:
    """End the tracking codes of everybody who got the card 90 days ago or longer and has nothing under way. Returns how
    many. Idempotent."""
    over = HandOver.objects.filter(undone_at__isnull=True, handed_at__lt=now - CODE_ENDS_AFTER)
    active = TrackingCode.objects.filter(
        revoked_at__isnull=True, issued_at__lt=now - CODE_ENDS_AFTER, resident__in=over.values("case__resident")
    )
    busy = Appointment.objects.filter(resident=OuterRef("resident"), status__in=LIVE_STATUSES)
    recent = HandOver.objects.filter(
        case__resident=OuterRef("resident"), undone_at__isnull=True, handed_at__gte=now - CODE_ENDS_AFTER
    )
    open_case = Case.objects.open().filter(resident=OuterRef("resident"))
    ended = active.exclude(Exists(busy)).exclude(Exists(open_case)).exclude(Exists(recent))
    return tracking_code.end(resident_ids=list(ended.values_list("resident_id", flat=True)), now=now)


def today_of(*, by: User, now: datetime) -> Sequence[HandOver]:
    """Today's hand-overs at the office of `by`, the latest first, those undone too."""
    rows = HandOver.objects.filter(handed_at__gte=_midnight(timezone.localdate(now)))
    if by.office_id is not None:
        rows = rows.filter(office_id=by.office_id)
    return list(rows.select_related("case__resident", "office", "handed_by").order_by("-handed_at", "-pk"))
