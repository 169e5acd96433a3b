"""On which days the service runs, read once and asked often."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from recording.enums import ClosureStatus
from recording.models import Closure, Office, ServiceHours
from recording.policy.hours import office_is_open_on, rule_for

LOOK_AHEAD = 21  # days; Lebaran closes for less


@dataclass
class ServiceCalendar:
    """Offices, hours and closures as they are now. Three queries when loaded, none afterwards."""

    office_ids: list[int]
    rules: list[ServiceHours]
    closures: list[Closure]
    _known: dict[date, bool] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "ServiceCalendar":
        return cls(
            list(Office.objects.active().values_list("pk", flat=True)),
            list(ServiceHours.objects.all()),
            list(Closure.objects.filter(status=ClosureStatus.CONFIRMED)),
        )

    def is_open(self, day: date) -> bool:
        """Does any office serve on this local date?"""
        if day not in self._known:
            self._known[day] = any(self.office_is_open(pk, day) for pk in self.office_ids)
        return self._known[day]

    def office_is_open(self, office_id: int, day: date) -> bool:
        return office_is_open_on(office_id=office_id, day=day, rules=self.rules, closures=self.closures)

    def next_hours(self, *, office_id: int, now: datetime) -> tuple[date, time, time] | None:
        """The next local day, today included, on which the office is or will be open, with its hours; None: not within
        three weeks."""
        local = timezone.localtime(now)
        for ahead in range(LOOK_AHEAD):
            day = local.date() + timedelta(days=ahead)
            rule = rule_for(office_id=office_id, day=day, rules=self.rules)
            over = ahead == 0 and rule is not None and local.time() >= rule.closes
            if rule is not None and not over and self.office_is_open(office_id, day):
                return day, rule.opens, rule.closes
        return None


def service_days() -> Callable[[date], bool]:
    """A question: does any office serve on this local date? Three queries, whatever is asked."""
    return ServiceCalendar.load().is_open
