from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from issuance.models import IssueTime, PrintPick, PrintRun
from issuance.services.issue_time import measure_all
from tests.factories import (
    CaseFactory,
    ClosureFactory,
    OfficeFactory,
    RecordingFactory,
    ResidentFactory,
    ServiceHoursFactory,
    StatusChangeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture
def office():
    """An office that serves every day."""
    ServiceHoursFactory(valid_from=date(2026, 1, 1), valid_until=None)
    return OfficeFactory()


def recorded(office, *, ago, waited=None, to="ready", **resident):
    """Somebody recorded `ago` days before now; the card came `waited` days later, or has not come."""
    at = NOW - timedelta(days=ago)
    someone = ResidentFactory(entitlement="none", **resident)
    recording = RecordingFactory(resident=someone, operator=UserFactory(office=office), recorded_at=at)
    status = to if waited is not None else "sent"
    reasons = {"closed_reason": "pindah"} if status == "closed" else {}
    case = CaseFactory(recording=recording, status=status, status_since=at, history=None, **reasons)
    StatusChangeFactory(case=case, event="opened", from_status="", to_status="captured", occurred_at=at)
    if waited is not None:
        StatusChangeFactory(case=case, to_status=to, occurred_at=at + timedelta(days=waited))
    return case


def measured(office):
    measure_all(now=NOW)
    row = IssueTime.objects.get(office=office)
    return row.p50_days, row.p90_days, row.sample, row.waiting


def test_counts_service_days_to_the_card_at_that_office(office):
    for waited in (2, 3, 3, 4, 9):
        recorded(office, ago=40, waited=waited)
    recorded(OfficeFactory(), ago=40, waited=30)

    assert measured(office) == (3, 9, 5, 0)


def test_days_on_which_no_office_serves_do_not_count(office):
    recorded(office, ago=10, waited=4)
    ClosureFactory(day=(NOW - timedelta(days=8)).date())

    assert measured(office) == (3, 3, 1, 0)


def test_who_still_waits_counts(office):
    for _n in range(5):
        recorded(office, ago=20, waited=3)
        recorded(office, ago=20)

    assert measured(office) == (3, None, 5, 5)


def test_a_closed_case_counts_as_waiting_up_to_that_day(office):
    recorded(office, ago=20, waited=5)
    recorded(office, ago=20, waited=2, to="closed")

    assert measured(office) == (5, 5, 1, 1)


def test_handing_over_straight_away_counts_and_the_first_card_counts(office):
    case = recorded(office, ago=20, waited=3)
    StatusChangeFactory(case=case, to_status="ready", occurred_at=NOW - timedelta(days=1))
    recorded(office, ago=20, waited=4, to="issued")

    assert measured(office) == (3, 4, 2, 0)


def test_who_was_invited_could_have_the_card_then(office):
    case = recorded(office, ago=20)
    run = PrintRun.objects.create(office=office, mode="invite", size=1, proposed_at=NOW)
    invited_at = NOW - timedelta(days=14)
    PrintPick.objects.create(run=run, case=case, position=1, priority="oldest", state="invited", invited_at=invited_at)

    assert measured(office) == (6, 6, 1, 0)


def test_left_out_are_the_young_the_old_recordings_and_cases_of_a_list(office):
    recorded(office, ago=20, waited=3)
    recorded(office, ago=20, waited=19, birth_date=date(2009, 12, 30))
    recorded(office, ago=20, waited=5, birth_date=date(2009, 12, 30), ever_married=True)
    recorded(office, ago=100, waited=60)
    CaseFactory(recording=None, resident=ResidentFactory(), office=office, opened_by="import", status="ready")

    assert measured(office) == (3, 5, 2, 0)


def test_nothing_measured_is_written_down_too_and_again(office):
    assert measured(office) == (None, None, 0, 0)
    recorded(office, ago=20, waited=3)
    assert measured(office) == (3, 3, 1, 0)


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_statements_do_not_depend_on_the_number_of_cases(office, rows):
    for _n in range(rows):
        recorded(office, ago=20, waited=3)

    with CaptureQueriesContext(connection) as queries:
        measure_all(now=NOW)

    assert len(queries) <= 8
