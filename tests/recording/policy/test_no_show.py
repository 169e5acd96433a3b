import pytest

from recording.policy.no_show import percent, suggested_walk_in_percent


@pytest.mark.parametrize(
    ("booked", "missed", "suggested"),
    [
        (29, 29, None),
        (0, 0, None),
        (30, 0, 10),
        (100, 10, 10),
        (100, 11, 15),
        (100, 22, 25),
        (100, 40, 40),
        (100, 90, 40),
    ],
)
def test_the_suggestion_is_bounded_and_needs_enough_bookings(booked, missed, suggested):
    assert suggested_walk_in_percent(booked=booked, missed=missed) == suggested


@pytest.mark.parametrize(("part", "whole", "expected"), [(0, 0, 0), (1, 3, 33), (1, 2, 50), (1, 200, 1), (7, 7, 100)])
def test_per_cent_are_whole(part, whole, expected):
    assert percent(part, whole) == expected
