"""The jobs of the ground floor: their names, which beat's schedule uses, and that each does its work."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from ektp_portal import celery
from recording import tasks
from recording.models import Appointment, AuditSeal, Notification, Slot
from tests.factories import AppointmentFactory, AuditEventFactory, NotificationFactory, SlotFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_tasks_have_the_names_of_the_schedule():
    assert tasks.drain_outbox_task.name == "recording.drain_outbox"
    assert tasks.release_places_task.name == "recording.release_places"
    assert tasks.mark_no_shows_task.name == "recording.mark_no_shows"
    assert tasks.top_up_slots_task.name == "recording.top_up_slots"
    assert tasks.seal_audit_task.name == "recording.seal_audit"


def test_every_task_of_the_schedule_exists():
    celery.app.loader.import_default_modules()

    assert {entry["task"] for entry in celery.BEAT_SCHEDULE.values()} <= set(celery.app.tasks)


def test_drain_outbox_task_sends_what_is_due(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    appointment = AppointmentFactory(resident__identity__phone="+6281200000001")
    NotificationFactory(resident=appointment.resident, appointment=appointment, kind="code_reissued")

    assert tasks.drain_outbox_task() == 1
    assert Notification.objects.get().state == "sent"


def test_release_places_task_returns_what_was_given_up():
    appointment = AppointmentFactory(status="cancelled", places_held=1, release_at=NOW - timedelta(minutes=1))

    assert tasks.release_places_task() == 1
    assert Slot.objects.get(pk=appointment.slot_id).booked == 0


def test_mark_no_shows_task_marks_who_did_not_come():
    slot = SlotFactory(starts_at=NOW - timedelta(hours=4), ends_at=NOW - timedelta(hours=3))
    AppointmentFactory(slot=slot)

    assert tasks.mark_no_shows_task() == 1
    assert Appointment.objects.get().status == "no_show"


def test_seal_audit_task_seals_what_is_finished():
    AuditEventFactory()

    with time_machine.travel(NOW + timedelta(minutes=5)):
        assert tasks.seal_audit_task() == 1
    assert AuditSeal.objects.get().event_count == 1


@pytest.mark.usefixtures("reference_data")
def test_top_up_slots_task_fills_the_booking_window():
    Slot.objects.all().delete()

    assert tasks.top_up_slots_task() > 0
