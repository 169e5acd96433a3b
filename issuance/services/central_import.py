"""What a national list means for us, and making it true: rows in the database -> cases moved, people told.

Everything is decided in the preview and decided again while it is applied: cases may have moved in between. The work is
done in batches, each a transaction, by whoever takes the list first; a killed worker's list is taken up by the next.
`services.central_import_undo` takes it all back.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from issuance.enums import ENDED_STATUSES, CaseKind, CaseStatus, ImportResult, ImportState, NextStep
from issuance.exceptions import ListNotReady
from issuance.models import Case, CentralImport, CentralImportRow
from issuance.policy.observation import (
    CENTRE,
    CHECKING_KIND,
    FOUND_KIND,
    PRINT_READY_KIND,
    RAW_STATUS,
    RESULT,
    UNDO_WITHIN,
    UNDONE,
    UNREGISTERED,
    compare,
    message_for,
)
from issuance.services.case_many import (
    BEFORE,
    Change,
    Observation,
    Opening,
    change_many,
    miss_many,
    observe_many,
    open_many_from_import,
    owe,
)
from recording.enums import OfficeKind
from recording.exceptions import NothingUnsent
from recording.models import Office, User
from recording.services import audit, closing, notification, resident

BATCH = 2_000  # rows in one transaction: about half a second, in which nobody else can move these cases
R = ImportResult
MESSAGE_KINDS = (CHECKING_KIND, PRINT_READY_KIND, FOUND_KIND)
READ_AS_BAD = (R.MALFORMED, R.REPEATED, R.UNKNOWN_NIK)  # decided by reading; the rest is decided here
APPLICABLE = (
    R.ADVANCED,
    R.BACK,
    R.UNCHANGED,
    R.OBSERVED,
    R.CONFLICT,
    R.OLDER,
    R.NEW_CASE,
    R.HOLDS_CARD,
    R.ADMITTED,
    R.MISSING,
)
STORED = (R.ADVANCED, R.BACK, R.UNCHANGED, R.OBSERVED, R.CONFLICT)  # every list that is not older is kept

SNAPSHOT = ", ".join(f"'{name}', known.{name}" for name in BEFORE)
# One line of the list beside what we know of its person: the open case, else the last one that a list did not open by
# mistake. `rule` is `policy.observation.compare` for every pair, as rows.
MEANING = """
FROM issuance_centralimportrow line
JOIN recording_resident person ON person.id = line.resident_id
LEFT JOIN LATERAL (
    SELECT * FROM issuance_case WHERE resident_id = line.resident_id
           AND NOT (status = 'closed' AND closed_reason = %(undone)s)
    ORDER BY status = ANY (%(ended)s), id DESC LIMIT 1
) known ON true
LEFT JOIN unnest(%(statuses)s::text[], %(observed)s::text[], %(decided)s::text[])
     AS rule (status, observed, result) ON rule.status = known.status AND rule.observed = line.status
CROSS JOIN LATERAL (SELECT CASE
    WHEN line.status = '' AND upper(line.raw_status) <> %(unregistered)s THEN 'unknown_status'
    WHEN known.id IS NOT NULL AND known.status = line.status THEN 'unchanged'
    WHEN known.id IS NOT NULL AND %(as_of)s <= greatest(known.status_since, known.observed_as_of - %(tick)s)
         THEN 'older'
    WHEN known.id IS NOT NULL THEN rule.result
    WHEN line.status = '' THEN 'unchanged'
    WHEN line.result = 'admitted' THEN 'admitted'
    WHEN line.status = 'issued' AND person.card_held THEN 'unchanged'
    WHEN line.status = 'issued' THEN 'holds_card'
    ELSE 'new_case' END AS result) meant
LEFT JOIN unnest(%(statuses)s::text[], %(observed)s::text[], %(decided)s::text[])
     AS earlier (status, observed, result)
     ON earlier.status = known.status AND earlier.observed = known.observed_status AND known.observed_as_of IS NOT NULL
