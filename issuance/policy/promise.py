"""When a resident may expect the card.

What an office measured is a survival estimate (Kaplan and Meier, 1958): of the people recorded in the last 90 days,
those who still wait count as waiting until yesterday. Leaving them out would make a slow month look fast, since only
the quick cards of it are finished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from issuance.policy.service_days import IsOpen, after
from recording.policy.booking import card_from

DEFAULT_DAYS = (4, 5)  # service days; the campaign's promise, until the portal has measured its own
ENOUGH = 30  # cards; below that the campaign's promise stands
WINDOW_DAYS = 90  # calendar days back; older recordings say little about today. Office standard, not law
HALF, NINE_OF_TEN = 0.5, 0.9


@dataclass(frozen=True)
class Promise:
    """Between which dates the card is to be expected. `at_seventeen`: on the 17th birthday, a date that no page or
    message spells out. `sample`: how many cards of the office it was measured from; 0: the campaign's own promise.
    `open_ended`: so many still wait that no last date can be named; `latest` is then the earliest."""

    earliest: date
    latest: date
    at_seventeen: bool = False
    sample: int = 0
    open_ended: bool = False


@dataclass(frozen=True)
class Measured:
    """Service days by when half and nine of ten had their card (None: nobody can say yet), and of how many cards."""

    p50: int | None
    p90: int | None
    sample: int


def measure(*, came: Mapping[int, int], waiting: Mapping[int, int]) -> Measured:
    """Half and nine of ten, from how many cards came on their n-th service day and how many people have waited n
    service days without one."""
    return Measured(
        p50=days_until(HALF, came=came, waiting=waiting),
        p90=days_until(NINE_OF_TEN, came=came, waiting=waiting),
        sample=sum(came.values()),
    )


def days_until(share: float, *, came: Mapping[int, int], waiting: Mapping[int, int]) -> int | None:
    """The service day by which `share` of the people have their card; None when those who wait leave it open.

    Kaplan-Meier: each day keeps the part of those still waiting that gets nothing on it. Who has waited n days counts
    as waiting on the n-th and is left out from the next on.
    """
    at_risk = sum(came.values()) + sum(waiting.values())
    without = 1.0
    for day in range(max([*came, *waiting], default=-1) + 1):
        if at_risk:
            without *= 1 - came.get(day, 0) / at_risk
        if without <= 1 - share + 1e-9:
            return day
        at_risk -= came.get(day, 0) + waiting.get(day, 0)
    return None


def expect(
    *,
    recorded_on: date,
    days: tuple[int, int | None],
    birth_date: date | None,
    married: bool,
    is_open: IsOpen,
    sample: int = 0,
) -> Promise:
    """The promise made on `recorded_on`: `days` service days later (fewest, most or None), and not before the 17th
    birthday of somebody who never married."""
    fewest, most = days
    earliest = after(day=recorded_on, days=fewest, is_open=is_open)
    latest = earliest if most is None else after(day=recorded_on, days=most, is_open=is_open)
    open_ended = most is None
    from_age = card_from(birth_date, married=married, recorded_on=recorded_on) if birth_date else None
    if from_age is None or from_age <= earliest:
        return Promise(earliest, latest, sample=sample, open_ended=open_ended)
    if from_age <= latest:
        return Promise(from_age, latest, sample=sample, open_ended=open_ended)
    return Promise(from_age, from_age, at_seventeen=True, sample=sample)
