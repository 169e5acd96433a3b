"""Each card printed by us."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from issuance.enums import SpoilReason


class CardPrint(models.Model):
    """One card printed by us. It used exactly one blank; a spoiled one keeps its row, and the next print is another."""

    case = models.ForeignKey("issuance.Case", models.PROTECT, related_name="prints")
    attempt = models.PositiveSmallIntegerField(help_text="The case's attempt.")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="prints")
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    spoiled_at = models.DateTimeField(null=True, blank=True)
    spoil_reason = models.CharField(max_length=10, choices=SpoilReason, blank=True)
    spoil_note = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(spoiled_at__isnull=True, spoil_reason="")
                | (Q(spoiled_at__isnull=False) & ~Q(spoil_reason="")),
                name="card_print_spoiled_says_why",
            ),
            UniqueConstraint(
                fields=["case"], condition=Q(spoiled_at__isnull=True), name="card_print_one_good_card_per_case"
            ),
        ]
        indexes = [models.Index(fields=["office", "printed_at"], name="card_print_by_office")]

    def __str__(self):
        return f"cetakan {self.pk}"
