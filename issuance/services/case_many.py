"""What `services.case` does to one case, done to thousands by the same few statements: moves, openings, observations.

Beside it the only writer of `Case.status`. Whether a move is allowed is the caller's question: `policy.transitions` for
what the office decides, `policy.observation` for what a national list says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from issuance.enums import ENDED_STATUSES, CaseStatus, NextStep, OpenedBy, PickState, WaitingFor
from issuance.models import Case, CentralImport, PrintPick
from issuance.policy.entitlement import entitlement_for
from issuance.policy.observation import CENTRE, CHECKING_KIND, FOUND_KIND, PRINT_READY_KIND
from issuance.services import letter
from issuance.services.case import STALLED_KIND, TOLD_ON_ARRIVAL
from recording.models import Resident, ResidentIdentity, User
from recording.policy.booking import CARD_FROM_AGE, card_from
from recording.services import audit, notification
from recording.services.notification import Owed
from recording.services.resident import set_entitlement

# What is said about a status, and about a card on its way: taken back when no longer true.
SAID_IN_A_STATUS = (
    STALLED_KIND,
    CHECKING_KIND,
    PRINT_READY_KIND,
    "rerecord",
    "recording_failed",
    "print_invitation",
    "card_ready",
    "collect_reminder",
)
SAID_UNTIL_THE_END = (*SAID_IN_A_STATUS, "recorded", FOUND_KIND)
MISSING_NOTE = "Tidak ada di daftar pusat yang lengkap."
# A case's columns as they were, and as `restore_many` puts them back.
BEFORE = (
    "status",
    "status_since",
    "clock_from",
    "stalled_since",
    "next_step",
    "waiting_for",
    "observed_raw",
    "observed_status",
    "observed_as_of",
    "conflict_since",
)

HISTORY = """
INSERT INTO issuance_statuschange (case_id, event, from_status, to_status, attempt, occurred_at, entered_at, actor_id,
                                   note, central_import_id)
"""
MOVE = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(old)s::text[], %(attempts)s::int[], %(to)s::text[],
                         %(at)s::timestamptz[], %(waiting)s::text[]) AS wanted (id, old, tried, target, at, waits)
), moved AS (
    UPDATE issuance_case SET status = target, status_since = at, stalled_since = NULL, next_step = %(running)s,
           clock_from = CASE WHEN target = ANY (%(ended)s) OR waits <> %(nothing)s THEN NULL ELSE at END,
           waiting_for = waits,
           closed_reason = CASE target WHEN 'closed' THEN left(%(note)s, 120) ELSE closed_reason END,
           rerecord_reason = CASE target WHEN 'rerecord' THEN left(%(note)s, 120) ELSE rerecord_reason END
    FROM wanted WHERE issuance_case.id = wanted.id AND status = old AND attempt = tried
    RETURNING issuance_case.id
)
{HISTORY}
SELECT id, 'moved', old, target, tried, at, now(), %(by)s, left(%(note)s, 200), %(import)s
FROM wanted JOIN moved USING (id) ORDER BY id
RETURNING case_id, id
"""  # noqa: S608 - every part is a constant
OPEN = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(residents)s::bigint[], %(offices)s::bigint[], %(kinds)s::text[], %(statuses)s::text[],
                         %(since)s::timestamptz[], %(waiting)s::text[])
           AS wanted (resident_id, office_id, kind, status, since, waits)
), made AS (
    INSERT INTO issuance_case (resident_id, kind, opened_by, opened_at, office_id, pickup_office_id, attempt, status,
                               status_since, clock_from, next_step, waiting_for, observed_raw, observed_status,
                               rerecord_reason, closed_reason, shelf)
    SELECT resident_id, kind, %(opened_by)s, %(now)s, office_id, office_id, 1, status, since,
           CASE WHEN waits = %(nothing)s THEN since END, %(running)s, waits, '', '', '', '', ''
    FROM wanted ORDER BY resident_id
    ON CONFLICT DO NOTHING
    RETURNING id, status, status_since
)
{HISTORY}
SELECT id, 'opened', '', status, 1, status_since, now(), %(by)s, '', %(import)s FROM made ORDER BY id
RETURNING case_id, id
"""  # noqa: S608 - every part is a constant
OBSERVE = """
UPDATE issuance_case SET observed_raw = raw, observed_status = seen, observed_as_of = %(as_of)s,
       conflict_since = CASE WHEN contradicts THEN coalesce(conflict_since, %(now)s)
                             WHEN settles THEN NULL ELSE conflict_since END
FROM unnest(%(ids)s::bigint[], %(raw)s::text[], %(seen)s::text[], %(contradicts)s::bool[], %(settles)s::bool[])
     AS told (id, raw, seen, contradicts, settles)
