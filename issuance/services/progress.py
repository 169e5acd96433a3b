"""Make the dashboards' counts anew from the rows themselves: a whole day at a time, by delete and insert.

A day is made under its own lock, so that two workers make it one after the other; each sees what is committed. What
changes a past day is noted by triggers (`issuance.models.progress_triggers`), so a day is either right or noted.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from issuance.enums import CaseStatus, Counted
from issuance.models import DirtyDay
from issuance.models.progress_triggers import ZONE

# How far a card is in each status. Closed without a card is nothing.
RANK = {
    CaseStatus.PRINT_READY: 2,
    CaseStatus.PRINTED: 3,
    CaseStatus.SHIPPED: 3,
    CaseStatus.READY: 3,
    CaseStatus.ISSUED: 4,
}
LEVELS = {"print_ready": 2, "printed": 3, "handed_over": 4}
LOCK = 6017  # any number that no other advisory lock uses
ONE_DAY = timedelta(days=1)


def _rank(column: str) -> str:
    return f"CASE {column} " + " ".join(f"WHEN '{status}' THEN {rank}" for status, rank in RANK.items()) + " ELSE 0 END"


COUNTED = f"""CASE WHEN resident.village_id IS NULL OR resident.outside_regency THEN '{Counted.OUTSIDE}'
              WHEN coalesce(recording.before_obliged, false) THEN '{Counted.YOUNG}' ELSE '{Counted.OBLIGED}' END"""
VILLAGE = "CASE WHEN resident.outside_regency THEN NULL ELSE resident.village_id END"
EARLIER_CARD = """EXISTS (SELECT FROM issuance_case earlier WHERE earlier.resident_id = issuance_case.resident_id
                          AND earlier.id < issuance_case.id AND earlier.kind = 'first' AND earlier.status = 'issued')"""

# One row for each thing that counts on the day: where, whose, what. A level is reached when the case rises to it and
# never falls below it again; somebody who has had a first card does not get there twice.
EVENTS = f"""
    SELECT recording.office_id, recording.resident_id, recording.id AS recording_id,
           CASE WHEN recording.outcome = 'failed' THEN 'failed'
                WHEN resident.recorded_before_portal OR EXISTS (
                    SELECT FROM recording_recording earlier
                    WHERE earlier.resident_id = recording.resident_id AND earlier.outcome = 'accepted'
                      AND (earlier.recorded_at, earlier.id) < (recording.recorded_at, recording.id))
                THEN 're_recorded' ELSE 'first_recorded' END AS measure
    FROM recording_recording recording JOIN recording_resident resident ON resident.id = recording.resident_id
    WHERE recording.day = %(day)s
  UNION ALL
    SELECT CASE WHEN level.rank = 2 THEN issuance_case.office_id ELSE issuance_case.pickup_office_id END,
           issuance_case.resident_id, issuance_case.recording_id, level.measure
    FROM issuance_statuschange history
    JOIN issuance_case ON issuance_case.id = history.case_id
    JOIN (VALUES {", ".join(f"('{measure}', {rank})" for measure, rank in LEVELS.items())}) AS level (measure, rank)
      ON {_rank("history.to_status")} >= level.rank AND {_rank("history.from_status")} < level.rank
    WHERE history.occurred_at >= %(begins)s AND history.occurred_at < %(ends)s
      AND history.event IN ('opened', 'moved') AND issuance_case.kind = 'first'
      AND NOT EXISTS (SELECT FROM issuance_statuschange later
                      WHERE later.case_id = history.case_id AND later.id > history.id
                        AND {_rank("later.to_status")} < level.rank)
      AND NOT {EARLIER_CARD}
  UNION ALL
    SELECT letter.office_id, issuance_case.resident_id, issuance_case.recording_id, 'letters'
    FROM issuance_interimletter letter JOIN issuance_case ON issuance_case.id = letter.case_id
    WHERE letter.issued_on = %(day)s
  UNION ALL
    SELECT issuance_case.office_id, issuance_case.resident_id, issuance_case.recording_id, 'newly_stalled'
    FROM issuance_statuschange history JOIN issuance_case ON issuance_case.id = history.case_id
    WHERE history.event = 'flagged' AND history.occurred_at >= %(begins)s AND history.occurred_at < %(ends)s
  UNION ALL
    SELECT issuance_case.office_id, issuance_case.resident_id, issuance_case.recording_id,
           unnest(CASE WHEN told.at < %(ends)s THEN ARRAY['stalled', 'told'] ELSE ARRAY['stalled'] END)
    FROM issuance_statuschange flag
    JOIN issuance_case ON issuance_case.id = flag.case_id
    LEFT JOIN LATERAL (
        SELECT min(told_at) AS at FROM recording_notification owed
        WHERE owed.resident_id = issuance_case.resident_id AND owed.kind = 'case_stalled'
          AND owed.told_at >= flag.occurred_at) told ON true
    WHERE flag.event = 'flagged' AND flag.occurred_at < %(ends)s
      AND NOT EXISTS (SELECT FROM issuance_statuschange after
                      WHERE after.case_id = flag.case_id AND after.id > flag.id
                        AND after.event IN ('moved', 'flagged') AND after.occurred_at < %(ends)s)
