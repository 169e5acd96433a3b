"""Each card that left the office."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from issuance.enums import Collector, ProofOfIdentity


class HandOver(models.Model):
    """A card that left the office: into the resident's own hand, or a proxy's with authority and a second clerk."""

    case = models.ForeignKey("issuance.Case", models.PROTECT, related_name="hand_overs")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="+")
    handed_at = models.DateTimeField()
    handed_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    collector = models.CharField(max_length=8, choices=Collector, default=Collector.RESIDENT)
    proof = models.CharField(max_length=4, choices=ProofOfIdentity)
    proxy_name = models.CharField(max_length=120, blank=True)
    proxy_relation = models.CharField(max_length=60, blank=True)
    authority = models.CharField(max_length=120, blank=True, help_text="The written authority: what it is, its date.")
    second_staff = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(collector__in=Collector.values), name="hand_over_collector_known"),
            CheckConstraint(condition=Q(proof__in=ProofOfIdentity.values), name="hand_over_proof_known"),
            CheckConstraint(
                condition=~Q(collector=Collector.PROXY)
                | (~Q(proxy_name="") & ~Q(authority="") & Q(second_staff__isnull=False)),
                name="hand_over_proxy_has_authority",
            ),
            CheckConstraint(
                condition=Q(second_staff__isnull=True) | ~Q(second_staff=F("handed_by")),
                name="hand_over_second_is_another",
            ),
            UniqueConstraint(fields=["case"], condition=Q(undone_at__isnull=True), name="hand_over_one_per_case"),
        ]

    def __str__(self):
        return f"penyerahan {self.pk}"