"""
CLASSIFY = f"""
UPDATE issuance_centralimportrow AS target SET result = decided.result, case_id = decided.case_id,
       message_kind = coalesce(said.kind, '')
FROM (SELECT line.id, meant.result, known.id AS case_id, line.status {MEANING}
      WHERE line.central_import_id = %(import)s AND line.line > 0 AND line.result <> ALL (%(bad)s)) decided
LEFT JOIN unnest(%(said_results)s::text[], %(said_statuses)s::text[], %(said_kinds)s::text[])
     AS said (result, status, kind) ON said.result = decided.result AND said.status = decided.status
WHERE target.id = decided.id
"""  # noqa: S608 - every part is a constant
MISSING = """
INSERT INTO issuance_centralimportrow (central_import_id, sheet, line, resident_id, case_id, raw_status, status, result,
                                       problem, message_kind, applied)
SELECT %(import)s, 1, 0, missing.resident_id, missing.id, '', '', 'missing', '', '', false
FROM issuance_case missing
WHERE missing.status = ANY (%(centre)s) AND missing.status_since < %(as_of)s
      AND NOT EXISTS (SELECT FROM issuance_centralimportrow line
                      WHERE line.central_import_id = %(import)s AND line.resident_id = missing.resident_id)
ORDER BY missing.id
ON CONFLICT DO NOTHING
"""
DECIDE = f"""
SELECT line.id, line.resident_id, line.raw_status, line.status, meant.result, known.id, known.status, known.attempt,
       coalesce(earlier.result, '') = 'conflict' AND known.conflict_since IS NOT NULL,
       greatest(known.status_since,
                least(coalesce(line.reported_on::timestamp AT TIME ZONE %(zone)s, %(as_of)s), %(as_of)s, %(now)s)),
       CASE WHEN known.id IS NULL OR meant.result IN ('new_case', 'holds_card', 'admitted')
            THEN jsonb_build_object('entitlement', person.entitlement, 'reason', person.entitlement_reason,
                                    'card_held', person.card_held, 'recorded', person.recorded_before_portal)
            ELSE jsonb_build_object('unsent', CASE WHEN recording.sent_locally_at IS NULL THEN recording.id END,
                                    {SNAPSHOT}) END::text,
       coalesce(office.id, %(office)s), person.card_held,
       CASE WHEN recording.sent_locally_at IS NULL THEN recording.id END
{MEANING}
LEFT JOIN recording_recording recording ON recording.id = known.recording_id
LEFT JOIN recording_village village ON village.id = person.village_id
LEFT JOIN LATERAL (
    SELECT id FROM recording_office
    WHERE district_id = village.district_id AND active AND kind = 'kecamatan' ORDER BY code LIMIT 1
) office ON true
WHERE line.id = ANY (%(ids)s)
ORDER BY line.id
"""  # noqa: S608
DONE = """
UPDATE issuance_centralimportrow line SET applied = true, result = told.result, case_id = told.case_id,
       change_id = told.change_id, message_kind = told.kind, before = told.was::jsonb
FROM unnest(%(ids)s::bigint[], %(results)s::text[], %(cases)s::bigint[], %(changes)s::bigint[], %(kinds)s::text[],
            %(before)s::text[]) AS told (id, result, case_id, change_id, kind, was)
WHERE line.id = told.id
"""


class Decided(NamedTuple):
    """A line and what it means at this moment; the case's columns are None where we have no case."""

    row_id: int
    resident_id: int
    raw: str
    observed: str
    result: str
    case_id: int | None
    status: str | None
    attempt: int | None
    settles: bool
    at: datetime
    before: str
    office_id: int
    card_held: bool
    unsent: int | None


@dataclass(frozen=True)
class _Outcome:
    """What became of one line."""

    decided: Decided
    result: str
    case_id: int | None = None
    change_id: int | None = None
    kind: str = ""


