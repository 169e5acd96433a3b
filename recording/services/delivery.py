"""What comes back about messages that were handed over: reports of gateways, and returned mail."""

import email
import email.policy
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from recording.enums import MessageChannel, NotificationState
from recording.gateways import TextGatewaySettings, text_gateway
from recording.gateways.smtp import bounce_proof, message_id
from recording.gateways.text import as_word, at_path
from recording.models import Notification
from recording.policy import bounce
from recording.services import contact, notification

REPLAY_WINDOW = timedelta(minutes=5)  # older, a report may be somebody's copy of it; clocks differ by less
MOST_REPORTS = 500  # in one request
LONGEST_BOUNCE = 1024 * 1024  # bytes; a returned copy of our messages has a few thousand


class NotSigned(Exception):
    """The request is not from the gateway, or too old."""


class NotReadable(Exception):
    """The request is the gateway's, but not what the settings say it looks like."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How many reports changed something, and how many are about messages that we do not know (yet)."""

    changed: int
    unknown: int


def signature(*, secret: str, timestamp: str, body: bytes) -> str:
    """What a gateway sends as `X-Signature`: HMAC-SHA-256, in hexadecimal digits, of "<timestamp>." and the body."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def take_reports(*, gateway: str, timestamp: str, signed: str, body: bytes, now: datetime) -> Taken:
    """Note what the gateway of a channel (sms or whatsapp) reports, one object or a list of them.

    Raises NotSigned: the signature or the time (Unix seconds) is wrong, or the channel takes no reports; NotReadable.
    Idempotent: what arrived stays arrived, whatever is said later or again.
    """
    options = text_gateway(gateway)
    _require_signature(options, timestamp, signed, body, now)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise NotReadable from None
    reports = document if isinstance(document, list) else [document]
    if len(reports) > MOST_REPORTS:
        raise NotReadable
    outcomes = [_take(gateway, options, report, now) for report in reports]
    return Taken(changed=outcomes.count(True), unknown=outcomes.count(None))


def _require_signature(options: TextGatewaySettings, timestamp: str, signed: str, body: bytes, now: datetime) -> None:
    expected = signature(secret=options.report_secret or "-", timestamp=timestamp, body=body)
    is_theirs = hmac.compare_digest(expected.encode(), signed.strip().removeprefix("sha256=").lower().encode())
    is_recent = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
    is_recent = is_recent and abs(now.timestamp() - int(timestamp)) <= REPLAY_WINDOW.total_seconds()
    if not (options.report_secret and is_theirs and is_recent):
        raise NotSigned


def _take(channel: str, options: TextGatewaySettings, report: Any, now: datetime) -> bool | None:
    """Whether this report changed something; None: nobody here knows the message."""
    known_as, said = at_path(report, options.report_id_path), as_word(at_path(report, options.report_status_path))
    if not isinstance(known_as, str | int) or known_as == "":
        raise NotReadable
    message = Notification.objects.filter(provider_id=f"{known_as}"[:120], channel=channel).first()
    if message is None:
        return None
    if said in options.report_delivered:
        return arrived(message=message, now=now)
    if said in options.report_failed:
        return did_not_arrive(message=message, reason=f"gateway reported: {said}", now=now)
    return False  # on its way


@transaction.atomic
def arrived(*, message: Notification, now: datetime) -> bool:
    """The message is in the person's hands: told. Also after it was given up; then nobody need call any more."""
    known = Notification.objects.filter(
        pk=message.pk, state__in=[NotificationState.SENT, NotificationState.FAILED], provider_id=message.provider_id
    )
    if not known.update(state=NotificationState.DELIVERED, told_at=message.told_at or now, last_error=""):
        return False
    notification.take_off_call_list([message.dedup_key])
    return True


@transaction.atomic
def did_not_arrive(*, message: Notification, reason: str, now: datetime) -> bool:
    """A message that was handed over never reached the person, who goes on the call list where it matters."""
    known = Notification.objects.filter(pk=message.pk, state=NotificationState.SENT, provider_id=message.provider_id)
    if not known.update(state=NotificationState.FAILED, told_at=None, last_error=reason[:200]):
        return False
    notification.put_on_call_list([message], now=now)
    return True


@transaction.atomic
def take_bounce(*, raw: bytes, recipient: str, now: datetime) -> str:
    """Read one returned mail, as a mail server hands it over. Returns what it was: hard, soft or unknown.

    Hard: the message failed and nobody was told; an address that does not exist is not used again. Anything else,
    also somebody's automatic answer or a forged report, changes nothing.
    """
    said = bounce.read(
        email.message_from_bytes(raw[:LONGEST_BOUNCE], policy=email.policy.compat32), recipient=recipient
    )
    if said is None or not _is_ours(said):
        return "unknown"
    message = Notification.objects.filter(provider_id=message_id(said.key), channel=MessageChannel.EMAIL).first()
    if message is None:
        return "unknown"
    if not said.is_lasting:
        return "soft"
    if said.is_bad_address:
        address = contact.usable(notification=message, name="email")
        if address:
            contact.mark_bad(notification=message, address=address, now=now)
    did_not_arrive(message=message, reason=f"mail came back, {said.status or 'without a code'}", now=now)
    return "hard"


def _is_ours(said: bounce.Bounce) -> bool:
    return hmac.compare_digest(bounce_proof(said.key)[: bounce.PROOF_LENGTH], said.proof)
