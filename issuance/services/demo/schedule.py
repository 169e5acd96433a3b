"""When people of the demo want to come, and how often they do not. Estimates after press reports of no-shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

from django.utils import timezone

from recording.models import Office, Slot
from recording.services import slot as slots

HOUR_LOAD = {8: 0.6, 9: 0.9, 10: 0.9, 11: 0.7, 12: 0.4, 13: 0.6, 14: 0.65, 15: 0.55, 16: 0.5, 17: 0.45}
EVENING_LOAD = {18: 0.8, 19: 0.95, 20: 0.65}  # what the long hours are for: people who work by day
WEEKDAY_LOAD = (1.05, 1.0, 0.95, 0.95, 0.8, 1.0, 0.7)
LEAST_NO_SHOW, MOST_NO_SHOW = 0.20, 0.50
LATE_HOURS_NO_SHOW = {13: 0.05, 14: 0.05, 19: 0.10, 20: 0.14}
WALK_INS = 0.12  # for each booked visitor


@dataclass(slots=True)
class Half:
    """A slot of the demo, filled as it goes. `demand`: how many people want it, on average."""

    id: int
    office_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    public_capacity: int
    hour: int
    demand: float
    booked: int = 0
    booked_public: int = 0

    def take(self, places: int, *, public: bool) -> bool:
        """Hold `places` if they are left."""
        if self.booked + places > self.capacity or (public and self.booked_public + places > self.public_capacity):
            return False
        self.booked += places
        self.booked_public += places if public else 0
        return True


class Schedule:
    """The slots of the history and of the booking window, by day, with the demand for each."""

    def __init__(self, *, random: Random, now: datetime, history_days: int):
        self.now, self.today = now, timezone.localdate(now)
        first = self.today - timedelta(days=history_days)
        slots.generate(days=[first + timedelta(days=offset) for offset in range(history_days)])
        slots.top_up(today=self.today)
        self.window = slots.booking_window_days(today=self.today)
        offices = list(Office.objects.active())
        self.no_show = {office.pk: random.uniform(LEAST_NO_SHOW, 0.36) for office in offices}
        self.weight = {office.pk: random.uniform(0.7, 1.2) for office in offices}
        rows = Slot.objects.filter(day__range=(first, self.today + timedelta(days=self.window)), open=True)
        fields = ("id", "office_id", "day", "starts_at", "ends_at", "capacity", "public_capacity")
        self.halves = [self._half(**row) for row in rows.order_by("starts_at", "office_id").values(*fields)]

    def _half(self, **slot: Any) -> Half:
        hour, day, office_id = timezone.localtime(slot["starts_at"]).hour, slot["day"], slot["office_id"]
        load = (HOUR_LOAD | EVENING_LOAD).get(hour, 0.5) * WEEKDAY_LOAD[day.weekday()] * self.weight[office_id]
        ahead = max(0, (day - self.today).days)
        return Half(hour=hour, demand=slot["capacity"] * load * max(0.12, 1 - ahead / self.window), **slot)

    def scale(self, factor: float) -> None:
        """Multiply the demand for every slot, so that the population can meet it."""
        for half in self.halves:
            half.demand *= factor

    def demand(self, *, past: bool) -> float:
        return sum(half.demand for half in self.halves if (half.ends_at <= self.now) == past)

    def days(self) -> Iterable[tuple[date, list[Half]]]:
        for day, halves in groupby(self.halves, key=lambda half: half.day):
            yield day, list(halves)

    def no_show_chance(self, half: Half) -> float:
        return min(MOST_NO_SHOW, self.no_show[half.office_id] + LATE_HOURS_NO_SHOW.get(half.hour, 0.0))
