"""The worklist of cases, the search for one, and everything known about one. Reads only, but for the audit trail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from issuance.enums import ENDED_STATUSES
from issuance.models import CardPrint, Case, HandOver, InterimLetter, StallRule, StatusChange
from issuance.policy.service_days import cut_off
from issuance.services.calendar import service_days
from recording.models import Notification, Recording, Resident, User
from recording.policy import code as code_policy
from recording.policy import nik as nik_policy
from recording.services import audit, tracking_code
from recording.services.resident import find_by_nik

PER_PAGE = 25
COUNTED = 1000  # more are "lebih dari 1.000": nobody pages through them, and counting all would read them all
NAME_LIMIT = 50
LATEST = 50  # lines of each list on a case's page
OPEN_FIRST = ExpressionWrapper(Q(status__in=ENDED_STATUSES), output_field=BooleanField())
_CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})")
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Page:
    """`cases`: at most PER_PAGE, the longest resting first. `next`, `previous`: cursors for the address, or ""."""

    cases: Sequence[Case]
    next: str = ""
    previous: str = ""


def listed(*, by: User, where: Q) -> QuerySet[Case]:
    """The cases of the offices `by` works for that fit `where`, with what a list shows of each."""
    rows = Case.objects.for_staff(by).filter(where)
    return rows.select_related("resident__village__district", "office", "pickup_office")


def page_of(rows: QuerySet[Case], *, after: str = "", before: str = "") -> Page:
    """One page of `rows`, by keyset on (status_since, id): as cheap at the end as at the beginning. A wrong cursor is
    none."""
    start, end = _moment(after), _moment(before)
    # In both directions the first condition alone bounds the walk of the index; the second takes out what lies beyond.
    if end:
        since, pk = end
        back = rows.filter(status_since__lte=since).exclude(status_since=since, pk__gte=pk)
        found = list(back.order_by("-status_since", "-pk")[: PER_PAGE + 1])
        shown = found[:PER_PAGE][::-1]
        return Page(shown, _cursor(shown[-1:]), _cursor(shown[:1]) if len(found) > PER_PAGE else "")
    if start:
        since, pk = start
        rows = rows.filter(status_since__gte=since).exclude(status_since=since, pk__lte=pk)
    found = list(rows.order_by("status_since", "pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    return Page(shown, _cursor(shown[-1:]) if len(found) > PER_PAGE else "", _cursor(shown[:1]) if start else "")


def count(rows: QuerySet[Case]) -> tuple[int, bool]:
    """How many, and whether there are more: counts to COUNTED and no further."""
    number = rows.order_by().values("pk")[: COUNTED + 1].count()
    return min(number, COUNTED), number > COUNTED


def _cursor(cases: Sequence[Case]) -> str:
    return "".join(f"{int(case.status_since.timestamp() * 1_000_000)}-{case.pk}" for case in cases)


def _moment(cursor: str) -> tuple[datetime, int] | None:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        return None
    microseconds = int(found[1])
    try:
        whole = datetime.fromtimestamp(microseconds // 1_000_000, tz=timezone.get_default_timezone())
    except (ValueError, OverflowError, OSError):
        return None
    return whole.replace(microsecond=microseconds % 1_000_000), int(found[2])


class Sought(StrEnum):
    """What the text turned out to be; REASON: it may be somebody of another office, so say why first."""

    NIK = "nik"
    CODE = "code"
    NAME = "name"
    WRONG_NIK = "wrong_nik"
    TOO_SHORT = "too_short"
    REASON = "reason"


@dataclass(frozen=True, kw_only=True)
class Found:
    """`person` for a full NIK or code, with `case` their case, if any, and `elsewhere` whether it is another office's.
    `cases`: of a name."""

    sought: Sought
    person: Resident | None = None
    case: Case | None = None
    elsewhere: bool = False
    cases: Sequence[Case] = field(default_factory=list)


def find(*, text: str, reason: str, by: User) -> Found:
    """Look up `text` for `by` and note in the audit trail who looked for whom and why.

    A name (two letters or more, by the beginnings of its words) finds cases of the own offices only; a full NIK or a
    code finds any, the ones elsewhere with a `reason`. Without one, known and unknown people answer the same.
    """
    found = _find(text.replace("\0", "").strip(), by)
    outside = by.office_id is not None and found.sought in (Sought.NIK, Sought.CODE)
    own = found.case is not None and not found.elsewhere
    if outside and not own and not reason.strip():
        return Found(sought=Sought.REASON)
    audit.record(
        action=f"search.{found.sought}",
        actor=by,
        resident_id=found.person.pk if found.person else None,
        subject=f"case:{found.case.pk}" if found.case else f"cases:{len(found.cases)}",
        office_id=by.office_id,
        reason=reason,
    )
    return found


def _find(text: str, by: User) -> Found:
    scanned = text.rpartition("#")[2] if "#" in text else text
    if re.fullmatch(r"[\d\s.\-]{10,}", text) and not _is_code(scanned):
        try:
            person = find_by_nik(nik_policy.sixteen_digits(text))
        except nik_policy.NikError:
            return Found(sought=Sought.WRONG_NIK)
        return _of(person, Sought.NIK, by)
    if _is_code(scanned):
        return _of(tracking_code.find_at_desk(code_policy.normalise(scanned)), Sought.CODE, by)
    words = _WORDS.findall(text)
    if sum(map(len, words)) < 2:
        return Found(sought=Sought.TOO_SHORT)
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    named = Resident.objects.annotate(words=SearchVector("name", config="simple")).filter(words=query)
    rows = listed(by=by, where=Q(resident__in=named))
    return Found(sought=Sought.NAME, cases=list(rows.order_by(OPEN_FIRST, "-status_since", "pk")[:NAME_LIMIT]))


def _of(person: Resident | None, sought: Sought, by: User) -> Found:
    if person is None:
        return Found(sought=sought)
    case = latest_of(person.pk)
    is_own = case is not None and by.office_id in (None, case.office_id, case.pickup_office_id)
    return Found(sought=sought, person=person, case=case, elsewhere=case is not None and not is_own)


def _is_code(text: str) -> bool:
    try:
        code_policy.normalise(text)
    except ValueError:
        return False
    return True


def latest_of(resident_id: int) -> Case | None:
    """The open case of a resident, else the last one, with its offices."""
    cases = Case.objects.filter(resident_id=resident_id).select_related("office", "pickup_office", "resident")
    return cases.order_by(OPEN_FIRST, "-pk").first()


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How long a case has rested. `days`: calendar days in the status. `late_after`, `stalled_after`: service days of
    its rule, None where none is set. `is_late`: rests longer than that. `runs`: neither paused nor ended."""

    days: int
    runs: bool
    late_after: int | None = None
    stalled_after: int | None = None
    is_late: bool = False


