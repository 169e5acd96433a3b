"""Who looked at whom: read for supervisors, and for each resident about themselves. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from recording.models import AccessAttempt, AuditEvent, Resident, User
from recording.policy.access_log import BASELINE, EARLIEST, LATEST, READ_PATTERNS, WEEK, WORK_WITHIN, stands_out
from recording.policy.mask import mask_name

FEWEST_STAFF_DAYS = 20  # below, a percentile says nothing


def events(
    *,
    by: User,
    since: datetime,
    until: datetime,
    actor: User | None = None,
    patterns: Sequence[str] = (),
    resident_id: int | None = None,
) -> QuerySet[AuditEvent]:
    """What staff did from `since` up to `until`, as far as `by` answers for it; newest first."""
    found = AuditEvent.objects.for_staff(by).filter(actor__isnull=False, occurred_at__gte=since, occurred_at__lt=until)
    if actor is not None:
        found = found.filter(actor=actor)
    if resident_id is not None:
        found = found.filter(resident_id=resident_id)
    if patterns:
        found = found.filter(_any_like(patterns))
    return found.select_related("actor__office", "office").order_by("-pk")


def masked_names(resident_ids: Sequence[int]) -> dict[int, str]:
    """Names too short for strangers, by resident id; erased people are missing."""
    rows = Resident.objects.filter(pk__in=resident_ids).exclude(name="").values_list("pk", "name")
    return {pk: mask_name(name) for pk, name in rows}


def about(resident_id: int) -> QuerySet[AuditEvent]:
    """Everything that was done with one resident's data, newest first."""
    return (
        AuditEvent.objects.filter(resident_id=resident_id)
        .select_related("actor__office")
        .order_by("-occurred_at", "-pk")
    )


def openings(resident_id: int) -> QuerySet[AccessAttempt]:
    """When the public doors were opened with this resident's NIK and code, newest first."""
    return AccessAttempt.objects.filter(resident_id=resident_id, succeeded=True).order_by("-occurred_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class Week:
    """One person's looks at residents in seven days. `reasons`: why somebody should ask; often empty."""

    user_id: int
    name: str
    role: str
    office: str
    reads: int
    people: int
    without_work: int
    off_hours: int
    busiest: int
    reasons: list[str]


READS = """
SELECT event.id, event.actor_id, event.resident_id, event.occurred_at,
       (event.occurred_at AT TIME ZONE 'Asia/Jakarta') AS local
FROM recording_auditevent event
WHERE event.occurred_at >= %(since)s AND event.occurred_at < %(until)s AND event.actor_id IS NOT NULL
      AND event.resident_id IS NOT NULL AND event.action LIKE ANY(%(reads)s)
"""
WEEKS = f"""
WITH looks AS ({READS}),
days AS (SELECT actor_id, max(count) AS busiest FROM (
    SELECT actor_id, local::date, count(*) FROM looks GROUP BY 1, 2) each GROUP BY actor_id)
SELECT looks.actor_id, count(*), count(DISTINCT looks.resident_id),
       count(*) FILTER (WHERE NOT EXISTS (
           SELECT 1 FROM recording_auditevent work
           WHERE work.actor_id = looks.actor_id AND work.resident_id = looks.resident_id
                 AND work.occurred_at BETWEEN looks.occurred_at - %(within)s AND looks.occurred_at + %(within)s
                 AND NOT work.action LIKE ANY(%(reads)s))),
       count(*) FILTER (WHERE looks.local::time < %(earliest)s OR looks.local::time >= %(latest)s),
       max(days.busiest)
FROM looks JOIN days USING (actor_id) WHERE looks.actor_id = ANY(%(staff)s) GROUP BY looks.actor_id
"""  # noqa: S608 - parts of our own
USUAL = f"""
SELECT count(*), percentile_cont(0.99) WITHIN GROUP (ORDER BY each.count) FROM (
    SELECT count(*) FROM ({READS}) looks GROUP BY actor_id, local::date) each
"""  # noqa: S608 - parts of our own


def weeks(*, by: User, now: datetime) -> list[Week]:
    """The last seven days of everybody whom `by` answers for and who looked at somebody; what stands out comes first.

    Compared with the busiest 1 % of all staff's days in the four weeks before.
    """
    staff = {user.pk: user for user in User.objects.in_office_of(by).select_related("office")}
    values: dict[str, Any] = {
        "reads": list(READ_PATTERNS),
        "within": WORK_WITHIN,
        "earliest": EARLIEST,
        "latest": LATEST,
    }
    week = values | {"since": now - WEEK, "until": now, "staff": list(staff)}
    before = values | {"since": now - WEEK - BASELINE, "until": now - WEEK}
    with connection.cursor() as cursor:
        cursor.execute(USUAL, before)
        days, most = cursor.fetchone()
        cursor.execute(WEEKS, week)
        rows = cursor.fetchall()
    usual_most = float(most) if days >= FEWEST_STAFF_DAYS else None
    found = [_week(staff[row[0]], row[1:], usual_most) for row in rows]
    return sorted(found, key=lambda each: (-len(each.reasons), -each.without_work, -each.reads, each.name))


def _week(user: User, row: tuple, usual_most: float | None) -> Week:
    reads, people, without_work, off_hours, busiest = row
    figures = {"reads": reads, "without_work": without_work, "off_hours": off_hours, "busiest": busiest}
    return Week(
        user_id=user.pk,
        name=user.name,
        role=user.get_role_display(),
        office=user.office.name if user.office else "Semua kantor",
        people=people,
        reasons=stands_out(**figures, usual_most=usual_most),
        **figures,
    )


def _any_like(patterns: Sequence[str]) -> Q:
    """Actions that match one of the SQL patterns, which end, or begin and end, in a percent sign."""
    condition = Q()
    for pattern in patterns:
        words = pattern.strip("%")
        condition |= Q(action__contains=words) if pattern.startswith("%") else Q(action__startswith=words)
    return condition
