"""Invariants 4 and 5: broken on purpose, and found."""

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from issuance.models import CardPrint, SupplyBalance, SupplyMovement
from issuance.services import integrity, supply
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory
from tests.factories.supplies import stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = OfficeFactory(district__code="33.19.02")
    stock(office, blank=10, ribbon=10, film=10)
    return office


@pytest.fixture
def card_print(office):
    card_print = CardPrintFactory(case=CaseFactory(recording__office=office, status="printed"))
    supply.use(card_print=card_print, by=None, now=timezone.now())
    return card_print


def spoil(card_print):
    CardPrint.objects.filter(pk=card_print.pk).update(spoiled_at=timezone.now(), spoil_reason="print")
    supply.spoil(card_print=card_print, by=None, reason="print", now=timezone.now())


def found():
    return integrity.balances_equal_their_movements() + integrity.prints_used_one_blank()


def test_both_hold_where_services_wrote(card_print):
    assert found() == []
    spoil(card_print)
    assert found() == []


def test_a_balance_beside_its_ledger_is_found(card_print):
    SupplyBalance.objects.filter(item="film").update(quantity=8)

    assert integrity.balances_equal_their_movements() == ["33.19.02 film: catatan 8 (rusak 0), buku 9 (rusak 0)"]


def test_custody_beside_its_ledger_is_found(card_print):
    spoil(card_print)
    SupplyBalance.objects.filter(item="blank").update(spoiled=0)

    assert integrity.balances_equal_their_movements() == ["33.19.02 blank: catatan 9 (rusak 0), buku 9 (rusak 1)"]


def test_a_balance_nobody_booked_and_one_that_was_lost_are_found(office):
    SupplyBalance.objects.filter(item="film").delete()
    SupplyBalance.objects.create(office=OfficeFactory(district__code="33.19.03"), item="blank", quantity=3)

    assert integrity.balances_equal_their_movements() == [
        "33.19.02 film: catatan  (rusak ), buku 10 (rusak 0)",
        "33.19.03 blank: catatan 3 (rusak 0), buku 0 (rusak 0)",
    ]


def test_a_negative_balance_is_found(office):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE issuance_supplybalance DROP CONSTRAINT supply_balance_not_negative")
    SupplyBalance.objects.filter(item="film").update(quantity=-1)
    with pgtrigger.ignore():
        SupplyMovement.objects.filter(item="film").update(change=-1)

    assert integrity.balances_equal_their_movements() == ["33.19.02 film: catatan -1 (rusak 0), buku -1 (rusak 0)"]


def test_a_print_without_a_blank_is_found(office):
    card_print = CardPrintFactory(case=CaseFactory(recording__office=office, status="printed"))

    assert integrity.prints_used_one_blank() == [f"cetakan {card_print.pk}: 0 blanko dipakai, 0 disimpan"]


def test_a_print_that_took_another_offices_blank_is_found(card_print):
    CardPrint.objects.filter(pk=card_print.pk).update(office=OfficeFactory())

    assert integrity.prints_used_one_blank() == [f"cetakan {card_print.pk}: 0 blanko dipakai, 0 disimpan"]


def test_a_spoiled_print_that_is_not_in_custody_is_found(card_print):
    CardPrint.objects.filter(pk=card_print.pk).update(spoiled_at=timezone.now(), spoil_reason="print")

    assert integrity.prints_used_one_blank() == [f"cetakan {card_print.pk}: 1 blanko dipakai, 0 disimpan"]


def test_a_card_printed_elsewhere_is_listed_not_broken(office):
    CaseFactory(recording__office=office, status="printed", observed_raw="CARD_PRINTED", observed_status="printed")

    assert integrity.prints_used_one_blank() == []
    assert integrity.prints_observed_only() == 1