Progress = Callable[[int, int], Any]


@transaction.atomic
def classify(*, import_id: int) -> dict[str, Any]:
    """Say for every line of a list what it means, which message it would cause, and, for a complete list, which open
    cases are missing from it. Returns the counts, kept in `CentralImport.counts`: `results` and `messages`.

    Set-based; can be repeated while the list is a preview.
    """
    central_import = CentralImport.objects.get(pk=import_id)
    values = _values(central_import)
    central_import.rows.filter(line=0).delete()
    with connection.cursor() as cursor:
        cursor.execute(CLASSIFY, values)
        if central_import.complete:
            cursor.execute(MISSING, values)
    return count(central_import)


def _values(central_import: CentralImport) -> dict[str, Any]:
    seen = [*sorted(set(RAW_STATUS.values())), None]
    pairs = [
        (status, observed, RESULT[compare(status=status, observed=observed)])
        for status in CaseStatus
        for observed in seen
    ]
    statuses, observed, decided = zip(*((a.value, b.value if b else "", c.value) for a, b, c in pairs), strict=True)
    said = [
        (result.value, status.value, message_for(status)) for result in (R.ADVANCED, R.BACK) for status in CaseStatus
    ]
    said += [
        (result.value, status.value, FOUND_KIND)
        for result in (R.NEW_CASE, R.ADMITTED)
        for status in CaseStatus
        if status != CaseStatus.ISSUED
    ]
    said_results, said_statuses, said_kinds = zip(*said, strict=True)
    return {
        "import": central_import.pk,
        "as_of": central_import.as_of,
        "tick": datetime.resolution,
        "undone": UNDONE,
        "unregistered": UNREGISTERED,
        "ended": [status.value for status in ENDED_STATUSES],
        "centre": [status.value for status in CENTRE],
        "bad": [result.value for result in READ_AS_BAD],
        "statuses": list(statuses),
        "observed": list(observed),
        "decided": list(decided),
        "said_results": list(said_results),
        "said_statuses": list(said_statuses),
        "said_kinds": list(said_kinds),
    }


def count(central_import: CentralImport) -> dict[str, Any]:
    """Count a list's lines by result and messages by kind, and keep the counts with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT result, message_kind, count(*) FROM issuance_centralimportrow WHERE central_import_id = %s "
            "GROUP BY result, message_kind",
            [central_import.pk],
        )
        rows = cursor.fetchall()
    results: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    for result, kind, number in rows:
        results[result] += number
        if kind:
            messages[kind] += number
    counts = {**central_import.counts, "results": dict(results), "messages": dict(messages)}
    CentralImport.objects.filter(pk=central_import.pk).update(counts=counts)
    return counts


@transaction.atomic
def start(*, import_id: int, by: User, now: datetime) -> None:
    """Let a list that is a preview be applied from now on. Raises ListNotReady: it is not one (any more)."""
    preview = CentralImport.objects.filter(pk=import_id, state=ImportState.PREVIEW)
    total = CentralImportRow.objects.filter(central_import=import_id, result__in=APPLICABLE).count()
    if not preview.update(state=ImportState.APPLYING, applied_by=by, total=total, done=0):
        raise ListNotReady
    audit.record(action="central_list.apply", actor=by, subject=f"central_import:{import_id}")


def apply(*, import_id: int, by: User, now: datetime, progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Start a list and go on with it to the end. Returns the counts. Raises ListNotReady: not a preview, and not being
    applied either."""
    try:
        start(import_id=import_id, by=by, now=now)
    except ListNotReady:
        if not CentralImport.objects.filter(pk=import_id, state=ImportState.APPLYING).exists():
            raise
    go_on(import_id=import_id, now=now, progress=progress)
    return CentralImport.objects.values_list("counts", flat=True).get(pk=import_id)


