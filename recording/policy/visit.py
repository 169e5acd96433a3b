"""What a time must offer to be chosen by somebody."""

from dataclasses import dataclass
from datetime import date, datetime

from recording.enums import Pool


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Times are sought at `now` (aware), today being its local date, up to `last_day` of the booking window.

    `places` needed in the slot; `not_before`: the first day on which the person may be recorded, None when nobody is
    known yet; `pool`: whether places kept back from the public count too.
    """

    now: datetime
    today: date
    last_day: date
    places: int = 1
    not_before: date | None = None
    pool: Pool = Pool.PUBLIC

    def includes(self, day: date) -> bool:
        """Whether `day` lies in the booking window and the person is old enough on it."""
        return self.today <= day <= self.last_day and not self.is_too_early(day)

    def is_too_early(self, day: date) -> bool:
        return self.not_before is not None and day < self.not_before
