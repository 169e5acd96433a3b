"""How long the supplies of each office last, read from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Min, Q, Sum

from issuance.enums import MovementKind, SupplyItem
from issuance.models import SupplyBalance, SupplyMovement
from issuance.policy.supply import BURNING, ITEMS, Runway, first_sample_day, is_low
from issuance.policy.supply import runway as runway_of
from issuance.services.calendar import service_days
from recording.models import Office


@dataclass(frozen=True, kw_only=True)
class Stock:
    """One item of one office. `spoiled`: in custody; `per_day`: measured use for each service day."""

    item: SupplyItem
    quantity: int
    spoiled: int
    alarm_below: int
    runway: Runway

    @property
    def is_low(self) -> bool:
        return is_low(quantity=self.quantity, alarm_below=self.alarm_below, days=self.runway.days)


@dataclass(frozen=True, kw_only=True)
class OfficeStock:
    """What an office has. `stocks` only of what it ever held; `counted_at`: the last stock-take or delivery."""

    office: Office
    stocks: list[Stock]
    runway: Runway
    counted_at: datetime | None

    @property
    def low(self) -> list[Stock]:
        return [stock for stock in self.stocks if stock.is_low]


def runway(*, office: Office, today: date) -> Runway:
    """How many service days the supplies of `office` last, by the scarcest item and the use that was measured.

    The sample is the last 28 days before today, or as long as the office has a ledger.
    """
    return standing(offices=[office], today=today)[0].runway


def standing(*, offices: Sequence[Office], today: date) -> list[OfficeStock]:
    """The supplies of each of `offices`, in their order. Six queries, however many offices."""
    first = first_sample_day(today)
    lines = SupplyMovement.objects.filter(office__in=offices)
    used = {
        (office_id, item): -total
        for office_id, item, total in lines.filter(kind__in=BURNING, day__gte=first, day__lt=today)
        .values_list("office_id", "item")
        .annotate(total=Sum("change"))
    }
    begun = {
        office_id: (day, counted_at)
        for office_id, day, counted_at in lines.values_list("office_id").annotate(
            Min("day"), Max("occurred_at", filter=Q(kind__in=[MovementKind.COUNTED, MovementKind.RECEIVED]))
        )
    }
    balances: dict[int, dict[SupplyItem, SupplyBalance]] = {office.pk: {} for office in offices}
    for balance in SupplyBalance.objects.filter(office__in=offices):
        balances[balance.office_id][SupplyItem(balance.item)] = balance
    is_open = service_days()
    result = []
    for office in offices:
        held = balances[office.pk]
        since, counted_at = begun.get(office.pk, (today, None))
        begins = max(first, since)
        days = sum(is_open(begins + timedelta(days=offset)) for offset in range((today - begins).days))
        per_item = {item: used.get((office.pk, item.value), 0) for item in ITEMS}
        quantities = {item: held[item].quantity for item in ITEMS if item in held}
        stocks = [
            Stock(
                item=item,
                quantity=held[item].quantity,
                spoiled=held[item].spoiled,
                alarm_below=held[item].alarm_below,
                runway=runway_of(quantities={item: quantities[item]}, used=per_item, sample_days=days),
            )
            for item in ITEMS
            if item in held
        ]
        whole = runway_of(quantities=quantities, used=per_item, sample_days=days)
        result.append(OfficeStock(office=office, stocks=stocks, runway=whole, counted_at=counted_at))
    return result
