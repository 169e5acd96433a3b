from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from recording import staff_home
from recording.enums import Role
from recording.policy.access import Permission
from recording.staff_home import Alarm, Card, Panel
from recording.views.staff_home import days_without_hours, desk_cards
from tests.factories import AppointmentFactory, OfficeFactory, ServiceHoursFactory, SlotFactory, UserFactory

NOW = datetime(2026, 11, 24, 3, tzinfo=timezone.get_fixed_timezone(0))


@pytest.fixture
def registered(monkeypatch):
    for name in ("_cards", "_alarms", "_panels"):
        monkeypatch.setattr(staff_home, name, {})


def staff(role):
    return SimpleNamespace(role=role, is_authenticated=True, is_active=True)


def some_cards(*, user, now):
    return [Card(label="Menunggu", value=3)]


def some_alarms(*, user, now):
    return [Alarm(title="Tanpa jam")]


def some_panels(*, user, resident_id):
    return [Panel(title=f"Berkas {resident_id}")]


def test_what_an_app_registers_is_shown_to_those_who_hold_the_permission(registered):
    staff_home.add_cards(some_cards, permission=Permission.DESK)
    staff_home.add_alarms(some_alarms, permission=Permission.DESK)
    staff_home.add_panels(some_panels, permission=Permission.DESK)

    shown = {
        role: (
            len(staff_home.cards(user=staff(role), now=NOW)),
            len(staff_home.alarms(user=staff(role), now=NOW)),
            len(staff_home.panels(user=staff(role), resident_id=7)),
        )
        for role in Role
    }

    assert shown == {
        Role.OPERATOR: (1, 1, 1),
        Role.VERIFIER: (1, 1, 1),
        Role.SUPERVISOR: (0, 0, 0),
        Role.ADMINISTRATOR: (0, 0, 0),
    }


def test_registering_twice_shows_once(registered):
    for _ in range(2):
        staff_home.add_cards(some_cards, permission=Permission.DESK)

    assert len(staff_home.cards(user=staff(Role.OPERATOR), now=NOW)) == 1


def test_cards_stand_in_their_order(registered):
    def later(*, user, now):
        return [Card(label="Kedua", value=0)]

    staff_home.add_cards(later, permission=Permission.DESK, order=20)
    staff_home.add_cards(some_cards, permission=Permission.DESK, order=10)

    assert [card.label for card in staff_home.cards(user=staff(Role.OPERATOR), now=NOW)] == ["Menunggu", "Kedua"]


@pytest.mark.django_db
def test_the_desk_counts_only_the_own_office_and_only_today():
    now = timezone.now()
    office = OfficeFactory()
    for status in ("arrived", "booked", "done"):
        AppointmentFactory(slot=None, channel="walk_in", office=office, status=status)
    AppointmentFactory(slot=None, channel="walk_in", office=OfficeFactory())
    AppointmentFactory(slot=SlotFactory(office=office))

    own = desk_cards(user=UserFactory(office=office), now=now)
    everything = desk_cards(user=UserFactory(role="verifier"), now=now)

    assert [card.value for card in own] == [1, 1, 1, 0]
    assert [card.value for card in everything] == [1, 2, 1, 0]


@pytest.mark.django_db
def test_an_office_without_times_raises_one_alarm_that_names_the_days():
    ServiceHoursFactory()
    office, other = OfficeFactory(), OfficeFactory()

    alarms = days_without_hours(user=UserFactory(office=office), now=timezone.now())

    assert [alarm.title.startswith(office.name) for alarm in alarms] == [True]
    assert "15 hari tanpa jam layanan" in alarms[0].title
    assert other.name not in alarms[0].title


@pytest.mark.django_db
def test_days_that_have_times_raise_no_alarm():
    ServiceHoursFactory()
    office = OfficeFactory()
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(15):
        SlotFactory(office=office, starts_at=midnight + timedelta(days=days, hours=9))

    assert days_without_hours(user=UserFactory(office=office), now=timezone.now()) == []
