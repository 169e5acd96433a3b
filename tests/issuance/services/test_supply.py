from uuid import uuid4

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from issuance.enums import MovementKind, SupplyItem
from issuance.exceptions import (
    AlreadyCountedIn,
    CountedMeanwhile,
    NothingToBook,
    OutOfSupply,
    ReasonNeeded,
    SameOffice,
)
from issuance.models import PrintPick, PrintRun, SupplyBalance, SupplyMovement
from issuance.services import supply
from recording.models import AuditEvent
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


# Coming and going


def lines(**quantities):
    return [supply.Line(item=SupplyItem(name), quantity=quantity) for name, quantity in quantities.items()]


def noted(item, quantity, per_document):
    return [supply.Line(item=SupplyItem(item), quantity=quantity, per_document=per_document)]


@pytest.fixture
def head(office):
    return UserFactory(role="supervisor")


def receive(office, by, counted, *, reason="", key=None):
    return supply.receive(
        office=office,
        lines=counted,
        document="SJ-7",
        sender="Ditjen",
        reason=reason,
        by=by,
        now=NOW,
        key=key or uuid4(),
    )


def send(office, to, by, **quantities):
    supply.send(office=office, to=to, lines=lines(**quantities), document="BA-3", by=by, now=NOW, key=uuid4())
    return SupplyMovement.objects.under_way().order_by("-id").first().transfer


def arrive(transfer, by, *, reason="", **quantities):
    return supply.arrive(transfer=transfer, lines=lines(**quantities), reason=reason, by=by, now=NOW, key=uuid4())


def test_a_delivery_is_booked_as_counted_and_keeps_what_the_note_said(office, clerk):
    receive(office, clerk, noted("blank", 498, 500), reason="Dua keping kurang di dus 3")

    line = SupplyMovement.objects.get()
    assert (line.change, line.document_quantity, line.document, line.other_party) == (498, 500, "SJ-7", "Ditjen")
    assert (quantity(office), line.reason) == (498, "Dua keping kurang di dus 3")
    assert AuditEvent.objects.get().action == "supply.received"


def test_a_difference_to_the_delivery_note_needs_a_reason(office, clerk):
    with pytest.raises(ReasonNeeded):
        receive(office, clerk, noted("blank", 498, 500), reason=" ")

    assert not SupplyMovement.objects.exists()


def test_the_same_request_is_booked_once(office, clerk):
    key = uuid4()

    outcomes = [receive(office, clerk, lines(blank=5, film=7), key=key) for _ in range(2)]

    assert outcomes == [True, False]
    assert (quantity(office), quantity(office, "film")) == (5, 7)


def test_nothing_is_no_delivery(office, clerk):
    with pytest.raises(NothingToBook):
        receive(office, clerk, lines(blank=0))


def test_what_is_sent_is_under_way_until_the_other_office_counts_it_in(office, head):
    stock(office, blank=100, ribbon=50)
    other = OfficeFactory()

    transfer = send(office, other, head, blank=40, ribbon=10)

    assert (quantity(office), quantity(office, "ribbon")) == (60, 40)
    assert not SupplyBalance.objects.filter(office=other).exists()
    arrive(transfer, head, blank=40, ribbon=10)
    assert (quantity(other), quantity(other, "ribbon")) == (40, 10)
    assert not SupplyMovement.objects.under_way().exists()
    assert set(SupplyMovement.objects.filter(transfer=transfer).values_list("kind", "office")) == {
        ("allocated_out", office.pk),
        ("allocated_in", other.pk),
    }


def test_what_is_lost_on_the_way_is_in_neither_balance_and_said_with_its_reason(office, head):
    stock(office, blank=100)
    other = OfficeFactory()
    transfer = send(office, other, head, blank=40)
    with pytest.raises(ReasonNeeded):
        arrive(transfer, head, blank=38)

    arrive(transfer, head, blank=38, reason="Segel rusak")

    line = SupplyMovement.objects.get(kind="allocated_in")
    assert (quantity(office), quantity(other), line.document_quantity, line.reason) == (60, 38, 40, "Segel rusak")


def test_a_parcel_of_which_nothing_came_is_settled_too(office, head):
    stock(office, blank=10)
    transfer = send(office, OfficeFactory(), head, blank=10)

    arrive(transfer, head, blank=0, reason="Hilang di jalan")

    assert not SupplyMovement.objects.under_way().exists()


def test_a_parcel_is_counted_in_once(office, head):
    stock(office, blank=10)
    transfer = send(office, OfficeFactory(), head, blank=10)
    arrive(transfer, head, blank=10)

    with pytest.raises(AlreadyCountedIn):
        arrive(transfer, head, blank=10)


def test_part_of_a_parcel_cannot_be_passed_over(office, head):
    stock(office, blank=10, film=10)
    transfer = send(office, OfficeFactory(), head, blank=10, film=10)

    with pytest.raises(AlreadyCountedIn):
        arrive(transfer, head, blank=10)


def test_more_than_there_is_cannot_be_sent_and_nothing_of_it_goes(office, head):
    stock(office, blank=10, film=3)

    with pytest.raises(OutOfSupply):
        supply.send(
            office=office, to=OfficeFactory(), lines=lines(blank=10, film=4), document="", by=head, now=NOW, key=uuid4()
        )

    assert (quantity(office), quantity(office, "film")) == (10, 3)


