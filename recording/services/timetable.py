"""Free times as the public sees them. Reads only; the number of queries never depends on offices, days or slots."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, IntegerField, Min, Q, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from recording.enums import Pool
from recording.models import Office, Slot
from recording.policy.booking import last_bookable_day
from recording.services.slot import booking_window_days

SOON_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class OfficeDay:
    """One local day at one office: slots still to begin, places left in them, and the first that is free (or None)."""

    day: date
    slots: int
    places_left: int
    first_free: datetime | None


@dataclass(frozen=True, kw_only=True)
class OfficeTimes:
    """An office with its coming days that have slots, in order."""

    office: Office
    days: list[OfficeDay]

    def on(self, day: date) -> OfficeDay | None:
        return next((each for each in self.days if each.day == day), None)

    def first_free_between(self, first: date, last: date) -> OfficeDay | None:
        """The earliest day from `first` to `last` with a free time."""
        return next((each for each in self.days if first <= each.day <= last and each.first_free), None)


def last_day(*, now: datetime) -> date:
    """The last local day that the public may book at `now`."""
    today = timezone.localdate(now)
    return last_bookable_day(today=today, window_days=booking_window_days(today=today))


def next_free(*, now: datetime, until: date, places: int = 1, pool: Pool = Pool.PUBLIC) -> list[OfficeTimes]:
    """Every active office with its days from now to `until`; free means room for `places`."""
    offices = list(Office.objects.active())
    days = _days(offices=offices, now=now, until=until, places=places, pool=pool)
    return [OfficeTimes(office=office, days=days.get(office.pk, [])) for office in offices]


def office_times(
    *, office: Office, now: datetime, until: date, places: int = 1, pool: Pool = Pool.PUBLIC
) -> OfficeTimes:
    """The days of one office from now to `until`."""
    days = _days(offices=[office], now=now, until=until, places=places, pool=pool)
    return OfficeTimes(office=office, days=days.get(office.pk, []))


def slots_on(*, office: Office, day: date, now: datetime, pool: Pool = Pool.PUBLIC) -> list[Slot]:
    """The open slots of `day` that have not begun, full ones too, each with `places_left`."""
    slots = Slot.objects.filter(office=office, day=day, open=True, starts_at__gt=now)
    return list(with_places_left(slots, pool=pool).order_by("starts_at"))


def with_places_left(slots: QuerySet, *, pool: Pool) -> QuerySet:
    """Annotate `places_left` (int). Those who must record again may also take what is kept back from the public."""
    return slots.with_places_left() if pool == Pool.PUBLIC else slots.annotate(places_left=F("capacity") - F("booked"))


def _days(
    *, offices: Iterable[Office], now: datetime, until: date, places: int, pool: Pool
) -> dict[int, list[OfficeDay]]:
    """Days with slots by office id, in one query."""
    today = timezone.localdate(now)
    coming = Slot.objects.filter(
        office__in=[office.pk for office in offices], open=True, starts_at__gt=now, day__range=(today, until)
    )
    rows = (
        with_places_left(coming, pool=pool)
        .values("office_id", "day")
        .annotate(
            slots=Count("pk"),
            left=Sum(Greatest(F("places_left"), 0, output_field=IntegerField())),
            first_free=Min("starts_at", filter=Q(places_left__gte=places)),
        )
        .order_by("office_id", "day")
    )
    days: dict[int, list[OfficeDay]] = {}
    for row in rows:
        days.setdefault(row["office_id"], []).append(
            OfficeDay(day=row["day"], slots=row["slots"], places_left=row["left"], first_free=row["first_free"])
        )
    return days


def soon(*, today: date, until: date) -> date:
    """The last day of "within seven days", never beyond the booking window."""
    return min(today + timedelta(days=SOON_DAYS - 1), until)
