from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from recording.enums import PriorityReason, Purpose
from recording.policy.queue import (
    Called,
    Wait,
    Waiting,
    call_order,
    expected_wait,
    priority_reason,
    service_minutes,
)

NINE = datetime(2026, 12, 7, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
numbers = count(1)


def booked(ticket_id, at=0, *, came=-200, **values):
    """Booked for `at` minutes after nine, came `came` minutes after nine."""
    due = NINE + timedelta(minutes=at)
    return Waiting(
        ticket_id=ticket_id,
        series="B",
        number=next(numbers),
        priority=values.pop("priority", 0),
        issued_at=NINE + timedelta(minutes=came),
        due_at=due,
        slot_ends_at=due + timedelta(minutes=30),
        **values,
    )


def walk_in(ticket_id, came=-60, **values):
    return Waiting(
        ticket_id=ticket_id,
        series="W",
        number=next(numbers),
        priority=values.pop("priority", 0),
        issued_at=NINE + timedelta(minutes=came),
        **values,
    )


def order(*waiting, called=()):
    return call_order(waiting, called=called, now=NINE)


class TestOrder:
    def test_nobody_waits(self):
        assert order() == []

    def test_booked_people_come_in_the_order_of_their_times(self):
        assert order(booked("c", 0), booked("a", -60), booked("b", -30)) == ["a", "b", "c"]

    def test_who_comes_after_the_slot_counts_from_arrival(self):
        late = booked("late", -60, came=-5)

        assert order(late, booked("in time", -30)) == ["in time", "late"]

    def test_due_booked_people_come_before_walk_ins(self):
        assert order(walk_in("w"), booked("b")) == ["b", "w"]

    def test_after_four_booked_ones_comes_a_walk_in(self):
        people = [booked(n, -n) for n in range(6, 0, -1)]

        assert order(*people, walk_in("w"), walk_in("x")) == [6, 5, 4, 3, "w", 2, 1, "x"]

    def test_those_called_before_count_towards_the_four(self):
        assert order(booked("b"), walk_in("w"), called=[Called("B", 0)] * 4) == ["w", "b"]

    def test_who_is_early_waits_for_walk_ins(self):
        assert order(booked("early", 30), walk_in("w")) == ["w", "early"]

    def test_five_minutes_early_is_in_time(self):
        assert order(booked("b", 5), walk_in("w")) == ["b", "w"]

    def test_priority_comes_first_and_rerecording_after_it(self):
        people = [booked("b"), booked("again", priority=1), walk_in("old", priority=2)]

        assert order(*people) == ["old", "again", "b"]

    def test_priority_needs_no_booked_time(self):
        assert order(booked("old", 120, priority=2), booked("b")) == ["old", "b"]

    def test_two_with_priority_are_followed_by_another(self):
        old = [walk_in(f"old{n}", priority=2) for n in range(3)]

        assert order(*old, booked("b")) == ["old0", "old1", "b", "old2"]

    def test_priority_is_not_held_back_for_nobody(self):
        old = [walk_in(n, priority=2) for n in range(4)]

        assert order(*old) == [0, 1, 2, 3]

    def test_who_was_not_there_returns_after_three_others(self):
        people = [booked(n, -n) for n in range(5, 0, -1)]

        assert order(booked("p", -50, others_since_parked=0), *people) == [5, 4, 3, "p", 2, 1]

    def test_others_called_since_are_counted(self):
        assert order(booked("p", others_since_parked=2), booked(1), booked(2))[:2] == [1, "p"]
        assert order(booked("p", others_since_parked=3), booked(1))[0] == "p"

    def test_who_was_not_there_is_called_when_nobody_else_waits(self):
        assert order(booked("p", others_since_parked=0)) == ["p"]

    def test_everybody_is_called_once(self):
        people = [booked(n, n - 40, priority=n % 3 % 2) for n in range(80)]
        people += [walk_in(n, priority=2 * (n % 7 == 0)) for n in range(100, 160)]
        people += [walk_in(n, others_since_parked=n % 4) for n in range(200, 210)]

        called = order(*people)

        assert sorted(called) == sorted(each.ticket_id for each in people)

    def test_a_walk_in_never_waits_for_more_than_its_share(self):
        """However many booked and priority people keep coming, every walk-in is reached."""
        crowd = [booked(n, -n) for n in range(100)] + [walk_in(n, priority=2) for n in range(200, 230)]

        assert order(walk_in("w"), *crowd).index("w") <= 4 + 1 + 2 * 5


@pytest.mark.parametrize(
    ("born", "special_needs", "purpose", "reason"),
    [
        (1990, False, Purpose.FIRST, ""),
        (1966, False, Purpose.FIRST, PriorityReason.ELDERLY),
        (1967, False, Purpose.FIRST, ""),
        (1966, True, Purpose.FIRST, PriorityReason.SPECIAL_NEEDS),
        (1990, False, Purpose.RERECORD, PriorityReason.RERECORD),
        (1950, False, Purpose.RERECORD, PriorityReason.ELDERLY),
    ],
)
def test_who_has_priority(born, special_needs, purpose, reason):
    assert priority_reason(birth_year=born, year=2026, special_needs=special_needs, purpose=purpose) == reason


class TestWait:
    def test_without_measurements_the_plan_counts(self):
        assert expected_wait(before=6, stations=2, measured=[], planned=10) == Wait(30, 60)

    def test_measured_services_count(self):
        assert expected_wait(before=4, stations=2, measured=[5.0] * 10, planned=10) == Wait(10, 15)

    def test_nobody_before_is_at_once(self):
        assert expected_wait(before=0, stations=3, measured=[], planned=10) == Wait(0, 15)

    def test_no_station_counts_as_one(self):
        assert expected_wait(before=1, stations=0, measured=[], planned=10).shortest == 10

    def test_forgotten_and_mistaken_services_do_not_count(self):
        assert service_minutes([0.1, 300.0, *[8.0] * 5], planned=10) == (8.0, 8.0)

    def test_only_the_latest_twenty_count(self):
        assert service_minutes([5.0] * 20 + [50.0] * 100, planned=10) == (5.0, 5.0)
