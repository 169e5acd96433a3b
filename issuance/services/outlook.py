"""What somebody recorded at an office today may expect: the card, or a letter first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef

from issuance.enums import CaseStatus, PickState, SupplyItem, WaitingFor
from issuance.models import Case, PrintPick, SupplyBalance
from issuance.policy.supply import ITEMS
from recording.enums import CardOutlook, OfficeKind
from recording.models import Office
from recording.services.office import set_card_outlook


@dataclass(frozen=True)
class PublicStock:
    """What everybody may know of an office's stock. Publishing it daily was asked for by the ministry (domain.md 0.10)."""

    office: Office
    blanks: int


LIVE = [PickState.PICKED.value, PickState.INVITED.value]
NOT_YET_SERVED = [WaitingFor.NONE.value, WaitingFor.BLANK.value]  # others are too young, or have theirs kept for them


def refresh_outlook(*, now: datetime, office_ids: Collection[int] | None = None) -> int:
    """Compare what is free with who waits, at these offices (None: all), and say it. Returns for how many it changed.

    CARD: after one of each item is kept for everybody picked or invited, the scarcest still covers all the other
    print-ready cases. LETTER: it does not, or there is nothing. UNKNOWN: one of the three was never taken in. An office
    that does not print says what Disdukcapil says. Four queries and the writing.
    """
    offices = list(Office.objects.active())
    outlooks = _by_office()
    central = next((office.pk for office in offices if office.kind == OfficeKind.DISDUKCAPIL), None)
    said = {}
    for office in offices:
        printing = office.pk if office.prints_here else central
        if office_ids is None or office.pk in office_ids or printing in office_ids:
            said[office.pk] = outlooks.get(printing, CardOutlook.UNKNOWN) if printing else CardOutlook.UNKNOWN
    return set_card_outlook(outlooks=said, at=now)


def _by_office() -> dict[int, CardOutlook]:
    scarcest = {
        office_id: quantity
        for office_id, quantity, items in SupplyBalance.objects.values_list("office_id").annotate(
            Min("quantity"), Count("item")
        )
        if items == len(ITEMS)
    }
    picks = PrintPick.objects.filter(state__in=LIVE)
    held = dict(picks.values_list("run__office_id").annotate(Count("pk")))
    waiting = dict(
        Case.objects.filter(status=CaseStatus.PRINT_READY, waiting_for__in=NOT_YET_SERVED)
        .exclude(Exists(picks.filter(case=OuterRef("pk"))))
        .values_list("pickup_office_id")
        .annotate(Count("pk"))
    )
    return {
        office_id: _outlook(quantity - held.get(office_id, 0), waiting.get(office_id, 0))
        for office_id, quantity in scarcest.items()
    }


def _outlook(free: int, waiting: int) -> CardOutlook:
    return CardOutlook.CARD if free > 0 and free >= waiting else CardOutlook.LETTER


def public_stock() -> list[PublicStock]:
    """The blanks that each active office has now, in the order of codes; offices that never took any in are left out.
    One query."""
    balances = SupplyBalance.objects.filter(item=SupplyItem.BLANK, office__active=True, office__prints_here=True)
    return [
        PublicStock(balance.office, balance.quantity)
        for balance in balances.select_related("office").order_by("office__code")
    ]
