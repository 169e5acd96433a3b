from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from issuance.enums import SupplyItem
from issuance.models import PrintPick, PrintRun
from issuance.services import supply
from issuance.services.outlook import public_stock, refresh_outlook
from recording.models import Office
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory, UserFactory
from tests.factories.supplies import stock

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def waiting(office, count=1, **columns):
    return CaseFactory.create_batch(count, recording__office=office, status="print_ready", **columns)


def outlook(office):
    refresh_outlook(now=NOW)
    return Office.objects.get(pk=office.pk).card_outlook


@pytest.mark.parametrize(
    ("held", "people", "expected"),
    [
        ({}, 0, "unknown"),
        ({"blank": 5, "ribbon": 5}, 0, "unknown"),
        ({"blank": 2, "ribbon": 2, "film": 2}, 2, "card"),
        ({"blank": 2, "ribbon": 1, "film": 2}, 2, "letter"),
        ({"blank": 0, "ribbon": 5, "film": 5}, 0, "letter"),
    ],
)
def test_the_scarcest_must_cover_who_waits(held, people, expected):
    office = OfficeFactory()
    stock(office, **held)
    waiting(office, people)

    assert outlook(office) == expected


def test_who_waits_for_age_needs_no_blank_yet():
    office = OfficeFactory()
    stock(office, blank=1, ribbon=1, film=1)
    waiting(office, 3, waiting_for="age")

    assert outlook(office) == "card"


def test_who_has_one_kept_does_not_count_twice():
    office = OfficeFactory()
    stock(office, blank=2, ribbon=2, film=2)
    (invited,) = waiting(office)
    run = PrintRun.objects.create(office=office, mode="invite", size=1, proposed_at=NOW)
    PrintPick.objects.create(run=run, case=invited, position=1, priority="oldest", state="invited")
    waiting(office)

    assert outlook(office) == "card"
    waiting(office)
    assert outlook(office) == "letter"


def test_an_office_that_does_not_print_says_what_disdukcapil_says():
    central = OfficeFactory(kind="disdukcapil")
    mobile = OfficeFactory(prints_here=False)
    stock(central, blank=5, ribbon=5, film=5)

    assert outlook(mobile) == "card"


def test_a_delivery_and_the_last_print_are_said_at_once():
    office = OfficeFactory()
    clerk = UserFactory(office=office)
    lines = [supply.Line(item=item, quantity=1, per_document=1) for item in SupplyItem]
    supply.receive(
        office=office, lines=lines, document="SJ", sender="Ditjen", reason="", by=clerk, now=NOW, key=uuid4()
    )
    office.refresh_from_db()
    assert (office.card_outlook, office.card_outlook_at) == ("card", NOW)

    card_print = CardPrintFactory(case=CaseFactory(recording__office=office, status="printed"))
    supply.use(card_print=card_print, by=clerk, now=NOW)

    office.refresh_from_db()
    assert office.card_outlook == "letter"


def test_the_hourly_job_keeps_the_day_of_the_outlook_fresh():
    office = OfficeFactory()
    stock(office, blank=1, ribbon=1, film=1)
    refresh_outlook(now=NOW)

    changed = refresh_outlook(now=NOW + timedelta(hours=1))

    office.refresh_from_db()
    assert (changed, office.card_outlook_at) == (0, NOW + timedelta(hours=1))


def test_everybody_may_know_what_each_office_has():
    office = OfficeFactory()
    stock(office, blank=41, ribbon=5)
    stock(OfficeFactory(active=False), blank=1)

    assert [(each.office, each.blanks) for each in public_stock()] == [(office, 41)]
