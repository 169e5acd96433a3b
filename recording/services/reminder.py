"""Remind people of their appointment: the evening before, and two hours before."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from recording.enums import AppointmentStatus, Channel
from recording.models import Appointment
from recording.services import notification
from recording.services.notification import Owed

TOMORROW, SOON = "appointment_tomorrow", "appointment_soon"
KINDS = (TOMORROW, SOON)
EVENING = time(18)  # WIB; families are at home, and it is not yet quiet
AHEAD, TOO_LATE = timedelta(hours=2), timedelta(hours=1)  # before the appointment


def remind(*, now: datetime) -> int:
    """Owe everybody whose appointment is near its reminder. Returns how many are new.

    Running late or twice is harmless: once per appointment and time, by the dedup key. A reminder of a time that is no
    more is withdrawn by the drain. Two hours before is left out where that would be in the quiet hours.
    """
    return _remind_of_tomorrow(now) + _remind_of_soon(now)


def _remind_of_tomorrow(now: datetime) -> int:
    local = timezone.localtime(now)
    if local.time() < EVENING:
        return 0
    evening = datetime.combine(local.date(), EVENING, local.tzinfo)
    rows = _booked().filter(day=local.date() + timedelta(days=1), booked_at__lt=evening)
    return _owe(TOMORROW, rows, before=timedelta(0), now=now)


def _remind_of_soon(now: datetime) -> int:
    if settings.QUIET_HOURS.includes(timezone.localtime(now)):
        return 0
    near = _booked().filter(slot__starts_at__gt=now + TOO_LATE, slot__starts_at__lte=now + AHEAD)
    known = near.filter(booked_at__lt=F("slot__starts_at") - AHEAD)  # who has just booked knows
    rows = [row for row in known if not settings.QUIET_HOURS.includes(timezone.localtime(row.slot.starts_at - AHEAD))]
    return _owe(SOON, rows, before=TOO_LATE, now=now)


def _booked():
    """Booked appointments of people who left a contact for them: as declared, or registered for who booked at a desk."""
    declared = Q(declaration__phone_ct__isnull=False) | Q(declaration__email_ct__isnull=False)
    at_desk = Q(channel=Channel.DESK, declaration__isnull=True)
    return Appointment.objects.filter(
        declared | at_desk, status=AppointmentStatus.BOOKED, slot__isnull=False
    ).select_related("slot")


def _owe(kind: str, rows, *, before: timedelta, now: datetime) -> int:
    owed = [
        Owed(
            resident_id=row.resident_id,
            appointment_id=row.pk,
            dedup_key=f"{kind}:{row.pk}:{row.slot_id}",
            context={"slot": row.slot_id},
            send_until=row.slot.starts_at - before,
        )
        for row in rows
    ]
    return notification.enqueue_many(kind=kind, owed=owed, now=now)
