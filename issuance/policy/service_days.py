"""Time as the service counts it: calendar days less the days on which every office was closed."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count

ONE_DAY = timedelta(days=1)
LONGEST_LOOK = 400  # days; a regency that never opens must not hang the sweep

IsOpen = Callable[[date], bool]


def cut_off(*, as_of: datetime, days: int, is_open: IsOpen) -> datetime:
    """The latest moment from which `days` whole service days have passed by `as_of` (aware, local time).

    What began then or earlier has rested that long. A closed day's 24 hours do not count at all.
    """
    remaining, moment = timedelta(days=days), as_of
    for _look in range(LONGEST_LOOK):
        midnight = datetime.combine((moment - timedelta.resolution).date(), time.min, tzinfo=as_of.tzinfo)
        if is_open(midnight.date()):
            if moment - midnight >= remaining:
                return moment - remaining
            remaining -= moment - midnight
        moment = midnight
    return moment


def after(*, day: date, days: int, is_open: IsOpen) -> date:
    """The date on which the `days`-th service day after `day` falls."""
    for ahead in count(1):
        that_day = day + ahead * ONE_DAY
        days -= is_open(that_day)
        if days <= 0 or ahead >= LONGEST_LOOK:
            return that_day
    raise AssertionError("unreachable")
