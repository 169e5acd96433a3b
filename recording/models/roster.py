"""Recording away from the office ("jemput bola"): who is expected at one place on one day, and what came of it."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from recording.enums import Eligibility, FailureReason, RosterOutcome, RosterSource, RosterStatus
from recording.fields import BlindIndexField, CiphertextField, Sealed


class RosterQuerySet(models.QuerySet):
    def for_staff(self, user):
        """The rosters of the offices `user` (User) works for."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)


class Roster(models.Model):
    """One session at a school, a village or somebody's home. Written only by `recording.services.roster`."""

    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="rosters")
    place = models.CharField(max_length=120)
    village = models.ForeignKey("recording.Village", models.PROTECT, null=True, blank=True, related_name="+")
    held_on = models.DateField()
    device = models.CharField(max_length=40, blank=True)
    batch = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=8, choices=RosterStatus, default=RosterStatus.DRAFT)
    created_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = RosterQuerySet.as_manager()

    class Meta:
        constraints = [CheckConstraint(condition=Q(status__in=RosterStatus.values), name="roster_status_known")]
        indexes = [
            # One office's sessions, latest first.
            models.Index(fields=["office", "-held_on"], name="roster_office_day")
        ]

    def __str__(self):
        return f"jemput bola {self.pk}"


class RosterEntry(models.Model):
    """One person of a roster. `number` is printed on the list, so that results need no NIK; `line` is the line of the
    uploaded list. `recording` is set once the result is entered; `problem` says why a result was not."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="entries")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True, blank=True)
    resident = models.ForeignKey(
        "recording.Resident", models.PROTECT, null=True, blank=True, related_name="roster_entries"
    )
    nik_ct, nik_bi = CiphertextField(), BlindIndexField()
    name_ct = CiphertextField()
    birth_date_ct = CiphertextField()
    phone_ct = CiphertextField()
    sex = models.CharField(max_length=1, blank=True)
    village = models.ForeignKey("recording.Village", models.PROTECT, null=True, blank=True, related_name="+")
    married = models.BooleanField(default=False)
    eligibility = models.CharField(max_length=11, choices=Eligibility)
    walk_up = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=RosterOutcome, blank=True)
    failure_reason = models.CharField(max_length=11, choices=FailureReason, blank=True)
    missing = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recording = models.OneToOneField(
        "recording.Recording", models.PROTECT, null=True, blank=True, related_name="roster_entry"
    )
    problem = models.CharField(max_length=200, blank=True)

    nik = Sealed(row="key", indexed=True)
    name = Sealed(row="key")
    birth_date = Sealed(row="key")
    phone = Sealed(row="key")

    class Meta:
        constraints = [
            UniqueConstraint(fields=["roster", "nik_bi"], name="roster_entry_once_per_person"),
            UniqueConstraint(fields=["roster", "number"], name="roster_entry_number_once"),
            CheckConstraint(condition=Q(eligibility__in=Eligibility.values), name="roster_entry_eligibility_known"),
            CheckConstraint(condition=Q(outcome__in=["", *RosterOutcome.values]), name="roster_entry_outcome_known"),
            CheckConstraint(
                condition=Q(recording__isnull=True, recorded_at__isnull=True)
                | Q(recording__isnull=False, recorded_at__isnull=False, outcome__in=["accepted", "failed"]),
                name="roster_entry_recording_has_its_moment",
            ),
        ]

    def __str__(self):
        return f"{self.roster_id}/{self.number}"


class RosterReject(models.Model):
    """A line of an uploaded file that could not be taken in, kept sealed until it is mended or the roster goes."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="rejects")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=7, choices=RosterSource)
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    text_ct, text_bi = CiphertextField(), BlindIndexField()
    nik_bi = BlindIndexField(help_text="As in RosterEntry, where the line names a person: mended, the line goes.")

    text = Sealed(row="key", indexed=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["roster", "source", "text_bi"], name="roster_reject_line_once")]

    def __str__(self):
        return f"{self.roster_id} baris {self.line}"