WHERE issuance_case.id = told.id AND (observed_as_of IS NULL OR observed_as_of <= %(as_of)s)
"""
UNOBSERVE = """
UPDATE issuance_case SET observed_raw = was.observed_raw, observed_status = was.observed_status,
       observed_as_of = was.observed_as_of, conflict_since = was.conflict_since
FROM unnest(%(ids)s::bigint[], %(before)s::text[]) AS told (id, was_text),
     jsonb_to_record(was_text::jsonb) AS was (
         status text, status_since timestamptz, observed_raw text, observed_status text, observed_as_of timestamptz,
         conflict_since timestamptz)
WHERE issuance_case.id = told.id AND issuance_case.observed_as_of = %(as_of)s
      AND issuance_case.status = was.status AND issuance_case.status_since = was.status_since
RETURNING issuance_case.id
"""
MISS = f"""
WITH missed AS (
    UPDATE issuance_case SET next_step = %(check)s
    WHERE id = ANY (%(ids)s) AND status = ANY (%(centre)s) AND next_step = %(running)s
    RETURNING id, status, attempt
), line AS (
{HISTORY}
SELECT id, 'noted', status, status, attempt, %(at)s, now(), %(by)s, %(note)s, %(import)s FROM missed ORDER BY id
)
SELECT id, id FROM missed
"""  # noqa: S608 - every part is a constant
# Left alone: what has moved since, and whose resident has another open case by now.
RESTORE = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(since)s::timestamptz[], %(before)s::text[])
           AS wanted (id, left_status, left_since, was_text)
), moved AS (
    UPDATE issuance_case SET status = was.status, status_since = was.status_since, clock_from = was.clock_from,
           stalled_since = was.stalled_since, next_step = was.next_step, waiting_for = was.waiting_for,
           observed_raw = was.observed_raw, observed_status = was.observed_status,
           observed_as_of = was.observed_as_of, conflict_since = was.conflict_since
    FROM wanted, jsonb_to_record(was_text::jsonb) AS was (
        status text, status_since timestamptz, clock_from timestamptz, stalled_since timestamptz, next_step text,
        waiting_for text, observed_raw text, observed_status text, observed_as_of timestamptz,
        conflict_since timestamptz)
    WHERE issuance_case.id = wanted.id AND issuance_case.status = left_status
          AND issuance_case.status_since = left_since
          AND NOT EXISTS (SELECT FROM issuance_case other WHERE other.resident_id = issuance_case.resident_id
                          AND other.id <> issuance_case.id AND other.status <> ALL (%(ended)s))
    RETURNING issuance_case.id, issuance_case.status, issuance_case.attempt
)
{HISTORY}
SELECT id, 'moved', left_status, status, attempt, %(at)s, now(), %(by)s, left(%(note)s, 200), %(import)s
FROM wanted JOIN moved USING (id) ORDER BY id
RETURNING case_id, id
"""  # noqa: S608 - every part is a constant


@dataclass(frozen=True, kw_only=True)
class Change:
    """One case's move as it was decided: from the status and attempt that were read, at the moment it happened."""

    case_id: int
    from_status: str
    attempt: int
    to: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A case for somebody whom the centre knows. `since`: since when it says so."""

    resident_id: int
    office_id: int
    kind: str
    status: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What a list says of a case. `contradicts`: an officer has to look; `settles`: what contradicted before is over."""

    case_id: int
    raw: str
    status: str
    contradicts: bool = False
    settles: bool = False


@dataclass(frozen=True, kw_only=True)
class Restoring:
    """A case to be put back to the columns BEFORE (a JSON text), from the status a list brought it to."""

    case_id: int
    status: str
    status_since: datetime
    before: str


@transaction.atomic
def change_many(
    *, changes: Sequence[Change], by: User | None, central_import: CentralImport | None = None, note: str
) -> dict[int, int]:
    """Move many cases, with history, clock and entitlement; messages about the old status are withdrawn, those of the
    new one owed, letters of ended cases revoked. Returns case id -> id of its history row.

    A case that is not in `from_status` and `attempt` any more is left alone and absent from the result. About a dozen
    statements, whatever the number. Locks the cases.
    """
    if not changes:
        return {}
    cases = _cases([one.case_id for one in changes])
    young = _too_young([(cases[one.case_id].resident, one.at) for one in changes if one.to == CaseStatus.PRINT_READY])
    values = {
        "ids": [one.case_id for one in changes],
        "old": [str(one.from_status) for one in changes],
        "attempts": [one.attempt for one in changes],
        "to": [str(one.to) for one in changes],
        "at": [one.at for one in changes],
        "waiting": [_waits(cases[one.case_id].resident_id, one.to, young) for one in changes],
    }
    moved = _write(MOVE, values, by=by, central_import=central_import, note=note)
    done = [one for one in changes if one.case_id in moved]
    _conclude(done, cases, by=by, note=note)
    return moved


