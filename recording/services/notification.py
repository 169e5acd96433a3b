"""The outbox: what is owed to residents is a row first; a job sends it later, once.

A row is claimed with a lease. If the worker dies, the lease ends and the next drain takes the row again, with the same
key for the gateway, so that a copy already handed over is recognised. Somebody is told when a gateway accepted the
message, or, where it reports what arrives, when it says so (`recording.services.delivery`).
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
from django.db.models import QuerySet
from django.utils import timezone, translation

from recording import messages
from recording.enums import MessageChannel, NotificationState
from recording.gateways import Gateway, OutgoingMessage, Undeliverable, for_channel
from recording.models import Appointment, Notification, User
from recording.policy.code import display
from recording.services import audit, contact
from recording.services.tracking_code import active_code

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)  # longer than a mail server's slowest answers at EMAIL_TIMEOUT each
MOST_ATTEMPTS = 6
REPORT_WAIT = timedelta(hours=12)  # gateways try a switched-off telephone for some hours; a call is still the same day
SILENT_BATCH = 500
FIRST_PAUSE = timedelta(seconds=30)  # doubled at each failure: the sixth try is 15 minutes after the first


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One message to be written by `enqueue_many`. `context` holds ids and codes, never personal values."""

    resident_id: int
    dedup_key: str
    appointment_id: int | None = None
    context: dict[str, Any] = field(default_factory=dict)
    send_until: datetime | None = None


# What was declared for the appointment goes before what the register holds; e-mail before telephone.
WAY = """SELECT CASE
    WHEN declared.email_ct IS NOT NULL AND declared.email_bad_at IS NULL THEN 'email'
    WHEN declared.phone_ct IS NOT NULL AND declared.phone_bad_at IS NULL THEN %(phone)s
    WHEN identity.email_ct IS NOT NULL AND identity.email_bad_at IS NULL THEN 'email'
    WHEN identity.phone_ct IS NOT NULL AND identity.phone_bad_at IS NULL THEN %(phone)s
    ELSE 'call' END AS channel"""
# A person's own kecamatan looks after them, else the office they come to, else Disdukcapil.
WRITE = f"""
INSERT INTO recording_notification (resident_id, appointment_id, office_id, kind, dedup_key, context, language,
                                    channel, state, send_after, send_until, attempts, last_error, provider_id,
                                    created_at)
SELECT owed.resident_id, owed.appointment_id, COALESCE(home.id, appointment.office_id, central.id), %(kind)s,
       owed.dedup_key, owed.context::jsonb, COALESCE(appointment.language, %(language)s), way.channel, 'waiting',
       %(send_after)s, owed.send_until, 0, '', '', now()
FROM unnest(%(residents)s::bigint[], %(appointments)s::bigint[], %(keys)s::text[], %(contexts)s::text[],
            %(send_until)s::timestamptz[])
     AS owed (resident_id, appointment_id, dedup_key, context, send_until)
JOIN recording_resident resident ON resident.id = owed.resident_id
LEFT JOIN recording_village village ON village.id = resident.village_id
LEFT JOIN LATERAL (SELECT id FROM recording_office WHERE district_id = village.district_id AND kind = 'kecamatan'
                   AND active ORDER BY code LIMIT 1) home ON true
LEFT JOIN LATERAL (SELECT id FROM recording_office WHERE kind = 'disdukcapil' AND active
                   ORDER BY code LIMIT 1) central ON true
LEFT JOIN recording_appointment appointment ON appointment.id = owed.appointment_id
LEFT JOIN recording_declaration declared ON declared.appointment_id = owed.appointment_id
LEFT JOIN recording_residentidentity identity ON identity.resident_id = owed.resident_id
CROSS JOIN LATERAL ({WAY}) way
WHERE (way.channel <> 'call' OR %(call)s) AND (%(wanted)s OR NOT resident.only_urgent_messages)
ON CONFLICT (dedup_key) DO NOTHING
"""  # noqa: S608 - every part is a constant


ASSIGN_OFFICES = """
UPDATE recording_notification owed SET office_id = COALESCE(
    (SELECT home.id FROM recording_office home
     JOIN recording_village village ON village.district_id = home.district_id
     JOIN recording_resident resident ON resident.village_id = village.id
     WHERE resident.id = owed.resident_id AND home.kind = 'kecamatan' AND home.active ORDER BY home.code LIMIT 1),
    (SELECT office_id FROM recording_appointment WHERE id = owed.appointment_id),
    (SELECT id FROM recording_office WHERE kind = 'disdukcapil' AND active ORDER BY code LIMIT 1))
WHERE office_id IS NULL
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

    Returns None when `dedup_key` was owed before, when there is no contact and the kind is not worth a call, or when
    the person asked for fewer messages.
    """
    owed = Owed(
        resident_id=resident_id,
        dedup_key=dedup_key,
        appointment_id=appointment.pk if appointment else None,
        context=context or {},
    )
    values = _values(kind=kind, owed=[owed], send_after=send_after or now, language=language)
    return next(iter(Notification.objects.raw(f"{WRITE} RETURNING *", values)), None)


