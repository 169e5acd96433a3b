"""What a resident carries until the card is there."""

from django.db import models
from django.db.models import CheckConstraint, F, Q

from issuance.enums import LetterKind, LetterStatus


class LetterRule(models.Model):
    """From which day until which day a kind of letter may be issued (`until` empty: no end)."""

    kind = models.CharField(max_length=11, choices=LetterKind)
    allowed_from = models.DateField()
    until = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=160, blank=True, help_text="The circular that says so.")

    class Meta:
        ordering = ["-allowed_from"]
        constraints = [
            CheckConstraint(condition=Q(kind__in=LetterKind.values), name="letter_rule_kind_known"),
            CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("allowed_from")), name="letter_rule_ends_after_start"
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


class LetterQuerySet(models.QuerySet):
    def for_staff(self, user):
        """Letters of the office of `user` (User); all where the account has none."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)

    def ending_by(self, day):
        """Valid letters whose last day is `day` (local date) or earlier."""
        return self.filter(status=LetterStatus.VALID, valid_until__lte=day)


class InterimLetter(models.Model):
    """A letter of the national system that we keep book of. Valid for six months, and only while its case is open."""

    case = models.ForeignKey("issuance.Case", models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=11, choices=LetterKind)
    number = models.CharField(max_length=60, unique=True, help_text="Typed in from the national system.")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="+")
    issued_on = models.DateField()
    valid_until = models.DateField()
    status = models.CharField(max_length=7, choices=LetterStatus, default=LetterStatus.VALID)
    token = models.CharField(max_length=32, unique=True, help_text="What the QR leads to; random.")
    issued_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField()
    extended_times = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=120, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(kind__in=LetterKind.values), name="letter_kind_known"),
            CheckConstraint(condition=Q(status__in=LetterStatus.values), name="letter_status_known"),
            CheckConstraint(condition=Q(valid_until__gte=F("issued_on")), name="letter_ends_after_issue"),
            CheckConstraint(
                condition=~Q(status=LetterStatus.REVOKED) | ~Q(revoked_reason=""), name="letter_revoked_says_why"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(status=LetterStatus.VALID), name="letter_one_valid_per_case"
            ),
        ]
        indexes = [models.Index(fields=["valid_until"], condition=Q(status="valid"), name="letter_expiring")]

    def __str__(self):
        return f"surat {self.pk}"