"""
MEASURES = (
    "first_recorded",
    "re_recorded",
    "failed",
    "print_ready",
    "printed",
    "handed_over",
    "letters",
    "newly_stalled",
    "stalled",
    "told",
)
RAW_PROGRESS = f"""
    SELECT %(day)s::date AS day, event.office_id, {VILLAGE} AS village_id, {COUNTED} AS counted,
           {", ".join(f"count(*) FILTER (WHERE measure = '{measure}') AS {measure}" for measure in MEASURES)}
    FROM ({EVENTS}) event
    JOIN recording_resident resident ON resident.id = event.resident_id
    LEFT JOIN recording_recording recording ON recording.id = event.recording_id
    GROUP BY 2, 3, 4
"""


def _hour(moment: str) -> str:
    return f"extract(hour FROM {moment} AT TIME ZONE '{ZONE}')::int"


RAW_HOURS = f"""
    SELECT %(day)s::date AS day, office_id, hour, sum(booked) AS booked, sum(arrived) AS arrived, sum(served) AS served,
           sum(failed) AS failed, sum(no_show) AS no_show,
           coalesce(array_agg(wait ORDER BY wait) FILTER (WHERE wait IS NOT NULL), '{{}}') AS waits,
           coalesce(array_agg(service ORDER BY service) FILTER (WHERE service IS NOT NULL), '{{}}') AS services
    FROM (
        SELECT appointment.office_id, {_hour("slot.starts_at")} AS hour, 1 AS booked, 0 AS arrived, 0 AS served,
               0 AS failed, (appointment.status = 'no_show')::int AS no_show, NULL::int AS wait, NULL::int AS service
        FROM recording_appointment appointment JOIN recording_slot slot ON slot.id = appointment.slot_id
        WHERE appointment.day = %(day)s AND appointment.status <> 'cancelled'
          AND appointment.channel IN ('online', 'desk')
      UNION ALL
        SELECT office_id, {_hour("issued_at")}, 0, 1, 0, 0, 0,
               greatest(0, extract(epoch FROM called_at - issued_at))::int, NULL
        FROM recording_queueticket WHERE day = %(day)s
      UNION ALL
        SELECT office_id, {_hour("started_at")}, 0, 0, 0, 0, 0, NULL,
               greatest(0, extract(epoch FROM ended_at - started_at))::int
        FROM recording_queueticket WHERE day = %(day)s AND started_at IS NOT NULL AND ended_at IS NOT NULL
      UNION ALL
        SELECT office_id, {_hour("recorded_at")}, 0, 0, (outcome = 'accepted')::int, (outcome = 'failed')::int, 0,
               NULL, NULL
        FROM recording_recording WHERE day = %(day)s
    ) happened GROUP BY office_id, hour
"""
HOURS = "(day, office_id, hour, booked, arrived, served, failed, no_show, waits, services)"
DAYS = f"(day, office_id, village_id, counted, {', '.join(MEASURES)})"


def refresh_due(*, now: datetime) -> int:
    """Make today, yesterday and every day noted since anew. Returns how many days. Safe in several workers at once.

    Yesterday too, so that what happened in its last minute is in it.
    """
    today = timezone.localdate(now)
    days = {today, today - ONE_DAY}
    noted = set(DirtyDay.objects.values_list("day", flat=True).distinct())
    for day in sorted(days | noted):
        refresh_day(day=day)
    return len(days | noted)


@transaction.atomic
def refresh_day(*, day: date) -> None:
    """Make one local day's `OfficeHour` and `ProgressDay` rows from the rows themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, day.toordinal()])
        # First: what is noted from here on is not yet counted, and stays noted.
        cursor.execute("DELETE FROM issuance_dirtyday WHERE day = %s", [day])
        values = day_values(day)
        cursor.execute("DELETE FROM issuance_officehour WHERE day = %s", [day])
        cursor.execute(f"INSERT INTO issuance_officehour {HOURS} {RAW_HOURS}", values)
        cursor.execute("DELETE FROM issuance_progressday WHERE day = %s", [day])
        cursor.execute(f"INSERT INTO issuance_progressday {DAYS} {RAW_PROGRESS}", values)


def first_day() -> date | None:
    """The local day of the first event that counts; None when nothing has happened yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            SELECT least((SELECT min(day) FROM recording_recording), (SELECT min(day) FROM recording_appointment),
                         (SELECT (min(occurred_at) AT TIME ZONE '{ZONE}')::date FROM issuance_statuschange))
        """)
        return cursor.fetchone()[0]


def refresh_all(*, days: Iterable[date]) -> int:
    """Make every one of `days` anew, each a transaction. Returns how many."""
    return len([refresh_day(day=day) for day in days])


def differences(*, days: Iterable[date]) -> list[str]:
    """The local days whose rollup is not what the rows say, as texts; days noted to be made anew are left out."""
    waiting = set(DirtyDay.objects.values_list("day", flat=True))
    wrong = []
    for day in days:
        if day in waiting:
            continue
        with connection.cursor() as cursor:
            for table, columns, raw in (
                ("issuance_officehour", HOURS, RAW_HOURS),
                ("issuance_progressday", DAYS, RAW_PROGRESS),
            ):
                stored = f"SELECT {columns.strip('()')} FROM {table} WHERE day = %(day)s"
                cursor.execute(
                    f"SELECT count(*) FROM ((({raw}) EXCEPT ({stored})) UNION ALL (({stored}) EXCEPT ({raw}))) AS other",
                    day_values(day),
                )
                if cursor.fetchone()[0]:
                    wrong.append(f"{day}: {table}")
    return wrong


def day_values(day: date) -> dict[str, Any]:
    """What the statements of this module are filled with for one local day."""
    begins = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return {"day": day, "begins": begins, "ends": begins + ONE_DAY}
