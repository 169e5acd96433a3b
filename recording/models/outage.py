"""The national data centre out of reach: recording pauses at an office until somebody says it is back."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint


class OfficeOutageQuerySet(models.QuerySet):
    def for_staff(self, user):
        """The outages of the offices that `user` (User) answers for."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)

    def going_on(self):
        return self.filter(ended_at__isnull=True)


class OfficeOutage(models.Model):
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="outages")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    objects = OfficeOutageQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["office"], condition=Q(ended_at__isnull=True), name="office_outage_one_at_a_time"),
            CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="office_outage_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.office_id} {self.started_at:%Y-%m-%d %H:%M}"
