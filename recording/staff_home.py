"""Where each app says what belongs on the staff home and beside a person; `ektp_portal` and the desk draw it.

An app calls these from `AppConfig.ready`. A provider gets the signed-in `User`; it is asked only when the user holds
its permission, so it need not check roles, only rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from recording.policy.access import Permission, allows


@dataclass(frozen=True, kw_only=True)
class Card:
    """One figure with the page it leads to. `kind`: info, success, warning or danger."""

    label: str
    value: str | int
    url: str = ""
    note: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that must not wait. `kind`: warning or danger."""

    title: str
    text: str = ""
    url: str = ""
    link_text: str = ""
    kind: str = "warning"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What another floor knows about a person, for the clerk who has them at the desk."""

    title: str
    text: str = ""
    badge: str = ""
    badge_kind: str = ""
    url: str = ""
    link_text: str = ""


CardProvider = Callable[..., Iterable[Card]]
AlarmProvider = Callable[..., Iterable[Alarm]]
PanelProvider = Callable[..., Iterable[Panel]]


class _Entry(NamedTuple):
    order: int
    name: str
    permission: Permission
    provider: Callable


_cards: dict[str, _Entry] = {}
_alarms: dict[str, _Entry] = {}
_panels: dict[str, _Entry] = {}


def add_cards(provider: CardProvider, *, permission: Permission, order: int = 100) -> None:
    """Show what `provider(user=, now=)` returns to everybody who holds `permission`."""
    _add(_cards, provider, permission, order)


def add_alarms(provider: AlarmProvider, *, permission: Permission, order: int = 100) -> None:
    """Show what `provider(user=, now=)` returns above everything else to everybody who holds `permission`."""
    _add(_alarms, provider, permission, order)


def add_panels(provider: PanelProvider, *, permission: Permission, order: int = 100) -> None:
    """Show what `provider(user=, resident_id=)` returns on the page of a person."""
    _add(_panels, provider, permission, order)


def cards(*, user, now: datetime) -> list[Card]:
    return [card for provider in _allowed(_cards, user) for card in provider(user=user, now=now)]


def alarms(*, user, now: datetime) -> list[Alarm]:
    return [alarm for provider in _allowed(_alarms, user) for alarm in provider(user=user, now=now)]


def panels(*, user, resident_id: int) -> list[Panel]:
    return [panel for provider in _allowed(_panels, user) for panel in provider(user=user, resident_id=resident_id)]


def _add(entries: dict[str, _Entry], provider: Callable, permission: Permission, order: int) -> None:
    """Registering the same function again replaces it."""
    name = f"{provider.__module__}.{provider.__qualname__}:{permission}"
    entries[name] = _Entry(order, name, permission, provider)


def _allowed(entries: dict[str, _Entry], user) -> list[Callable]:
    return [entry.provider for entry in sorted(entries.values()) if allows(user, entry.permission)]
