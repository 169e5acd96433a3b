from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint


class DayClosing(models.Model):
    """One office has put one day in order. Written only by `recording.services.closing`."""

    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="closings")
    day = models.DateField()
    closed_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["office", "day"], name="day_closing_once_per_office")]
        indexes = [
            # Who has not closed a day.
            models.Index(fields=["day"], name="day_closing_by_day")
        ]

    def __str__(self):
        return f"{self.office_id} {self.day}"


class StationTally(models.Model):
    """What one recording station had at closing: accepted recordings, and how many of them its software has sent."""

    closing = models.ForeignKey(DayClosing, models.CASCADE, related_name="tallies")
    station = models.PositiveSmallIntegerField()
    recorded = models.PositiveIntegerField()
    sent = models.PositiveIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["closing", "station"], name="station_tally_once_per_station"),
            CheckConstraint(condition=Q(sent__lte=F("recorded")), name="station_tally_sends_only_what_it_recorded"),
        ]

    def __str__(self):
        return f"loket {self.station}: {self.sent}/{self.recorded}"
