"""How many who had booked did not come, by office and hour. Reads only."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from recording.policy.no_show import percent, suggested_walk_in_percent

DAYS = 28  # four whole weeks, so that every weekday counts alike

# Cancelled in time is not missed; who came, took a number and left again did come.
STATEMENT = """
WITH counted AS (
    SELECT a.office_id, date_part('hour', slot.starts_at AT TIME ZONE %(zone)s)::int AS hour,
           count(*) AS booked,
           count(*) FILTER (WHERE a.status = 'no_show' AND ticket.id IS NULL) AS missed
    FROM recording_appointment a
    JOIN recording_slot slot ON slot.id = a.slot_id
    LEFT JOIN recording_queueticket ticket ON ticket.appointment_id = a.id
    WHERE a.day >= %(first)s AND a.day < %(today)s AND a.channel IN ('online', 'desk')
      AND a.status IN ('arrived', 'serving', 'done', 'refused', 'no_show')
      AND (%(office)s::bigint IS NULL OR a.office_id = %(office)s)
    GROUP BY 1, 2
), kept AS (
    SELECT office_id, date_part('hour', starts_at AT TIME ZONE %(zone)s)::int AS hour,
           sum(capacity) AS capacity, sum(public_capacity) AS public_capacity
    FROM recording_slot
    WHERE day > %(today)s AND day <= %(last)s AND open
      AND (%(office)s::bigint IS NULL OR office_id = %(office)s)
    GROUP BY 1, 2
)
SELECT office.code, office.name, counted.hour, counted.booked, counted.missed, kept.capacity, kept.public_capacity
FROM counted JOIN recording_office office ON office.id = counted.office_id
LEFT JOIN kept ON kept.office_id = counted.office_id AND kept.hour = counted.hour
ORDER BY office.code, counted.hour
"""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One hour (local, 0-23) at one office. `share` and `kept` are whole per cent: missed of booked, and what the coming
    week keeps for walk-ins now (None: no slots then). `suggested`: None where too few were booked."""

    office_code: str
    office: str
    hour: int
    booked: int
    missed: int
    kept: int | None

    @property
    def share(self) -> int:
        return percent(self.missed, self.booked)

    @property
    def suggested(self) -> int | None:
        return suggested_walk_in_percent(booked=self.booked, missed=self.missed)


def shares(*, today: date, office_id: int | None = None) -> list[Share]:
    """The DAYS before `today` of all offices or of one, in one query."""
    values = {
        "first": today - timedelta(days=DAYS),
        "today": today,
        "last": today + timedelta(days=7),
        "office": office_id,
        "zone": timezone.get_default_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        return [_share(row) for row in cursor.fetchall()]


def _share(row: tuple) -> Share:
    code, name, hour, booked, missed, capacity, public = row
    kept = percent(int(capacity - public), int(capacity)) if capacity else None
    return Share(office_code=code, office=name, hour=hour, booked=booked, missed=missed, kept=kept)