def go_on(
    *,
    import_id: int,
    now: datetime,
    progress: Progress = lambda done, total: None,
    within: timedelta | None = None,
) -> int:
    """Apply what is left of a list, batch by batch, for about as long as `within` says. Returns how many lines.

    Where another worker has the list in hand, this one leaves it to that one. A batch that was cut off left nothing
    behind; lines that are done are not done again.
    """
    last_id, count, began = 0, 0, monotonic()
    while (batch := _batch(import_id, after=last_id, now=now)) is not None:
        last_id, number = batch
        count += number
        progress(number, count)
        if within and monotonic() - began > within.total_seconds():
            break
    return count


@transaction.atomic
def _batch(import_id: int, *, after: int, now: datetime) -> tuple[int, int] | None:
    """The last row and the number of lines applied; None: nothing left to do, or not for us."""
    lists = CentralImport.objects.select_related("applied_by").filter(pk=import_id, state=ImportState.APPLYING)
    central_import = lists.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if central_import is None:
        return None
    waiting = central_import.rows.filter(applied=False, result__in=APPLICABLE)
    rows = list(waiting.filter(pk__gt=after).order_by("pk").values_list("pk", "line")[:BATCH])
    if not rows:
        if after:  # once more from the first line, so that none is left
            return 0, 0
        _finish(central_import, now=now)
        return None
    lines = [pk for pk, line in rows if line]
    _lock_cases(rows)
    outcomes = _take(central_import, lines, now=now)
    _miss(central_import, [pk for pk, line in rows if not line], now=now)
    _tell(central_import, outcomes, now=now)
    _keep(outcomes)
    CentralImport.objects.filter(pk=import_id).update(done=central_import.done + len(rows))
    return rows[-1][0], len(rows)


def _lock_cases(rows: Sequence[tuple[int, int]]) -> None:
    """Nobody moves the cases of these lines until the batch is done. In the order of ids, so that nobody waits in a
    circle."""
    residents = CentralImportRow.objects.filter(pk__in=[pk for pk, _line in rows]).values("resident")
    cases = Case.objects.filter(resident__in=residents).order_by("pk").select_for_update(no_key=True)
    len(cases.values_list("pk", flat=True))


def _take(central_import: CentralImport, ids: Sequence[int], *, now: datetime) -> list[_Outcome]:
    """Do what these lines mean now. A case that somebody opened a moment ago is decided about again."""
    outcomes: list[_Outcome] = []
    for _try in range(3):
        decided = _decide(central_import, ids, now=now)
        opened = _open(central_import, [one for one in decided if _opens(one)], now=now)
        settled = [one for one in decided if not _opens(one) or one.resident_id in opened]
        ids = [one.row_id for one in decided if one not in settled] if len(settled) < len(decided) else []
        outcomes += _settle(central_import, settled, opened, now=now)
        if not ids:
            break
    left = _decide(central_import, ids, now=now) if ids else []
    return outcomes + [_Outcome(one, R.CONFLICT) for one in left]


def _opens(one: Decided) -> bool:
    return one.result in (R.NEW_CASE, R.ADMITTED) and one.observed != CaseStatus.ISSUED


