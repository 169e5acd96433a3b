from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from issuance.models import (
    CardPrint,
    Case,
    HandOver,
    Shipment,
    ShippedCard,
    StatusChange,
    SupplyBalance,
    SupplyMovement,
)
from issuance.services import supply
from issuance.services.demo import seed
from recording.models import Office

NOW = datetime(2026, 11, 24, 14, 20, tzinfo=ZoneInfo("Asia/Jakarta"))


def office(code):
    return Office.objects.get(code=code)


def every_balance_was_never_negative_and_equals_its_ledger():
    running: Counter = Counter()
    spoiled: Counter = Counter()
    for line in SupplyMovement.objects.order_by("id"):
        running[line.office_id, line.item] += line.change
        spoiled[line.office_id, line.item] += line.spoiled_change
        assert running[line.office_id, line.item] >= 0
        assert spoiled[line.office_id, line.item] >= 0
    balances = {(b.office_id, b.item): (b.quantity, b.spoiled) for b in SupplyBalance.objects.all()}
    assert balances == {key: (running[key], spoiled[key]) for key in running}
    assert len(balances) == 30


def the_ledger_is_written_in_the_order_of_time():
    moments = list(SupplyMovement.objects.order_by("id").values_list("occurred_at", flat=True))

    assert moments == sorted(moments)
    assert moments[-1] <= NOW


def every_printed_step_has_a_print_that_used_one_of_each():
    printed = StatusChange.objects.filter(to_status="printed").count()

    assert CardPrint.objects.count() == printed > 50
    for item in ("blank", "ribbon", "film"):
        assert SupplyMovement.objects.filter(kind="used", item=item).count() == printed
    assert 0 < CardPrint.objects.filter(spoiled_at__isnull=False).count() < printed * 0.1


def everybody_who_has_the_card_was_handed_it():
    handed = set(HandOver.objects.values_list("case", flat=True))

    assert handed == set(Case.objects.filter(status="issued", opened_by="recording").values_list("pk", flat=True))


def cards_are_where_their_case_says():
    assert not Case.objects.filter(status="ready", shelf="").exists()
    assert set(ShippedCard.objects.filter(state="on_the_way").values_list("case", flat=True)) == set(
        Case.objects.filter(status="shipped").values_list("pk", flat=True)
    )
    assert {shipment.size for shipment in Shipment.objects.all()} >= {1}


def one_office_waits_for_blanks_and_one_for_ribbon():
    empty, short = office("33.19.06"), office("33.19.04")

    assert supply.free(office_id=empty.pk)["blank"] == 0
    assert empty.card_outlook == "letter"
    assert Case.objects.filter(office=empty, status="print_ready", waiting_for="blank").exists()
    assert supply.runway(office=short, today=NOW.date()).item == "ribbon"
    assert SupplyMovement.objects.under_way().get().other_office == short
    assert office("33.19.02").card_outlook == "card"


def a_loan_is_half_returned_and_a_delivery_came_short():
    assert SupplyMovement.objects.filter(kind="lent").exists()
    assert SupplyMovement.objects.get(kind="received", reason__startswith="Dua").document_quantity % 2 == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM issuance_supplymovement WHERE kind = 'counted' AND change = 0")
        assert cursor.fetchone()[0] > 5


def test_the_supplies_of_a_demo_add_up(reference_data):
    """One demo for all questions: it takes seconds to make."""
    seed(residents=900, history_days=25, seed=5, now=NOW)

    every_balance_was_never_negative_and_equals_its_ledger()
    the_ledger_is_written_in_the_order_of_time()
    every_printed_step_has_a_print_that_used_one_of_each()
    everybody_who_has_the_card_was_handed_it()
    cards_are_where_their_case_says()
    one_office_waits_for_blanks_and_one_for_ribbon()
    a_loan_is_half_returned_and_a_delivery_came_short()
