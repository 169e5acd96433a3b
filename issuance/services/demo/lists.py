"""The demo's national lists: one every two or three days, the newest of yesterday. What the centre answers is known, and
told, when the list that says so is applied."""

import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.utils import timezone

from issuance.enums import CaseStatus, ImportState
from issuance.models import CentralImport
from issuance.policy.observation import UNDO_WITHIN, message_for
from issuance.services.central_import import count

S = CaseStatus
ANSWERS = (S.ADJUDICATION, S.DUPLICATE, S.FAILED, S.PRINT_READY)  # what only the centre can say
ON_THE_LIST = (S.SENT, *ANSWERS)
DRAWN_AT, APPLIED_AT = time(19, 30), time(19, 50)  # the verifier's evening
LINES_KEPT_DAYS = 7  # older lists have their figures only
SHEET_BYTES = 90  # a line of a file

# What the list moved, then who was on it and stayed as we had them.
LINES = """
WITH told AS (
    SELECT change.id AS change_id, change.case_id, change.from_status, change.to_status, change.occurred_at,
           (SELECT max(earlier.occurred_at) FROM issuance_statuschange earlier
            WHERE earlier.case_id = change.case_id AND earlier.id < change.id AND earlier.event <> 'flagged') AS since
    FROM issuance_statuschange change WHERE change.central_import_id = %(import)s
), same AS (
    SELECT each.id AS case_id, latest.to_status, latest.occurred_at
    FROM issuance_case each
    CROSS JOIN LATERAL (
        SELECT to_status, occurred_at, central_import_id FROM issuance_statuschange
        WHERE case_id = each.id AND event <> 'flagged' AND entered_at <= %(applied_at)s ORDER BY id DESC LIMIT 1
    ) latest
    WHERE latest.to_status = ANY (%(listed)s) AND latest.central_import_id IS DISTINCT FROM %(import)s
          AND latest.occurred_at <= %(as_of)s AND each.opened_at <= %(as_of)s
), lines AS (
    SELECT case_id, change_id, to_status, occurred_at, 'advanced' AS result,
           jsonb_build_object('status', from_status, 'status_since', since, 'clock_from', since, 'stalled_since', null,
                              'next_step', 'none', 'waiting_for', 'none', 'observed_raw', '', 'observed_status', '',
                              'observed_as_of', null, 'conflict_since', null, 'unsent', null) AS before
    FROM told
    UNION ALL
    SELECT case_id, null, to_status, occurred_at, 'unchanged', null FROM same
)
INSERT INTO issuance_centralimportrow (central_import_id, sheet, line, resident_id, case_id, raw_status, status,
                                       reported_on, result, problem, message_kind, before, change_id, applied)
SELECT %(import)s, 1, row_number() OVER (ORDER BY md5(case_id::text)) + 1, resident_id, case_id, raw.text,
       lines.to_status, (occurred_at AT TIME ZONE %(zone)s)::date, result, '',
       CASE WHEN result = 'advanced' THEN raw.kind ELSE '' END, before, change_id, true
FROM lines JOIN issuance_case ON issuance_case.id = case_id
JOIN unnest(%(listed)s::text[], %(raw)s::text[], %(kinds)s::text[]) AS raw (status, text, kind)
     ON raw.status = lines.to_status
"""


class Lists:
    """The lists up to `now`; `raw`: how the centre spells each status."""

    def __init__(self, *, seed: int, now: datetime, history_days: int, verifier_id: int, raw: dict[CaseStatus, str]):
        random, today = Random(f"lists:{seed}"), timezone.localdate(now)
        self.verifier_id, self.raw = verifier_id, raw
        days = [today - timedelta(days=1)]
        while (today - days[-1]).days < history_days:
            days.append(days[-1] - timedelta(days=random.choice((2, 2, 3))))
        days.reverse()
        self.as_of = [_at(day, DRAWN_AT) for day in days]
        self.applied_at = [_at(day, APPLIED_AT) for day in days]
        self.moved: Counter[int] = Counter()
        self.messages: dict[int, Counter[str]] = {}
        self.first_id = self._write(days)

    def _write(self, days: list[date]) -> int:
        """The lists' own rows. Returns the id of the first; the others follow."""
        made = CentralImport.objects.bulk_create(
            CentralImport(
                as_of=as_of,
                state=ImportState.APPLIED,
                digest=hashlib.sha256(f"demo:{day}".encode()).digest(),
                size=SHEET_BYTES,
                kind="xlsx",
                uploaded_by_id=self.verifier_id,
                applied_by_id=self.verifier_id,
                applied_at=applied_at,
            )
            for day, as_of, applied_at in zip(days, self.as_of, self.applied_at, strict=True)
        )
        self.ids = [each.pk for each in made]
        for each, as_of in zip(made, self.as_of, strict=True):
            CentralImport.objects.filter(pk=each.pk).update(uploaded_at=as_of + timedelta(minutes=5))
        return made[0].pk

    def telling(self, at: datetime) -> int | None:
        """Which list tells what happened at the centre at that moment; None: none so far."""
        number = bisect_left(self.as_of, at)
        return number if number < len(self.as_of) else None

    def note(self, number: int, status: CaseStatus) -> tuple[str, datetime]:
        """A case that the list moved to `status`. Returns which message it causes, and when that goes out."""
        kind = message_for(status)
        self.moved[number] += 1
        self.messages.setdefault(number, Counter())[kind] += 1
        return kind, self.applied_at[number] + UNDO_WITHIN

    def last_of(self, since: datetime, until: datetime) -> datetime | None:
        """Until when the last list spoke that saw a case in the status it had from `since` to `until`."""
        number = bisect_right(self.as_of, until) - 1
        return self.as_of[number] if number >= 0 and self.as_of[number] >= since else None

    def finish(self) -> None:
        """What the lists did; those of the last days with their lines. Needs cases and history written."""
        listed = [status.value for status in ON_THE_LIST]
        values = {
            "listed": listed,
            "raw": [self.raw[status] for status in ON_THE_LIST],
            "kinds": [message_for(status) for status in ON_THE_LIST],
            "zone": timezone.get_current_timezone_name(),
        }
        newest = self.as_of[-1]
        for number, pk in enumerate(self.ids):
            results = {"advanced": self.moved[number]} if self.moved[number] else {}
            messages = dict(self.messages.get(number, {}))
            CentralImport.objects.filter(pk=pk).update(
                counts={"results": results, "messages": messages},
                total=self.moved[number],
                done=self.moved[number],
                size=SHEET_BYTES * (self.moved[number] + 40),
            )
            if newest - self.as_of[number] > timedelta(days=LINES_KEPT_DAYS):
                continue
            about: dict[str, Any] = {"import": pk, "as_of": self.as_of[number], "applied_at": self.applied_at[number]}
            with connection.cursor() as cursor:
                cursor.execute(LINES, values | about)
                lines = cursor.rowcount
            count(CentralImport.objects.get(pk=pk))
            CentralImport.objects.filter(pk=pk).update(total=lines, done=lines, size=SHEET_BYTES * lines)


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
