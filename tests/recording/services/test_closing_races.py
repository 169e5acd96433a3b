"""Two clerks close at once; somebody is let in while the day is being closed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import AppointmentStatus
from recording.exceptions import DayAlreadyClosed, DayNotSettled
from recording.models import Appointment, DayClosing, QueueTicket
from recording.services import attendance, closing
from tests.factories import AppointmentFactory, SlotFactory, UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now().replace(hour=13, minute=50, second=0, microsecond=0)  # 20.50 WIB


def test_two_clerks_closing_at_once_close_once(now):
    clerk = UserFactory()
    day = timezone.localdate(now)

    done = at_once(3, lambda: closing.close(office=clerk.office, day=day, sent={}, unsent_ids=[], by=clerk, now=now))

    assert sum(isinstance(each, DayClosing) for each in done) == 1
    assert sum(isinstance(each, DayAlreadyClosed) for each in done) == 2
    assert DayClosing.objects.count() == 1


def test_whoever_is_let_in_while_the_day_is_closed_is_inside_or_outside_never_both(now):
    clerk = UserFactory()
    day = timezone.localdate(now)
    slot = SlotFactory(office=clerk.office, starts_at=now - timedelta(hours=1))
    late = AppointmentFactory(slot=slot, status=AppointmentStatus.NO_SHOW)
    steps = iter(
        [
            lambda: attendance.check_in(appointment_id=late.pk, by=clerk, now=now),
            lambda: closing.close(office=clerk.office, day=day, sent={}, unsent_ids=[], by=clerk, now=now),
        ]
    )

    def step():
        return next(steps)()

    done = at_once(2, step)

    status = Appointment.objects.get(pk=late.pk).status
    outcomes = {type(each) for each in done}
    assert (status, outcomes) in [
        (AppointmentStatus.ARRIVED, {QueueTicket, DayNotSettled}),
        (AppointmentStatus.NO_SHOW, {DayAlreadyClosed, DayClosing}),
    ]