def _decide(central_import: CentralImport, ids: Sequence[int], *, now: datetime) -> list[Decided]:
    if not ids:
        return []
    fallback = Office.objects.active().filter(kind=OfficeKind.DISDUKCAPIL).first() or Office.objects.active().first()
    values = _values(central_import) | {
        "ids": list(ids),
        "now": now,
        "zone": settings.TIME_ZONE,
        "office": fallback.pk if fallback else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(DECIDE, values)
        return [Decided(*row) for row in cursor.fetchall()]


def _open(central_import: CentralImport, new: Sequence[Decided], *, now: datetime) -> dict[int, tuple[int, int]]:
    """Resident -> case and history row, of the cases that are open now."""
    openings = [
        Opening(
            resident_id=one.resident_id,
            office_id=one.office_id,
            kind=CaseKind.REPLACEMENT if one.card_held else CaseKind.FIRST,
            status=one.observed,
            since=one.at,
        )
        for one in new
    ]
    by = central_import.applied_by or central_import.uploaded_by
    made = open_many_from_import(openings=openings, central_import=central_import, by=by, now=now)
    cases = Case.objects.filter(pk__in=made).values_list("resident_id", "pk")
    return {resident_id: (pk, made[pk]) for resident_id, pk in cases}


def _settle(
    central_import: CentralImport, decided: Sequence[Decided], opened: dict[int, tuple[int, int]], *, now: datetime
) -> list[_Outcome]:
    by = central_import.applied_by or central_import.uploaded_by
    moving = [one for one in decided if one.result in (R.ADVANCED, R.BACK)]
    changes = [
        Change(
            case_id=one.case_id or 0,
            from_status=one.status or "",
            attempt=one.attempt or 0,
            to=one.observed,
            at=one.at,
        )
        for one in moving
    ]
    moved = change_many(changes=changes, by=by, central_import=central_import, note="")
    _observe(central_import, decided, opened, now=now)
    _follow_stations([one for one in moving if one.case_id in moved], by=by, now=now)
    holders = [one.resident_id for one in decided if _holds_card(one)]
    resident.note_cards_held(resident_ids=holders)
    return [_outcome(one, moved, opened) for one in decided]


def _holds_card(one: Decided) -> bool:
    return one.result == R.HOLDS_CARD or (one.result == R.ADMITTED and one.observed == CaseStatus.ISSUED)


def _outcome(one: Decided, moved: dict[int, int], opened: dict[int, tuple[int, int]]) -> _Outcome:
    if _opens(one):
        case_id, change_id = opened[one.resident_id]
        return _Outcome(one, one.result, case_id, change_id, FOUND_KIND)
    if one.result in (R.ADVANCED, R.BACK) and one.case_id:
        return _Outcome(one, one.result, one.case_id, moved.get(one.case_id), message_for(CaseStatus(one.observed)))
    return _Outcome(one, one.result, one.case_id)


def _observe(
    central_import: CentralImport, decided: Sequence[Decided], opened: dict[int, tuple[int, int]], *, now: datetime
) -> None:
    seen = [
        Observation(
            case_id=opened[one.resident_id][0] if _opens(one) else one.case_id or 0,
            raw=one.raw,
            status=one.observed,
            contradicts=one.result == R.CONFLICT,
            settles=one.settles,
        )
        for one in decided
        if _opens(one) or (one.case_id and one.result in STORED)
    ]
    observe_many(seen=seen, as_of=central_import.as_of, now=now)


def _follow_stations(moved: Iterable[Decided], *, by: User, now: datetime) -> None:
    """What the centre has, the station has sent: its list of unsent recordings shall agree."""
    arrived = [one.unsent for one in moved if one.status == CaseStatus.CAPTURED and one.unsent]
    if arrived:
        try:
            closing.mark_sent(recording_ids=arrived, by=by, now=now)
        except NothingUnsent:  # the station's clerk was faster
            return


def _miss(central_import: CentralImport, ids: Sequence[int], *, now: datetime) -> None:
    """Cases that a complete list does not know: a verifier looks them up at the centre."""
    rows = central_import.rows.filter(pk__in=ids)
    missed = miss_many(
        case_ids=list(rows.values_list("case", flat=True)),
        central_import=central_import,
        by=central_import.applied_by or central_import.uploaded_by,
        at=now,
    )
    rows.filter(case__in=missed).update(before={"next_step": NextStep.NONE.value})
    rows.update(applied=True)


def _tell(central_import: CentralImport, outcomes: Sequence[_Outcome], *, now: datetime) -> None:
    told = [one for one in outcomes if one.kind and one.change_id]
    cases = Case.objects.select_related("recording").in_bulk([one.case_id for one in told if one.case_id])
    for kind in sorted({one.kind for one in told}):
        owed = [
            owe(cases[one.case_id], one.decided.at, kind=kind, because=f":{central_import.pk}")
            for one in told
            if one.kind == kind and one.case_id
        ]
        notification.enqueue_many(kind=kind, owed=owed, now=now, send_after=now + UNDO_WITHIN)


def _keep(outcomes: Sequence[_Outcome]) -> None:
    if not outcomes:
        return
    values: dict[str, Any] = {
        "ids": [one.decided.row_id for one in outcomes],
        "results": [str(one.result) for one in outcomes],
        "cases": [one.case_id for one in outcomes],
        "changes": [one.change_id for one in outcomes],
        "kinds": [one.kind if one.change_id else "" for one in outcomes],
        "before": [one.decided.before for one in outcomes],
    }
    with connection.cursor() as cursor:
        cursor.execute(DONE, values)


def _finish(central_import: CentralImport, *, now: datetime) -> None:
    central_import.counts = count(central_import)
    CentralImport.objects.filter(pk=central_import.pk).update(
        state=ImportState.APPLIED, applied_at=now, done=central_import.total
    )


@transaction.atomic
def discard(*, import_id: int, by: User, now: datetime) -> None:
    """Throw a list away that was not applied, with its lines. Raises ListNotReady."""
    waiting = CentralImport.objects.filter(
        pk=import_id, state__in=[ImportState.READING, ImportState.MAPPING, ImportState.PREVIEW]
    )
    if not waiting.update(state=ImportState.DISCARDED):
        raise ListNotReady
    CentralImportRow.objects.filter(central_import=import_id).delete()
    audit.record(action="central_list.discard", actor=by, subject=f"central_import:{import_id}")


@transaction.atomic
def admit(*, import_id: int, row_ids: Sequence[int] | None, by: User, now: datetime) -> int:
    """Take in people whom the centre knows and we do not: all that can be (`row_ids` None), or these. Returns how many.

    The line must name the person and a status. Raises ListNotReady: not a preview (any more).
    """
    lists = CentralImport.objects.select_for_update(no_key=True).filter(pk=import_id, state=ImportState.PREVIEW)
    if not lists.exists():
        raise ListNotReady
    rows = admissible(import_id=import_id)
    if row_ids is not None:
        rows = rows.filter(pk__in=row_ids)
    lines = list(rows.order_by("pk"))
    known = resident.admit_from_centre(people=[(row.nik, row.name) for row in lines], by=by, now=now)
    admitted = [row for row in lines if row.nik in known]
    for row in admitted:
        row.resident_id, row.result = known[row.nik], R.ADMITTED
        row.nik_ct = row.nik_bi = row.name_ct = None
    fields = ["resident", "result", "nik_ct", "nik_bi", "name_ct"]
    CentralImportRow.objects.bulk_update(admitted, fields, batch_size=BATCH)
    classify(import_id=import_id)
    return len(admitted)


def admissible(*, import_id: int) -> QuerySet[CentralImportRow]:
    """The lines whose unknown person can be taken in."""
    unknown = CentralImportRow.objects.filter(central_import=import_id, result=R.UNKNOWN_NIK, nik_ct__isnull=False)
    return unknown.exclude(name_ct=None).exclude(status="")


def lines(*, import_id: int, result: str = "") -> QuerySet[CentralImportRow]:
    """The lines of a list as the file has them, with `resident` and `case`; those of one `result`."""
    rows = CentralImportRow.objects.filter(central_import=import_id).select_related("resident", "case")
    if result:
        rows = rows.filter(result=result)
    return rows.order_by("result", "line", "sheet", "pk") if result else rows.order_by("sheet", "line", "pk")


def freshness(now: datetime) -> datetime | None:
    """Until when the latest list in force speaks; None when there never was one. Not later than `now`."""
    latest = CentralImport.objects.filter(state=ImportState.APPLIED).order_by("-as_of").first()
    return min(latest.as_of, now) if latest else None
