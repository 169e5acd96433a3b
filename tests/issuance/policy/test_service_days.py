from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from issuance.policy.service_days import LONGEST_LOOK, after, cut_off

WIB = ZoneInfo("Asia/Jakarta")


def wib(day, hour=0, minute=0):
    """A moment of November 2026; the 1st is a Sunday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=WIB)


def every_day(day):
    return True


def monday_to_friday(day):
    return day.weekday() < 5


def never(day):
    return False


@pytest.mark.parametrize(
    ("as_of", "days", "is_open", "expected"),
    [
        (wib(20, 10, 30), 3, every_day, wib(17, 10, 30)),
        (wib(20), 3, every_day, wib(17)),
        (wib(9, 10), 1, monday_to_friday, wib(6, 10)),  # Monday back to Friday, the weekend does not count
        (wib(9), 1, monday_to_friday, wib(6)),
        (wib(10), 1, monday_to_friday, wib(9)),  # who was recorded on Sunday starts to wait on Monday
        (wib(7, 15), 1, monday_to_friday, wib(6)),  # on Saturday nothing more has passed than by Friday midnight
        (wib(9, 10), 3, monday_to_friday, wib(4, 10)),
        (wib(13, 10), 10, monday_to_friday, datetime(2026, 10, 30, 10, tzinfo=WIB)),
    ],
)
def test_cut_off(as_of, days, is_open, expected):
    assert cut_off(as_of=as_of, days=days, is_open=is_open) == expected


def test_cut_off_of_a_service_that_never_opens_ends_its_look():
    assert cut_off(as_of=wib(20), days=3, is_open=never) == wib(20) - timedelta(days=LONGEST_LOOK)


@pytest.mark.parametrize(
    ("day", "days", "is_open", "expected"),
    [
        (date(2026, 11, 6), 4, every_day, date(2026, 11, 10)),
        (date(2026, 11, 6), 1, monday_to_friday, date(2026, 11, 9)),
        (date(2026, 11, 6), 5, monday_to_friday, date(2026, 11, 13)),
    ],
)
def test_after(day, days, is_open, expected):
    assert after(day=day, days=days, is_open=is_open) == expected
