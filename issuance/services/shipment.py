"""Where finished cards lie: sent to the office that hands them over, counted on arrival, put on a shelf."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery

from issuance.enums import CaseStatus, ShippedState
from issuance.exceptions import CardIsElsewhere, NothingChosen, WrongOffice
from issuance.models import CardPrint, Case, Shipment, ShippedCard
from issuance.services import case as case_service
from recording.exceptions import WrongState
from recording.models import Office, User
from recording.services import audit

OPEN = [ShippedState.ON_THE_WAY, ShippedState.MISSING]
MOST_AT_ONCE = 200  # cards in one step: each is a step of its case with its own message
MISSING_NOTE = "Tidak ada dalam kiriman {number}; sedang dicari."


def printed_cards():
    """Cases whose card is printed and lies there, with `printed_at_office` (id; where another system printed the card,
    the office that works on the case)."""
    good = CardPrint.objects.filter(case=OuterRef("pk"), spoiled_at__isnull=True)
    return Case.objects.filter(status=CaseStatus.PRINTED).annotate(
        printed_at_office=Subquery(good.values("office")[:1])
    )


def to_send(*, office: Office):
    """Cards that lie at `office` and are collected elsewhere."""
    return printed_cards().filter(printed_at_office=office.pk).exclude(pickup_office=office)


def to_shelve(*, office: Office):
    """Cards that lie at the office where they are collected, without a place yet."""
    here = Q(printed_at_office=office.pk) | Q(printed_at_office__isnull=True)
    return printed_cards().filter(here, pickup_office=office)


@transaction.atomic
def send(
    *, office: Office, to_office: Office, case_ids: Sequence[int], courier: str = "", by: User, now: datetime
) -> Shipment:
    """Send printed cards in one parcel: PRINTED -> SHIPPED. Returns the parcel with its packing list.

    Raises NothingChosen. Raises WrongState: one of the cards does not lie here any more, or is collected elsewhere.
    Raises WrongOffice: `by` works elsewhere.
    """
    _require_own(office, by)
    ids = sorted(set(case_ids))[:MOST_AT_ONCE]
    if not ids:
        raise NothingChosen
    cases = list(to_send(office=office).filter(pk__in=ids, pickup_office=to_office).order_by("resident__name", "pk"))
    if len(cases) != len(ids):
        raise WrongState
    parcel = Shipment.objects.create(
        from_office=office, to_office=to_office, sent_at=now, sent_by=by, courier=courier.strip()[:80], size=len(cases)
    )
    for case in sorted(cases, key=lambda each: each.pk):
        case_service.move(case_id=case.pk, to=CaseStatus.SHIPPED, by=by, now=now)
    ShippedCard.objects.bulk_create(
        ShippedCard(shipment=parcel, case=case, number=number) for number, case in enumerate(cases, start=1)
    )
    return parcel


@transaction.atomic
def check_in(
    *, shipment_id: int, arrived: Sequence[int], shelf: str = "", by: User, now: datetime
) -> list[ShippedCard]:
    """Count a parcel on arrival: the cards `arrived` (ShippedCard ids) are ready on `shelf`, and the others missing.

    Returns those still missing; a card found later is checked in the same way. SHIPPED -> READY, which tells the
    residents. Safe twice. Raises WrongOffice: the parcel goes elsewhere. Locks the parcel.
    """
    parcel = Shipment.objects.select_for_update(no_key=True).get(pk=shipment_id)
    if by.office_id not in (None, parcel.to_office_id):
        raise WrongOffice
    cards = list(parcel.cards.filter(state__in=OPEN).select_related("case").order_by("case_id"))
    found = set(arrived)
    here = [card for card in cards if card.pk in found and card.case.status == CaseStatus.SHIPPED]
    for card in here:
        _shelve(card.case_id, shelf, by=by, now=now)
    parcel.cards.filter(pk__in=[card.pk for card in here]).update(state=ShippedState.ARRIVED, settled_at=now)
    missing = [card for card in cards if card not in here]
    parcel.cards.filter(pk__in=[card.pk for card in missing]).update(state=ShippedState.MISSING)
    Shipment.objects.filter(pk=parcel.pk, checked_at__isnull=True).update(checked_at=now, checked_by=by)
    audit.record(action="shipment.check_in", actor=by, subject=f"shipment:{parcel.pk}", office_id=parcel.to_office_id)
    return missing


@transaction.atomic
def take_back(*, shipped_card_id: int, by: User, now: datetime) -> None:
    """A card came back to the office that sent it: SHIPPED -> PRINTED. Raises WrongState, WrongOffice."""
    card = ShippedCard.objects.select_related("shipment").get(pk=shipped_card_id)
    if by.office_id not in (None, card.shipment.from_office_id):
        raise WrongOffice
    case_service.move(case_id=card.case_id, to=CaseStatus.PRINTED, by=by, now=now, note="Kembali dari pengiriman.")
    open_card = ShippedCard.objects.filter(pk=card.pk, state__in=OPEN)
    if not open_card.update(state=ShippedState.RETURNED, settled_at=now):
        raise WrongState


@transaction.atomic
def shelve(*, office: Office, case_ids: Sequence[int], shelf: str, by: User, now: datetime) -> int:
    """Put printed cards that are collected here on `shelf`: PRINTED -> READY, which tells the residents. Returns how
    many. Raises NothingChosen, WrongOffice. Raises WrongState: one of them does not lie here any more."""
    _require_own(office, by)
    ids = sorted(set(case_ids))[:MOST_AT_ONCE]
    if not ids:
        raise NothingChosen
    if to_shelve(office=office).filter(pk__in=ids).count() != len(ids):
        raise WrongState
    for case_id in ids:
        _shelve(case_id, shelf, by=by, now=now)
    return len(ids)


def make_ready(*, case: Case, by: User, now: datetime) -> None:
    """The card goes straight from the printer into the hand: PRINTED -> READY. Raises CardIsElsewhere."""
    if not to_shelve(office=case.pickup_office).filter(pk=case.pk).exists():
        raise CardIsElsewhere
    _shelve(case.pk, "", by=by, now=now)


def _shelve(case_id: int, shelf: str, *, by: User, now: datetime) -> None:
    case_service.move(case_id=case_id, to=CaseStatus.READY, by=by, now=now)
    Case.objects.filter(pk=case_id).update(shelf=shelf.strip()[:40])


def _require_own(office: Office, by: User) -> None:
    if by.office_id not in (None, office.pk):
        raise WrongOffice


def with_counts(parcels):
    """Parcels with `missing` and `on_the_way`: how many cards of each."""
    return parcels.annotate(
        missing=Count("cards", filter=Q(cards__state=ShippedState.MISSING)),
        on_the_way=Count("cards", filter=Q(cards__state=ShippedState.ON_THE_WAY)),
    )
