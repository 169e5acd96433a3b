from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from recording.exceptions import ChangeNotPossible, RecordingPaused
from recording.models import Appointment, AuditEvent, OfficeOutage
from recording.services import attendance, hours_change, outage
from recording.services import closure as closures
from recording.services import slot as slots
from tests.factories import AppointmentFactory, OfficeFactory, ServiceHoursFactory, UserFactory
from tests.recording.services.test_hours_change import assert_counters_are_true, assert_nobody_is_lost, slot_at

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
NOW = timezone.make_aware(datetime.combine(TODAY, time(9, 10)))


@pytest.fixture
def admin():
    return UserFactory(role="administrator")


@pytest.fixture
def office():
    office = OfficeFactory()
    ServiceHoursFactory(opens=time(8), closes=time(14))
    slots.top_up(today=TODAY)
    return office


def test_check_in_pauses_at_that_office_until_the_outage_ends(office, admin):
    clerk = UserFactory(office=office)
    elsewhere = UserFactory()
    slots.generate(days=[TODAY])
    here, there = (
        AppointmentFactory(slot=slot_at(office, TODAY, 10)),
        AppointmentFactory(slot=slot_at(elsewhere.office, TODAY, 10)),
    )
    going_on = outage.start(office_id=office.pk, by=admin, now=NOW, note="Kabel putus")

    with pytest.raises(RecordingPaused):
        attendance.check_in(appointment_id=here.pk, by=clerk, now=NOW)
    attendance.check_in(appointment_id=there.pk, by=elsewhere, now=NOW)
    outage.end(outage_id=going_on.pk, by=admin, now=NOW + timedelta(hours=1))
    attendance.check_in(appointment_id=here.pk, by=clerk, now=NOW + timedelta(hours=1))

    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"outage.start", "outage.end"}


def test_an_outage_starts_once_and_ends_once(office, admin):
    first = outage.start(office_id=office.pk, by=admin, now=NOW)
    again = outage.start(office_id=office.pk, by=admin, now=NOW + timedelta(minutes=5))
    outage.end(outage_id=first.pk, by=admin, now=NOW + timedelta(hours=1))
    ended = outage.end(outage_id=first.pk, by=admin, now=NOW + timedelta(hours=2))

    assert again == first
    assert OfficeOutage.objects.get().ended_at == ended.ended_at == NOW + timedelta(hours=1)


def test_an_office_that_is_not_active_has_no_outage(admin):
    with pytest.raises(ChangeNotPossible):
        outage.start(office_id=OfficeFactory(active=False).pk, by=admin, now=NOW)


def test_pages_are_told_of_outages_of_the_offices_they_show(office, admin):
    other = OfficeFactory()
    outage.start(office_id=office.pk, by=admin, now=NOW, note="Kabel putus")

    assert [(each.office, each.note) for each in outage.notices()] == [(office, "Kabel putus")]
    assert outage.notices(office_ids=[other.pk]) == []


def test_everybody_still_to_come_today_gets_a_new_time_or_a_message(office, admin):
    begun = AppointmentFactory(slot=slot_at(office, TODAY, 9))
    coming = AppointmentFactory.create_batch(3, slot=slot_at(office, TODAY, 10))
    going_on = outage.start(office_id=office.pk, by=admin, now=NOW)

    change = closures.propose_new_times(outage=going_on, by=admin, now=NOW)
    seen = hours_change.preview(change=change, now=NOW)
    hours_change.apply(change_id=change.pk, seen=seen.fingerprint, by=admin, now=NOW)

    moved = Appointment.objects.filter(pk__in=[one.pk for one in coming])
    assert {one.day for one in moved} == {TODAY + timedelta(days=1)}
    assert Appointment.objects.get(pk=begun.pk).day == TODAY
    assert len(seen.hits) == 3
    assert_counters_are_true()
    del begun
    assert Appointment.objects.filter(status="booked", day__gt=TODAY, slot__open=False).count() == 0


def test_new_times_are_taken_back_when_the_centre_returns(office, admin):
    coming = AppointmentFactory(slot=slot_at(office, TODAY, 13, 30))
    going_on = outage.start(office_id=office.pk, by=admin, now=NOW)
    change = closures.propose_new_times(outage=going_on, by=admin, now=NOW)
    seen = hours_change.preview(change=change, now=NOW)
    hours_change.apply(change_id=change.pk, seen=seen.fingerprint, by=admin, now=NOW)

    later = NOW + timedelta(hours=1)
    outage.end(outage_id=going_on.pk, by=admin, now=later)
    hours_change.undo(change_id=change.pk, by=admin, now=later)

    coming.refresh_from_db()
    assert (coming.day, coming.slot.open) == (TODAY, True)
    assert_counters_are_true()
    assert_nobody_is_lost()
