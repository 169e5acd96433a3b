"""Today's hours of all offices in one sentence, read from the slots: what cannot be served is not open."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from recording.models import Office, Slot


@dataclass(frozen=True)
class Opening:
    """`open_now` of `offices` serve at this moment. `opens`, `closes`: earliest and latest local time today, if any.

    `same_hours`: every office that serves today keeps them. `next_at`: when the next one opens, if none is open;
    `next_is_today`: on this very day.
    """

    offices: int
    open_now: int
    open_today: int
    opens: time | None
    closes: time | None
    same_hours: bool
    next_at: datetime | None
    next_is_today: bool


def opening(*, now: datetime) -> Opening:
    """How the offices stand at `now` (aware)."""
    hours = list(
        Slot.objects.filter(day=timezone.localdate(now), open=True, capacity__gt=0, office__active=True)
        .values("office")
        .annotate(
            opens=Min("starts_at"),
            closes=Max("ends_at"),
            serving=Count("pk", filter=Q(starts_at__lte=now, ends_at__gt=now)),
        )
    )
    open_now = sum(1 for office in hours if office["serving"])
    next_at = None if open_now else _next_opening(now)
    return Opening(
        offices=Office.objects.active().count(),
        open_now=open_now,
        open_today=len(hours),
        opens=_local_time(min((office["opens"] for office in hours), default=None)),
        closes=_local_time(max((office["closes"] for office in hours), default=None)),
        same_hours=len({(office["opens"], office["closes"]) for office in hours}) <= 1,
        next_at=next_at,
        next_is_today=next_at is not None and next_at.date() == timezone.localdate(now),
    )


def _next_opening(now: datetime) -> datetime | None:
    later = Slot.objects.filter(starts_at__gt=now, open=True, capacity__gt=0, office__active=True)
    starts_at = later.order_by("starts_at").values_list("starts_at", flat=True).first()
    return timezone.localtime(starts_at) if starts_at else None


def _local_time(moment: datetime | None) -> time | None:
    return timezone.localtime(moment).time() if moment else None