def _conclude(done: Sequence[Change], cases: Mapping[int, Case], *, by: User | None, note: str) -> None:
    """What follows from moves that were made."""
    ended = [one for one in done if one.to in ENDED_STATUSES]
    _withdraw([cases[one.case_id] for one in done], SAID_IN_A_STATUS)
    _withdraw([cases[one.case_id] for one in ended], SAID_UNTIL_THE_END)
    _free_blanks([one.case_id for one in done if one.from_status == CaseStatus.PRINT_READY])
    for to in sorted({CaseStatus(one.to) for one in done}):
        there = [one for one in done if one.to == to]
        _entitle([cases[one.case_id] for one in there], to)
        if to in TOLD_ON_ARRIVAL:
            owed = [owe(cases[one.case_id], one.at, kind=TOLD_ON_ARRIVAL[to]) for one in there]
            notification.enqueue_many(kind=TOLD_ON_ARRIVAL[to], owed=owed, now=max(one.at for one in there))
        _audit([cases[one.case_id] for one in there], f"case.{to}", by, note)
    if ended:
        letter.revoke_for_cases(
            case_ids=[one.case_id for one in ended],
            reason=note or "Berkas selesai.",
            at=max(one.at for one in ended),
            by=by,
        )


@transaction.atomic
def open_many_from_import(
    *, openings: Sequence[Opening], central_import: CentralImport, by: User, now: datetime
) -> dict[int, int]:
    """Open cases for people whom a list knows and we have no case of. Returns case id -> id of its history row.

    Who has an open case by now is left alone and absent from the result.
    """
    if not openings:
        return {}
    to_print = [one for one in openings if one.status == CaseStatus.PRINT_READY]
    residents = Resident.objects.in_bulk([one.resident_id for one in to_print])
    young = _too_young([(residents[one.resident_id], one.since) for one in to_print])
    values = {
        "residents": [one.resident_id for one in openings],
        "offices": [one.office_id for one in openings],
        "kinds": [str(one.kind) for one in openings],
        "statuses": [str(one.status) for one in openings],
        "since": [one.since for one in openings],
        "waiting": [_waits(one.resident_id, one.status, young) for one in openings],
        "opened_by": OpenedBy.IMPORT.value,
        "now": now,
    }
    opened = _write(OPEN, values, by=by, central_import=central_import, note="")
    made = list(Case.objects.filter(pk__in=opened))
    for status in sorted({CaseStatus(case.status) for case in made}):
        _entitle([case for case in made if case.status == status], status)
    _audit(made, "case.open", by, "")
    return opened


