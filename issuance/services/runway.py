"""How long the supplies of each office last, read from the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

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
    """What an office has. `stocks` only of what it ever held; `counted_at`: the last stock-take."""

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
    used, begun, balances = _used(offices, today), _begun(offices), _balances(offices)
    is_open = service_days()
    result = []
    for office in offices:
        since, counted_at = begun.get(office.pk, (today, None))
        begins = max(first_sample_day(today), since)
        span = (today - begins).days
        sample = {
            "used": used.get(office.pk, {}),
            "sample_days": sum(is_open(begins + timedelta(days=offset)) for offset in range(span)),
            "calendar_days": span,
        }
        result.append(_office_stock(office, balances[office.pk], sample, counted_at))
    return result


def _used(offices: Sequence[Office], today: date) -> dict[int, dict[SupplyItem, int]]:
    """Office -> item -> what printing took in the sample."""
    lines = SupplyMovement.objects.filter(office__in=offices, kind__in=BURNING)
    used: dict[int, dict[SupplyItem, int]] = defaultdict(dict)
    for row in (
        lines.filter(day__gte=first_sample_day(today), day__lt=today)
        .values("office_id", "item")
        .annotate(total=Sum("change"))
    ):
        used[row["office_id"]][SupplyItem(row["item"])] = -row["total"]
    return used


def _begun(offices: Sequence[Office]) -> dict[int, tuple[date, datetime | None]]:
    """Office -> the first day of its ledger, and when it was last counted."""
    counted = Max("occurred_at", filter=Q(kind=MovementKind.COUNTED))
    rows = SupplyMovement.objects.filter(office__in=offices).values("office_id")
    return {
        row["office_id"]: (row["begun"], row["counted_at"])
        for row in rows.annotate(begun=Min("day"), counted_at=counted)
    }


def _balances(offices: Sequence[Office]) -> dict[int, dict[SupplyItem, SupplyBalance]]:
    balances: dict[int, dict[SupplyItem, SupplyBalance]] = {office.pk: {} for office in offices}
    for balance in SupplyBalance.objects.filter(office__in=offices):
        balances[balance.office_id][SupplyItem(balance.item)] = balance
    return balances


def _office_stock(
    office: Office,
    held: dict[SupplyItem, SupplyBalance],
    sample: dict[str, Any],
    counted_at: datetime | None,
) -> OfficeStock:
    quantities = {item: held[item].quantity for item in ITEMS if item in held}
    stocks = [
        Stock(
            item=item,
            quantity=quantity,
            spoiled=held[item].spoiled,
            alarm_below=held[item].alarm_below,
            runway=runway_of(quantities={item: quantity}, **sample),
        )
        for item, quantity in quantities.items()
    ]
    whole = runway_of(quantities=quantities, **sample)
    return OfficeStock(office=office, stocks=stocks, runway=whole, counted_at=counted_at)