def clock_of(case: Case, *, now: datetime) -> Clock:
    """Four queries at most."""
    days = (timezone.localdate(now) - timezone.localdate(case.status_since)).days
    rule = StallRule.objects.filter(status=case.status, active=True).first()
    if rule is None or case.clock_from is None:
        return Clock(days=days, runs=case.clock_from is not None)
    limit = cut_off(as_of=timezone.localtime(now), days=rule.late_after, is_open=service_days())
    return Clock(
        days=days,
        runs=True,
        late_after=rule.late_after,
        stalled_after=rule.stalled_after,
        is_late=case.clock_from <= limit,
    )


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What is known about one case, each list with the latest first."""

    history: Sequence[StatusChange]
    recordings: Sequence[Recording]
    notifications: Sequence[Notification]
    letters: Sequence[InterimLetter]
    prints: Sequence[CardPrint]
    hand_overs: Sequence[HandOver]


def whole(case: Case) -> Whole:
    """Six queries, whatever there is."""
    recordings = Recording.objects.filter(resident_id=case.resident_id).select_related("office", "operator")
    return Whole(
        history=list(case.history.select_related("actor", "central_import").order_by("-pk")[:LATEST]),
        recordings=list(recordings.order_by("-recorded_at", "-pk")[:LATEST]),
        notifications=list(
            Notification.objects.filter(resident_id=case.resident_id).order_by("-send_after", "-pk")[:LATEST]
        ),
        letters=list(case.letters.select_related("office").order_by("-pk")[:LATEST]),
        prints=list(case.prints.select_related("office", "printed_by").order_by("-pk")[:LATEST]),
        hand_overs=list(case.hand_overs.select_related("office", "handed_by").order_by("-pk")[:LATEST]),
    )


def counts(*, by: User) -> dict[str, int]:
    """How many cases of `by`'s offices differ from the centre, and how many are stalled. Each reads its own index."""
    rows = Case.objects.for_staff(by)
    return {
        "conflict": rows.filter(conflict_since__isnull=False).count(),
        "stalled": rows.filter(stalled_since__isnull=False).count(),
    }


def exported(rows: QuerySet[Case]) -> QuerySet[Case]:
    """`rows` as they go into a file, oldest first."""
    return rows.annotate(
        village=F("resident__village__name"), district=F("resident__village__district__name")
    ).order_by("status_since", "pk")
