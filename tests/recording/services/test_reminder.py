from datetime import timedelta

import pytest
from django.utils import timezone

from recording.models import Appointment, Notification
from recording.services import appointment as appointments
from recording.services.notification import drain
from recording.services.reminder import remind
from tests.factories import AppointmentFactory, DeclarationFactory, SlotFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
EVENING = TODAY.replace(hour=18)
PHONE = "+6281200000001"


@pytest.fixture(autouse=True)
def messages_folder(settings, tmp_path):
    settings.STATE_DIR = tmp_path


def booked(*, days=1, hour=10, minute=0, phone=PHONE, **values):
    starts_at = TODAY.replace(hour=hour, minute=minute) + timedelta(days=days)
    slot = SlotFactory(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
    appointment = AppointmentFactory(slot=slot, **{"booked_at": TODAY - timedelta(days=1)} | values)
    DeclarationFactory(appointment=appointment, phone=phone)
    return appointment


def owed():
    return list(Notification.objects.order_by("pk").values_list("kind", "appointment", "state"))


def test_the_evening_before_everybody_of_tomorrow_is_reminded_once():
    tomorrow = booked()
    booked(days=2)
    booked(days=0, hour=17)
    booked(phone="")
    booked(status="cancelled", places_held=0)
    booked(booked_at=EVENING + timedelta(minutes=1))

    assert remind(now=EVENING - timedelta(minutes=1)) == 0
    assert [remind(now=EVENING), remind(now=EVENING + timedelta(hours=1))] == [1, 0]
    assert owed() == [("appointment_tomorrow", tomorrow.pk, "waiting")]


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_reminding_is_as_many_queries_for_any_number(rows, django_assert_num_queries):
    for _n in range(rows):
        booked()

    with django_assert_num_queries(3):
        assert remind(now=EVENING) == rows


@pytest.mark.parametrize(
    ("hour", "minute", "reminded"), [(8, 0, False), (8, 30, False), (9, 0, True), (10, 0, True), (20, 30, True)]
)
def test_two_hours_before_unless_that_is_at_night(hour, minute, reminded):
    appointment = booked(days=0, hour=hour, minute=minute)
    moments = [appointment.slot.starts_at - timedelta(minutes=minutes) for minutes in (125, 120, 90, 60, 30)]

    assert [remind(now=moment) for moment in moments] == [0, int(reminded), 0, 0, 0]


def test_who_has_just_booked_is_not_reminded():
    appointment = booked(days=0, hour=14)
    Appointment.objects.update(booked_at=appointment.slot.starts_at - timedelta(minutes=100))

    assert remind(now=appointment.slot.starts_at - timedelta(minutes=90)) == 0


def test_who_booked_at_a_desk_is_reminded_at_the_registered_number():
    slot = booked().slot
    AppointmentFactory(slot=slot, channel="desk", booked_at=TODAY, resident__identity__phone=PHONE)
    AppointmentFactory(slot=slot, channel="online", booked_at=TODAY, resident__identity__phone=PHONE)

    assert remind(now=EVENING) == 2


def test_a_reminder_of_another_time_is_not_sent():
    moved, cancelled, fine = booked(), booked(), booked()
    remind(now=EVENING)
    other = SlotFactory(office=moved.office, starts_at=moved.slot.starts_at + timedelta(hours=3))
    Appointment.objects.filter(pk=moved.pk).update(slot=other)
    Appointment.objects.filter(pk=cancelled.pk).update(status="cancelled")

    assert drain(now=EVENING) == 1

    states = {appointment: state for _kind, appointment, state in owed()}
    assert states == {moved.pk: "withdrawn", cancelled.pk: "withdrawn", fine.pk: "sent"}
    assert remind(now=EVENING) == 1  # of the new time


def test_cancelling_takes_the_reminder_back_at_once():
    appointment = booked()
    remind(now=EVENING)

    appointments.cancel(appointment_id=appointment.pk, now=EVENING)

    assert ("appointment_tomorrow", appointment.pk, "withdrawn") in owed()


def test_a_reminder_that_could_not_be_sent_in_time_is_dropped():
    appointment = booked(days=0, hour=12)
    remind(now=appointment.slot.starts_at - timedelta(hours=2))

    assert drain(now=appointment.slot.starts_at - timedelta(minutes=59)) == 0
    assert owed() == [("appointment_soon", appointment.pk, "withdrawn")]
