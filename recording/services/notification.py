"""The outbox: what is owed to residents is a row first; a job sends it later, once.

A row is claimed with a lease. If the worker dies, the lease ends and the next drain takes the row again, with the same
key for the gateway, so that a copy already handed over is recognised. Only a gateway's acceptance counts as told.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from recording import messages
from recording.enums import MessageChannel, NotificationState
from recording.gateways import Gateway, OutgoingMessage, Undeliverable, for_channel
from recording.models import Appointment, Notification
from recording.policy.code import display
from recording.services.tracking_code import active_code

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)  # longer than a mail server's slowest answers at EMAIL_TIMEOUT each
MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)  # doubled at each failure: the sixth try is 15 minutes after the first


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One message to be written by `enqueue_many`. `context` holds ids and codes, never personal values."""

    resident_id: int
    dedup_key: str
    appointment_id: int | None = None
    context: dict[str, Any] = field(default_factory=dict)


# What was declared for the appointment goes before what the register holds; e-mail before telephone.
WRITE = """
INSERT INTO recording_notification (resident_id, appointment_id, kind, dedup_key, context, language, channel, state,
                                    send_after, attempts, last_error, provider_id, created_at)
SELECT owed.resident_id, owed.appointment_id, %(kind)s, owed.dedup_key, owed.context::jsonb,
       COALESCE(appointment.language, %(language)s), way.channel, 'waiting', %(send_after)s, 0, '', '', now()
FROM unnest(%(residents)s::bigint[], %(appointments)s::bigint[], %(keys)s::text[], %(contexts)s::text[])
     AS owed (resident_id, appointment_id, dedup_key, context)
LEFT JOIN recording_appointment appointment ON appointment.id = owed.appointment_id
LEFT JOIN recording_declaration declared ON declared.appointment_id = owed.appointment_id
LEFT JOIN recording_residentidentity identity ON identity.resident_id = owed.resident_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN declared.email_ct IS NOT NULL THEN 'email'
    WHEN declared.phone_ct IS NOT NULL THEN 'sms'
    WHEN identity.email_ct IS NOT NULL THEN 'email'
    WHEN identity.phone_ct IS NOT NULL THEN 'sms'
    ELSE 'call' END AS channel) way
WHERE way.channel <> 'call' OR %(call)s
ON CONFLICT (dedup_key) DO NOTHING
"""


def enqueue(
    *,
    resident_id: int,
    kind: str,
    dedup_key: str,
    now: datetime,
    context: dict[str, Any] | None = None,
    appointment: Appointment | None = None,
    language: str = "id",
    send_after: datetime | None = None,
) -> Notification | None:
    """Owe `resident_id` a message of `kind`, in the caller's transaction. The way is chosen from the contacts we hold.

    Returns None when `dedup_key` was owed before, or when there is no contact and the kind is not worth a call.
    """
    owed = Owed(
        resident_id=resident_id,
        dedup_key=dedup_key,
        appointment_id=appointment.pk if appointment else None,
        context=context or {},
    )
    values = _values(kind=kind, owed=[owed], send_after=send_after or now, language=language)
    return next(iter(Notification.objects.raw(f"{WRITE} RETURNING *", values)), None)


def enqueue_many(*, kind: str, owed: Sequence[Owed], now: datetime, language: str = "id") -> int:
    """Owe many messages of one kind by one statement. Returns how many are new."""
    if not owed:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(WRITE, _values(kind=kind, owed=owed, send_after=now, language=language))
        return cursor.rowcount


def _values(*, kind: str, owed: Sequence[Owed], send_after: datetime, language: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "call": messages.get(kind).call,
        "language": language,
        "send_after": send_after,
        "residents": [one.resident_id for one in owed],
        "appointments": [one.appointment_id for one in owed],
        "keys": [one.dedup_key for one in owed],
        "contexts": [json.dumps(one.context) for one in owed],
    }


def withdraw(*, resident_id: int, kinds: Sequence[str]) -> int:
    """Take back what is not sent and no longer true. Returns how many messages."""
    return withdraw_many(resident_ids=[resident_id], kinds=kinds)


def withdraw_many(*, resident_ids: Sequence[int], kinds: Sequence[str]) -> int:
    """`withdraw` for many residents by one statement. Returns how many messages."""
    waiting = Notification.objects.filter(
        resident_id__in=resident_ids, kind__in=kinds, state=NotificationState.WAITING, lease_until__isnull=True
    )
    return waiting.update(state=NotificationState.WITHDRAWN)


def drain(*, now: datetime, limit: int = 200) -> int:
    """Send what is due, one claimed message after the other, never inside a transaction. Returns how many were sent.

    Safe to run at the same time in any number of processes.
    """
    started = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    _give_up_on_killers(now=now)
    sent = 0
    with ExitStack() as stack:
        gateways: dict[str, Gateway | None] = {}
        for _turn in range(limit):
            notification = _claim(now=clock())
            if notification is None:
                break
            if notification.channel not in gateways:
                gateway = for_channel(notification.channel)
                gateways[notification.channel] = stack.enter_context(gateway) if gateway else None
            sent += _deliver(notification, gateways[notification.channel], clock)
    return sent


