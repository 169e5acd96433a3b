"""How fast people learn what they must know, by which way, and whom nothing has reached. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from recording import messages
from recording.policy.no_show import percent

WITHIN = timedelta(hours=24)  # what the portal promises
DAYS = 30

# One person and one fact: the message and, when it failed, the call for it ("<key>:call") are the same. The first way
# that told counts; without one, the way that was tried first.
FACTS = """
WITH fact AS (
    SELECT min(owed.resident_id) AS resident_id, min(owed.office_id) AS office_id, min(owed.kind) AS kind,
           min(owed.created_at) AS owed_at, min(owed.told_at) AS told_at,
           bool_or(owed.state = 'withdrawn') AND NOT bool_or(owed.state <> 'withdrawn') AS withdrawn,
           (array_agg(owed.channel ORDER BY owed.told_at NULLS LAST, owed.id))[1] AS channel
    FROM recording_notification owed
    WHERE owed.kind = ANY(%(kinds)s) AND owed.created_at >= %(since)s
    GROUP BY regexp_replace(owed.dedup_key, ':call$', '')
)
"""
MINE = "(%(office)s::bigint IS NULL OR fact.office_id = %(office)s) AND NOT fact.withdrawn"
SUMS = """
       count(*) AS facts, count(told_at) AS told,
       count(*) FILTER (WHERE told_at <= owed_at + %(within)s) AS in_time,
       count(*) FILTER (WHERE told_at IS NULL AND owed_at > %(now)s - %(within)s) AS young,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM told_at - owed_at) / 3600.0)
           FILTER (WHERE told_at IS NOT NULL) AS median_hours
"""
BY_CHANNEL = f"""
{FACTS} SELECT channel, {SUMS} FROM fact WHERE {MINE} GROUP BY channel ORDER BY count(*) DESC
"""  # noqa: S608 - every part is a constant
BY_KIND = f"""
{FACTS} SELECT kind, {SUMS} FROM fact WHERE {MINE} GROUP BY kind ORDER BY count(*) DESC
"""  # noqa: S608
BY_VILLAGE = f"""
{FACTS}
SELECT COALESCE(village.name, 'Luar Kudus'), {SUMS}
FROM fact JOIN recording_resident resident ON resident.id = fact.resident_id
LEFT JOIN recording_village village ON village.id = resident.village_id
WHERE {MINE} GROUP BY 1 ORDER BY count(*) FILTER (WHERE told_at IS NULL) DESC, 1
"""  # noqa: S608 - every part is a constant
NEVER = f"""
{FACTS}
SELECT fact.resident_id, resident.name, COALESCE(village.name, 'Luar Kudus'), fact.kind, fact.owed_at,
       (SELECT count(DISTINCT attempt.made_at) FROM recording_callattempt attempt
        JOIN recording_notification called ON called.id = attempt.notification_id
        WHERE called.resident_id = fact.resident_id)
FROM fact JOIN recording_resident resident ON resident.id = fact.resident_id
LEFT JOIN recording_village village ON village.id = resident.village_id
WHERE {MINE} AND told_at IS NULL AND owed_at <= %(now)s - %(within)s AND resident.name <> ''
ORDER BY owed_at, fact.resident_id
"""  # noqa: S608


@dataclass(frozen=True, kw_only=True)
class Share:
    """One way, kind or village: how many facts were owed, known by now, and known within 24 hours. `due`: owed for more
    than 24 hours or known already, which is what the share is of. `median_hours`: until known; None: nobody knows."""

    name: str
    facts: int
    told: int
    in_time: int
    due: int
    median_hours: float | None

    @property
    def percent(self) -> int:
        return percent(self.in_time, self.due)


@dataclass(frozen=True, kw_only=True)
class NeverTold:
    """Somebody who still does not know, more than a day later."""

    resident_id: int
    name: str
    village: str
    kind: str
    owed_at: datetime
    tries: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """The last DAYS days. `total` has no name."""

    total: Share
    by_channel: list[Share]
    by_kind: list[Share]
    by_village: list[Share]


def told(*, now: datetime, office_id: int | None = None) -> Told:
    """What people had to learn (kinds worth a call) in the last DAYS days, of one office's people or all."""
    values = _values(now, office_id)
    by_channel = _shares(BY_CHANNEL, values)
    return Told(
        total=_sum(by_channel),
        by_channel=by_channel,
        by_kind=_shares(BY_KIND, values),
        by_village=_shares(BY_VILLAGE, values),
    )


def never_told(*, now: datetime, office_id: int | None = None) -> list[NeverTold]:
    """Whom nothing has reached for more than a day, who has waited longest first. Names: for staff only."""
    with connection.cursor() as cursor:
        cursor.execute(NEVER, _values(now, office_id))
        fields = ("resident_id", "name", "village", "kind", "owed_at", "tries")
        return [NeverTold(**dict(zip(fields, row, strict=True))) for row in cursor.fetchall()]


def _values(now: datetime, office_id: int | None) -> dict[str, Any]:
    kinds = [kind.name for kind in messages.all_kinds() if kind.call]
    return {"kinds": kinds, "since": now - timedelta(days=DAYS), "now": now, "within": WITHIN, "office": office_id}


def _shares(statement: str, values: dict[str, Any]) -> list[Share]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [
            Share(name=name, facts=facts, told=known, in_time=in_time, due=facts - young, median_hours=median)
            for name, facts, known, in_time, young, median in cursor.fetchall()
        ]


def _sum(shares: list[Share]) -> Share:
    return Share(
        name="",
        facts=sum(share.facts for share in shares),
        told=sum(share.told for share in shares),
        in_time=sum(share.in_time for share in shares),
        due=sum(share.due for share in shares),
        median_hours=None,
    )
