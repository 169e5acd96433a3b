"""Make slots from the rules of `policy.hours`, and keep them ahead of the booking window."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from recording.enums import ClosureStatus
from recording.models import Campaign, Closure, Office, ServiceHours, Slot
from recording.policy.hours import PlannedSlot, plan_day

DAYS_BEYOND_WINDOW = 7  # so that a job that fails for a week leaves no day without slots
DEFAULT_WINDOW_DAYS = 14


def booking_window_days(*, today: date) -> int:
    """How many days ahead the public may book, today included as day 0."""
    campaign = Campaign.objects.running_on(today).first()
    return campaign.booking_window_days if campaign else DEFAULT_WINDOW_DAYS


@transaction.atomic
def generate(*, days: Iterable[date], offices: Iterable[Office] | None = None) -> int:
    """Make the slots of `days` agree with hours and closures; returns how many rows were made, changed or removed.

    A slot that no longer fits is deleted when nobody ever booked it, else closed to new bookings; capacity never goes
    below what is booked. Idempotent. Locks the offices' slots of those days.
    """
    days = sorted(set(days))
    if not days:
        return 0
    served = list(Office.objects.active() if offices is None else offices)
    rules = list(ServiceHours.objects.all())
    closures = list(Closure.objects.filter(status=ClosureStatus.CONFIRMED, day__range=(days[0], days[-1])))
    zone = timezone.get_default_timezone()
    existing: dict[tuple[int, date], list[Slot]] = {}
    held = Slot.objects.select_for_update().filter(office__in=served, day__in=days).order_by("id")
    for slot in held:
        existing.setdefault((slot.office_id, slot.day), []).append(slot)
    changed, new = 0, []
    for office in served:
        for day in days:
            planned = plan_day(
                office_id=office.pk, stations=office.stations, day=day, rules=rules, closures=closures, zone=zone
            )
            day_changed, day_new = _reconcile(office, day, planned, existing.get((office.pk, day), []))
            changed += day_changed
            new += day_new
    Slot.objects.bulk_create(new, batch_size=5000)
    return changed + len(new)


def _reconcile(
    office: Office, day: date, planned: list[PlannedSlot], existing: list[Slot]
) -> tuple[int, list[Slot]]:
    """Rows changed among `existing`, and the slots still to be made."""
    by_time = {(slot.starts_at, slot.ends_at): slot for slot in existing}
    wanted = {(plan.starts_at, plan.ends_at): plan for plan in planned}
    obsolete = [slot.pk for time, slot in by_time.items() if time not in wanted]
    changed = _retire(obsolete) if obsolete else 0
    new = []
    for time, plan in wanted.items():
        slot = by_time.get(time)
        if slot is None:
            new.append(_slot(office, day, plan))
        elif (slot.open, slot.capacity, slot.public_capacity) != (True, *_capacities(slot, plan)):
            changed += Slot.objects.filter(pk=slot.pk).update(
                open=True,
                capacity=Greatest(plan.capacity, "booked"),
                public_capacity=plan.public_capacity,
            )
    return changed, new


def _capacities(slot: Slot, plan: PlannedSlot) -> tuple[int, int]:
    return max(plan.capacity, slot.booked), plan.public_capacity


def _slot(office: Office, day: date, plan: PlannedSlot) -> Slot:
    return Slot(
        office=office,
        day=day,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        capacity=plan.capacity,
        public_capacity=plan.public_capacity,
    )


def _retire(slot_ids: list[int]) -> int:
    """Delete the slots nobody ever used, close the others. Returns how many rows that changed."""
    used = Q(appointments__isnull=False)
    unused = Slot.objects.filter(pk__in=slot_ids).exclude(used).values_list("pk", flat=True)
    deleted, _ = Slot.objects.filter(pk__in=list(unused)).delete()
    closed = Slot.objects.filter(pk__in=slot_ids, open=True).update(open=False)
    return deleted + closed


def top_up(*, today: date) -> int:
    """Make the slots from `today` to a week beyond the booking window. Returns rows made or changed. Idempotent."""
    ahead = booking_window_days(today=today) + DAYS_BEYOND_WINDOW
    return generate(days=[today + timedelta(days=offset) for offset in range(ahead + 1)])


def days_without_slots(*, today: date) -> list[tuple[Office, date]]:
    """(office, day) pairs within the booking window on which hours and closures want slots but none is open."""
    days = [today + timedelta(days=offset) for offset in range(booking_window_days(today=today) + 1)]
    offices = list(Office.objects.active())
    rules = list(ServiceHours.objects.all())
    closures = list(Closure.objects.filter(status=ClosureStatus.CONFIRMED, day__range=(days[0], days[-1])))
    zone = timezone.get_default_timezone()
    open_days = set(
        Slot.objects.filter(day__range=(days[0], days[-1]), open=True)
        .values("office_id", "day")
        .annotate(count=Count("id"))
        .values_list("office_id", "day")
    )
    return [
        (office, day)
        for office in offices
        for day in days
        if (office.pk, day) not in open_days
        and plan_day(
            office_id=office.pk, stations=office.stations, day=day, rules=rules, closures=closures, zone=zone
        )
    ]


def is_within_window(*, slot: Slot, now: datetime) -> bool:
    """Whether the public may book `slot` at `now`: not begun, and no later than the booking window."""
    today = timezone.localdate(now)
    return now < slot.starts_at and slot.day <= today + timedelta(days=booking_window_days(today=today))
