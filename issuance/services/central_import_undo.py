"""Taking a national list back: compensating changes for cases that have not moved since, the rest left and listed.

Nothing is erased from history. A case that the list opened is closed; what was told already stays told.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from django.db import connection, transaction

from issuance.enums import CaseStatus, ImportResult, ImportState
from issuance.exceptions import ListNotReady
from issuance.models import Case, CentralImport
from issuance.policy.observation import UNDONE
from issuance.services.case_many import Change, Restoring, change_many, restore_many, unmiss_many, unobserve_many
from issuance.services.central_import import BATCH
from issuance.services.central_import import go_on as go_on_applying
from recording.models import User
from recording.services import audit, closing, notification, resident
from recording.services.resident import Baseline

R = ImportResult

# `moved`: something has moved the case after this list did. `key`: the message that the list owed.
APPLIED = """
SELECT line.id, line.resident_id, line.result, line.case_id, line.before::text, change.event, change.from_status,
       change.to_status, change.attempt, change.occurred_at,
       EXISTS (SELECT FROM issuance_statuschange later
               WHERE later.case_id = line.case_id AND later.id > line.change_id
                     AND later.event = 'moved') AS moved,
       format('%%s:%%s:%%s:%%s:%%s', line.message_kind, line.case_id, change.attempt,
              floor(extract(epoch FROM change.occurred_at))::bigint, line.central_import_id) AS key,
       line.message_kind
FROM issuance_centralimportrow line LEFT JOIN issuance_statuschange change ON change.id = line.change_id
"""
OUTLOOK = f"""
SELECT count(*) FILTER (WHERE NOT moved AND event = 'moved'),
       count(*) FILTER (WHERE NOT moved AND event = 'opened'),
       count(*) FILTER (WHERE moved),
       count(*) FILTER (WHERE message.state = 'waiting' AND message.lease_until IS NULL),
       count(*) FILTER (WHERE message.told_at IS NOT NULL)
FROM ({APPLIED} WHERE line.central_import_id = %(import)s AND line.change_id IS NOT NULL) applied
LEFT JOIN recording_notification message ON applied.message_kind <> '' AND message.dedup_key = applied.key
"""  # noqa: S608 - every part is a constant
BATCH_OF = f"""
{APPLIED} WHERE line.central_import_id = %(import)s AND line.applied AND line.undone IS NULL
ORDER BY line.id LIMIT %(batch)s
"""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What taking a list back would do: cases put back, cases closed, cases left because they moved since; messages
    that would not go out, messages that are out already."""

    restored: int
    closed: int
    left: int
    withdrawn: int
    told: int


class Applied(NamedTuple):
    """An applied line with its change, if it made one."""

    row_id: int
    resident_id: int
    result: str
    case_id: int | None
    before: str | None
    event: str | None
    from_status: str | None
    to_status: str | None
    attempt: int | None
    at: datetime | None
    moved: bool
    key: str
    kind: str


