"""Jobs of the ground floor. Each asks what is due now, so running late or twice is harmless."""

from celery import shared_task
from django.utils import timezone

from recording.services import appointment, attendance, audit_seal, notification, reminder, slot, staff_link


@shared_task(name="recording.drain_outbox")
def drain_outbox_task() -> int:
    """From beat. Returns how many messages were sent."""
    return notification.drain(now=timezone.now())


@shared_task(name="recording.remind")
def remind_task() -> int:
    """From beat. Returns how many reminders of appointments are newly owed."""
    return reminder.remind(now=timezone.now())


@shared_task(name="recording.release_places")
def release_places_task() -> int:
    """From beat. Returns how many places came back."""
    return appointment.release_places(now=timezone.now())


@shared_task(name="recording.mark_no_shows")
def mark_no_shows_task() -> int:
    """From beat. Returns how many appointments were missed."""
    return attendance.mark_no_shows(now=timezone.now())


@shared_task(name="recording.top_up_slots")
def top_up_slots_task() -> int:
    """From beat. Returns how many slots were made or changed."""
    return slot.top_up(today=timezone.localdate())


@shared_task(name="recording.send_invitations")
def send_invitations_task() -> int:
    """From beat. Returns how many links to set a password were sent to staff."""
    return staff_link.send_due(now=timezone.now())


@shared_task(name="recording.seal_audit")
def seal_audit_task() -> int:
    """From beat. Returns how many audit events were sealed."""
    return audit_seal.seal(now=timezone.now())
