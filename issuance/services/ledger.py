"""The only writer of supply balances and of their ledger: both in one statement, so that they always agree.

The balance is changed by an UPDATE that carries its own guard; a stock is never negative, whoever else takes from it
at the same moment. Callers go through the items in the order of `policy.supply.ITEMS` and touch one office only, so no
two of them ever wait for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from issuance.enums import MovementKind, SupplyItem
from issuance.exceptions import OutOfSupply
from issuance.models import SupplyBalance, SupplyMovement

BOOK = """
WITH changed AS (
    UPDATE issuance_supplybalance
    SET quantity = quantity + %(change)s, spoiled = spoiled + %(spoiled_change)s
    WHERE office_id = %(office_id)s AND item = %(item)s
          AND quantity + %(change)s >= 0 AND spoiled + %(spoiled_change)s >= 0
          AND (%(seen_quantity)s::int IS NULL OR quantity = %(seen_quantity)s)
          AND (%(seen_spoiled)s::int IS NULL OR spoiled = %(seen_spoiled)s)
    RETURNING quantity
), written AS (
    INSERT INTO issuance_supplymovement
        (office_id, item, kind, change, spoiled_change, occurred_at, day, entered_at, actor_id, other_office_id,
         other_party, transfer, document, document_quantity, witnesses, reason, card_print_id, key)
    SELECT %(office_id)s, %(item)s, %(kind)s, %(change)s, %(spoiled_change)s, %(occurred_at)s, %(day)s, now(),
           %(actor_id)s, %(other_office_id)s, %(other_party)s, %(transfer)s, %(document)s, %(document_quantity)s,
           %(witnesses)s, %(reason)s, %(card_print_id)s, %(key)s
    FROM changed
)
SELECT quantity FROM changed
"""
OPTIONAL: dict[str, Any] = {
    "spoiled_change": 0,
    "seen_quantity": None,
    "seen_spoiled": None,
    "other_office_id": None,
    "other_party": "",
    "transfer": None,
    "document": "",
    "document_quantity": None,
    "witnesses": "",
    "reason": "",
    "card_print_id": None,
    "key": None,
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """How many of one item. `per_document`: what the delivery note (or the sender) says, where there is one."""

    item: SupplyItem
    quantity: int
    per_document: int | None = None


def book(
    *,
    office_id: int,
    item: SupplyItem,
    kind: MovementKind,
    change: int,
    at: datetime,
    actor_id: int | None,
    **rest: Any,
) -> int:
    """Change one balance and write its line in the ledger. Returns the quantity that is left. `rest`: see OPTIONAL;
    `seen_quantity` and `seen_spoiled` make it a compare-and-swap on the balance.

    Raises OutOfSupply: there is not so much of it, or the balance is not the one that was seen; nothing is written.
    """
    given = OPTIONAL | rest
    unknown = given.keys() - OPTIONAL.keys()
    if unknown:
        raise TypeError(f"no such column: {', '.join(sorted(unknown))}")
    values = given | {
        "office_id": office_id,
        "item": item.value,
        "kind": kind.value,
        "change": change,
        "occurred_at": at,
        "day": timezone.localdate(at),
        "actor_id": actor_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(BOOK, values)
        row = cursor.fetchone()
    if row is None:
        raise OutOfSupply(item)
    return row[0]


def open_balances(*, office_id: int, items: Sequence[SupplyItem]) -> None:
    """Begin with nothing for each item that the office has never held. Two at once do no harm."""
    SupplyBalance.objects.bulk_create(
        [SupplyBalance(office_id=office_id, item=item) for item in items], ignore_conflicts=True
    )


def booked(*, key: UUID) -> bool:
    """Whether the request with this key is in the ledger already."""
    return SupplyMovement.objects.filter(key=key).exists()
