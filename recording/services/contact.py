"""Where a person can be reached: what was declared for the appointment before what the register holds, and never what is
known to be wrong."""

from collections.abc import Iterator
from datetime import datetime

from recording.models import Declaration, Notification, ResidentIdentity


def usable(*, notification: Notification, name: str) -> str:
    """The telephone number (`name` phone, E.164) or mail address (email) for this message; "": none that is right."""
    return next((value for _holder, value in _held(notification, name)), "")


def mark_bad(*, notification: Notification, address: str, now: datetime) -> int:
    """Nothing reaches `address` any more: later messages go another way. Returns in how many places it was held."""
    name = "email" if "@" in address else "phone"
    marked = 0
    for holder, value in list(_held(notification, name)):
        if value == address:
            marked += type(holder).objects.filter(pk=holder.pk).update(**{f"{name}_bad_at": now})
            setattr(holder, f"{name}_bad_at", now)
    return marked


def _held(notification: Notification, name: str) -> Iterator[tuple[Declaration | ResidentIdentity, str]]:
    declared = getattr(notification.appointment, "declaration", None)
    identity = getattr(notification.resident, "identity", None)
    for holder in (declared, identity):
        if holder is not None and getattr(holder, f"{name}_bad_at") is None and (value := getattr(holder, name)):
            yield holder, value