def observe_many(*, seen: Sequence[Observation], as_of: datetime, now: datetime) -> int:
    """Store what a list of `as_of` says, unless a newer one has spoken already. Returns how many cases."""
    if not seen:
        return 0
    values: dict[str, Any] = {
        "ids": [one.case_id for one in seen],
        "raw": [one.raw for one in seen],
        "seen": [str(one.status) for one in seen],
        "contradicts": [one.contradicts for one in seen],
        "settles": [one.settles for one in seen],
        "as_of": as_of,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(OBSERVE, values)
        return cursor.rowcount


@transaction.atomic
def restore_many(
    *, restorings: Sequence[Restoring], central_import: CentralImport, by: User, note: str, at: datetime
) -> dict[int, int]:
    """Put cases back to what they were before a list, by a line of history of their own. What was said of that status
    and not sent yet waits again. Returns case id -> id of its history row; what has moved since is left and absent.
    """
    if not restorings:
        return {}
    values = {
        "ids": [one.case_id for one in restorings],
        "statuses": [str(one.status) for one in restorings],
        "since": [one.status_since for one in restorings],
        "before": [one.before for one in restorings],
        "at": at,
    }
    restored = _write(RESTORE, values, by=by, central_import=central_import, note=note)
    cases = list(_cases(restored).values())
    _withdraw(cases, SAID_IN_A_STATUS)
    for status in sorted({CaseStatus(case.status) for case in cases}):
        there = [case for case in cases if case.status == status]
        _entitle(there, status)
        _audit(there, f"case.{status}", by, note)
    keys = [owe(case, case.status_since, kind=kind).dedup_key for case in cases for kind in _said_of(case)]
    notification.reinstate(dedup_keys=keys)
    return restored


def unobserve_many(*, before: Mapping[int, str], as_of: datetime) -> set[int]:
    """Forget what a list of `as_of` said of cases that it did not move. `before`: case id -> its columns BEFORE. Returns
    which; what has moved since, or was mentioned by another list, is left."""
    if not before:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(UNOBSERVE, {"ids": list(before), "before": list(before.values()), "as_of": as_of})
        return {case_id for (case_id,) in cursor.fetchall()}


def miss_many(*, case_ids: Sequence[int], central_import: CentralImport, by: User, at: datetime) -> list[int]:
    """A complete list does not know these: unless something else is to be done already, a verifier looks them up at the
    centre. Returns which."""
    values = {
        "ids": list(case_ids),
        "at": at,
        "check": NextStep.CHECK_CENTRE.value,
        "centre": [status.value for status in CENTRE],
    }
    return list(_write(MISS, values, by=by, central_import=central_import, note=MISSING_NOTE)) if case_ids else []


def unmiss_many(*, case_ids: Sequence[int]) -> set[int]:
    """What `miss_many` asked for is not to be done any more, unless the case rests too long by now. Returns which."""
    asked = Case.objects.filter(pk__in=case_ids, next_step=NextStep.CHECK_CENTRE, stalled_since__isnull=True)
    found = set(asked.values_list("pk", flat=True))
    Case.objects.filter(pk__in=found).update(next_step=NextStep.NONE)
    return found


def owe(case: Case, since: datetime, *, kind: str, because: str = "") -> Owed:
    """The message of `kind` about `case` in its status since then. `because`: what else sets it apart."""
    return Owed(
        resident_id=case.resident_id,
        appointment_id=case.recording.appointment_id if case.recording else None,
        dedup_key=f"{kind}:{case.pk}:{case.attempt}:{int(since.timestamp())}{because}",
        context={"case": case.pk},
    )


def _cases(ids: Iterable[int]) -> dict[int, Case]:
    return Case.objects.select_related("resident", "recording").in_bulk(list(ids))


def _write(
    statement: str, values: dict[str, Any], *, by: User | None, central_import: CentralImport | None, note: str
) -> dict[int, int]:
    """Case id -> id of the history row that the statement wrote."""
    common = {
        "by": by.pk if by else None,
        "import": central_import.pk if central_import else None,
        "note": note,
        "ended": [status.value for status in ENDED_STATUSES],
        "running": NextStep.NONE.value,
        "nothing": WaitingFor.NONE.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, common | values)
        return dict(cursor.fetchall())


def _too_young(candidates: Sequence[tuple[Resident, datetime]]) -> frozenset[int]:
    """The residents whose card may not be printed yet at that moment. Birth dates are unsealed only of those whose year
    of birth leaves it open."""
    open_question = {
        resident.pk: (resident, timezone.localdate(at))
        for resident, at in candidates
        if not resident.ever_married and timezone.localdate(at).year - resident.birth_year <= CARD_FROM_AGE
    }
    identities = ResidentIdentity.objects.filter(pk__in=open_question).exclude(birth_date_ct=None)
    return frozenset(
        identity.pk
        for identity in identities
        if card_from(
            date.fromisoformat(identity.birth_date),
            married=False,
            recorded_on=open_question[identity.pk][1],
        )
    )


def _waits(resident_id: int, status: str, young: frozenset[int]) -> str:
    waits = status == CaseStatus.PRINT_READY and resident_id in young
    return (WaitingFor.AGE if waits else WaitingFor.NONE).value


def _withdraw(cases: Sequence[Case], kinds: Sequence[str]) -> None:
    if cases:
        notification.withdraw_many(resident_ids=[case.resident_id for case in cases], kinds=kinds)


def _free_blanks(case_ids: Sequence[int]) -> None:
    """Whose card is not to be printed here any more holds no blank."""
    live = PrintPick.objects.filter(case__in=case_ids, state__in=[PickState.PICKED, PickState.INVITED])
    live.update(state=PickState.DROPPED)


def _entitle(cases: Sequence[Case], status: CaseStatus) -> None:
    entitlement, reason = entitlement_for(status)
    set_entitlement(resident_ids=[case.resident_id for case in cases], entitlement=entitlement, reason=reason)


def _said_of(case: Case) -> list[str]:
    """The messages about a case's present status whose key names nothing but that."""
    said = {CaseStatus.RERECORD: ["rerecord", "recording_failed"], CaseStatus.READY: ["card_ready"]}
    return [*said.get(CaseStatus(case.status), []), *([STALLED_KIND] if case.stalled_since else [])]


def _audit(cases: Sequence[Case], action: str, by: User | None, note: str) -> None:
    about = [(case.resident_id, f"case:{case.pk}", case.office_id) for case in cases]
    audit.record_many(action=action, about=about, actor=by, reason=note)
