from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import AppointmentFactory, OfficeFactory, ResidentFactory, SlotFactory, UserFactory


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def desk(clerk):
    """A browser of a signed-in operator."""
    browser = signed_in(clerk)
    browser.office = clerk.office
    return browser


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def today():
    """Makes an appointment of `office` today; slots follow each other from midnight on."""
    numbers = iter(range(48))

    def make(office, name="Sri Wahyuni", **values):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        slot = SlotFactory(office=office, starts_at=midnight + timedelta(minutes=30 * next(numbers)))
        resident = values.pop("resident", None) or ResidentFactory(name=name)
        return AppointmentFactory(slot=slot, resident=resident, **values)

    return make