def enqueue_many(
    *, kind: str, owed: Sequence[Owed], now: datetime, language: str = "id", send_after: datetime | None = None
) -> int:
    """Owe many messages of one kind by one statement. Returns how many are new."""
    if not owed:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(WRITE, _values(kind=kind, owed=owed, send_after=send_after or now, language=language))
        return cursor.rowcount


def _values(*, kind: str, owed: Sequence[Owed], send_after: datetime, language: str) -> dict[str, Any]:
    about = messages.get(kind)
    return {
        "kind": kind,
        "call": about.call,
        "wanted": about.call or about.urgent,
        "phone": settings.PHONE_CHANNEL,
        "language": language,
        "send_after": send_after,
        "residents": [one.resident_id for one in owed],
        "appointments": [one.appointment_id for one in owed],
        "keys": [one.dedup_key for one in owed],
        "contexts": [json.dumps(one.context) for one in owed],
        "send_until": [one.send_until for one in owed],
    }


def assign_offices() -> int:
    """Say of messages that were written in bulk which office looks after the person, as WRITE does. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(ASSIGN_OFFICES)
        return cursor.rowcount


def withdraw(*, resident_id: int, kinds: Sequence[str]) -> int:
    """Take back what is not sent and no longer true. Returns how many messages."""
    return withdraw_many(resident_ids=[resident_id], kinds=kinds)


def withdraw_many(*, resident_ids: Sequence[int], kinds: Sequence[str]) -> int:
    """`withdraw` for many residents by one statement. Returns how many messages."""
    waiting = Notification.objects.filter(
        resident_id__in=resident_ids, kind__in=kinds, state=NotificationState.WAITING, lease_until__isnull=True
    )
    return waiting.update(state=NotificationState.WITHDRAWN)


def withdraw_keys(*, dedup_keys: Sequence[str]) -> int:
    """Take back these very messages where they are not sent. Returns how many."""
    waiting = Notification.objects.filter(
        dedup_key__in=dedup_keys, state=NotificationState.WAITING, lease_until__isnull=True
    )
    return waiting.update(state=NotificationState.WITHDRAWN)


def reinstate(*, dedup_keys: Sequence[str]) -> int:
    """What was withdrawn of these is true again and waits. Returns how many."""
    withdrawn = Notification.objects.filter(
        dedup_key__in=dedup_keys, state=NotificationState.WITHDRAWN, told_at__isnull=True
    )
    return withdrawn.update(state=NotificationState.WAITING)


# The contact may have changed since, so the way is chosen anew; who has none stays on the call list.
SEND_AGAIN = f"""
UPDATE recording_notification failed
SET state = 'waiting', channel = way.channel, send_after = %(now)s, attempts = 0, provider_id = '', lease_until = NULL
FROM recording_notification owed
LEFT JOIN recording_declaration declared ON declared.appointment_id = owed.appointment_id
LEFT JOIN recording_residentidentity identity ON identity.resident_id = owed.resident_id
CROSS JOIN LATERAL ({WAY}) way
WHERE failed.id = owed.id AND failed.id = ANY(%(ids)s) AND failed.state = 'failed' AND way.channel <> 'call'
      AND failed.kind = ANY(%(kinds)s)
RETURNING failed.id, failed.resident_id, failed.office_id
"""  # noqa: S608


@transaction.atomic
def send_again(*, notification_ids: Sequence[int], by: User, now: datetime) -> int:
    """Owe failed messages anew, as far as `by` may see them and the person has a contact. Returns how many.

    Idempotent by their state; a person on the call list for one of them stays there until it arrives.
    """
    mine = Notification.objects.for_staff(by).filter(pk__in=notification_ids, state=NotificationState.FAILED)
    kinds = [kind.name for kind in messages.all_kinds()]
    ids = list(mine.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(SEND_AGAIN, {"now": now, "ids": ids, "kinds": kinds, "phone": settings.PHONE_CHANNEL})
        again = cursor.fetchall()
    about = [(resident_id, f"notification:{pk}", office_id) for pk, resident_id, office_id in again]
    audit.record_many(action="message.send_again", about=about, actor=by)
    return len(again)


def failed(*, user: User) -> QuerySet[Notification]:
    """The messages to people of `user`'s office that failed in the last seven days."""
    since = timezone.now() - timedelta(days=7)
    return Notification.objects.for_staff(user).filter(state=NotificationState.FAILED, created_at__gte=since)


