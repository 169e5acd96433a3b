"""Which hours hold at an office on a date, and the slots they make. Pure: rules in, plans out."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Protocol


class HoursRule(Protocol):
    """What is read of a `ServiceHours` row (and its `pk`, if it has one)."""

    office_id: int | None
    weekdays: list[int]
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None
    slot_minutes: int
    service_minutes: int
    public_share: Decimal
    station_plan: list[dict[str, Any]]


class ClosureRule(Protocol):
    """What is read of a confirmed `Closure` row."""

    office_id: int | None
    day: date
    closed_from: time | None
    closed_until: time | None


@dataclass(frozen=True, kw_only=True)
class PlannedSlot:
    """One slot as the rules want it: aware start and end, places in all and for the public, stations staffed."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    public_capacity: int
    stations: int


def rank(rule: HoursRule) -> tuple[bool, date, float]:
    """Of two rules that both hold, the one with the higher rank wins: the office's own before everybody's, then the
    later `valid_from`, then the one made later."""
    made = getattr(rule, "pk", None)
    return rule.office_id is not None, rule.valid_from, math.inf if made is None else made


def rule_for(*, office_id: int, day: date, rules: Iterable[HoursRule]) -> HoursRule | None:
    """The one rule that holds at the office on `day` by `rank`; None: not open."""
    holding = [
        rule
        for rule in rules
        if rule.office_id in (office_id, None)
        and rule.valid_from <= day
        and (rule.valid_until is None or day <= rule.valid_until)
        and day.weekday() in rule.weekdays
    ]
    return max(holding, key=rank, default=None)


def _clock(text: str) -> time:
    return time.fromisoformat(text)


def _stations_at(*, rule: HoursRule, day: date, starts: time, ends: time, usual: int) -> int:
    """Stations staffed from `starts` to `ends`: the fewest that any overlapping entry of the plan allows."""
    planned = [
        entry["stations"]
        for entry in rule.station_plan
        if day.weekday() in entry.get("weekdays", range(7))
        and _clock(entry["from"]) < ends
        and starts < _clock(entry["until"])
    ]
    return min(planned, default=usual)


def _is_closed(*, office_id: int, day: date, starts: time, ends: time, closures: Iterable[ClosureRule]) -> bool:
    return any(
        closure.day == day
        and closure.office_id in (office_id, None)
        and (
            closure.closed_from is None
            or closure.closed_until is None
            or (closure.closed_from < ends and starts < closure.closed_until)
        )
        for closure in closures
    )


def plan_day(
    *,
    office_id: int,
    stations: int,
    day: date,
    rules: Iterable[HoursRule],
    closures: Iterable[ClosureRule],
    zone: tzinfo,
) -> list[PlannedSlot]:
    """The slots of one office on one local date, in order; empty when it does not serve.

    Capacity is stations x slot minutes / service minutes, rounded down; a slot with no staffed station is left out.
    """
    rule = rule_for(office_id=office_id, day=day, rules=rules)
    if rule is None:
        return []
    planned = []
    starts_at = datetime.combine(day, rule.opens, tzinfo=zone)
    closes_at = datetime.combine(day, rule.closes, tzinfo=zone)
    length = timedelta(minutes=rule.slot_minutes)
    while starts_at + length <= closes_at:
        ends_at = starts_at + length
        starts, ends = starts_at.time(), ends_at.time()
        staffed = _stations_at(rule=rule, day=day, starts=starts, ends=ends, usual=stations)
        capacity = staffed * rule.slot_minutes // rule.service_minutes
        if capacity and not _is_closed(office_id=office_id, day=day, starts=starts, ends=ends, closures=closures):
            planned.append(
                PlannedSlot(
                    starts_at=starts_at,
                    ends_at=ends_at,
                    capacity=capacity,
                    public_capacity=int(capacity * rule.public_share),
                    stations=staffed,
                )
            )
        starts_at = ends_at
    return planned


def office_is_open_on(
    *, office_id: int, day: date, rules: Iterable[HoursRule], closures: Iterable[ClosureRule]
) -> bool:
    """Whether the office serves for any part of the local date `day`."""
    rule = rule_for(office_id=office_id, day=day, rules=rules)
    if rule is None:
        return False
    whole_days = [closure for closure in closures if closure.closed_from is None]
    return not _is_closed(office_id=office_id, day=day, starts=rule.opens, ends=rule.closes, closures=whole_days)
