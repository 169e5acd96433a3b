"""Which role may open which kind of page. Rows are a second question (`for_staff`), the step itself a third (policy).

Basis: the office's own division of work; whoever administers the portal sees no personal data.
"""

from enum import StrEnum
from typing import Any

from recording.enums import Role


class Permission(StrEnum):
    """One kind of work. A page names one; the table below says who does it."""

    DESK = "desk"  # the day's list, check-in, recording, reprint of the code, assisted booking
    CARDS = "cards"  # print, hand over, use and spoil supplies
    CASES = "cases"  # read a case and its history
    DECIDE_CASES = "decide_cases"  # national lists, decided moves, re-record confirmation, letters, closing a case
    SECOND_PERSON = "second_person"  # grant what a verifier asked for, undo a hand-over of the same day
    STOCK = "stock"  # see the supplies, count in what arrives
    SUPPLIES = "supplies"  # count and transfer supplies
    OWN_WORK = "own_work"  # the figures of one's own work
    DASHBOARDS = "dashboards"  # progress, exports, who looked at whom
    CLOSE_DAY = "close_day"  # close the office's day
    STATION_COUNTS = "station_counts"  # how many stations serve
    MANAGE = "manage"  # hours, closures, rules, offices, accounts, jobs


CATALOGUE: dict[Permission, frozenset[Role]] = {
    Permission.DESK: frozenset({Role.OPERATOR, Role.VERIFIER}),
    Permission.CARDS: frozenset({Role.OPERATOR, Role.VERIFIER}),
    Permission.CASES: frozenset({Role.OPERATOR, Role.VERIFIER, Role.SUPERVISOR}),
    Permission.DECIDE_CASES: frozenset({Role.VERIFIER}),
    Permission.SECOND_PERSON: frozenset({Role.SUPERVISOR}),
    Permission.STOCK: frozenset({Role.OPERATOR, Role.VERIFIER, Role.SUPERVISOR}),
    Permission.SUPPLIES: frozenset({Role.SUPERVISOR}),
    Permission.OWN_WORK: frozenset({Role.VERIFIER, Role.SUPERVISOR}),
    Permission.DASHBOARDS: frozenset({Role.SUPERVISOR}),
    Permission.CLOSE_DAY: frozenset({Role.OPERATOR}),
    Permission.STATION_COUNTS: frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    Permission.MANAGE: frozenset({Role.ADMINISTRATOR}),
}


def allows(user: Any, permission: Permission) -> bool:
    """Whether `user` (signed in or not) may do `permission`; a disabled account may do nothing."""
    return bool(user.is_authenticated and user.is_active and user.role in CATALOGUE[permission])


def roles(permission: Permission) -> frozenset[Role]:
    """The roles that hold `permission`, as the menus want them."""
    return CATALOGUE[permission]
