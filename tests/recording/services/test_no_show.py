from datetime import timedelta

import pytest
from django.utils import timezone

from recording.services.no_show import shares
from tests.factories import AppointmentFactory, OfficeFactory, QueueTicketFactory, SlotFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def past():
    """Makes one appointment `days` ago at `hour` o'clock with the given status."""

    def make(office, *, days=1, hour=9, **values):
        starts_at = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=days)
        known = office.slots.filter(starts_at=starts_at).first()
        slot = known or SlotFactory(office=office, starts_at=starts_at, capacity=60, public_capacity=48)
        return AppointmentFactory(slot=slot, **({"status": "done"} | values))

    return make


def measured(**options):
    return [(row.office, row.hour, row.booked, row.missed) for row in shares(today=timezone.localdate(), **options)]


def test_missed_appointments_are_counted_by_office_and_local_hour(past):
    here, there = OfficeFactory(district__code="33.19.01"), OfficeFactory(district__code="33.19.02")
    past(here, status="no_show")
    past(here, status="refused")
    past(here, hour=20, days=28)
    past(there)

    assert measured() == [(here.name, 9, 2, 1), (here.name, 20, 1, 0), (there.name, 9, 1, 0)]
    assert measured(office_id=there.pk) == [(there.name, 9, 1, 0)]


def test_what_says_nothing_about_missing_is_left_out(past):
    office = OfficeFactory()
    past(office, status="cancelled")
    past(office, days=0, status="no_show")
    past(office, days=29, status="no_show")
    past(office, channel="walk_in")
    past(office, channel="roster")

    assert measured() == []


def test_who_came_took_a_number_and_left_did_come(past):
    office = OfficeFactory()
    QueueTicketFactory(appointment=past(office, status="no_show"))

    assert measured() == [(office.name, 9, 1, 0)]


def test_the_coming_week_says_what_is_kept_for_walk_ins_now(past):
    office = OfficeFactory()
    past(office)
    past(office, hour=11)
    starts_at = timezone.localtime().replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=3)
    SlotFactory(office=office, starts_at=starts_at, capacity=10, public_capacity=8)

    assert [(row.hour, row.kept) for row in shares(today=timezone.localdate())] == [(9, 20), (11, None)]


def test_one_query_for_any_number(past, django_assert_num_queries):
    for _ in range(3):
        past(OfficeFactory())

    with django_assert_num_queries(1):
        assert len(shares(today=timezone.localdate())) == 3
