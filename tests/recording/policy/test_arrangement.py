from datetime import date, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from recording.policy.arrangement import Arrangement, changed_days, defeats, week
from tests.recording.policy.test_hours import Closed, Hours

WIB = ZoneInfo("Asia/Jakarta")
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
OFFICE, OTHER = SimpleNamespace(pk=7, stations=2), SimpleNamespace(pk=8, stations=2)


def arrangement(rules, closures=(), offices=(OFFICE, OTHER)):
    return Arrangement(offices=offices, rules=rules, closures=closures, zone=WIB)


def blocks(column):
    return [(f"{b.starts:%H:%M}", f"{b.ends:%H:%M}", b.kind, b.stations) for b in column]


def test_a_week_shows_breaks_closures_and_days_without_hours():
    rule = Hours(
        closes=time(10),
        weekdays=[0, 4],
        station_plan=[{"weekdays": [4], "from": "09:00", "until": "09:30", "stations": 0, "reason": "Salat"}],
    )
    closure = Closed(day=MONDAY)
    closure.reason = "Libur"

    shown = week(office=OFFICE, monday=MONDAY, arrangement=arrangement([rule], [closure]))

    assert blocks(shown.columns[0]) == [("08:00", "10:00", "closed", 0)]
    assert shown.columns[0][0].note == "Libur"
    assert blocks(shown.columns[1]) == [("08:00", "10:00", "outside", 0)]
    assert blocks(shown.columns[4]) == [
        ("08:00", "09:00", "open", 2),
        ("09:00", "09:30", "break", 0),
        ("09:30", "10:00", "open", 2),
    ]
    assert shown.columns[4][1].note == "Salat"


def test_what_differs_from_before_is_marked_and_only_that():
    before = arrangement([Hours(closes=time(10))])
    after = arrangement([Hours(closes=time(11))])

    shown = week(office=OFFICE, monday=MONDAY, arrangement=after, before=before)

    assert [(f"{b.starts:%H:%M}", b.changed) for b in shown.columns[0]] == [("08:00", False), ("10:00", True)]


def test_only_days_whose_slots_differ_count_as_changed():
    days = [MONDAY, FRIDAY]
    before, after = arrangement([Hours()]), arrangement([Hours()], [Closed(day=FRIDAY, office_id=7)])

    assert set(changed_days(before=before, after=after, days=days)) == {(7, FRIDAY)}
    assert changed_days(before=before, after=before, days=days) == {}


def test_rows_lead_through_every_block_once():
    shown = week(office=OFFICE, monday=MONDAY, arrangement=arrangement([Hours(closes=time(10))]))

    assert [len(begun) for _starts, begun in shown.rows] == [7, 0, 0, 0]


def test_a_rule_loses_to_the_offices_own_and_to_a_later_one_where_they_meet():
    everybody = Hours()
    own = Hours(office_id=7, weekdays=[4], valid_from=date(2020, 1, 1))
    later = Hours(valid_from=date(2027, 2, 8), valid_until=date(2027, 3, 9))

    lost = defeats(rule=everybody, rules=[everybody, own, later], today=MONDAY)

    assert [(d.winner, d.weekdays, d.first, d.last, d.everywhere) for d in lost] == [
        (own, [4], MONDAY, None, False),
        (later, [0, 1, 2, 3, 4, 5, 6], date(2027, 2, 8), date(2027, 3, 9), True),
    ]
    assert defeats(rule=own, rules=[everybody, own, later], today=MONDAY) == []


def test_a_rule_that_ended_defeats_nobody():
    old = Hours(office_id=7, valid_until=date(2020, 1, 1))

    assert defeats(rule=Hours(), rules=[old], today=MONDAY) == []
