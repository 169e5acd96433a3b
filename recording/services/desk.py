"""The desk's day: who waits, who is still to come, who has been served. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.utils import timezone

from recording.enums import AppointmentStatus
from recording.models import Appointment, Office, User

WAITING = (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)


@dataclass(frozen=True)
class Day:
    """One office's appointments of one day, each list in the order a clerk wants it."""

    waiting: Sequence[Appointment]
    booked: Sequence[Appointment]
    ended: Sequence[Appointment]


def day_of(*, office: Office, day: date) -> Day:
    """Waiting by queue number, booked by time, ended with the latest first; each with `declared_warnings` and the recording's
    `outcome`."""
    rows = (
        Appointment.objects.filter(office=office, day=day)
        .select_related("resident__village", "slot", "ticket")
        .annotate(declared_warnings=F("declaration__warnings"), outcome=F("recording__outcome"))
        .order_by("slot__starts_at", "pk")
    )
    appointments = list(rows)
    waiting = [row for row in appointments if row.status in WAITING]
    booked = [row for row in appointments if row.status == AppointmentStatus.BOOKED]
    ended = [row for row in appointments if row.status not in (*WAITING, AppointmentStatus.BOOKED)]
    return Day(
        waiting=sorted(waiting, key=_queue_order),
        booked=booked,
        ended=sorted(ended, key=lambda row: row.status_at, reverse=True),
    )


def counts(*, user: User, now: datetime) -> dict[str, int]:
    """How many of today's appointments in `user`'s offices are waiting, booked, done and missed."""
    today = Appointment.objects.for_staff(user).filter(day=timezone.localdate(now))
    return today.aggregate(
        waiting=Count("pk", filter=Q(status__in=WAITING)),
        booked=Count("pk", filter=Q(status=AppointmentStatus.BOOKED)),
        done=Count("pk", filter=Q(status=AppointmentStatus.DONE)),
        missed=Count("pk", filter=Q(status=AppointmentStatus.NO_SHOW)),
    )


def _queue_order(appointment: Appointment) -> tuple:
    """By number; those without a ticket (entered from paper) by the time they came."""
    ticket = getattr(appointment, "ticket", None)
    return (ticket is None, ticket.number if ticket else 0, appointment.status_at)