def test_nothing_is_sent_to_oneself(office, head):
    with pytest.raises(SameOffice):
        supply.send(office=office, to=office, lines=lines(blank=1), document="", by=head, now=NOW, key=uuid4())


def test_a_return_is_its_own_kind_at_both_ends(office, head):
    stock(office, blank=10)
    supply.send(
        office=office,
        to=OfficeFactory(),
        lines=lines(blank=4),
        document="",
        by=head,
        now=NOW,
        key=uuid4(),
        returning=True,
    )
    transfer = SupplyMovement.objects.under_way().get().transfer

    arrive(transfer, head, blank=4)

    assert set(SupplyMovement.objects.filter(transfer=transfer).values_list("kind", flat=True)) == {
        "returned_out",
        "returned_in",
    }


@pytest.mark.parametrize(
    ("kind", "left"), [("lent", 70), ("borrowed", 130), ("returned_out", 70), ("returned_in", 130)]
)
def test_another_regency_lends_and_borrows_with_a_document(office, head, kind, left):
    stock(office, blank=100)

    supply.outside(
        office=office,
        kind=MovementKind(kind),
        lines=lines(blank=30),
        other_party="Kabupaten Jepara",
        document="BA-9",
        by=head,
        now=NOW,
        key=uuid4(),
    )

    line = SupplyMovement.objects.get(kind=kind)
    assert (quantity(office), line.other_party, line.document) == (left, "Kabupaten Jepara", "BA-9")


# Loss, and looking after it


def test_a_defective_blank_leaves_the_stock_and_stays_in_custody_until_it_is_destroyed(office, clerk, head):
    stock(office, blank=10)
    supply.spoil_unprinted(
        office=office, item=SupplyItem.BLANK, quantity=3, reason="Chip cacat", by=clerk, now=NOW, key=uuid4()
    )
    balance = SupplyBalance.objects.get(office=office, item="blank")
    assert (balance.quantity, balance.spoiled) == (7, 3)

    supply.destroy(
        office=office, quantity=2, document="BA-MUSNAH-1", witnesses="Sekretaris, Kasi", by=head, now=NOW, key=uuid4()
    )

    balance.refresh_from_db()
    assert (balance.quantity, balance.spoiled) == (7, 1)


def test_ribbon_is_thrown_away_without_custody(office, clerk):
    stock(office, ribbon=10)

    supply.spoil_unprinted(
        office=office, item=SupplyItem.RIBBON, quantity=3, reason="Sobek", by=clerk, now=NOW, key=uuid4()
    )

    assert SupplyBalance.objects.values_list("quantity", "spoiled").get() == (7, 0)


def test_no_more_is_destroyed_than_is_in_custody(office, head):
    stock(office, blank=10)

    with pytest.raises(OutOfSupply):
        supply.destroy(office=office, quantity=1, document="BA", witnesses="Saksi", by=head, now=NOW, key=uuid4())


def test_spoiling_needs_a_reason(office, clerk):
    stock(office, blank=10)

    with pytest.raises(ReasonNeeded):
        supply.spoil_unprinted(
            office=office, item=SupplyItem.BLANK, quantity=1, reason=" ", by=clerk, now=NOW, key=uuid4()
        )


def found(quantity, *, seen, spoiled=0, seen_spoiled=0):
    return [
        supply.Count(item=SupplyItem.BLANK, quantity=quantity, seen=seen, spoiled=spoiled, seen_spoiled=seen_spoiled)
    ]


def test_a_stock_take_makes_the_balance_what_was_found(office, head):
    stock(office, blank=10)

    supply.count(office=office, counts=found(8, seen=10), reason="Salah hitung kemarin", by=head, now=NOW, key=uuid4())

    line = SupplyMovement.objects.get(kind="counted")
    assert (quantity(office), line.change, line.document_quantity) == (8, -2, 10)


def test_a_stock_take_without_difference_is_kept_as_evidence(office, head):
    stock(office, blank=10)

    supply.count(office=office, counts=found(10, seen=10), reason="", by=head, now=NOW, key=uuid4())

    assert SupplyMovement.objects.get(kind="counted").change == 0


def test_a_difference_found_needs_a_reason(office, head):
    stock(office, blank=10)

    with pytest.raises(ReasonNeeded):
        supply.count(office=office, counts=found(8, seen=10), reason="", by=head, now=NOW, key=uuid4())


def test_a_stock_take_is_refused_when_something_was_printed_meanwhile(office, clerk, head):
    stock(office, blank=10, ribbon=10, film=10)
    supply.use(card_print=printed(office), by=clerk, now=NOW)

    with pytest.raises(CountedMeanwhile):
        supply.count(office=office, counts=found(8, seen=10), reason="Selisih", by=head, now=NOW, key=uuid4())

    assert quantity(office) == 9


def test_the_ledger_cannot_be_rewritten(office):
    stock(office, blank=10)

    with pytest.raises(InternalError), transaction.atomic():
        SupplyMovement.objects.update(change=11)
