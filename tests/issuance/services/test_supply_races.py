"""Supplies never go below nothing and nobody waits in a circle. Each thread has a database connection of its own."""

import contextlib
import itertools
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from issuance.enums import MovementKind, SupplyItem
from issuance.exceptions import AlreadyCountedIn, OutOfSupply
from issuance.models import SupplyBalance, SupplyMovement
from issuance.services import ledger, supply
from tests.factories import CardPrintFactory, CaseFactory, OfficeFactory, UserFactory
from tests.factories.supplies import quantity, stock
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
CLERKS, BLANKS = 50, 10
READ_THEN_WRITE = """
SELECT quantity FROM issuance_supplybalance, pg_sleep(0.05) WHERE office_id = %s AND item = 'blank'
"""


def assert_balances_equal_the_ledger():
    for balance in SupplyBalance.objects.all():
        moved = SupplyMovement.objects.filter(office=balance.office, item=balance.item).aggregate(
            change=Sum("change"), spoiled=Sum("spoiled_change")
        )
        assert (balance.quantity, balance.spoiled) == (moved["change"], moved["spoiled"])


def test_fifty_prints_of_ten_blanks_make_ten_cards():
    office = OfficeFactory()
    clerk = UserFactory(office=office)
    stock(office, blank=BLANKS, ribbon=100, film=100)
    prints = [CardPrintFactory(case=CaseFactory(recording__office=office, status="printed")) for _ in range(CLERKS)]
    turn = itertools.count()

    def use():
        supply.use(card_print=prints[next(turn)], by=clerk, now=NOW)

    outcomes = at_once(CLERKS, use)

    assert outcomes.count(None) == BLANKS
    assert all(isinstance(outcome, OutOfSupply) for outcome in outcomes if outcome is not None)
    assert [quantity(office, item) for item in ("blank", "ribbon", "film")] == [0, 90, 90]
    assert_balances_equal_the_ledger()


def test_without_the_guard_a_blank_would_be_used_twice():
    """The control: reading what is left and writing it back loses prints, so the test above can fail."""
    office = OfficeFactory()
    stock(office, blank=BLANKS)

    def use():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(READ_THEN_WRITE, [office.pk])
            left = cursor.fetchone()[0]
            if left < 1:
                raise OutOfSupply("blank")
            SupplyBalance.objects.filter(office=office).update(quantity=left - 1)

    used = at_once(8, use).count(None)

    assert BLANKS - quantity(office) < used


def test_parcels_that_cross_wait_for_nobody():
    here, there = OfficeFactory(), OfficeFactory()
    head = UserFactory(role="supervisor")
    for office in (here, there):
        stock(office, blank=100, ribbon=100, film=100)
    turn = itertools.count()
    # written in the wrong order on purpose: the service puts the items in the order of the locks
    both_ways = [
        [supply.Line(item=item, quantity=1) for item in order]
        for order in (list(SupplyItem), list(reversed(SupplyItem)))
    ]

    def cross():
        number = next(turn)
        office, to = (here, there) if number % 2 else (there, here)
        for _ in range(3):
            supply.send(office=office, to=to, lines=both_ways[number % 2], document="", by=head, now=NOW, key=uuid4())
            parcel = (
                SupplyMovement.objects.under_way().filter(office=office).order_by("transfer").values("transfer").first()
            )
            if parcel:
                with contextlib.suppress(AlreadyCountedIn):
                    supply.arrive(
                        transfer=parcel["transfer"],
                        lines=both_ways[number % 2],
                        reason="",
                        by=head,
                        now=NOW,
                        key=uuid4(),
                    )

    outcomes = at_once(8, cross)

    assert outcomes == [None] * 8
    under_way = -sum(SupplyMovement.objects.under_way().values_list("change", flat=True))
    assert sum(SupplyBalance.objects.values_list("quantity", flat=True)) + under_way == 600
    assert_balances_equal_the_ledger()


def test_a_parcel_counted_in_by_two_people_arrives_once():
    office, other = OfficeFactory(), OfficeFactory()
    head = UserFactory(role="supervisor")
    stock(office, blank=10)
    line = [supply.Line(item=SupplyItem.BLANK, quantity=10)]
    supply.send(office=office, to=other, lines=line, document="", by=head, now=NOW, key=uuid4())
    transfer = SupplyMovement.objects.under_way().get().transfer

    outcomes = at_once(
        4, lambda: supply.arrive(transfer=transfer, lines=line, reason="", by=head, now=NOW, key=uuid4())
    )

    assert outcomes.count(True) == 1
    assert [type(each) for each in outcomes if each is not True] == [AlreadyCountedIn] * 3
    assert quantity(other) == 10


def test_a_request_sent_four_times_at_once_is_booked_once():
    office = OfficeFactory()
    head = UserFactory(role="supervisor")
    stock(office, blank=10)
    key = uuid4()

    outcomes = at_once(
        4,
        lambda: supply.spoil_unprinted(
            office=office, item=SupplyItem.BLANK, quantity=6, reason="Chip cacat", by=head, now=NOW, key=key
        ),
    )

    assert sorted(outcomes) == [False, False, False, True]
    assert quantity(office) == 4


def test_the_first_receipts_of_an_office_meet_without_harm():
    office = OfficeFactory()

    def receive():
        ledger.open_balances(office_id=office.pk, items=[SupplyItem.BLANK])
        return ledger.book(
            office_id=office.pk, item=SupplyItem.BLANK, kind=MovementKind.RECEIVED, change=5, at=NOW, actor_id=None
        )

    assert sorted(at_once(6, receive)) == [5, 10, 15, 20, 25, 30]
