"""Find the cases that rest too long, so that nobody's record settles without the resident being told what to do."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from issuance.enums import ChangeEvent
from issuance.models import StallRule
from issuance.policy.observation import UNDO_WITHIN
from issuance.policy.service_days import cut_off
from issuance.services.calendar import service_days
from issuance.services.case import STALLED_KIND
from recording.services import notification
from recording.services.notification import Owed

CHUNK = 5000  # cases in one transaction: what a killed worker loses is done again by the next sweep

# Reads the index `case_resting`. What another worker has locked is that worker's. What a national list has just said
# may be taken back for half an hour, and is told only then.
FLAG = """
WITH resting AS (
    SELECT id FROM issuance_case
    WHERE status = %(status)s AND clock_from <= %(cut_off)s AND clock_from IS NOT NULL AND stalled_since IS NULL
          AND NOT EXISTS (SELECT FROM issuance_statuschange told
                          WHERE told.case_id = issuance_case.id AND told.central_import_id IS NOT NULL
                                AND told.entered_at > %(undoable)s AND told.entered_at <= %(as_of)s)
    ORDER BY clock_from LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
), flagged AS (
    UPDATE issuance_case SET stalled_since = %(as_of)s, next_step = %(remedy)s
    FROM resting WHERE issuance_case.id = resting.id
    RETURNING issuance_case.id, resident_id, recording_id, attempt, status, status_since
), history AS (
    INSERT INTO issuance_statuschange (case_id, event, from_status, to_status, attempt, occurred_at, entered_at, note)
    SELECT id, %(event)s, status, status, attempt, %(as_of)s, now(), '' FROM flagged
)
SELECT flagged.id, resident_id, flagged.attempt, flagged.status_since,
       (SELECT appointment_id FROM recording_recording WHERE recording_recording.id = flagged.recording_id)
FROM flagged
"""


def flag_stalled(*, as_of: datetime) -> int:
    """Flag every case that has rested in its status for as many service days as its rule allows, and owe its resident
    the message. Invites nobody to record again. Returns how many cases are newly flagged.

    Set-based, in chunks, each one transaction. Idempotent by `stalled_since`; the message by its dedup key, once per
    stall. Safe in two workers at once.
    """
    as_of = timezone.localtime(as_of)
    is_open = service_days()
    flagged = 0
    for rule in StallRule.objects.filter(active=True).order_by("status"):
        limit = cut_off(as_of=as_of, days=rule.stalled_after, is_open=is_open)
        while chunk := _flag_chunk(rule, limit=limit, as_of=as_of):
            flagged += chunk
    return flagged


@transaction.atomic
def _flag_chunk(rule: StallRule, *, limit: datetime, as_of: datetime) -> int:
    values: dict[str, Any] = {
        "status": rule.status,
        "cut_off": limit,
        "as_of": as_of,
        "undoable": as_of - UNDO_WITHIN,
        "remedy": rule.remedy,
        "event": ChangeEvent.FLAGGED.value,
        "chunk": CHUNK,
    }
    with connection.cursor() as cursor:
        cursor.execute(FLAG, values)
        cases = cursor.fetchall()
    owed = [
        Owed(
            resident_id=resident_id,
            appointment_id=appointment_id,
            dedup_key=f"{STALLED_KIND}:{case_id}:{attempt}:{int(status_since.timestamp())}",
            context={"case": case_id, "status": rule.status},
        )
        for case_id, resident_id, attempt, status_since, appointment_id in cases
    ]
    # Due at once, also when somebody asks what will be stalled on a later day.
    notification.enqueue_many(kind=STALLED_KIND, owed=owed, now=min(as_of, timezone.now()))
    return len(cases)
