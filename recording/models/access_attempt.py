from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import AccessKind


class AccessAttempt(models.Model):
    """One try of a public door, hit or miss alike; kept 90 days. `resident_id` is set on a hit only."""

    occurred_at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=9, choices=AccessKind)
    resident_id = models.BigIntegerField(null=True, blank=True)
    succeeded = models.BooleanField()

    class Meta:
        constraints = [CheckConstraint(condition=Q(kind__in=AccessKind.values), name="access_attempt_kind_known")]
        indexes = [
            models.Index(fields=["occurred_at"], name="access_attempt_by_age"),
            models.Index(
                fields=["resident_id", "-occurred_at"],
                condition=Q(resident_id__isnull=False),
                name="access_attempt_by_resident",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"
