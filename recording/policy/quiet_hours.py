"""When messages may go out. Office standard, not law: nobody's telephone rings at night because of a card."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True)
class QuietHours:
    """From `start` in the evening to `end` in the morning, both in the regency's own time; equal: no hour is quiet."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """ "21:00-07:00"; "" has no quiet hours. Raises ValueError."""
        if not text.strip():
            return cls(time(7), time(7))
        start, _, end = text.partition("-")
        hours = cls(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        if hours.end > hours.start:
            raise ValueError("expected an evening and a morning, such as 21:00-07:00")
        return hours

    def includes(self, local: datetime) -> bool:
        """Whether `local` (aware, in the regency's own time) is quiet."""
        return self.start != self.end and (local.time() >= self.start or local.time() < self.end)

    def next_end(self, local: datetime) -> datetime:
        """The first end after `local`."""
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        return datetime.combine(day, self.end, local.tzinfo)

    def end_tomorrow(self, local: datetime) -> datetime:
        """The end on the day after `local`: when somebody who has had enough today is written to again."""
        return datetime.combine(local.date() + timedelta(days=1), self.end, local.tzinfo)
