from datetime import timedelta

import pytest
from django.utils import timezone

from issuance.services import waiting
from recording.models import Notification
from recording.policy.booking import birthday
from tests.factories.cards import PrintPickFactory, printable, printing_office
from tests.factories.supplies import stock

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate()


def states(*cases):
    for case in cases:
        case.refresh_from_db()
    return [(case.waiting_for, case.clock_from is None) for case in cases]


def seventeen_in(office, days, **values):
    """Print-ready and waiting for age; 17 that many days from today."""
    birth_date = birthday(TODAY + timedelta(days=days), years=-17)
    recording = {"resident__birth_date": birth_date, "resident__identity__phone": "+6281200000001"}
    return printable(office, waiting_for="age", recording=recording | values)


def test_beyond_the_free_supplies_people_wait_for_blanks_and_the_first_come_back_when_there_are_some():
    office = printing_office()
    old, middle, new = (printable(office, days=days) for days in (9, 5, 2))

    assert waiting.settle_blanks(now=NOW) == 3
    assert states(old, middle, new) == [("blank", True)] * 3

    stock(office, blank=5, ribbon=2, film=5)
    assert waiting.settle_blanks(now=NOW, office_ids=[office.pk]) == 2
    assert states(old, middle, new) == [("none", False), ("none", False), ("blank", True)]
    assert old.clock_from == NOW
    assert waiting.settle_blanks(now=NOW) == 0


def test_neither_the_invited_nor_the_young_nor_other_offices_are_touched():
    here, there = printing_office(prints=1), printing_office(prints=5)
    invited, young, theirs = printable(here, waiting_for="resident"), seventeen_in(here, 40), printable(there)
    PrintPickFactory(case=invited)

    assert waiting.settle_blanks(now=NOW) == 0
    assert [state for state, _paused in states(invited, young, theirs)] == ["resident", "age", "none"]


def test_offices_without_a_printer_wait_for_the_blanks_of_disdukcapil():
    central, without = printing_office(prints=1, kind="disdukcapil"), printing_office(prints_here=False)
    first, second = printable(without, days=8), printable(central, days=2)

    waiting.settle_blanks(now=NOW)

    assert [state for state, _paused in states(first, second)] == ["none", "blank"]


def test_whoever_is_17_today_is_told_and_the_clock_starts():
    office = printing_office(prints=9)
    today, tomorrow, last_week = seventeen_in(office, 0), seventeen_in(office, 1), seventeen_in(office, -7)

    assert waiting.resume_adults(now=NOW) == 2
    assert waiting.resume_adults(now=NOW) == 0

    assert [state for state, _paused in states(today, tomorrow, last_week)] == ["none", "age", "none"]
    assert today.clock_from == NOW
    told = Notification.objects.filter(kind="turned_seventeen")
    assert set(told.values_list("resident", flat=True)) == {today.resident_id, last_week.resident_id}
    assert today.history.last().event == "noted"


def test_whoever_married_meanwhile_goes_on_without_the_news():
    case = seventeen_in(printing_office(prints=1), 90, resident__ever_married=True)

    assert waiting.resume_adults(now=NOW) == 1
    assert states(case) == [("none", False)]
    assert not Notification.objects.exists()


def test_an_erased_person_waits_for_ever():
    case = seventeen_in(printing_office(), -5)
    case.resident.identity.delete()

    assert waiting.resume_adults(now=NOW) == 0


def test_many_birth_dates_are_opened_in_chunks(monkeypatch):
    monkeypatch.setattr(waiting, "CHUNK", 2)
    office = printing_office(prints=9)
    for _person in range(5):
        seventeen_in(office, 0)

    assert waiting.resume_adults(now=NOW) == 5
