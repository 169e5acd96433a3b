"""What a staff session remembers about the person in front of the screen: when they were last active, when they last
gave the password, and whether they showed the second factor. Functions over the session; no request, no database.
"""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from enum import StrEnum

# Basis: OWASP ASVS 5.0, 7.3.1, 7.3.2 and 7.5.3; the figures are the office's standard.
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=10)
PASSWORD_FRESH = timedelta(minutes=30)
WRITE_EVERY = timedelta(seconds=60)  # a session row is not written at every click

KEY = "staff"


class Factor(StrEnum):
    """How this session stands with the second factor."""

    NONE = "none"  # the person has none
    DUE = "due"  # has one, not shown yet
    SHOWN = "shown"


class Standing(StrEnum):
    """What the next page of the staff's part needs first."""

    OPEN = "open"
    FACTOR_DUE = "factor_due"
    FACTOR_MISSING = "factor_missing"
    LOCKED = "locked"
    ENDED = "ended"


def begin(session: MutableMapping, *, has_factor: bool, now: datetime) -> None:
    """Note that the password was just right. In a session already begun this unlocks; the ten hours run on."""
    at = now.timestamp()
    kept = session.get(KEY) or {"began_at": at, "factor": Factor.DUE if has_factor else Factor.NONE}
    session[KEY] = kept | {"active_at": at, "password_at": at, "locked": False}


def standing(session: MutableMapping, *, factor_required: bool, now: datetime) -> Standing:
    """Where this session stands at `now`. Locks it when nobody was active for a quarter of an hour."""
    state, at = session.get(KEY), now.timestamp()
    if state is None or at - state["began_at"] > ABSOLUTE.total_seconds():
        return Standing.ENDED
    if state["factor"] == Factor.DUE:
        return Standing.FACTOR_DUE
    if state["locked"] or at - state["active_at"] > IDLE.total_seconds():
        lock(session)
        return Standing.LOCKED
    return Standing.FACTOR_MISSING if factor_required and state["factor"] == Factor.NONE else Standing.OPEN


def note_activity(session: MutableMapping, *, now: datetime) -> None:
    state = session[KEY]
    if now.timestamp() - state["active_at"] > WRITE_EVERY.total_seconds():
        session[KEY] = state | {"active_at": now.timestamp()}


def lock(session: MutableMapping) -> None:
    """Close the screen until the password is given again."""
    state = session.get(KEY)
    if state and not state["locked"]:
        session[KEY] = state | {"locked": True}


def factor_shown(session: MutableMapping) -> None:
    session[KEY] = session[KEY] | {"factor": Factor.SHOWN}


def factor_removed(session: MutableMapping) -> None:
    session[KEY] = session[KEY] | {"factor": Factor.NONE}


def password_is_fresh(session: MutableMapping, *, now: datetime) -> bool:
    """Whether the password was given in the last half hour, as exports and changes of accounts want it."""
    state = session.get(KEY) or {"password_at": 0}
    return 0 <= now.timestamp() - state["password_at"] <= PASSWORD_FRESH.total_seconds()
