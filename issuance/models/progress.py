"""What the dashboards read: counts per day, made again from the rows themselves whenever a day changes.

Nothing counts in the event's own transaction (a hot row). Statement triggers note each past day that a change touches
(`DirtyDay`), whoever writes; a job makes today and the noted days anew.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from issuance.enums import Counted


class OfficeHour(models.Model):
    """One hour of one office: how many were due, came and were served, and how long they waited (seconds each)."""

    office = models.ForeignKey("recording.Office", models.CASCADE, related_name="+")
    day = models.DateField()
    hour = models.PositiveSmallIntegerField(help_text="Local, 0 to 23.")
    booked = models.PositiveIntegerField(default=0)
    arrived = models.PositiveIntegerField(default=0)
    served = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    no_show = models.PositiveIntegerField(default=0)
    waits = ArrayField(models.PositiveIntegerField(), default=list, help_text="Number drawn until called, seconds.")
    services = ArrayField(models.PositiveIntegerField(), default=list, help_text="Begun until finished, seconds.")

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(hour__range=(0, 23)), name="office_hour_of_a_day"),
            UniqueConstraint(fields=["day", "office", "hour"], name="office_hour_once"),
        ]

    def __str__(self):
        return f"{self.office_id} {self.day} {self.hour}"


class ProgressDay(models.Model):
    """What happened on one day at one office to the people of one village. Each resident counts once in each of
    `first_recorded`, `print_ready`, `printed` and `handed_over`; the others count events. `stalled` and `told` are the
    stock at the day's end."""

    day = models.DateField(help_text="Local date of the event, not of its entry.")
    office = models.ForeignKey("recording.Office", models.CASCADE, related_name="+")
    village = models.ForeignKey("recording.Village", models.CASCADE, null=True, blank=True, related_name="+")
    counted = models.CharField(max_length=7, choices=Counted)
    first_recorded = models.PositiveIntegerField(default=0)
    re_recorded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    print_ready = models.PositiveIntegerField(default=0)
    printed = models.PositiveIntegerField(default=0)
    handed_over = models.PositiveIntegerField(default=0)
    letters = models.PositiveIntegerField(default=0)
    newly_stalled = models.PositiveIntegerField(default=0)
    stalled = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(counted__in=Counted.values), name="progress_day_counted_known"),
            CheckConstraint(
                condition=~Q(counted=Counted.OUTSIDE) | Q(village__isnull=True), name="progress_day_outside_has_none"
            ),
            UniqueConstraint(
                fields=["day", "office", "village", "counted"], nulls_distinct=False, name="progress_day_once"
            ),
        ]
        indexes = [models.Index(fields=["village", "day"], name="progress_day_by_village")]

    def __str__(self):
        return f"{self.day} {self.office_id}"


class DirtyDay(models.Model):
    """A past day whose counts no longer hold. Written by triggers; several rows of one day are one."""

    day = models.DateField(db_index=True)
    marked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.day}"