def preview(notification: Notification) -> messages.Text:
    """The text as staff may read it, on a screen or aloud: without the code, which only the person needs."""
    kind = messages.get(notification.kind)
    with translation.override("id"):
        context = _context(notification, kind) | {"code": "(di bukti pesanan)"}
        return messages.render(kind, language="id", context=context)


def drain(*, now: datetime, limit: int = 200) -> int:
    """Send what is due, one claimed message after the other, never inside a transaction. Returns how many were sent.

    Safe to run at the same time in any number of processes. In the quiet hours, and to whom has had enough today, only
    what is urgent is sent; the rest goes out at 7 in the morning.
    """
    started = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    _give_up_on_killers(now=now)
    _give_up_on_silence(now=now)
    _withdraw_useless(now=now)
    _hold_until_morning(now=now)
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


# The person has had as many messages today as one gets; what another worker is just sending is not counted yet.
ENOUGH = """
(SELECT count(*) FROM recording_notification sent
 WHERE sent.resident_id = owed.resident_id AND sent.sent_at >= %(midnight)s) >= %(cap)s
"""
CLAIM = f"""
UPDATE recording_notification SET lease_until = %(lease)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM recording_notification owed
    WHERE state = 'waiting' AND channel <> 'call' AND send_after <= %(now)s AND attempts < %(most)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
          AND (send_until IS NULL OR send_until > %(now)s)
          AND (kind = ANY(%(urgent)s) OR (NOT %(quiet)s AND NOT {ENOUGH}))
    ORDER BY send_after, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""  # noqa: S608 - every part is a constant
HOLD = f"""
UPDATE recording_notification held
SET send_after = CASE WHEN found.enough THEN %(tomorrow)s ELSE %(morning)s END
FROM (SELECT id, {ENOUGH} AS enough FROM recording_notification owed
      WHERE state = 'waiting' AND channel <> 'call' AND send_after <= %(now)s
            AND (lease_until IS NULL OR lease_until <= %(now)s) AND kind <> ALL(%(urgent)s)
      ORDER BY id FOR UPDATE SKIP LOCKED) found
WHERE held.id = found.id AND (%(quiet)s OR found.enough)
"""  # noqa: S608


def claim_values(*, now: datetime) -> dict[str, Any]:
    """What CLAIM and HOLD want to know about the moment `now`."""
    local, quiet = timezone.localtime(now), settings.QUIET_HOURS
    return {
        "now": now,
        "lease": now + LEASE,
        "most": MOST_ATTEMPTS,
        "urgent": messages.urgent_kinds(),
        "quiet": quiet.includes(local),
        "midnight": datetime.combine(local.date(), datetime.min.time(), local.tzinfo),
        "cap": settings.MESSAGES_PER_DAY,
        "morning": quiet.next_end(local),
        "tomorrow": quiet.end_tomorrow(local),
    }


def _claim(*, now: datetime) -> Notification | None:
    """The next message that is due, ours alone until its lease ends."""
    return next(iter(Notification.objects.raw(CLAIM, claim_values(now=now))), None)


def _hold_until_morning(*, now: datetime) -> None:
    """What must not go out now is due in the morning, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, claim_values(now=now))


# Too late for anybody, about an appointment that is no more or at another time now, or no longer wanted.
WITHDRAW_USELESS = """
UPDATE recording_notification useless SET state = 'withdrawn', lease_until = NULL
FROM recording_notification owed
JOIN recording_resident resident ON resident.id = owed.resident_id
LEFT JOIN recording_appointment appointment ON appointment.id = owed.appointment_id
WHERE useless.id = owed.id AND owed.state = 'waiting' AND owed.channel <> 'call' AND owed.send_after <= %(now)s
      AND useless.state = 'waiting' AND (useless.lease_until IS NULL OR useless.lease_until <= %(now)s)
      AND (owed.send_until <= %(now)s
           OR (resident.only_urgent_messages AND owed.kind <> ALL(%(wanted)s))
           OR (owed.context ? 'slot' AND (appointment.status <> 'booked'
                                          OR appointment.slot_id <> (owed.context ->> 'slot')::bigint)))
"""


def _withdraw_useless(*, now: datetime) -> None:
    """Take back what is due and of no use any more. `context["slot"]` says for which time a message was owed."""
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW_USELESS, {"now": now, "wanted": messages.owed_kinds()})


