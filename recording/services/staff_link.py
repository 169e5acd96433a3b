"""Links by which staff set a password: asked for in a row, sent later by a job, used once.

The token is derived from the row's nonce under a key outside the database, so that a job may send the same link again
after a crash, while a stolen database opens nothing.
"""

import base64
import hashlib
import logging
import os
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from recording import messages
from recording.crypto import blind_index
from recording.enums import MessageChannel, NotificationState, StaffLinkKind
from recording.exceptions import LinkNotUsable
from recording.gateways import OutgoingMessage, Undeliverable, for_channel
from recording.models import StaffLink, User
from recording.services import audit

logger = logging.getLogger(__name__)

# Basis: office standard; an invitation may wait for the next working day, a reset may not.
LASTS = {StaffLinkKind.INVITATION: timedelta(hours=72), StaffLinkKind.PASSWORD_RESET: timedelta(hours=1)}
TEXTS = {
    StaffLinkKind.INVITATION: messages.Kind("staff_invitation", "messages/recording/staff_invitation"),
    StaffLinkKind.PASSWORD_RESET: messages.Kind("staff_password_reset", "messages/recording/staff_password_reset"),
}
LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)


@transaction.atomic
def ask(*, user: User, kind: StaffLinkKind, now: datetime, by: User | None = None) -> StaffLink:
    """Owe `user` a link. Links sent before stop working.

    Locks: the person's row, so that two requests leave one link.
    """
    User.objects.select_for_update().get(pk=user.pk)
    withdraw(user=user)
    nonce = os.urandom(32)
    return StaffLink.objects.create(
        user=user,
        kind=kind,
        nonce=nonce,
        digest=_digest(_token(nonce)),
        asked_by=by,
        expires_at=now + LASTS[kind],
        send_after=now,
    )


def withdraw(*, user: User) -> int:
    """Make every unused link of `user` worthless. Returns how many."""
    unused = StaffLink.objects.filter(user=user, used_at__isnull=True).exclude(state=NotificationState.WITHDRAWN)
    return unused.update(state=NotificationState.WITHDRAWN)


def find(*, token: str, now: datetime) -> StaffLink | None:
    """The link that carries `token`, while it can be used."""
    return StaffLink.objects.usable(now=now).select_related("user").filter(digest=_digest(token)).first()


@transaction.atomic
def set_password(*, token: str, password: str, now: datetime) -> User:
    """Use the link: set its owner's password and end all sessions opened with the old one.

    Raises LinkNotUsable: used, replaced, expired, or the account is disabled.
    """
    link = find(token=token, now=now)
    # Only columns of its own: with a join the guard would be read before the row is locked, and pass twice.
    unused = StaffLink.objects.filter(used_at__isnull=True).exclude(state=NotificationState.WITHDRAWN)
    if link is None or not unused.filter(pk=link.pk).update(used_at=now):
        raise LinkNotUsable
    user = link.user
    columns = {"password": make_password(password), "session_epoch": F("session_epoch") + 1}
    User.objects.filter(pk=user.pk).update(**columns)
    audit.record(
        action=f"staff.password_by_{link.kind}", actor=user, subject=f"user:{user.pk}", office_id=user.office_id
    )
    return user


def address(link: StaffLink) -> str:
    """The full address that the e-mail carries."""
    return f"{settings.SITE_URL}{reverse('staff_link', args=[_token(bytes(link.nonce))])}"


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Send the links that wait, each claimed by a lease. Returns how many were handed over.

    Safe to run at the same time in any number of processes; a copy sent twice carries the same link and message id.
    """
    sent = 0
    for _turn in range(limit):
        link = _claim(now=now)
        if link is None:
            break
        sent += _deliver(link, now=now)
    return sent


@transaction.atomic
def _claim(*, now: datetime) -> StaffLink | None:
    due = StaffLink.objects.usable(now=now).filter(
        state=NotificationState.WAITING, send_after__lte=now, attempts__lt=MOST_ATTEMPTS
    )
    free = due.filter(lease_until__isnull=True) | due.filter(lease_until__lte=now)
    link = free.select_for_update(skip_locked=True, of=("self",)).select_related("user").order_by("send_after").first()
    if link:
        link.attempts, link.lease_until = link.attempts + 1, now + LEASE
        link.save(update_fields=["attempts", "lease_until"])
    return link


def _deliver(link: StaffLink, *, now: datetime) -> bool:
    gateway = for_channel(MessageChannel.EMAIL)
    try:
        if gateway is None or not link.user.email:
            raise Undeliverable("no address")
        with gateway:
            gateway.send(_message(link))
    except Undeliverable as error:
        return _note(link, state=NotificationState.FAILED, last_error=str(error)[:200]) and False
    except Exception as error:  # whatever stops one message must not stop the others
        logger.warning("staff link %s not sent: %s", link.pk, type(error).__name__)
        last = link.attempts >= MOST_ATTEMPTS
        state = NotificationState.FAILED if last else NotificationState.WAITING
        pause = FIRST_PAUSE * 2 ** (link.attempts - 1)
        return _note(link, state=state, last_error=type(error).__name__, send_after=now + pause) and False
    return _note(link, state=NotificationState.SENT, sent_at=now, last_error="")


def _note(link: StaffLink, **columns) -> bool:
    """Write the outcome, unless the link was withdrawn or taken over meanwhile."""
    ours = StaffLink.objects.filter(pk=link.pk, state=NotificationState.WAITING, lease_until=link.lease_until)
    return bool(ours.update(lease_until=None, **columns))


def _message(link: StaffLink) -> OutgoingMessage:
    kind = TEXTS[StaffLinkKind(link.kind)]
    hours = int(LASTS[StaffLinkKind(link.kind)].total_seconds() // 3600)
    context = {"user": link.user, "address": address(link), "hours": hours}
    text = messages.render(kind, language="id", context=context)
    return OutgoingMessage(
        key=hashlib.sha256(f"staff_link:{link.pk}".encode()).hexdigest(),
        kind=kind.name,
        channel=MessageChannel.EMAIL,
        address=link.user.email,
        subject=text.subject,
        body=text.body,
    )


def _token(nonce: bytes) -> str:
    """256 bits that only this portal can derive, fit for an address."""
    return base64.urlsafe_b64encode(blind_index(nonce.hex(), purpose="staff_link.token")).decode().rstrip("=")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def forget(*, before: datetime) -> int:
    """Delete links that ended before that moment: used or not, they open nothing. Returns how many."""
    count, _ = StaffLink.objects.filter(expires_at__lt=before).delete()
    return count
