"""Where each app says which of its pages belong in the menus; `ektp_portal.navigation` draws them.

An app calls `add_resident_item` and `add_staff_item` from `AppConfig.ready`. Items name URL patterns, so the registry
needs no request and no database.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One entry of a menu. `roles`: `recording.enums.Role` values that see it; None: everybody. Lower `order` first."""

    label: str
    url_name: str
    order: int = 100
    roles: frozenset[str] | None = None
    also: tuple[str, ...] = ()  # beginnings of other addresses that belong to this entry


_resident: dict[str, Item] = {}
_staff: dict[str, Item] = {}
_search: dict[str, Item] = {}


def add_resident_item(label, url_name: str, *, order: int = 100) -> None:
    """Put a page in the residents' menu. `label` is a lazily translated string."""
    _resident[url_name] = Item(label, url_name, order)


def add_staff_item(
    label: str, url_name: str, *, roles: Collection[str] | None = None, order: int = 100, also: tuple[str, ...] = ()
) -> None:
    """Put a page in the staff menu of `roles` (None: every role). On addresses that begin as one of `also` the entry
    is shown as the current one."""
    _staff[url_name] = Item(label, url_name, order, None if roles is None else frozenset(roles), also)


def set_staff_search(url_name: str, *, roles: Collection[str] | None = None) -> None:
    """Name the page that the search box in the staff bar posts to (field `q`: NIK, code or name; never in a URL), for
    `roles` (None: every role)."""
    _search["staff"] = Item("", url_name, roles=None if roles is None else frozenset(roles))


def resident_items() -> list[Item]:
    return sorted(_resident.values(), key=lambda item: item.order)


def staff_items(role: str) -> list[Item]:
    """The staff menu for one role, in order."""
    shown = [item for item in _staff.values() if item.roles is None or role in item.roles]
    return sorted(shown, key=lambda item: item.order)


def staff_search(role: str) -> str | None:
    """The page that searches, for one role."""
    item = _search.get("staff")
    return item.url_name if item and (item.roles is None or role in item.roles) else None
