"""Seal the audit trail: each minute's finished events become one link of a SHA-256 chain.

An event that is changed, removed or slipped in later no longer fits its link, and a link that is rewritten no longer
fits the next one. Sealing is a job of its own: no transaction of the portal waits for it.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min

from recording.models import AuditEvent, AuditSeal

SETTLED = timedelta(minutes=1)  # between a clock read for an event and its row; far more than it ever takes
MOST_EVENTS = 20_000  # in one link, so that a long pause is caught up in small steps
FIRST_DIGEST = bytes(32)
FIELDS = ("id", "occurred_at", "actor_id", "action", "resident_id", "subject", "office_id", "reason", "txid")

# Ids are given before the commit: an event may still appear below ids that are visible already. None does that is
# older than every transaction that is still writing.
OLDEST_WRITER = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


def seal(*, now: datetime) -> int:
    """Seal the events that are finished by `now`, in as many links as it takes. Returns how many events. Idempotent;
    of two workers at once one does nothing."""
    sealed = 0
    while count := _seal_next(now=now):
        sealed += count
    return sealed


@transaction.atomic
def _seal_next(*, now: datetime) -> int:
    if not _is_our_turn():
        return 0
    last = AuditSeal.objects.order_by("-last_event_id").first()
    waiting = AuditEvent.objects.filter(pk__gt=last.last_event_id if last else 0)
    unfinished = waiting.filter(occurred_at__gte=_finished_before(now)).aggregate(first=Min("pk"))["first"]
    if unfinished is not None:
        waiting = waiting.filter(pk__lt=unfinished)
    events = list(waiting.order_by("pk").values_list(*FIELDS)[:MOST_EVENTS])
    if not events:
        return 0
    previous = bytes(last.digest) if last else FIRST_DIGEST
    AuditSeal.objects.create(
        sealed_at=now,
        first_event_id=events[0][0],
        last_event_id=events[-1][0],
        event_count=len(events),
        previous_digest=previous,
        digest=_digest(previous, iter(events)),
    )
    return len(events)


def _is_our_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('recording.seal_audit'))")
        return cursor.fetchone()[0]


def _finished_before(now: datetime) -> datetime:
    """Events that occurred before this moment are all visible."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_WRITER)
        (oldest_writer,) = cursor.fetchone()
    return min(now, oldest_writer or now) - SETTLED


def _digest(previous: bytes, events: Iterator[tuple]) -> bytes:
    digest = hashlib.sha256(previous)
    for event in events:
        id_, occurred_at, *rest = event
        line = [id_, occurred_at.astimezone(UTC).isoformat(timespec="microseconds"), *rest]
        digest.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return digest.digest()


def broken_seals() -> Iterator[str]:
    """What does not fit, one sentence each; nothing when the trail is as it was sealed."""
    previous_digest, previous_id = FIRST_DIGEST, 0
    for link in AuditSeal.objects.order_by("last_event_id"):
        covered = AuditEvent.objects.filter(pk__gt=previous_id, pk__lte=link.last_event_id).order_by("pk")
        events = covered.values_list(*FIELDS).iterator(chunk_size=MOST_EVENTS)
        if bytes(link.previous_digest) != previous_digest:
            yield f"segel {link.pk} tidak menyambung segel sebelumnya"
        if _digest(bytes(link.previous_digest), events) != bytes(link.digest):
            yield f"segel {link.pk}: catatan audit {previous_id + 1}-{link.last_event_id} tidak seperti saat disegel"
        previous_digest, previous_id = bytes(link.digest), link.last_event_id
    newest = AuditEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    if newest < previous_id:
        yield "catatan audit terbaru yang sudah disegel tidak ada lagi"
