"""Supplies of an office: what comes in, goes out, is printed, spoils, is counted. Every figure is a line of the ledger."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum

from issuance.enums import MovementKind, PickState, SpoilReason, SupplyItem
from issuance.models import CardPrint, PrintPick, SupplyBalance, SupplyMovement
from issuance.policy.supply import BURNING, ITEMS, Runway, first_sample_day
from issuance.policy.supply import runway as runway_of
from issuance.services import ledger
from issuance.services.calendar import service_days
from recording.models import Office, User

LIVE_PICKS = [PickState.PICKED.value, PickState.INVITED.value]


@transaction.atomic
def use(*, card_print: CardPrint, by: User | None, now: datetime) -> None:
    """One blank, one ribbon and one film of the printing office, in the caller's transaction.

    Raises OutOfSupply(item): one of them is gone; the caller's print must not be kept. Raises IntegrityError where this
    print has used its supplies already.
    """
    for item in ITEMS:
        ledger.book(
            office_id=card_print.office_id,
            item=item,
            kind=MovementKind.USED,
            change=-1,
            at=now,
            actor_id=by.pk if by else None,
            card_print_id=card_print.pk,
        )


@transaction.atomic
def spoil(*, card_print: CardPrint, by: User | None, reason: SpoilReason | str, now: datetime) -> None:
    """The spoiled card of a print goes into custody until it is destroyed on record; what it used up stays used.

    `reason`: what the ledger says, a SpoilReason or words. Raises IntegrityError where this print is in custody already.
    """
    words = SpoilReason(reason).label if reason in SpoilReason.values else reason
    ledger.book(
        office_id=card_print.office_id,
        item=SupplyItem.BLANK,
        kind=MovementKind.SPOILED,
        change=0,
        spoiled_change=1,
        at=now,
        actor_id=by.pk if by else None,
        reason=str(words)[:200],
        card_print_id=card_print.pk,
    )


def free(*, office_id: int) -> dict[SupplyItem, int]:
    """What is left of each item after one of it is kept for everybody picked or invited at this office. Never below 0;
    an item that was never taken in counts 0. Two queries."""
    held = PrintPick.objects.filter(run__office_id=office_id, state__in=LIVE_PICKS).count()
    quantities = dict(SupplyBalance.objects.filter(office_id=office_id).values_list("item", "quantity"))
    return {item: max(0, quantities.get(item.value, 0) - held) for item in ITEMS}


def runway(*, office: Office, today: date) -> Runway:
    """How many service days the supplies of `office` last, by the scarcest item and the use that was measured.

    The sample is the last 28 days before today, or as long as the office has a ledger.
    """
    quantities = {
        SupplyItem(item): quantity
        for item, quantity in SupplyBalance.objects.filter(office=office).values_list("item", "quantity")
    }
    first = first_sample_day(today)
    ledger_lines = SupplyMovement.objects.filter(office=office)
    begun = ledger_lines.order_by("day").values_list("day", flat=True).first()
    if begun is None:
        return Runway(days=None, item=None, per_day=0.0, sample_days=0)
    used = {
        SupplyItem(item): -total
        for item, total in ledger_lines.filter(kind__in=BURNING, day__gte=first, day__lt=today)
        .values_list("item")
        .annotate(total=Sum(F("change")))
    }
    return runway_of(quantities=quantities, used=used, sample_days=_service_days_between(max(first, begun), today))


def _service_days_between(first: date, before: date) -> int:
    is_open = service_days()
    return sum(is_open(first + timedelta(days=offset)) for offset in range(max(0, (before - first).days)))
