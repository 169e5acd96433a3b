"""Measure how long a card takes at each office, once an hour, into one row for each office.

Counted are adults recorded here in the last 90 days, from their first good recording to the moment the card could be
had: it lay ready, was handed over, or its holder was invited to have it printed. What the resident does after the
invitation is the resident's time. Waiting for a blank counts: it is what people live through. Left out are people who
may have been under 17 and never married, whose card waits for a birthday; a case that was closed counts as waiting up
to that day. Time is in service days, like the promise.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from issuance.models import IssueTime
from issuance.policy.promise import WINDOW_DAYS, measure
from issuance.services.calendar import service_days
from recording.models import Office

# One row for each office, day of recording and day of the card; a few thousand whatever the number of cases.
COHORT = """
SELECT office_id, recorded_on, LEAST(had_on, closed_on), had_on IS NOT NULL AND had_on <= COALESCE(closed_on, had_on),
       count(*)
FROM (
    SELECT issuance_case.pickup_office_id AS office_id,
           (moves.recorded_at AT TIME ZONE %(zone)s)::date AS recorded_on,
           (LEAST(moves.had_at, invited.at) AT TIME ZONE %(zone)s)::date AS had_on,
           (moves.closed_at AT TIME ZONE %(zone)s)::date AS closed_on,
           resident.birth_year, resident.ever_married
    FROM issuance_case
    JOIN recording_resident resident ON resident.id = issuance_case.resident_id
    CROSS JOIN LATERAL (
        SELECT min(occurred_at) FILTER (WHERE to_status = 'captured') AS recorded_at,
               min(occurred_at) FILTER (WHERE to_status IN ('ready', 'issued')) AS had_at,
               min(occurred_at) FILTER (WHERE to_status = 'closed') AS closed_at
        FROM issuance_statuschange WHERE case_id = issuance_case.id
    ) moves
    LEFT JOIN LATERAL (
        SELECT min(invited_at) AS at FROM issuance_printpick
        WHERE case_id = issuance_case.id AND state <> 'dropped'
    ) invited ON true
    WHERE issuance_case.opened_by = 'recording' AND issuance_case.opened_at >= %(since)s
          AND moves.recorded_at IS NOT NULL
) cohort
WHERE ever_married OR birth_year < extract(year FROM recorded_on) - 17
GROUP BY 1, 2, 3, 4
"""


def measure_all(*, now: datetime) -> int:
    """Measure every active office anew. Returns how many. Idempotent; two at once write the same."""
    today = timezone.localdate(now)
    first_day = today - timedelta(days=WINDOW_DAYS)
    values: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "since": timezone.make_aware(datetime.combine(first_day, time.min)),
    }
    with connection.cursor() as cursor:
        cursor.execute(COHORT, values)
        rows = cursor.fetchall()
    came, waiting = _by_office(rows, today=today, days_between=_counter(first_day, today))
    measured = []
    for office_id in Office.objects.active().values_list("pk", flat=True):
        result = measure(came=came[office_id], waiting=waiting[office_id])
        measured.append(
            IssueTime(
                office_id=office_id,
                computed_at=now,
                p50_days=result.p50,
                p90_days=result.p90,
                sample=result.sample,
                waiting=sum(waiting[office_id].values()),
            )
        )
    IssueTime.objects.bulk_create(
        measured,
        update_conflicts=True,
        unique_fields=["office"],
        update_fields=["computed_at", "p50_days", "p90_days", "sample", "waiting"],
    )
    return len(measured)


def _by_office(
    rows: Iterable[tuple[int, date, date | None, bool, int]],
    *,
    today: date,
    days_between: Callable[[date, date], int],
) -> tuple[dict[int, Counter[int]], dict[int, Counter[int]]]:
    """How many cards came on their n-th service day, and how many people have waited n, by office."""
    came: dict[int, Counter[int]] = defaultdict(Counter)
    waiting: dict[int, Counter[int]] = defaultdict(Counter)
    yesterday = today - timedelta(days=1)
    for office_id, recorded_on, ended_on, had, count in rows:
        if had and ended_on:
            came[office_id][max(1, days_between(recorded_on, ended_on))] += count
        else:  # today is not over, so nobody has waited it
            waiting[office_id][days_between(recorded_on, min(ended_on or yesterday, yesterday))] += count
    return came, waiting


def _counter(first: date, last: date) -> Callable[[date, date], int]:
    """Service days after one date up to and including another, both between `first` and `last`."""
    is_open = service_days()
    span = range((last - first).days + 1)
    until = list(accumulate(is_open(first + timedelta(days=day)) for day in span))

    def between(start: date, end: date) -> int:
        begins, ends = ((max(first, min(last, day)) - first).days for day in (start, end))
        return max(0, until[ends] - until[begins])

    return between
