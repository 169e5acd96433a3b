"""Blanks, ribbon and film: a balance per office and item, and the ledger that it always equals."""

from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q, UniqueConstraint

from issuance.enums import MovementKind, SupplyItem
from recording.triggers import APPEND_ONLY

SENT = [MovementKind.ALLOCATED_OUT, MovementKind.RETURNED_OUT]
ARRIVED = [MovementKind.ALLOCATED_IN, MovementKind.RETURNED_IN]
MAY_BE_NOTHING = [MovementKind.RECEIVED, MovementKind.COUNTED, *ARRIVED]  # counted, and none or nothing amiss was found


class SupplyQuerySet(models.QuerySet):
    """Balances and lines of the ledger alike."""

    def for_staff(self, user):
        """Those of the offices whose work `user` (User) may see."""
        return self if user.office_id is None else self.filter(office=user.office_id)


class SupplyMovementQuerySet(SupplyQuerySet):
    def under_way(self):
        """What one office has sent and the other has not counted in yet."""
        arrived = self.model.objects.filter(kind__in=ARRIVED, transfer=OuterRef("transfer"), item=OuterRef("item"))
        return self.filter(Q(kind__in=SENT, transfer__isnull=False), ~Exists(arrived))


class SupplyBalance(models.Model):
    """What one office holds of one item. Never negative: the database refuses it.

    `spoiled` stays in custody until it is destroyed on record (SE 470.13/11176/SJ of 13 Dec 2018).
    """

    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="supplies")
    item = models.CharField(max_length=6, choices=SupplyItem)
    quantity = models.IntegerField(default=0)
    spoiled = models.IntegerField(default=0)
    alarm_below = models.PositiveIntegerField(default=0, help_text="0: by the runway alone.")

    objects = SupplyQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(item__in=SupplyItem.values), name="supply_balance_item_known"),
            CheckConstraint(condition=Q(quantity__gte=0), name="supply_balance_not_negative"),
            CheckConstraint(condition=Q(spoiled__gte=0), name="supply_balance_spoiled_not_negative"),
            UniqueConstraint(fields=["office", "item"], name="supply_balance_one"),
        ]

    def __str__(self):
        return f"{self.office_id} {self.item}: {self.quantity}"


class SupplyMovement(models.Model):
    """One line of the ledger. Append-only; `change` and `spoiled_change` are signed.

    Of something counted in, `change` is what was there; `document_quantity` keeps what should have been.
    """

    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="supply_movements")
    item = models.CharField(max_length=6, choices=SupplyItem)
    kind = models.CharField(max_length=13, choices=MovementKind)
    change = models.IntegerField()
    spoiled_change = models.IntegerField(default=0)
    occurred_at = models.DateTimeField()
    day = models.DateField(help_text="Local date of `occurred_at`.")
    entered_at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    other_office = models.ForeignKey("recording.Office", models.PROTECT, null=True, blank=True, related_name="+")
    other_party = models.CharField(max_length=80, blank=True, help_text="Another regency, the province, the ministry.")
    transfer = models.UUIDField(null=True, blank=True, help_text="Joins the two rows of a transfer.")
    document = models.CharField(max_length=60, blank=True, help_text="Delivery note or record number.")
    document_quantity = models.IntegerField(
        null=True, blank=True, help_text="What the delivery note, the sender, or (for a count) the books say."
    )
    witnesses = models.CharField(max_length=160, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    card_print = models.ForeignKey(
        "issuance.CardPrint", models.PROTECT, null=True, blank=True, related_name="movements"
    )
    key = models.UUIDField(null=True, blank=True, help_text="Of the request, so that it is booked once.")

    objects = SupplyMovementQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(item__in=SupplyItem.values), name="supply_movement_item_known"),
            CheckConstraint(condition=Q(kind__in=MovementKind.values), name="supply_movement_kind_known"),
            CheckConstraint(
                condition=~Q(change=0) | ~Q(spoiled_change=0) | Q(kind__in=MAY_BE_NOTHING),
                name="supply_movement_moves_something",
            ),
            CheckConstraint(
                condition=~Q(kind__in=[MovementKind.COUNTED, MovementKind.SPOILED]) | ~Q(reason=""),
                name="supply_movement_says_why",
            ),
            CheckConstraint(
                condition=~Q(kind=MovementKind.DESTROYED) | (~Q(document="") & ~Q(witnesses="")),
                name="supply_movement_destroyed_on_record",
            ),
            CheckConstraint(
                condition=~Q(kind=MovementKind.USED) | Q(card_print__isnull=False),
                name="supply_movement_used_by_a_print",
            ),
            UniqueConstraint(
                fields=["card_print", "item"], condition=Q(kind=MovementKind.USED), name="supply_movement_used_once"
            ),
            UniqueConstraint(
                fields=["card_print", "item"],
                condition=Q(kind=MovementKind.SPOILED, card_print__isnull=False),
                name="supply_movement_spoiled_once",
            ),
            UniqueConstraint(
                fields=["transfer", "item"],
                condition=Q(kind__in=ARRIVED, transfer__isnull=False),
                name="supply_movement_arrived_once",
            ),
            UniqueConstraint(fields=["key", "item", "kind"], name="supply_movement_booked_once"),
        ]
        indexes = [
            models.Index(fields=["office", "item", "-id"], name="supply_movement_ledger"),
            models.Index(fields=["office", "day"], condition=Q(kind="used"), name="supply_movement_burn"),
            models.Index(
                fields=["transfer", "item"],
                condition=Q(kind__in=SENT, transfer__isnull=False),
                name="supply_movement_under_way",
            ),
        ]
        triggers = APPEND_ONLY

    def __str__(self):
        return f"{self.kind} {self.change}"
