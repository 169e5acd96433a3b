"""Finished cards on their way to the office where they are collected."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from issuance.enums import ShippedState


class ShipmentQuerySet(models.QuerySet):
    def for_staff(self, user):
        """Shipments that leave or reach the office of `user` (User); all where the account has none."""
        if user.office_id is None:
            return self
        return self.filter(Q(from_office_id=user.office_id) | Q(to_office_id=user.office_id))


class Shipment(models.Model):
    """One parcel of cards from the office that printed them to the one that hands them over."""

    from_office = models.ForeignKey("recording.Office", models.PROTECT, related_name="+")
    to_office = models.ForeignKey("recording.Office", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    courier = models.CharField(max_length=80, blank=True, help_text="Who carries it.")
    size = models.PositiveIntegerField(help_text="Cards in the parcel.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When it was first counted on arrival.")
    checked_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=~Q(from_office=F("to_office")), name="shipment_goes_elsewhere"),
            CheckConstraint(condition=Q(size__gte=1), name="shipment_not_empty"),
        ]
        indexes = [
            models.Index(fields=["to_office", "-id"], name="shipment_to"),
            models.Index(fields=["from_office", "-id"], name="shipment_from"),
        ]

    def __str__(self):
        return f"kiriman {self.pk}"


class ShippedCard(models.Model):
    """One card of a shipment, and whether it arrived."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="cards")
    case = models.ForeignKey("issuance.Case", models.PROTECT, related_name="shipped")
    number = models.PositiveIntegerField(help_text="Line of the packing list.")
    state = models.CharField(max_length=10, choices=ShippedState, default=ShippedState.ON_THE_WAY)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it arrived or came back.")

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(state__in=ShippedState.values), name="shipped_card_state_known"),
            UniqueConstraint(fields=["shipment", "case"], name="shipped_card_once_a_parcel"),
            UniqueConstraint(
                fields=["case"], condition=Q(state__in=["on_the_way", "missing"]), name="shipped_card_one_way_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.shipment_id}: {self.case_id}"
