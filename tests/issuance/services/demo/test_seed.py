from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from issuance.models import Case, StatusChange
from issuance.policy.service_days import cut_off
from issuance.services import demo, integrity
from issuance.services.calendar import service_days
from issuance.services.demo import NotNow
from issuance.services.demo.cards import rested
from issuance.services.demo.closings import FORGETFUL
from recording.models import (
    Appointment,
    Campaign,
    HomeVisit,
    Recording,
    Resident,
    ResidentIdentity,
    Roster,
    TrackingCode,
    User,
)
from recording.services import closing, reference
from recording.services import integrity as ground

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 13:30 in Kudus
SMALL = {"residents": 300, "history_days": 4, "seed": 3}


@pytest.fixture
def portal(reference_data):
    """An empty portal with its reference data; the campaign runs around NOW."""
    Campaign.objects.filter(name=reference.CAMPAIGN_NAME).update(starts_on="2026-09-01", ends_on="2027-01-31")


def test_the_same_seed_makes_the_same_demo(portal):
    def made() -> list:
        demo.seed(**SMALL, now=NOW)
        return [
            list(Resident.objects.order_by("pk").values_list("name", "birth_year", "sex", "village", "entitlement")),
            [identity.nik for identity in ResidentIdentity.objects.order_by("pk")],
            [code.code for code in TrackingCode.objects.order_by("pk")],
            list(Appointment.objects.order_by("pk").values_list("day", "status", "booked_at", "channel", "moves")),
            list(StatusChange.objects.order_by("pk").values_list("event", "to_status", "occurred_at")),
        ]

    with transaction.atomic():
        first = made()
        transaction.set_rollback(True)
    assert made() == first


def test_a_portal_with_residents_is_left_alone(portal):
    demo.seed(**SMALL, now=NOW)

    with pytest.raises(NotNow):
        demo.seed(**SMALL, now=NOW)


def test_production_is_left_alone(portal, settings):
    settings.IS_PRODUCTION = True

    with pytest.raises(NotNow):
        demo.seed(**SMALL, now=NOW)
    assert not User.objects.exists()


def test_without_reference_data_nothing_is_made(db):
    with pytest.raises(NotNow):
        demo.seed(**SMALL, now=NOW)


@pytest.mark.parametrize(("residents", "history_days"), [(1, 1), (30, 0), (50, 20)])
def test_any_size_keeps_the_invariants(portal, residents, history_days):
    demo.seed(residents=residents, history_days=history_days, seed=1, now=NOW)

    checks = [*ground.CHECKS.values(), *integrity.CHECKS.values()]
    assert [check() for check in checks] == [[]] * len(checks)


@pytest.mark.parametrize("days", [1, 3, 14])
@pytest.mark.parametrize("hours", [0, 5, 30, 100])
def test_rested_is_the_inverse_of_the_sweeps_cut_off(portal, days, hours):
    since = timezone.localtime(NOW) - timedelta(days=200, hours=hours)  # before the campaign: weekends are closed

    until = rested(since, days=days, is_open=service_days())

    assert cut_off(as_of=until, days=days, is_open=service_days()) >= since
    assert cut_off(as_of=until - timedelta(minutes=1), days=days, is_open=service_days()) < since


def test_past_days_are_closed_but_for_the_forgetful_office_and_what_is_unsent_is_captured(portal):
    demo.seed(**SMALL, now=NOW)

    yesterday = timezone.localdate(NOW) - timedelta(days=1)
    assert [office.code for office in closing.not_closed(day=yesterday)] == [FORGETFUL]
    assert closing.not_closed(day=yesterday - timedelta(days=1)) == []
    unsent = Recording.objects.filter(outcome="accepted", sent_locally_at=None)
    assert set(Case.objects.filter(recording__in=unsent).values_list("status", flat=True)) <= {"captured"}


def test_work_away_from_the_offices_is_shown_too(portal):
    demo.seed(residents=2_000, history_days=4, seed=3, now=NOW)

    yesterday = timezone.localdate(NOW) - timedelta(days=1)
    school, village = Roster.objects.order_by("held_on")
    assert (school.held_on, school.status, village.status) == (yesterday, "recorded", "planned")
    outcomes = Counter(school.entries.values_list("outcome", flat=True))
    assert outcomes["accepted"] > 1 and outcomes["failed"] == 1 and outcomes["absent"] == 1 and outcomes[""] == 1
    assert set(Recording.objects.filter(roster_entry__roster=school).values_list("day", flat=True)) == {yesterday}
    assert set(HomeVisit.objects.values_list("status", flat=True)) == {"new", "planned", "declined"}
    checks = [*ground.CHECKS.values(), *integrity.CHECKS.values()]
    assert [check() for check in checks] == [[]] * len(checks)
