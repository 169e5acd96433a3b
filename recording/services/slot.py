"""Make slots from the rules of `policy.hours`, and keep them ahead of the booking window."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from recording.enums import ClosureStatus
from recording.models import AppointmentChange, Campaign, Closure, Office, ServiceHours, Slot
from recording.policy.booking import PLACES, PLACES_WITH_SPECIAL_NEEDS
from recording.policy.hours import PlannedSlot, plan_day

DAYS_BEYOND_WINDOW = 7  # so that a job that fails for a week leaves no day without slots
DEFAULT_WINDOW_DAYS = 14


def horizon(*, today: date) -> list[date]:
    """The days that have slots: from today to a week beyond the booking window."""
    ahead = booking_window_days(today=today) + DAYS_BEYOND_WINDOW
    return [today + timedelta(days=offset) for offset in range(ahead + 1)]


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
    obsolete: list[int] = []
    adjusted: list[tuple[int, PlannedSlot]] = []
    new: list[Slot] = []
    for office in served:
        for day in days:
            planned = plan_day(
                office_id=office.pk, stations=office.stations, day=day, rules=rules, closures=closures, zone=zone
            )
            by_time = {(slot.starts_at, slot.ends_at): slot for slot in existing.get((office.pk, day), [])}
            wanted = {(plan.starts_at, plan.ends_at): plan for plan in planned}
            obsolete += [slot.pk for time, slot in by_time.items() if time not in wanted]
            adjusted += [(by_time[time].pk, plan) for time, plan in wanted.items() if _differs(by_time.get(time), plan)]
            new += [_slot(office, day, plan) for time, plan in wanted.items() if time not in by_time]
    changed = _retire(obsolete) + _adjust(adjusted)
    Slot.objects.bulk_create(new, batch_size=5000)
    return changed + len(new)


def _differs(slot: Slot | None, plan: PlannedSlot) -> bool:
    if slot is None:
        return False
    return (slot.open, slot.capacity, slot.public_capacity) != (
        True,
        max(plan.capacity, slot.booked),
        plan.public_capacity,
    )


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
    if not slot_ids:
        return 0
    left_again = AppointmentChange.objects.filter(Q(from_slot=OuterRef("pk")) | Q(to_slot=OuterRef("pk")))
    used = Q(appointments__isnull=False) | Q(Exists(left_again))
    unused = Slot.objects.filter(pk__in=slot_ids).exclude(used).values_list("pk", flat=True)
    deleted, _ = Slot.objects.filter(pk__in=list(unused)).delete()
    closed = Slot.objects.filter(pk__in=slot_ids, open=True).update(open=False)
    return deleted + closed


def _adjust(adjusted: list[tuple[int, PlannedSlot]]) -> int:
    """Open these slots with the planned places, never below what is booked; one statement for any number. Public places
    that were cancelled on the day itself stay with those who come without an appointment."""
    if not adjusted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH plan AS (
                SELECT slot.id, greatest(planned.capacity, slot.booked) AS capacity,
                       least(planned.public_capacity,
                             greatest(planned.public_capacity - cancelled.places, slot.booked_public)) AS public_capacity
                FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS planned (slot_id, capacity, public_capacity)
                JOIN recording_slot slot ON slot.id = planned.slot_id
                CROSS JOIN LATERAL (
                    SELECT coalesce(sum(CASE WHEN special_needs THEN %s ELSE %s END), 0) AS places
                    FROM recording_appointment
                    WHERE slot_id = slot.id AND pool = 'public' AND status = 'cancelled' AND places_held = 0
                      AND (status_at AT TIME ZONE %s)::date = slot.day
                ) cancelled
            )
            UPDATE recording_slot slot
            SET open = true, capacity = plan.capacity, public_capacity = plan.public_capacity
            FROM plan
            WHERE slot.id = plan.id AND (slot.open, slot.capacity, slot.public_capacity::int)
                  IS DISTINCT FROM (true, plan.capacity, plan.public_capacity::int)
            """,
            [
                [slot_id for slot_id, _plan in adjusted],
                [plan.capacity for _slot_id, plan in adjusted],
                [plan.public_capacity for _slot_id, plan in adjusted],
                PLACES_WITH_SPECIAL_NEEDS,
                PLACES,
                timezone.get_default_timezone_name(),
            ],
        )
        return cursor.rowcount


def top_up(*, today: date) -> int:
    """Make the slots from `today` to a week beyond the booking window. Returns rows made or changed. Idempotent."""
    return generate(days=horizon(today=today))


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
        and plan_day(office_id=office.pk, stations=office.stations, day=day, rules=rules, closures=closures, zone=zone)
    ]


def is_within_window(*, slot: Slot, now: datetime) -> bool:
    """Whether the public may book `slot` at `now`: not begun, and no later than the booking window."""
    today = timezone.localdate(now)
    return now < slot.starts_at and slot.day <= today + timedelta(days=booking_window_days(today=today))
