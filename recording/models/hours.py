"""When offices serve. `recording.policy.hours` decides which rule holds on a date; `services.slot` makes the slots."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q

from recording.enums import ClosureKind, ClosureStatus


class ServiceHours(models.Model):
    """Opening hours of one office, or of all (`office` empty), between two dates, on some weekdays.

    `station_plan` lists exceptions to the usual number of stations, such as prayer breaks:
    `[{"weekdays": [4], "from": "11:30", "until": "13:00", "stations": 0, "reason": "Salat Jumat"}]`
    (`weekdays` may be left out: every day; Monday is 0).
    """

    office = models.ForeignKey("recording.Office", models.CASCADE, null=True, blank=True, related_name="hours")
    name = models.CharField(max_length=80)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), help_text="Monday is 0, Sunday 6.")
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    slot_minutes = models.PositiveSmallIntegerField(default=30)
    service_minutes = models.PositiveSmallIntegerField(default=10, help_text="Minutes one recording takes.")
    public_share = models.DecimalField(
        max_digits=3, decimal_places=2, default="0.80", help_text="Part of each slot that may be booked online."
    )
    station_plan = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "service hours"
        constraints = [
            CheckConstraint(condition=Q(closes__gt=F("opens")), name="service_hours_close_after_open"),
            CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="service_hours_valid_range",
            ),
            CheckConstraint(condition=Q(slot_minutes__range=(10, 120)), name="service_hours_slot_sensible"),
            CheckConstraint(condition=Q(service_minutes__range=(3, 120)), name="service_hours_service_sensible"),
            CheckConstraint(condition=Q(public_share__range=(0, 1)), name="service_hours_public_share_is_a_share"),
            CheckConstraint(
                condition=Q(weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6]) & Q(weekdays__len__gte=1),
                name="service_hours_weekdays_known",
            ),
        ]

    def __str__(self):
        return self.name


class Closure(models.Model):
    """A day, or part of it, on which one office or all (`office` empty) do not serve. Only CONFIRMED ones close."""

    office = models.ForeignKey("recording.Office", models.CASCADE, null=True, blank=True, related_name="closures")
    day = models.DateField()
    closed_from = models.TimeField(null=True, blank=True)
    closed_until = models.TimeField(null=True, blank=True)
    kind = models.CharField(max_length=7, choices=ClosureKind, default=ClosureKind.CLOSURE)
    status = models.CharField(max_length=9, choices=ClosureStatus, default=ClosureStatus.CONFIRMED)
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(kind__in=ClosureKind.values), name="closure_kind_known"),
            CheckConstraint(condition=Q(status__in=ClosureStatus.values), name="closure_status_known"),
            CheckConstraint(
                condition=Q(closed_from__isnull=True, closed_until__isnull=True) | Q(closed_until__gt=F("closed_from")),
                name="closure_whole_day_or_range",
            ),
            models.UniqueConstraint(
                fields=["office", "day", "closed_from"], nulls_distinct=False, name="closure_once_per_start"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.reason}"
