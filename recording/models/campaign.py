from django.db import models
from django.db.models import CheckConstraint, F, Q


class CampaignQuerySet(models.QuerySet):
    def running_on(self, day):
        """Campaigns that include the local date `day`; the latest to start comes first."""
        return self.filter(starts_on__lte=day, ends_on__gte=day).order_by("-starts_on")


class Campaign(models.Model):
    """A recording drive: its target and what it promises residents."""

    name = models.CharField(max_length=120, unique=True)
    legal_reference = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    target = models.PositiveIntegerField(help_text="People to be recorded.")
    promised_days_min = models.PositiveSmallIntegerField(default=4)
    promised_days_max = models.PositiveSmallIntegerField(default=5)
    booking_window_days = models.PositiveSmallIntegerField(default=14)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_ends_after_start"),
            CheckConstraint(
                condition=Q(promised_days_max__gte=F("promised_days_min")), name="campaign_promise_is_a_range"
            ),
            CheckConstraint(condition=Q(booking_window_days__range=(1, 60)), name="campaign_window_sensible"),
        ]

    def __str__(self):
        return self.name