CLAIM = """
UPDATE recording_notification SET lease_until = %(lease)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM recording_notification
    WHERE state = 'waiting' AND channel <> 'call' AND send_after <= %(now)s AND attempts < %(most)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
    ORDER BY send_after, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""


def _claim(*, now: datetime) -> Notification | None:
    """The next message that is due, ours alone until its lease ends."""
    values = {"now": now, "lease": now + LEASE, "most": MOST_ATTEMPTS}
    return next(iter(Notification.objects.raw(CLAIM, values)), None)


def _deliver(notification: Notification, gateway: Gateway | None, clock: Callable[[], datetime]) -> bool:
    """Send one claimed message and note what came of it. Returns whether it was handed over."""
    try:
        if gateway is None:
            raise Undeliverable("no gateway for this channel")
        provider_id = gateway.send(_outgoing(notification))
    except Undeliverable as error:
        _fail(notification, str(error), now=clock())
        return False
    except Exception as error:
        logger.warning("message %s (%s) not sent: %s", notification.pk, notification.kind, type(error).__name__)
        _try_later(notification, f"{type(error).__name__}: {_without_values(error)}", now=clock())
        return False
    return _note(
        notification,
        state=NotificationState.SENT,
        provider_id=provider_id[:120],
        sent_at=clock(),
        told_at=clock(),
        last_error="",
    )


def _note(notification: Notification, **columns) -> bool:
    """Write the outcome, unless the lease has ended and somebody else took the message over."""
    ours = Notification.objects.filter(
        pk=notification.pk, state=NotificationState.WAITING, lease_until=notification.lease_until
    )
    return bool(ours.update(lease_until=None, **columns))


def _try_later(notification: Notification, error: str, *, now: datetime) -> None:
    if notification.attempts >= MOST_ATTEMPTS:
        _fail(notification, error, now=now)
        return
    pause = FIRST_PAUSE * 2 ** (notification.attempts - 1)
    _note(notification, send_after=now + pause, last_error=error[:200])


@transaction.atomic
def _fail(notification: Notification, error: str, *, now: datetime) -> None:
    """No message will arrive: it stays visible as failed, and where it matters the person goes on the call list."""
    if not _note(notification, state=NotificationState.FAILED, last_error=error[:200]):
        return
    if messages.get(notification.kind).call:
        Notification.objects.bulk_create(
            [
                Notification(
                    resident_id=notification.resident_id,
                    appointment_id=notification.appointment_id,
                    kind=notification.kind,
                    dedup_key=f"{notification.dedup_key}:call",
                    context=notification.context,
                    language=notification.language,
                    channel=MessageChannel.CALL,
                    send_after=now,
                )
            ],
            ignore_conflicts=True,
        )


def _give_up_on_killers(*, now: datetime) -> None:
    """A message whose every try ended with its worker killed is failed instead of tried for ever."""
    for notification in Notification.objects.filter(
        state=NotificationState.WAITING, attempts__gte=MOST_ATTEMPTS, lease_until__lte=now
    ):
        _fail(notification, "its worker was killed at every try", now=now)


def _outgoing(notification: Notification) -> OutgoingMessage:
    """Look up the address and render the text, at the last moment."""
    address, kind = _address(notification), messages.get(notification.kind)
    with translation.override(notification.language):
        text = messages.render(kind, language=notification.language, context=_context(notification, kind))
    return OutgoingMessage(
        key=hashlib.sha256(notification.dedup_key.encode()).hexdigest()[:32],
        kind=notification.kind,
        channel=notification.channel,
        address=address,
        subject=text.subject,
        body=text.body,
    )


def _context(notification: Notification, kind: messages.Kind) -> dict[str, Any]:
    appointment = notification.appointment
    code = active_code(notification.resident)
    return {
        **notification.context,
        "site": urlsplit(settings.SITE_URL).netloc,
        "code": display(code) if code else "",
        "appointment": appointment,
        "office": appointment.office if appointment else None,
        **(kind.context(notification) if kind.context else {}),
    }


def _address(notification: Notification) -> str:
    """Where the message goes. Raises Undeliverable: the contact was removed meanwhile."""
    name = "email" if notification.channel == MessageChannel.EMAIL else "phone"
    declared = getattr(notification.appointment, "declaration", None)
    identity = getattr(notification.resident, "identity", None)
    for holder in (declared, identity):
        if holder is not None and getattr(holder, name):
            return getattr(holder, name)
    raise Undeliverable("no address any more")


def _without_values(error: Exception) -> str:
    """An exception's text only where we wrote it ourselves: others may quote what they choked on."""
    return str(error) if type(error).__module__.startswith("recording.gateways") else ""
