from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from ektp_portal.opening import opening
from tests.factories import OfficeFactory, SlotFactory

pytestmark = pytest.mark.django_db


def local(day, hour, minute=0):
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@pytest.fixture
def today():
    return timezone.localdate()


def slot(office, day, hour, **values):
    return SlotFactory(
        office=office, starts_at=local(day, hour), ends_at=local(day, hour) + timedelta(hours=1), **values
    )


def test_open_offices_are_counted_with_their_hours(today):
    first, second = OfficeFactory(), OfficeFactory()
    for hour in (8, 9, 10):
        slot(first, today, hour)
    slot(second, today, 14)

    state = opening(now=local(today, 9, 30))

    assert (state.open_now, state.open_today, state.offices) == (1, 2, 2)
    assert (state.opens, state.closes, state.same_hours) == (time(8), time(15), False)
    assert state.next_at is None


def test_a_break_or_evening_says_when_it_opens_again(today):
    office = OfficeFactory()
    slot(office, today, 8)
    slot(office, today, 13)
    slot(office, today, 10, open=False)

    assert opening(now=local(today, 10, 30)).next_at == local(today, 13)
    assert opening(now=local(today, 10, 30)).next_is_today
    assert opening(now=local(today, 10, 30)).open_now == 0
    assert opening(now=local(today, 20)).next_at is None


def test_a_day_without_slots_is_a_closed_day(today):
    office = OfficeFactory()
    slot(office, today + timedelta(days=1), 8)

    state = opening(now=local(today, 9))

    assert (state.opens, state.closes, state.open_today) == (None, None, 0)
    assert state.next_at == local(today + timedelta(days=1), 8)
    assert not state.next_is_today


def test_offices_that_no_longer_serve_do_not_count(today):
    slot(OfficeFactory(active=False), today, 9)

    state = opening(now=local(today, 9, 30))

    assert (state.open_now, state.offices) == (0, 0)
