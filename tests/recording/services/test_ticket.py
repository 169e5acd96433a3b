from datetime import date

import pytest
from django.db import transaction

from recording.enums import TicketSeries
from recording.services.ticket import next_number
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


def test_numbers_follow_each_other_from_one():
    office = OfficeFactory()

    numbers = [next_number(office_id=office.pk, day=DAY, series=TicketSeries.BOOKED) for _ in range(3)]

    assert numbers == [1, 2, 3]


def test_every_office_day_and_series_counts_for_itself():
    here, there = OfficeFactory(), OfficeFactory()
    next_number(office_id=here.pk, day=DAY, series=TicketSeries.BOOKED)

    assert next_number(office_id=there.pk, day=DAY, series=TicketSeries.BOOKED) == 1
    assert next_number(office_id=here.pk, day=date(2026, 11, 25), series=TicketSeries.BOOKED) == 1
    assert next_number(office_id=here.pk, day=DAY, series=TicketSeries.WALK_IN) == 1


def test_a_step_that_is_undone_gives_its_number_back():
    office = OfficeFactory()
    with transaction.atomic():
        next_number(office_id=office.pk, day=DAY, series=TicketSeries.BOOKED)
        transaction.set_rollback(True)

    assert next_number(office_id=office.pk, day=DAY, series=TicketSeries.BOOKED) == 1
