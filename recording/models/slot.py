from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint, Value


class SlotQuerySet(models.QuerySet):
    def bookable(self, *, now):
        """Open slots that start after `now` (aware) with a public place left, annotated by `places_left` (int > 0)."""
        return (
            self.filter(open=True, starts_at__gt=now)
            .with_places_left()
            .filter(booked__lt=F("capacity"), booked_public__lt=F("public_capacity"))
            .order_by("starts_at")
        )

    def with_places_left(self):
        """Annotate `places_left` (int): places the public may still take."""
        return self.annotate(
            places_left=Func(
                F("capacity") - F("booked"),
                F("public_capacity") - F("booked_public"),
                function="LEAST",
                output_field=models.IntegerField(),
            )
        )


class Slot(models.Model):
    """A stretch of time at one office with a number of places. `capacity` = stations x slot / service minutes.

    `booked` and `booked_public` are written only by `recording.services.place`; everything else about a slot by
    `recording.services.slot`. A slot with appointments is never deleted.
    """

    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="slots")
    day = models.DateField(help_text="Local date.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    open = models.BooleanField(default=True)
    capacity = models.PositiveSmallIntegerField()
    public_capacity = models.PositiveSmallIntegerField()
    booked = models.PositiveSmallIntegerField(default=0)
    booked_public = models.PositiveSmallIntegerField(default=0)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(booked_public__gte=0) & Q(booked__gte=F("booked_public")) & Q(capacity__gte=F("booked")),
                name="slot_never_over_capacity",
            ),
            CheckConstraint(condition=Q(public_capacity__lte=F("capacity")), name="slot_public_within_capacity"),
            CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"),
            UniqueConstraint(fields=["office", "starts_at", "ends_at"], name="slot_once_per_time"),
            ExclusionConstraint(
                name="slot_open_ones_do_not_overlap",
                index_type="GIST",
                expressions=[
                    (Func("office_id", "office_id", Value("[]"), function="int8range"), "&&"),
                    (Func("starts_at", "ends_at", function="tstzrange"), "&&"),
                ],
                condition=Q(open=True),
            ),
        ]
        indexes = [
            # Free times of one office and the next free time of every office.
            models.Index(fields=["office", "starts_at"], condition=Q(open=True), name="slot_open_by_office"),
            models.Index(fields=["day"], name="slot_by_day"),
        ]

    def __str__(self):
        return f"{self.office_id} {self.starts_at:%Y-%m-%d %H:%M}"
