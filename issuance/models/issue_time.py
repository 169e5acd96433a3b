"""How long a card takes at each office, as measured. The public pages read it instead of a million history rows."""

from django.db import models
from django.db.models import CheckConstraint, F, Q


class IssueTime(models.Model):
    """Service days from a good recording to a card that can be had, of one office, in its latest measurement.

    `p50_days`, `p90_days`: by when half, and nine of ten, had it; empty when so many still wait that nobody can say.
    `sample`: cards that the measurement rests on, `waiting`: people in it who have none yet.
    """

    office = models.OneToOneField("recording.Office", models.CASCADE, related_name="issue_time")
    computed_at = models.DateTimeField()
    p50_days = models.PositiveSmallIntegerField(null=True, blank=True)
    p90_days = models.PositiveSmallIntegerField(null=True, blank=True)
    sample = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(p90_days__isnull=True) | Q(p50_days__isnull=False, p90_days__gte=F("p50_days")),
                name="issue_time_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.office_id}: {self.p50_days}-{self.p90_days}"
