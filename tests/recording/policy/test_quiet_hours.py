from datetime import UTC, datetime, time

import pytest

from recording.policy.quiet_hours import QuietHours

NIGHT = QuietHours.parse("21:00-07:00")


def at(hour, minute=0, day=5):
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(20, 59, False), (21, 0, True), (0, 0, True), (6, 59, True), (7, 0, False)]
)
def test_includes(hour, minute, quiet):
    assert NIGHT.includes(at(hour, minute)) is quiet


@pytest.mark.parametrize(("hour", "end"), [(22, at(7, day=6)), (3, at(7)), (7, at(7, day=6))])
def test_next_end(hour, end):
    assert NIGHT.next_end(at(hour)) == end


@pytest.mark.parametrize("hour", [3, 12, 22])
def test_end_tomorrow(hour):
    assert NIGHT.end_tomorrow(at(hour)) == at(7, day=6)


def test_no_hours_are_quiet_where_none_are_set():
    assert QuietHours.parse("") == QuietHours(time(7), time(7))
    assert not any(QuietHours.parse("").includes(at(hour)) for hour in range(24))


@pytest.mark.parametrize("text", ["malam", "21:00", "07:00-21:00"])
def test_parse_refuses_what_is_no_night(text):
    with pytest.raises(ValueError):
        QuietHours.parse(text)
