"""How many people scarce supplies are promised to, and who prints where. Pure rules."""

from collections.abc import Mapping
from datetime import date, timedelta

from issuance.enums import PickMode, SupplyItem
from issuance.policy.service_days import IsOpen, after
from recording.enums import OfficeKind, PrintPolicy

HOLD_DAYS = 7  # service days that a blank is kept for somebody invited; office standard, not law
MOST_DAYS = timedelta(days=28)  # however long the offices stay closed
MEASURED_OVER = timedelta(days=90)  # invitations that tell how many come
FEWEST_INVITATIONS = 30  # settled ones; below that every invited person is expected to come
LEAST_SHARE = 0.5  # however few came, no more than two are invited for a blank; office standard, not law


def scarcest(free: Mapping[SupplyItem, int]) -> tuple[int, SupplyItem]:
    """How many cards can be printed with what is free, and which item sets the bound (the blank first among equals)."""
    item = min(SupplyItem, key=lambda each: free.get(each, 0))
    return max(0, free.get(item, 0)), item


def show_up_share(*, came: int, stayed_away: int) -> float:
    """The share (0.5 to 1) of invited people who come, from settled invitations; 1 while there are too few to tell."""
    settled = came + stayed_away
    return 1.0 if settled < FEWEST_INVITATIONS else max(LEAST_SHARE, round(came / settled, 3))


def people_for(*, prints: int, share: float) -> int:
    """How many people may be promised a card: times the share that comes, never more than `prints`."""
    people = int(prints / share)
    return people if people * share <= prints else people - 1


def hold_until(*, day: date, is_open: IsOpen) -> date:
    """The last local day on which a blank is kept for somebody invited on `day`."""
    return min(after(day=day, days=HOLD_DAYS, is_open=is_open), day + MOST_DAYS)


def mode_of(policy: PrintPolicy | str) -> PickMode:
    return PickMode.PRINT if policy == PrintPolicy.IN_ADVANCE else PickMode.INVITE


def may_print(*, prints: bool, kind: OfficeKind | str, is_pickup: bool) -> bool:
    """Whether an office (with a printer, of this kind) may print a card: where it is collected, or at Disdukcapil,
    which ships it there."""
    return prints and (is_pickup or kind == OfficeKind.DISDUKCAPIL)
