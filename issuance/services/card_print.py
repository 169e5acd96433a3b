"""Print a card: one blank, one ribbon and one film, in the same transaction as the case's step.

A spoiled card keeps its row and its blank stays in custody; the next print is another row and another blank. Locks go
from the case to the supplies to the pick, as in `services.print_run`.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from issuance.enums import CaseStatus, PickState, SpoilReason, SupplyItem
from issuance.exceptions import (
    BirthDateUnknown,
    BlanksAreHeld,
    NotPrintedHere,
    OfficeDoesNotPrint,
    PrintedAlready,
    ReasonNeeded,
    TooYoungForCard,
    WrongOffice,
)
from issuance.models import CardPrint, Case, PrintPick, SupplyBalance
from issuance.policy.print_run import hold_until, may_print, scarcest
from issuance.services import case as case_service
from issuance.services import supply
from issuance.services.calendar import service_days
from issuance.services.promise import birth_date_of
from recording.enums import OfficeKind
from recording.models import Office, User
from recording.policy.booking import card_from

LIVE = [PickState.PICKED, PickState.INVITED]


@transaction.atomic
def print_card(*, case_id: int, by: User, now: datetime, office: Office | None = None) -> CardPrint:
    """Note that the card of a case was printed: PRINT_READY -> PRINTED, its supplies used, its place on the list done.

    `office`: where it was printed; unless said, the office of `by`, else where the card is collected or, when nothing
    is printed there, Disdukcapil. Somebody whom no blank is held for takes one that is held for nobody.
    Raises WrongState: somebody was faster. Raises WrongOffice, OfficeDoesNotPrint, TooYoungForCard, BirthDateUnknown,
    PrintedAlready, BlanksAreHeld, OutOfSupply(item). Nothing is kept then.
    """
    case = Case.objects.select_related("resident__identity", "pickup_office").get(pk=case_id)
    at = office or by.office or _usual_office(case.pickup_office)
    _require_office(case, at)
    _require_age(case, now)
    if CardPrint.objects.filter(case=case, spoiled_at__isnull=True).exists():
        raise PrintedAlready
    case_service.move(case_id=case_id, to=CaseStatus.PRINTED, by=by, now=now)
    pick = PrintPick.objects.filter(case=case, state__in=LIVE).select_related("run").first()
    if pick is None or pick.run.office_id != at.pk:
        _require_one_to_spare(at)
    card_print = CardPrint.objects.create(case=case, attempt=case.attempt, office=at, printed_at=now, printed_by=by)
    supply.use(card_print=card_print, by=by, now=now)
    PrintPick.objects.filter(case=case, state__in=LIVE).update(state=PickState.PRINTED)
    return card_print


def _usual_office(pickup: Office) -> Office:
    if pickup.prints_here:
        return pickup
    return Office.objects.active().filter(kind=OfficeKind.DISDUKCAPIL, prints_here=True).first() or pickup


def _require_office(case: Case, at: Office) -> None:
    if not at.prints_here:
        raise OfficeDoesNotPrint
    if not may_print(prints=at.prints_here, kind=at.kind, is_pickup=at.pk == case.pickup_office_id):
        raise WrongOffice


def _require_age(case: Case, now: datetime) -> None:
    birth_date = birth_date_of(case.resident)
    if birth_date is None:
        raise BirthDateUnknown
    if card_from(birth_date, married=case.resident.ever_married, recorded_on=timezone.localdate(now)) is not None:
        raise TooYoungForCard


def _require_one_to_spare(office: Office) -> None:
    """What is held for the invited is theirs. The lock on the blanks lets two clerks count one after the other."""
    blanks = SupplyBalance.objects.filter(office=office, item=SupplyItem.BLANK)
    list(blanks.select_for_update(no_key=True))
    prints, _item = scarcest(supply.free(office_id=office.pk))
    held = PrintPick.objects.filter(run__office=office, state__in=LIVE).exists()
    if not prints and held:
        raise BlanksAreHeld


def can_print(*, case: Case, office: Office) -> tuple[bool, SupplyItem]:
    """Whether supplies let the card of `case` be printed at `office` now, and the scarcest item: somebody whom a blank is
    held for needs one of each, anybody else one that is held for nobody. Reads only."""
    prints, item = scarcest(supply.free(office_id=office.pk))
    if not PrintPick.objects.filter(case=case, state__in=LIVE, run__office=office).exists():
        return prints > 0, item
    quantities = dict(SupplyBalance.objects.filter(office=office).values_list("item", "quantity"))
    left, item = scarcest({each: quantities.get(each.value, 0) for each in SupplyItem})
    return left > 0, item


@transaction.atomic
def spoil(*, card_print_id: int, by: User, reason: SpoilReason | str, note: str = "", now: datetime) -> CardPrint:
    """A printed card is no good: its blank goes into custody, its case can be printed again, and whoever was invited
    for it has the next blank held.

    Also a card that is already on the shelf. Raises ReasonNeeded: SpoilReason.OTHER says nothing without a note.
    Raises WrongState: the card has left, or is spoiled already. Raises WrongOffice.
    """
    reason = SpoilReason(reason)
    if reason == SpoilReason.OTHER and not note.strip():
        raise ReasonNeeded
    card_print = CardPrint.objects.select_related("case", "office").filter(pk=card_print_id).get()
    case, words = card_print.case, f"{reason.label}. {note}".strip(". ")
    if by.office_id not in (None, card_print.office_id, case.pickup_office_id):
        raise WrongOffice
    if case.status == CaseStatus.READY:
        case_service.move(case_id=case.pk, to=CaseStatus.PRINTED, by=by, now=now, note=words)
    case_service.move(case_id=case.pk, to=CaseStatus.PRINT_READY, by=by, now=now, note=words)
    good = CardPrint.objects.filter(pk=card_print_id, spoiled_at__isnull=True)
    if not good.update(spoiled_at=now, spoil_reason=reason, spoil_note=note.strip()[:160]):
        raise NotPrintedHere
    card_print.refresh_from_db()
    supply.spoil(card_print=card_print, by=by, reason=words, now=now)
    _hold_again(case.pk, now)
    return card_print


def _hold_again(case_id: int, now: datetime) -> None:
    """The latest list on which the card was printed keeps a blank for the same person."""
    pick = PrintPick.objects.filter(case=case_id, state=PickState.PRINTED).order_by("-pk").first()
    if pick is None:
        return
    pick.state = PickState.INVITED if pick.invited_at else PickState.PICKED
    pick.until = hold_until(day=timezone.localdate(now), is_open=service_days())
    pick.save(update_fields=["state", "until"])


def good_print(case_id: int) -> CardPrint | None:
    """The card that lies somewhere for this case; None where another system printed it."""
    prints = CardPrint.objects.filter(case=case_id, spoiled_at__isnull=True).select_related("office")
    return prints.order_by("-pk").first()
