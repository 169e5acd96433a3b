from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from recording.enums import BiometricElement, FailureReason, RecordingOutcome


class RecordingQuerySet(models.QuerySet):
    def for_staff(self, user):
        """Recordings of the offices `user` (User) works for."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)


class Recording(models.Model):
    """One sitting in front of the recording kit, and what came of it. Holds no biometric data.

    `recorded_at` is when it really happened, also when it was entered days later; `day` is its local date.
    `missing` maps an element that could not be captured to its MissingReason.
    """

    resident = models.ForeignKey("recording.Resident", models.PROTECT, related_name="recordings")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="recordings")
    operator = models.ForeignKey("recording.User", models.PROTECT, related_name="recordings")
    appointment = models.OneToOneField(
        "recording.Appointment", models.PROTECT, null=True, blank=True, related_name="recording"
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    before_obliged = models.BooleanField(
        default=False, help_text="Under 17 and never married that day: not yet of those who must hold a card."
    )
    recorded_at = models.DateTimeField()
    day = models.DateField(help_text="Local date of recorded_at.")
    outcome = models.CharField(max_length=8, choices=RecordingOutcome)
    failure_reason = models.CharField(max_length=11, choices=FailureReason, blank=True)
    note = models.CharField(max_length=200, blank=True)
    captured = ArrayField(models.CharField(max_length=12, choices=BiometricElement), default=list)
    missing = models.JSONField(default=dict)
    station = models.PositiveSmallIntegerField(default=1)
    device = models.CharField(max_length=40, blank=True)
    batch = models.CharField(max_length=40, blank=True)
    sent_locally_at = models.DateTimeField(null=True, blank=True)
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(outcome__in=RecordingOutcome.values), name="recording_outcome_known"),
            CheckConstraint(
                condition=Q(outcome=RecordingOutcome.ACCEPTED, failure_reason="")
                | (Q(outcome=RecordingOutcome.FAILED) & Q(failure_reason__in=FailureReason.values)),
                name="recording_failure_has_a_reason",
            ),
            CheckConstraint(
                condition=~Q(outcome=RecordingOutcome.ACCEPTED) | Q(captured__contains=["photo"]),
                name="recording_accepted_has_a_photo",
            ),
            CheckConstraint(condition=Q(attempt__gte=1), name="recording_attempts_from_one"),
            UniqueConstraint(fields=["resident", "attempt"], name="recording_attempt_once"),
        ]
        indexes = [
            # Today's work of one office.
            models.Index(fields=["office", "day", "outcome"], name="recording_office_day")
        ]

    def __str__(self):
        return f"perekaman {self.pk}"
