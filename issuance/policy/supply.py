"""The pure rules of supplies: what a print uses up, how long a stock lasts, when to raise the alarm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from issuance.enums import MovementKind, SupplyItem

# Every print uses one of each. The order is also the order of locks: whoever touches several balances of an office
# takes them in this one.
ITEMS = (SupplyItem.BLANK, SupplyItem.RIBBON, SupplyItem.FILM)
UNIT = {SupplyItem.BLANK: "keping", SupplyItem.RIBBON: "cetakan", SupplyItem.FILM: "cetakan"}
NAME = {SupplyItem.BLANK: "blanko", SupplyItem.RIBBON: "ribbon", SupplyItem.FILM: "film"}

BURN_DAYS = 28  # calendar days of use that the runway is measured from; office standard, not law
LOW_DAYS = 5  # service days of runway below which staff are warned: a delivery takes about a week; not law
BURNING = (MovementKind.USED, MovementKind.SPOILED)  # what a stock loses by printing; the rest is moving it about
DIFFERENCE_NEEDS_REASON = (
    MovementKind.RECEIVED,
    MovementKind.ALLOCATED_IN,
    MovementKind.RETURNED_IN,
    MovementKind.COUNTED,
)


@dataclass(frozen=True, kw_only=True)
class Runway:
    """How many service days a stock lasts. `days` None: nothing was used in the sample, so nobody knows.

    `item`: the scarcest, which decides; `per_day`: its measured use for each service day; `sample_days`: service days
    that the measure rests on, within the last `calendar_days`.
    """

    days: float | None
    item: SupplyItem | None
    per_day: float
    sample_days: int
    calendar_days: int = BURN_DAYS


def first_sample_day(today: date) -> date:
    """The first local date that counts for the burn; the last one is yesterday, since today is not over."""
    return today - timedelta(days=BURN_DAYS)


def runway(
    *,
    quantities: Mapping[SupplyItem, int],
    used: Mapping[SupplyItem, int],
    sample_days: int,
    calendar_days: int = BURN_DAYS,
) -> Runway:
    """The runway of the scarcest item. `used`: pieces in the sample, spoiled ones among them.

    An item that is gone lasts 0 days whatever was used; an item that was never taken in is left out.
    """
    scarcest = Runway(days=None, item=None, per_day=0.0, sample_days=sample_days, calendar_days=calendar_days)
    for item in ITEMS:
        if item not in quantities:
            continue
        per_day = used.get(item, 0) / sample_days if sample_days else 0.0
        days = 0.0 if quantities[item] == 0 else quantities[item] / per_day if per_day else None
        if days is not None and (scarcest.days is None or days < scarcest.days):
            scarcest = Runway(
                days=days, item=item, per_day=per_day, sample_days=sample_days, calendar_days=calendar_days
            )
    return scarcest


def is_low(*, quantity: int, alarm_below: int, days: float | None) -> bool:
    """Whether staff should be warned: below the line somebody drew, or lasting under LOW_DAYS service days."""
    return quantity < alarm_below or (days is not None and days < LOW_DAYS)


def runway_in_words(runway: Runway) -> str:
    """What staff read, such as "cukup untuk 6 hari layanan menurut pemakaian 28 hari terakhir (sampel 24 hari layanan)"."""
    if runway.days is None or runway.item is None:
        return "Belum dapat diperkirakan: belum ada pemakaian yang terukur."
    name = NAME[runway.item].capitalize()
    if runway.days == 0:
        return f"{name} habis."
    lasts = f"cukup untuk {int(runway.days)} hari layanan" if runway.days >= 1 else "habis dalam satu hari layanan"
    return f"{name} {lasts} menurut pemakaian {runway.calendar_days} hari terakhir (sampel {runway.sample_days} hari layanan)."
