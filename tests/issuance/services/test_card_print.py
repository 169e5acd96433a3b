from datetime import timedelta

import pytest
from django.utils import timezone

from issuance.exceptions import (
    BirthDateUnknown,
    BlanksAreHeld,
    NotPrintedHere,
    OfficeDoesNotPrint,
    OutOfSupply,
    PrintedAlready,
    ReasonNeeded,
    TooYoungForCard,
    WrongOffice,
)
from issuance.models import CardPrint, SupplyBalance, SupplyMovement
from issuance.services import card_print, supply
from recording.exceptions import WrongState
from recording.policy.booking import birthday
from tests.factories import CardPrintFactory, UserFactory
from tests.factories.cards import PrintPickFactory, printable, printing_office
from tests.factories.supplies import quantity, stock
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def printed(case, *, by=None, **values):
    by = by or UserFactory(office=case.pickup_office)
    return card_print.print_card(case_id=case.pk, by=by, now=NOW, **values)


def status(case):
    case.refresh_from_db()
    return case.status


def test_a_print_uses_one_blank_ribbon_and_film_and_moves_the_case():
    office = printing_office(prints=3)
    case, clerk = printable(office), UserFactory(office=office)

    done = printed(case, by=clerk)

    assert status(case) == "printed"
    assert (done.office, done.printed_by, done.printed_at, done.attempt) == (office, clerk, NOW, 1)
    assert [quantity(office, item) for item in ("blank", "ribbon", "film")] == [2, 2, 2]
    assert set(SupplyMovement.objects.filter(kind="used").values_list("card_print", flat=True)) == {done.pk}


def test_a_print_ends_the_invitation():
    office = printing_office(prints=1)
    case = printable(office, waiting_for="resident")
    pick = PrintPickFactory(case=case)

    printed(case)

    pick.refresh_from_db()
    assert pick.state == "printed"
    assert supply.free(office_id=office.pk) == {"blank": 0, "ribbon": 0, "film": 0}


def test_what_is_held_for_the_invited_is_not_taken_by_others():
    office = printing_office(prints=1)
    PrintPickFactory(case=printable(office))
    case = printable(office)

    with pytest.raises(BlanksAreHeld):
        printed(case)
    stock(office, blank=1, ribbon=1, film=1)

    assert printed(case).office == office


def test_without_supplies_nothing_is_kept():
    office = printing_office()
    stock(office, blank=1, ribbon=0, film=1)
    case = printable(office)

    with pytest.raises(OutOfSupply):
        printed(case)

    assert status(case) == "print_ready"
    assert not CardPrint.objects.exists()
    assert quantity(office) == 1


def test_who_may_not_be_printed_here_or_yet():
    office = printing_office(prints=9)
    young = printable(office, recording={"resident__birth_date": birthday(NOW.date(), years=-16)})
    with pytest.raises(TooYoungForCard):
        printed(young)
    with pytest.raises(WrongOffice):
        printed(printable(office), by=UserFactory(office=printing_office(prints=9)))
    with pytest.raises(OfficeDoesNotPrint):
        printed(printable(printing_office(prints_here=False)))
    erased = printable(office)
    erased.resident.identity.delete()
    with pytest.raises(BirthDateUnknown):
        printed(erased)
    twice = printable(office)
    CardPrintFactory(case=twice)
    with pytest.raises(PrintedAlready):
        printed(twice)
    with pytest.raises(WrongState):
        printed(
            CardPrintFactory(
                case__status="sent", case__recording__office=office, spoiled_at=NOW, spoil_reason="print"
            ).case
        )
    assert quantity(office) == 9


def test_a_married_person_of_16_is_printed():
    birth_date = birthday(NOW.date(), years=-16)
    recording = {"resident__birth_date": birth_date, "resident__ever_married": True}

    assert printed(printable(printing_office(prints=1), recording=recording))


def test_disdukcapil_prints_for_any_office_and_verifiers_where_it_is_collected():
    central, there = printing_office(prints=1, kind="disdukcapil"), printing_office(prints=1)
    without = printing_office(prints_here=False)
    verifier = UserFactory(role="verifier")

    assert printed(printable(there), by=UserFactory(office=central)).office == central
    assert printed(printable(there), by=verifier).office == there
    stock(central, blank=1, ribbon=1, film=1)
    assert printed(printable(without), by=verifier).office == central


@pytest.mark.parametrize("from_shelf", [False, True])
def test_a_spoiled_card_costs_another_blank_and_keeps_its_reason(from_shelf):
    office = printing_office(prints=2)
    case, clerk = printable(office), UserFactory(office=office)
    pick = PrintPickFactory(case=case, until=timezone.localdate() - timedelta(days=1))
    first = printed(case, by=clerk)
    if from_shelf:
        type(case).objects.filter(pk=case.pk).update(status="ready")

    card_print.spoil(card_print_id=first.pk, by=clerk, reason="print", note="bergaris", now=NOW)

    first.refresh_from_db()
    pick.refresh_from_db()
    assert (status(case), first.spoil_reason, first.spoil_note, first.spoiled_at) == (
        "print_ready",
        "print",
        "bergaris",
        NOW,
    )
    assert (pick.state, pick.until > timezone.localdate()) == ("invited", True)  # the next blank is this person's
    balance = SupplyBalance.objects.get(office=office, item="blank")
    assert (balance.quantity, balance.spoiled) == (1, 1)

    second = printed(case, by=clerk)
    assert second.pk != first.pk
    assert quantity(office) == 0
    with pytest.raises(NotPrintedHere):
        card_print.spoil(card_print_id=first.pk, by=clerk, reason="print", now=NOW)
    assert status(case) == "printed"


def test_spoil_says_what_is_missing():
    case = printable(printing_office(prints=1))
    done = printed(case)

    with pytest.raises(ReasonNeeded):
        card_print.spoil(card_print_id=done.pk, by=UserFactory(office=done.office), reason="other", now=NOW)
    with pytest.raises(WrongOffice):
        card_print.spoil(card_print_id=done.pk, by=UserFactory(), reason="print", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_printing_one_case_use_one_blank():
    office = printing_office(prints=5)
    case, clerk = printable(office), UserFactory(office=office)

    done = at_once(4, lambda: printed(case, by=clerk))

    assert sum(isinstance(one, CardPrint) for one in done) == 1
    assert {type(one) for one in done} <= {CardPrint, WrongState, PrintedAlready}
    assert quantity(office) == 4


@pytest.mark.django_db(transaction=True)
def test_the_last_blank_makes_one_card():
    office = printing_office(prints=1)
    clerk = UserFactory(office=office)
    cases = [printable(office, operator=clerk) for _person in range(4)]
    waiting = iter(cases)

    done = at_once(4, lambda: printed(next(waiting), by=clerk))

    assert sum(isinstance(one, CardPrint) for one in done) == 1
    assert sum(isinstance(one, OutOfSupply) for one in done) == 3
    assert sorted(status(case) for case in cases) == ["print_ready"] * 3 + ["printed"]
