"""Hours, closures and stations together: what each office does on each day, as one thing to look at and to compare."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Protocol

from recording.policy.hours import HoursRule, PlannedSlot, plan_day, rank, rule_for

HALF_HOUR = timedelta(minutes=30)
WHOLE_DAY = (time(8), time(15))  # drawn when no office opens in the week


class Staffed(Protocol):
    """What is read of an `Office` row."""

    pk: int
    stations: int


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """The offices with the rules and confirmed closures that hold for them."""

    offices: Sequence[Any]
    rules: Sequence[Any]
    closures: Sequence[Any]
    zone: tzinfo

    def plan(self, office: Staffed, day: date) -> list[PlannedSlot]:
        """The slots of `office` on `day`."""
        return plan_day(
            office_id=office.pk,
            stations=office.stations,
            day=day,
            rules=self.rules,
            closures=self.closures,
            zone=self.zone,
        )

    def rule(self, office: Staffed, day: date) -> Any | None:
        return rule_for(office_id=office.pk, day=day, rules=self.rules)

    def closures_on(self, office: Staffed, day: date) -> list[Any]:
        return [each for each in self.closures if each.day == day and each.office_id in (office.pk, None)]


@dataclass(frozen=True, kw_only=True)
class Block:
    """A stretch of one day during which nothing changes. `kind`: open, break, closed (a closure), outside (no hours)."""

    starts: time
    ends: time
    kind: str
    stations: int = 0
    places: int = 0
    slot_minutes: int = 30
    note: str = ""
    changed: bool = False
    rows: int = 1


@dataclass(frozen=True, kw_only=True)
class Week:
    """Seven days side by side: `days` in order, `times` of the half-hour rows, `rows` of blocks that begin in each."""

    days: list[date]
    times: list[time]
    columns: list[list[Block]]

    @property
    def rows(self) -> list[tuple[time, list[Block]]]:
        """What a table with row spans needs: for each half hour the blocks that begin in it."""
        return [
            (starts, [block for column in self.columns for block in column if block.starts == starts])
            for starts in self.times
        ]


def changed_days(
    *, before: Arrangement, after: Arrangement, days: Iterable[date]
) -> dict[tuple[int, date], list[PlannedSlot]]:
    """The (office id, day) pairs whose slots differ, with the slots they get."""
    days, changed = list(days), {}
    earlier = {office.pk: office for office in before.offices}
    for office in after.offices:
        for day in days:
            planned = after.plan(office, day)
            if planned != before.plan(earlier[office.pk], day):
                changed[office.pk, day] = planned
    return changed


def week(*, office: Staffed, monday: date, arrangement: Arrangement, before: Arrangement | None = None) -> Week:
    """The week from `monday` at `office`; blocks that are not so in `before` are marked as changed."""
    days = [monday + timedelta(days=offset) for offset in range(7)]
    earlier = next((each for each in before.offices if each.pk == office.pk), office) if before else office
    opens, closes = _span(days, [(arrangement, office), *([(before, earlier)] if before else [])])
    times = list(_half_hours(opens, closes))
    columns = []
    for day in days:
        states = _states(arrangement, office, day, times)
        former = _states(before, earlier, day, times) if before else states
        differs = [_substance(one) != _substance(other) for one, other in zip(states, former, strict=True)]
        columns.append(_merge(times, states, _closures_are_whole(states, differs)))
    return Week(days=days, times=times, columns=columns)


def _span(days: list[date], pairs: list) -> tuple[time, time]:
    """First opening and last closing of any of the days, rounded to half hours."""
    rules = [rule for arrangement, office in pairs for day in days if (rule := arrangement.rule(office, day))]
    opens = min((rule.opens for rule in rules), default=WHOLE_DAY[0])
    closes = max((rule.closes for rule in rules), default=WHOLE_DAY[1])
    return opens.replace(minute=opens.minute // 30 * 30), closes


def _half_hours(opens: time, closes: time) -> Iterable[time]:
    moment = datetime.combine(date.min, opens)
    while moment.time() < closes and moment.date() == date.min:
        yield moment.time()
        moment += HALF_HOUR


def _end(starts: time) -> time:
    return (datetime.combine(date.min, starts) + HALF_HOUR).time()


def _states(arrangement: Arrangement, office: Staffed, day: date, times: list[time]) -> list[tuple]:
    """(kind, stations, places in a slot, slot minutes, note) of each half hour."""
    rule, closures = arrangement.rule(office, day), arrangement.closures_on(office, day)
    planned = [(slot.starts_at.time(), slot.ends_at.time(), slot) for slot in arrangement.plan(office, day)]
    return [_state(rule, closures, planned, day, starts) for starts in times]


def _state(rule: Any, closures: list[Any], planned: list, day: date, starts: time) -> tuple:
    ends = _end(starts)
    slot = next((slot for begins, stops, slot in planned if begins < ends and starts < stops), None)
    if slot:
        return "open", slot.stations, slot.capacity, rule.slot_minutes, ""
    if rule is None or starts >= rule.closes or ends <= rule.opens:
        whole_day = next((each for each in closures if each.closed_from is None), None)
        return ("closed", 0, 0, 0, whole_day.reason) if whole_day else ("outside", 0, 0, 0, "")
    for closure in closures:
        if closure.closed_from is None or (closure.closed_from < ends and starts < closure.closed_until):
            return "closed", 0, 0, 0, closure.reason
    return "break", 0, 0, 0, _break_reason(rule, day, starts, ends)


def _break_reason(rule: Any, day: date, starts: time, ends: time) -> str:
    for entry in rule.station_plan:
        holds = day.weekday() in entry.get("weekdays", range(7)) and not entry["stations"]
        if holds and time.fromisoformat(entry["from"]) < ends and starts < time.fromisoformat(entry["until"]):
            return entry.get("reason", "")
    return ""


def _substance(state: tuple) -> tuple:
    """What makes a difference to people: not the wording of a break."""
    kind, *figures, _note = state
    return ("shut" if kind != "open" else kind, *figures)


def _closures_are_whole(states: list[tuple], changed: list[bool]) -> list[bool]:
    """A closure that changes anything is marked as one block, over the breaks that were there before as well."""
    marked = list(changed)
    for position, state in enumerate(states):
        if state[0] == "closed" and any(flag for flag, other in zip(changed, states, strict=True) if other == state):
            marked[position] = True
    return marked


def _merge(times: list[time], states: list[tuple], changed: list[bool]) -> list[Block]:
    blocks: list[Block] = []
    start = 0
    for position in range(1, len(states) + 1):
        if position < len(states) and (states[position], changed[position]) == (states[start], changed[start]):
            continue
        kind, stations, places, slot_minutes, note = states[start]
        blocks.append(
            Block(
                starts=times[start],
                ends=_end(times[position - 1]),
                kind=kind,
                stations=stations,
                places=places,
                slot_minutes=slot_minutes,
                note=note,
                changed=changed[start],
                rows=position - start,
            )
        )
        start = position
    return blocks


@dataclass(frozen=True, kw_only=True)
class Defeat:
    """`winner` holds instead of the rule in question, on these weekdays from `first` to `last` (None: no end);
    `everywhere`: at every office that the losing rule is for."""

    winner: Any
    weekdays: list[int]
    first: date
    last: date | None
    everywhere: bool


def defeats(*, rule: HoursRule, rules: Iterable[HoursRule], today: date) -> list[Defeat]:
    """The rules that hold instead of `rule` somewhere, some day from `today` on."""
    found = []
    for other in rules:
        same_office = rule.office_id is None or other.office_id in (None, rule.office_id)
        weekdays = sorted(set(rule.weekdays) & set(other.weekdays))
        first = max(rule.valid_from, other.valid_from, today)
        last = min((day for day in (rule.valid_until, other.valid_until) if day), default=None)
        if other is rule or not same_office or not weekdays or (last and last < first) or rank(other) < rank(rule):
            continue
        everywhere = other.office_id is None or other.office_id == rule.office_id
        found.append(Defeat(winner=other, weekdays=weekdays, first=first, last=last, everywhere=everywhere))
    return sorted(found, key=lambda defeat: rank(defeat.winner), reverse=True)