def _deliver(notification: Notification, gateway: Gateway | None, clock: Callable[[], datetime]) -> bool:
    """Send one claimed message and note what came of it. Returns whether it was handed over."""
    try:
        if gateway is None:
            raise Undeliverable("no gateway for this channel")
        provider_id = gateway.send(_outgoing(notification))
    except Undeliverable as error:
        _fail(notification, str(error), now=clock(), bad_address=error.bad_address)
        return False
    except Exception as error:
        logger.warning("message %s (%s) not sent: %s", notification.pk, notification.kind, type(error).__name__)
        _try_later(notification, f"{type(error).__name__}: {_without_values(error)}", now=clock())
        return False
    at = clock()
    told_at = None if gateway.reports else at
    return _handed_over(notification, provider_id=provider_id[:120], sent_at=at, told_at=told_at, last_error="")


@transaction.atomic
def _handed_over(notification: Notification, *, told_at: datetime | None, **columns) -> bool:
    """A gateway took the message. Who is told by that need not be called for it any more."""
    done = _note(notification, state=NotificationState.SENT, told_at=told_at, **columns)
    if done and told_at and messages.get(notification.kind).call:
        take_off_call_list([notification.dedup_key])
    return done


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
def _fail(notification: Notification, error: str, *, now: datetime, bad_address: bool = False) -> None:
    """No message will arrive: it stays visible as failed, and where it matters the person goes on the call list."""
    if bad_address:
        contact.mark_bad(notification=notification, address=_address(notification), now=now)
    if _note(notification, state=NotificationState.FAILED, last_error=error[:200]):
        put_on_call_list([notification], now=now)


# A second failure finds the person on the list, or puts somebody back who was taken off it meanwhile.
TO_CALL = """
INSERT INTO recording_notification (resident_id, appointment_id, office_id, kind, dedup_key, context, language, channel,
                                    state, send_after, attempts, last_error, provider_id, created_at)
SELECT resident_id, appointment_id, office_id, kind, dedup_key || ':call', context, language, 'call', 'waiting',
       %(now)s, 0, '', '', now()
FROM recording_notification WHERE id = ANY(%(ids)s) AND kind = ANY(%(kinds)s)
ON CONFLICT (dedup_key) DO UPDATE SET state = 'waiting', send_after = EXCLUDED.send_after
WHERE recording_notification.state = 'withdrawn'
"""


def put_on_call_list(failed: Sequence[Notification], *, now: datetime) -> int:
    """People whom these messages did not reach are called, where the kind is worth a call. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(TO_CALL, {"now": now, "ids": [row.pk for row in failed], "kinds": _kinds_to_call()})
        return cursor.rowcount


def _kinds_to_call() -> list[str]:
    return [kind.name for kind in messages.all_kinds() if kind.call]


def take_off_call_list(dedup_keys: Sequence[str]) -> int:
    """The messages with these keys arrived after all, so nobody need call for them. Returns how many."""
    calls = Notification.objects.to_call().filter(dedup_key__in=[f"{key}:call" for key in dedup_keys])
    return calls.update(state=NotificationState.WITHDRAWN)


def _give_up_on_killers(*, now: datetime) -> None:
    """A message whose every try ended with its worker killed is failed instead of tried for ever."""
    for notification in Notification.objects.filter(
        state=NotificationState.WAITING, attempts__gte=MOST_ATTEMPTS, lease_until__lte=now
    ):
        _fail(notification, "its worker was killed at every try", now=now)


@transaction.atomic
def _give_up_on_silence(*, now: datetime) -> None:
    """Who must learn of something, and whose gateway never said that it arrived, is called. A report that comes later
    still counts."""
    silent = Notification.objects.filter(
        state=NotificationState.SENT, told_at__isnull=True, sent_at__lte=now - REPORT_WAIT, kind__in=_kinds_to_call()
    )
    rows = list(silent.select_for_update(skip_locked=True).order_by("sent_at")[:SILENT_BATCH])
    ids = [row.pk for row in rows]
    Notification.objects.filter(pk__in=ids).update(state=NotificationState.FAILED, last_error="no report of delivery")
    if rows:
        put_on_call_list(rows, now=now)


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
    """Where the message goes. Raises Undeliverable: the contact was removed or found wrong meanwhile."""
    name = "email" if notification.channel == MessageChannel.EMAIL else "phone"
    address = contact.usable(notification=notification, name=name)
    if not address:
        raise Undeliverable("no address any more")
    return address


def _without_values(error: Exception) -> str:
    """An exception's text only where we wrote it ourselves: others may quote what they choked on."""
    return str(error) if type(error).__module__.startswith("recording.gateways") else ""
