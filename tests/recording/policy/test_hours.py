from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from recording.policy.hours import office_is_open_on, plan_day, rule_for

WIB = ZoneInfo("Asia/Jakarta")
FRIDAY = date(2026, 11, 27)
EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


@dataclass
class Hours:
    opens: time = time(8)
    closes: time = time(15)
    office_id: int | None = None
    weekdays: list = field(default_factory=lambda: EVERY_DAY)
    valid_from: date = date(2016, 1, 1)
    valid_until: date | None = None
    slot_minutes: int = 30
    service_minutes: int = 10
    public_share: Decimal = Decimal("0.80")
    station_plan: list = field(default_factory=list)


@dataclass
class Closed:
    day: date = FRIDAY
    office_id: int | None = None
    closed_from: time | None = None
    closed_until: time | None = None


def plan(rules, closures=(), day=FRIDAY, stations=2):
    return plan_day(office_id=7, stations=stations, day=day, rules=rules, closures=closures, zone=WIB)


def times(planned):
    return [f"{slot.starts_at:%H:%M}" for slot in planned]


def test_capacity_is_stations_times_slot_over_service_minutes():
    slots = plan([Hours()])

    assert len(slots) == 14
    assert {(slot.capacity, slot.public_capacity) for slot in slots} == {(6, 4)}
    assert (times(slots)[0], f"{slots[-1].ends_at:%H:%M}") == ("08:00", "15:00")


def test_the_offices_own_hours_beat_everybodys_and_then_the_later_one():
    everybody, campaign = Hours(), Hours(closes=time(21), valid_from=date(2026, 9, 1))
    own = Hours(office_id=7, closes=time(10))

    assert rule_for(office_id=7, day=FRIDAY, rules=[everybody, campaign, own]) is own
    assert rule_for(office_id=8, day=FRIDAY, rules=[everybody, campaign, own]) is campaign
    assert rule_for(office_id=8, day=date(2026, 8, 31), rules=[everybody, campaign]) is everybody


def test_hours_hold_on_their_weekdays_and_dates_only():
    rule = Hours(weekdays=[0], valid_until=date(2026, 11, 30))

    assert rule_for(office_id=7, day=FRIDAY, rules=[rule]) is None
    assert rule_for(office_id=7, day=date(2026, 11, 30), rules=[rule]) is rule
    assert rule_for(office_id=7, day=date(2026, 12, 7), rules=[rule]) is None


def test_a_prayer_break_takes_stations_away_on_its_weekday():
    rule = Hours(
        station_plan=[
            {"weekdays": [4], "from": "11:30", "until": "13:00", "stations": 0},
            {"from": "12:00", "until": "12:30", "stations": 1},
        ]
    )

    assert not {"11:30", "12:00", "12:30"} & set(times(plan([rule])))
    thursday = {f"{slot.starts_at:%H:%M}": slot.capacity for slot in plan([rule], day=date(2026, 11, 26))}
    assert (thursday["11:30"], thursday["12:00"]) == (6, 3)


def test_a_closure_takes_the_day_or_its_part():
    assert plan([Hours()], [Closed()]) == []
    assert plan([Hours()], [Closed(office_id=8)]) != []
    afternoon = plan([Hours()], [Closed(closed_from=time(8), closed_until=time(12, 10))])
    assert times(afternoon)[0] == "12:30"


def test_an_office_closed_for_part_of_a_day_is_open_on_it():
    rules = [Hours()]

    assert office_is_open_on(office_id=7, day=FRIDAY, rules=rules, closures=[])
    assert office_is_open_on(
        office_id=7, day=FRIDAY, rules=rules, closures=[Closed(closed_from=time(8), closed_until=time(12))]
    )
    assert not office_is_open_on(office_id=7, day=FRIDAY, rules=rules, closures=[Closed()])
    assert not office_is_open_on(office_id=7, day=FRIDAY, rules=[], closures=[])
