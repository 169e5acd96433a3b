"""On which days the service runs, read once and asked often."""

from collections.abc import Callable
from datetime import date
from functools import cache

from recording.enums import ClosureStatus
from recording.models import Closure, Office, ServiceHours
from recording.policy.hours import office_is_open_on


def service_days() -> Callable[[date], bool]:
    """A question: does any office serve on this local date? Three queries, whatever is asked."""
    offices = list(Office.objects.active().values_list("pk", flat=True))
    rules = list(ServiceHours.objects.all())
    closures = list(Closure.objects.filter(status=ClosureStatus.CONFIRMED))

    @cache
    def is_open(day: date) -> bool:
        return any(office_is_open_on(office_id=pk, day=day, rules=rules, closures=closures) for pk in offices)

    return is_open
