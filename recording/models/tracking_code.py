from django.db import models
from django.db.models import Q, UniqueConstraint

from recording.fields import BlindIndexField, CiphertextField, Sealed


class TrackingCode(models.Model):
    """The code on the slip. `lookup` finds it by NIK and code together, `desk` by the code alone (staff only)."""

    resident = models.ForeignKey("recording.Resident", models.CASCADE, related_name="codes")
    code_ct = CiphertextField(null=False)
    lookup = BlindIndexField(null=False, unique=True)
    desk = BlindIndexField(null=False, unique=True)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    code = Sealed(row="resident_id")

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["resident"], condition=Q(revoked_at__isnull=True), name="tracking_code_one_active_per_resident"
            )
        ]

    def __str__(self):
        return f"kode {self.pk}"
