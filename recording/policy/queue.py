"""In which order people are called, and how long that takes. Pure rules.

1. Whoever was called and not there ("ditunda") comes back after RETURNS_AFTER others.
2. Elderly people, people with special needs, pregnant women and parents with a baby come first, then those who must
   record again. After PRIORITY_IN_A_ROW of them one other person is called, so that nobody waits for ever.
3. Booked people whose time has come, in the order of their times; somebody who comes after the slot has ended is taken
   for the time of arrival. After BOOKED_IN_A_ROW of them one walk-in is called: the share of places kept for walk-ins.
4. Walk-ins in the order of their numbers.
5. Booked people who came before their time.
6. Whoever was called and not there, when nobody else waits.

Basis: UU 25/2009 art. 29 (special treatment of certain people in public service), UU 13/1998 art. 1 (elderly: 60 years
or more), UU 8/2016 art. 19 (public service for people with disabilities); the figures are the office's standard.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median, quantiles

from recording.enums import PriorityReason, Purpose, TicketSeries

ELDERLY_FROM_AGE = 60  # years, by the year of birth
RETURNS_AFTER = 3  # others
PRIORITY_IN_A_ROW = 2
BOOKED_IN_A_ROW = 4  # then one walk-in: a fifth of the places is kept for them
EARLY = timedelta(minutes=5)  # that much before the slot its people count as due
PRIORITY: dict[str, int] = {
    PriorityReason.ELDERLY: 2,
    PriorityReason.SPECIAL_NEEDS: 2,
    PriorityReason.PREGNANT: 2,
    PriorityReason.RERECORD: 1,
}

SHORTEST, LONGEST = 1.0, 60.0  # minutes; what lies outside was not one service
MEASURED_FROM = 5  # services; with fewer the planned length counts
MEASURED_LAST = 20  # services
STATION_OPEN_FOR = timedelta(minutes=30)  # after its last call a station counts as open
ROUNDED_TO = 5  # minutes
PLANNED_SPREAD = 1.5


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody who may be called. `due_at`: start of the booked slot (None: walk-in), `slot_ends_at` its end;
    `others_since_parked`: how many others were called since, None when not parked."""

    ticket_id: int
    series: str
    number: int
    priority: int
    issued_at: datetime
    due_at: datetime | None = None
    slot_ends_at: datetime | None = None
    others_since_parked: int | None = None


@dataclass(frozen=True)
class Called:
    """Somebody called before, as far as the order depends on it."""

    series: str
    priority: int


def priority_reason(*, birth_year: int, year: int, special_needs: bool, purpose: str) -> PriorityReason | str:
    """Why this person is called before others, "" for no reason. Pregnancy is seen at the desk only."""
    if special_needs:
        return PriorityReason.SPECIAL_NEEDS
    if year - birth_year >= ELDERLY_FROM_AGE:
        return PriorityReason.ELDERLY
    return PriorityReason.RERECORD if purpose == Purpose.RERECORD else ""


def call_order(waiting: Iterable[Waiting], *, called: Sequence[Called], now: datetime) -> list[int]:
    """Ids of the tickets in the order in which they will be called, if nobody comes and nothing changes.

    `called`: those called before, the latest first.
    """
    lanes = _Lanes(waiting, called=called, now=now)
    return [each.ticket_id for each in iter(lanes.take, None)]


class _Lanes:
    """The waiting people by the rule that calls them; `take` applies the rules once."""

    def __init__(self, waiting: Iterable[Waiting], *, called: Sequence[Called], now: datetime):
        everybody = sorted(waiting, key=_time)
        present = [each for each in everybody if each.others_since_parked is None]
        self.parked = sorted(
            (each for each in everybody if each.others_since_parked is not None),
            key=lambda each: -(each.others_since_parked or 0),
        )
        ordinary = [each for each in present if not each.priority]
        self.priority = deque(sorted((each for each in present if each.priority), key=lambda each: -each.priority))
        self.walk_ins = deque(each for each in ordinary if each.due_at is None)
        self.due = deque(each for each in ordinary if each.due_at and each.due_at - EARLY <= now)
        self.early = deque(each for each in ordinary if each.due_at and each.due_at - EARLY > now)
        self.priority_run = _run(called, lambda each: each.priority > 0)
        others = [each for each in called if not each.priority]
        self.booked_run = _run(others, lambda each: each.series == TicketSeries.BOOKED)

    def take(self) -> Waiting | None:
        """The next to call; None when nobody is left."""
        if self.parked and (self.parked[0].others_since_parked or 0) >= RETURNS_AFTER:
            return self.parked.pop(0)
        others = bool(self.walk_ins or self.due or self.early)
        if self.priority and not (others and self.priority_run >= PRIORITY_IN_A_ROW):
            self.priority_run += 1
            return self._count(self.priority.popleft())
        if others:
            self.priority_run = 0
            return self._count(self._ordinary())
        return self.parked.pop(0) if self.parked else None

    def _ordinary(self) -> Waiting:
        if self.due and not (self.walk_ins and self.booked_run >= BOOKED_IN_A_ROW):
            self.booked_run += 1
            return self.due.popleft()
        if self.walk_ins:
            self.booked_run = 0
            return self.walk_ins.popleft()
        self.booked_run += 1
        return self.early.popleft()

    def _count(self, taken: Waiting) -> Waiting:
        """Everybody parked has seen one more being called."""
        self.parked = [replace(each, others_since_parked=(each.others_since_parked or 0) + 1) for each in self.parked]
        return taken


def _time(waiting: Waiting) -> tuple[datetime, str, int]:
    """The time that counts: the booked one, or that of arrival for walk-ins and those who came too late."""
    late = waiting.slot_ends_at is not None and waiting.issued_at >= waiting.slot_ends_at
    booked = waiting.due_at if waiting.due_at and not late else None
    return (booked or waiting.issued_at, waiting.series, waiting.number)


def _run(called: Sequence[Called], belongs) -> int:  # type: ignore[no-untyped-def]
    """How many of the latest ones in a row belong."""
    for count, each in enumerate(called):
        if not belongs(each):
            return count
    return len(called)


@dataclass(frozen=True)
class Wait:
    """Expected minutes until the call, rounded to five, from `shortest` to `longest`."""

    shortest: int
    longest: int


def expected_wait(*, before: int, stations: int, measured: Sequence[float], planned: float) -> Wait:
    """How long somebody with `before` people ahead waits at `stations` open stations.

    `measured`: minutes of the latest services, `planned`: minutes of one by the office's hours, when too few were
    measured. From the median to the time that nine of ten services keep.
    """
    usual, long = service_minutes(measured, planned=planned)
    rounds = before / max(stations, 1)
    shortest = math.floor(rounds * usual / ROUNDED_TO) * ROUNDED_TO
    longest = math.ceil((rounds + 1) * long / ROUNDED_TO) * ROUNDED_TO
    return Wait(shortest, longest)


def service_minutes(measured: Sequence[float], *, planned: float) -> tuple[float, float]:
    """Median and ninth decile of the services measured, in minutes; by the plan when there are too few."""
    plausible = [minutes for minutes in measured if SHORTEST <= minutes <= LONGEST][:MEASURED_LAST]
    if len(plausible) < MEASURED_FROM:
        return planned, planned * PLANNED_SPREAD
    return median(plausible), quantiles(plausible, n=10, method="inclusive")[-1]
