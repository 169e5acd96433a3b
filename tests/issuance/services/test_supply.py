import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from issuance.exceptions import OutOfSupply
from issuance.models import PrintPick, PrintRun, SupplyBalance, SupplyMovement
from issuance.services import supply
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory, UserFactory
from tests.factories.supplies import quantity, stock

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


def printed(office):
    return CardPrintFactory(case=CaseFactory(recording__office=office, status="printed"))


def test_a_print_uses_one_of_each_and_the_ledger_says_for_which(office, clerk):
    stock(office, blank=3, ribbon=5, film=7)
    card_print = printed(office)

    supply.use(card_print=card_print, by=clerk, now=NOW)

    assert [quantity(office, item) for item in ("blank", "ribbon", "film")] == [2, 4, 6]
    lines = SupplyMovement.objects.filter(kind="used")
    assert {(line.item, line.change, line.card_print, line.actor) for line in lines} == {
        (item, -1, card_print, clerk) for item in ("blank", "ribbon", "film")
    }


@pytest.mark.parametrize("missing", ["blank", "ribbon", "film"])
def test_a_print_without_one_of_the_three_uses_nothing(office, clerk, missing):
    stock(office, **({"blank": 2, "ribbon": 2, "film": 2} | {missing: 0}))

    with pytest.raises(OutOfSupply) as refusal:
        supply.use(card_print=printed(office), by=clerk, now=NOW)

    assert refusal.value.item == missing
    assert set(SupplyBalance.objects.exclude(item=missing).values_list("quantity", flat=True)) == {2}
    assert not SupplyMovement.objects.filter(kind="used").exists()


def test_an_office_that_never_took_anything_in_cannot_print(office, clerk):
    with pytest.raises(OutOfSupply):
        supply.use(card_print=printed(office), by=clerk, now=NOW)


def test_a_print_cannot_use_its_supplies_twice(office, clerk):
    stock(office, blank=3, ribbon=3, film=3)
    card_print = printed(office)
    supply.use(card_print=card_print, by=clerk, now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        supply.use(card_print=card_print, by=clerk, now=NOW)

    assert quantity(office) == 2


def test_a_spoiled_card_goes_into_custody_and_gives_no_blank_back(office, clerk):
    stock(office, blank=3, ribbon=3, film=3)
    card_print = printed(office)
    supply.use(card_print=card_print, by=clerk, now=NOW)

    supply.spoil(card_print=card_print, by=clerk, reason="print", now=NOW)

    balance = SupplyBalance.objects.get(office=office, item="blank")
    assert (balance.quantity, balance.spoiled) == (2, 1)
    assert SupplyMovement.objects.get(kind="spoiled").reason == "Gagal cetak"


def test_what_is_kept_for_people_picked_or_invited_is_not_free(office):
    stock(office, blank=10, ribbon=6, film=1)
    run = PrintRun.objects.create(office=office, mode="invite", size=3, proposed_at=NOW)
    for position, state in enumerate(["picked", "invited", "printed", "lapsed"], start=1):
        case = CaseFactory(recording__office=office, status="print_ready")
        PrintPick.objects.create(run=run, case=case, position=position, priority="oldest", state=state)

    assert supply.free(office_id=office.pk) == {"blank": 8, "ribbon": 4, "film": 0}