def outlook(*, import_id: int) -> Outlook:
    """What `undo` would do now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OUTLOOK, {"import": import_id})
        restored, closed, left, withdrawn, told = cursor.fetchone()
    return Outlook(restored=restored, closed=closed, left=left, withdrawn=withdrawn, told=told)


@transaction.atomic
def start(*, import_id: int, by: User, now: datetime) -> None:
    """Let an applied list be taken back from now on. Raises ListNotReady: it is not in force (any more)."""
    applied = CentralImport.objects.filter(pk=import_id, state=ImportState.APPLIED)
    if not applied.update(state=ImportState.UNDOING, undone_by=by, done=0):
        raise ListNotReady
    audit.record(action="central_list.undo", actor=by, subject=f"central_import:{import_id}")


def undo(*, import_id: int, by: User, now: datetime) -> int:
    """Take a list back to the end. Returns how many lines. Raises ListNotReady."""
    try:
        start(import_id=import_id, by=by, now=now)
    except ListNotReady:
        if not CentralImport.objects.filter(pk=import_id, state=ImportState.UNDOING).exists():
            raise
    return go_on(import_id=import_id, now=now)


def go_on(*, import_id: int, now: datetime, within: timedelta | None = None) -> int:
    """Take back what is left of a list, batch by batch, like `central_import.go_on`. Returns how many lines."""
    count, began = 0, monotonic()
    while number := _batch(import_id, now=now):
        count += number
        if within and monotonic() - began > within.total_seconds():
            break
    return count


def go_on_with_all(*, now: datetime, within: timedelta) -> int:
    """Go on with every list that is being applied or taken back. Returns how many lines. Safe in two workers."""
    begun = CentralImport.objects.filter(state__in=[ImportState.APPLYING, ImportState.UNDOING]).order_by("pk")
    step = {ImportState.APPLYING: go_on_applying, ImportState.UNDOING: go_on}
    return sum(
        step[ImportState(state)](import_id=pk, now=now, within=within)
        for pk, state in list(begun.values_list("pk", "state"))
    )


@transaction.atomic
def _batch(import_id: int, *, now: datetime) -> int:
    lists = CentralImport.objects.select_related("undone_by").filter(pk=import_id, state=ImportState.UNDOING)
    central_import = lists.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if central_import is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(BATCH_OF, {"import": import_id, "batch": BATCH})
        lines = [Applied(*row) for row in cursor.fetchall()]
    if not lines:
        CentralImport.objects.filter(pk=import_id).update(
            state=ImportState.UNDONE, undone_at=now, done=central_import.total
        )
        return 0
    back = _take_back(central_import, lines, now=now)
    rows = central_import.rows.filter(pk__in=[line.row_id for line in lines])
    rows.update(undone=False)
    rows.filter(pk__in=back).update(undone=True)
    CentralImport.objects.filter(pk=import_id).update(done=central_import.done + len(lines))
    return len(lines)


def _take_back(central_import: CentralImport, lines: Sequence[Applied], *, now: datetime) -> set[int]:
    """The rows that were taken back; the rest stays as it is."""
    by = central_import.undone_by or central_import.uploaded_by
    notification.withdraw_keys(dedup_keys=[line.key for line in lines if line.kind and not line.moved])
    restored = _restore(central_import, [line for line in lines if line.event == "moved" and not line.moved], by, now)
    closed = _close(central_import, [line for line in lines if line.event == "opened" and not line.moved], by, now)
    observed = {
        line.case_id: line.before
        for line in lines
        if line.case_id and not line.event and line.before and line.result != R.MISSING
    }
    forgotten = unobserve_many(before=observed, as_of=central_import.as_of)  # type: ignore[arg-type]
    unmissed = unmiss_many(case_ids=[line.case_id for line in lines if line.case_id and line.result == R.MISSING])
    holders = [line for line in lines if not line.case_id and line.before and line.result in (R.HOLDS_CARD, R.ADMITTED)]
    resident.restore_baseline(people=[_baseline(line) for line in holders])
    done = restored | closed | forgotten | unmissed
    untouched = [line for line in lines if not line.event and (not line.case_id or line.result == R.OLDER)]
    return {line.row_id for line in lines if line.case_id in done} | {line.row_id for line in untouched}


def _restore(central_import: CentralImport, lines: Sequence[Applied], by: User, now: datetime) -> set[int]:
    restorings = [
        Restoring(case_id=line.case_id, status=line.to_status, status_since=line.at, before=line.before or "{}")
        for line in lines
        if line.case_id and line.to_status and line.at
    ]
    note = f"{UNDONE}."
    restored = set(restore_many(restorings=restorings, central_import=central_import, by=by, note=note, at=now))
    unsent = [
        json.loads(line.before or "{}").get("unsent")
        for line in lines
        if line.case_id in restored and line.from_status == CaseStatus.CAPTURED
    ]
    closing.mark_unsent(recording_ids=[pk for pk in unsent if pk], by=by, now=now)
    return restored


def _close(central_import: CentralImport, lines: Sequence[Applied], by: User, now: datetime) -> set[int]:
    """Close the cases that the list opened; to their residents they never were."""
    changes = [
        Change(case_id=line.case_id, from_status=line.to_status, attempt=1, to=CaseStatus.CLOSED, at=now)
        for line in lines
        if line.case_id and line.to_status
    ]
    closed = set(change_many(changes=changes, by=by, central_import=central_import, note=UNDONE))
    # A case of theirs may be open by now.
    busy = set(
        Case.objects.open()
        .filter(resident__in=[line.resident_id for line in lines])
        .values_list("resident_id", flat=True)
    )
    resident.restore_baseline(
        people=[_baseline(line) for line in lines if line.case_id in closed and line.resident_id not in busy]
    )
    return closed


def _baseline(line: Applied) -> Baseline:
    was = json.loads(line.before or "{}")
    return Baseline(
        resident_id=line.resident_id,
        card_held=was["card_held"],
        recorded=was["recorded"],
        entitlement=was["entitlement"],
        reason=was["reason"],
    )
