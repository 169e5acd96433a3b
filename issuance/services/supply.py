"""Supplies of an office: what comes in, goes out, is printed, spoils, is counted. Every figure is a line of the ledger.

Each function books all of its lines or none, and the request with the same `key` only once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from issuance.enums import MovementKind, PickState, SpoilReason, SupplyItem
from issuance.exceptions import (
    AlreadyCountedIn,
    CountedMeanwhile,
    NothingToBook,
    OutOfSupply,
    ReasonNeeded,
    SameOffice,
)
from issuance.models import CardPrint, PrintPick, SupplyBalance, SupplyMovement
from issuance.policy.supply import ITEMS
from issuance.services import ledger
from issuance.services.ledger import Line
from issuance.services.outlook import refresh_outlook
from issuance.services.runway import runway
from recording.models import Office, User
from recording.services import audit

__all__ = [
    "Count",
    "Line",
    "arrive",
    "count",
    "destroy",
    "draw_alarm_line",
    "free",
    "outside",
    "receive",
    "runway",
    "send",
    "spoil",
    "spoil_unprinted",
    "use",
]
LIVE_PICKS = [PickState.PICKED.value, PickState.INVITED.value]
INWARD = (MovementKind.BORROWED, MovementKind.RETURNED_IN)
AS_BOOKED = "Sesuai catatan"
K = MovementKind


@dataclass(frozen=True, kw_only=True)
class Count:
    """What was found of one item. `seen`, `seen_spoiled`: what the books said when the counting began."""

    item: SupplyItem
    quantity: int
    seen: int
    spoiled: int = 0
    seen_spoiled: int = 0

    @property
    def differs(self) -> bool:
        return (self.quantity, self.spoiled) != (self.seen, self.seen_spoiled)


# Printing


@transaction.atomic
def use(*, card_print: CardPrint, by: User | None, now: datetime) -> None:
    """One blank, one ribbon and one film of the printing office, in the caller's transaction.

    Raises OutOfSupply(item): one of them is gone; the caller's print must not be kept. Raises IntegrityError where this
    print has used its supplies already.
    """
    left = [
        ledger.book(
            office_id=card_print.office_id,
            item=item,
            kind=K.USED,
            change=-1,
            at=now,
            actor_id=by.pk if by else None,
            card_print_id=card_print.pk,
        )
        for item in ITEMS
    ]
    if min(left) == 0:  # the hourly job sees the rest; nobody should be promised a card from an empty box until then
        refresh_outlook(now=now, office_ids=[card_print.office_id])


@transaction.atomic
def spoil(*, card_print: CardPrint, by: User | None, reason: SpoilReason | str, now: datetime) -> None:
    """The spoiled card of a print goes into custody until it is destroyed on record; what it used up stays used.

    `reason`: what the ledger says, a SpoilReason or words. Raises IntegrityError where this print is in custody already.
    """
    words = SpoilReason(reason).label if reason in SpoilReason.values else reason
    ledger.book(
        office_id=card_print.office_id,
        item=SupplyItem.BLANK,
        kind=K.SPOILED,
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


# Coming and going


def receive(
    *,
    office: Office,
    lines: Sequence[Line],
    document: str,
    sender: str,
    reason: str,
    by: User,
    now: datetime,
    key: UUID,
) -> bool:
    """Take in a delivery from the centre as it was counted; the delivery note's figures are kept beside it.

    Returns False where `key` was booked before. Raises ReasonNeeded: what was counted differs from the note.
    """
    _require_reason(lines, reason)
    return _book(
        office=office,
        lines=lines,
        kind=K.RECEIVED,
        by=by,
        now=now,
        key=key,
        document=document,
        other_party=sender,
        reason=reason,
    )


def send(
    *,
    office: Office,
    to: Office,
    lines: Sequence[Line],
    document: str,
    by: User,
    now: datetime,
    key: UUID,
    returning: bool = False,
) -> bool:
    """Hand supplies on to another office (`returning`: back to it). They are under way until it counts them in.

    Returns False where `key` was booked before. Raises OutOfSupply, SameOffice.
    """
    if to.pk == office.pk:
        raise SameOffice
    return _book(
        office=office,
        lines=lines,
        kind=K.RETURNED_OUT if returning else K.ALLOCATED_OUT,
        by=by,
        now=now,
        key=key,
        other_office_id=to.pk,
        transfer=uuid4(),
        document=document,
    )


def arrive(*, transfer: UUID, lines: Sequence[Line], reason: str, by: User, now: datetime, key: UUID) -> bool:
    """Count in at the receiving office what another one sent; `lines` say what was found of each item of the transfer.

    What is missing stays out of both balances, said with its reason. Returns False where `key` was booked before.
    Raises AlreadyCountedIn, ReasonNeeded.
    """
    if ledger.booked(key=key):
        return False
    sent = {row.item: row for row in SupplyMovement.objects.under_way().filter(transfer=transfer)}
    if not sent or sent.keys() != {line.item for line in lines}:
        raise AlreadyCountedIn
    first = next(iter(sent.values()))
    counted = [Line(item=line.item, quantity=line.quantity, per_document=-sent[line.item].change) for line in lines]
    _require_reason(counted, reason)
    try:
        return _book(
            office=Office.objects.get(pk=first.other_office_id),
            lines=counted,
            kind=K.ALLOCATED_IN if first.kind == K.ALLOCATED_OUT else K.RETURNED_IN,
            by=by,
            now=now,
            key=key,
            other_office_id=first.office_id,
            transfer=transfer,
            document=first.document,
            reason=reason,
        )
    except IntegrityError as error:  # somebody else has counted the same parcel in at this moment
        raise AlreadyCountedIn from error


def outside(
    *,
    office: Office,
    kind: MovementKind,
    lines: Sequence[Line],
    other_party: str,
    document: str,
    by: User,
    now: datetime,
    key: UUID,
) -> bool:
    """Lend to or borrow from another regency, or settle that: `kind` LENT, BORROWED, RETURNED_OUT or RETURNED_IN.

    Returns False where `key` was booked before. Raises OutOfSupply.
    """
    if kind not in (K.LENT, K.BORROWED, K.RETURNED_OUT, K.RETURNED_IN):
        raise ValueError(kind)
    return _book(
        office=office, lines=lines, kind=kind, by=by, now=now, key=key, other_party=other_party, document=document
    )


# Loss, and looking after it


def spoil_unprinted(
    *, office: Office, item: SupplyItem, quantity: int, reason: str, by: User, now: datetime, key: UUID
) -> bool:
    """Take out what was found defective before it was printed. Blanks go into custody; ribbon and film are not kept.

    Returns False where `key` was booked before. Raises OutOfSupply, ReasonNeeded.
    """
    if not reason.strip():
        raise ReasonNeeded
    spoiled = quantity if item == SupplyItem.BLANK else 0
    return _once(
        lambda: ledger.book(
            office_id=office.pk,
            item=item,
            kind=K.SPOILED,
            change=-_some(quantity),
            spoiled_change=spoiled,
            at=now,
            actor_id=by.pk,
            reason=reason,
            key=key,
        ),
        office=office,
        kind=K.SPOILED,
        by=by,
        now=now,
        key=key,
        words=reason,
    )


def destroy(
    *, office: Office, quantity: int, document: str, witnesses: str, by: User, now: datetime, key: UUID
) -> bool:
    """Spoiled blanks in custody were destroyed, on record. Basis: SE 470.13/11176/SJ of 13 Dec 2018.

    Returns False where `key` was booked before. Raises OutOfSupply: not so many are in custody.
    """
    return _once(
        lambda: ledger.book(
            office_id=office.pk,
            item=SupplyItem.BLANK,
            kind=K.DESTROYED,
            change=0,
            spoiled_change=-_some(quantity),
            at=now,
            actor_id=by.pk,
            document=document,
            witnesses=witnesses,
            key=key,
        ),
        office=office,
        kind=K.DESTROYED,
        by=by,
        now=now,
        key=key,
        words=document,
    )


def count(*, office: Office, counts: Sequence[Count], reason: str, by: User, now: datetime, key: UUID) -> bool:
    """A stock-take: the balances become what was found. A count without difference is kept too, as evidence of it.

    Returns False where `key` was booked before. Raises ReasonNeeded: something differs. Raises CountedMeanwhile: the
    books have moved since the counting began.
    """
    if any(each.differs for each in counts) and not reason.strip():
        raise ReasonNeeded

    def write() -> None:
        ledger.open_balances(office_id=office.pk, items=[each.item for each in counts])
        for each in sorted(counts, key=lambda each: ITEMS.index(each.item)):
            ledger.book(
                office_id=office.pk,
                item=each.item,
                kind=K.COUNTED,
                change=each.quantity - each.seen,
                spoiled_change=each.spoiled - each.seen_spoiled,
                seen_quantity=each.seen,
                seen_spoiled=each.seen_spoiled,
                at=now,
                actor_id=by.pk,
                document_quantity=each.seen,
                reason=reason if each.differs else AS_BOOKED,
                key=key,
            )

    try:
        return _once(write, office=office, kind=K.COUNTED, by=by, now=now, key=key, words=reason)
    except OutOfSupply as error:
        raise CountedMeanwhile from error


@transaction.atomic
def draw_alarm_line(*, office: Office, alarm_below: dict[SupplyItem, int], by: User) -> None:
    """Say below which quantity staff are warned, for each item; 0: by the runway alone."""
    ledger.open_balances(office_id=office.pk, items=list(alarm_below))
    for item in ITEMS:
        if item in alarm_below:
            SupplyBalance.objects.filter(office=office, item=item).update(alarm_below=alarm_below[item])
    audit.record(action="supply.alarm", actor=by, office_id=office.pk, subject=f"office:{office.pk}")


# What they share


def _require_reason(lines: Sequence[Line], reason: str) -> None:
    differs = any(line.per_document is not None and line.per_document != line.quantity for line in lines)
    if differs and not reason.strip():
        raise ReasonNeeded


def _some(quantity: int) -> int:
    if quantity < 1:
        raise NothingToBook
    return quantity


def _book(
    *, office: Office, lines: Sequence[Line], kind: MovementKind, by: User, now: datetime, key: UUID, **columns
) -> bool:
    """One line of the ledger for each line, all or none; what leaves is taken away, what comes is added."""
    counted_in = kind in (K.RECEIVED, K.ALLOCATED_IN, K.RETURNED_IN, K.BORROWED)
    wanted = [line for line in lines if line.quantity or line.per_document]
    if not wanted:
        raise NothingToBook

    def write() -> None:
        if counted_in:
            ledger.open_balances(office_id=office.pk, items=[line.item for line in wanted])
        for line in sorted(wanted, key=lambda line: ITEMS.index(line.item)):
            ledger.book(
                office_id=office.pk,
                item=line.item,
                kind=kind,
                change=line.quantity if counted_in else -line.quantity,
                at=now,
                actor_id=by.pk,
                document_quantity=line.per_document,
                key=key,
                **columns,
            )

    return _once(write, office=office, kind=kind, by=by, now=now, key=key, words=columns.get("document", ""))


def _once(
    write: Callable[[], object], *, office: Office, kind: MovementKind, by: User, now: datetime, key: UUID, words: str
) -> bool:
    """Write, with the audit event and the office's outlook, unless the request was booked before."""
    try:
        with transaction.atomic():
            if ledger.booked(key=key):
                return False
            write()
            audit.record(
                action=f"supply.{kind}", actor=by, office_id=office.pk, subject=f"office:{office.pk}", reason=words
            )
            refresh_outlook(now=now, office_ids=[office.pk])
    except (IntegrityError, OutOfSupply):
        if ledger.booked(key=key):  # the same request, sent twice, was faster
            return False
        raise
    return True
