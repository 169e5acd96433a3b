"""One card's production, and its history."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from issuance.enums import (
    ENDED_STATUSES,
    CaseKind,
    CaseStatus,
    ChangeEvent,
    NextStep,
    OpenedBy,
    WaitingFor,
)
from recording.triggers import APPEND_ONLY

ENDED = [status.value for status in ENDED_STATUSES]


class CaseQuerySet(models.QuerySet):
    def open(self):
        """Cases whose card is not yet in the hand and that were not closed."""
        return self.exclude(status__in=ENDED)

    def stalled(self):
        """Open cases flagged by the stall clock."""
        return self.open().filter(stalled_since__isnull=False)

    def for_staff(self, user):
        """Cases recorded at or to be collected from the office of `user` (User); all where the account has none."""
        return (
            self
            if user.office_id is None
            else self.filter(Q(office_id=user.office_id) | Q(pickup_office_id=user.office_id))
        )


class Case(models.Model):
    """One card on its way to one resident. `status` is ours and written only by `issuance.services.case`;
    `observed_*` is what the national centre's latest list said, stored as received.

    `clock_from` is when the resting time of the present status began (null while paused).
    """

    resident = models.ForeignKey("recording.Resident", models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=11, choices=CaseKind, default=CaseKind.FIRST)
    opened_by = models.CharField(max_length=9, choices=OpenedBy)
    opened_at = models.DateTimeField()
    recording = models.ForeignKey(
        "recording.Recording", models.PROTECT, null=True, blank=True, related_name="cases", help_text="Latest attempt."
    )
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="cases", help_text="Who works on it.")
    pickup_office = models.ForeignKey("recording.Office", models.PROTECT, related_name="cases_to_hand_over")
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=12, choices=CaseStatus)
    status_since = models.DateTimeField()
    observed_raw = models.CharField(max_length=60, blank=True)
    observed_status = models.CharField(max_length=12, choices=CaseStatus, blank=True)
    observed_as_of = models.DateTimeField(null=True, blank=True)
    conflict_since = models.DateTimeField(null=True, blank=True)
    clock_from = models.DateTimeField(null=True, blank=True)
    stalled_since = models.DateTimeField(null=True, blank=True)
    next_step = models.CharField(max_length=16, choices=NextStep, default=NextStep.NONE)
    waiting_for = models.CharField(max_length=8, choices=WaitingFor, default=WaitingFor.NONE)
    rerecord_reason = models.CharField(max_length=120, blank=True)
    closed_reason = models.CharField(max_length=120, blank=True)
    shelf = models.CharField(max_length=40, blank=True, help_text="Where the finished card lies in the pickup office.")
    central_deletion_on = models.DateField(
        null=True,
        blank=True,
        help_text="When the centre deleted its record, so that recording again makes no duplicate.",
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status_known"),
            CheckConstraint(condition=Q(kind__in=CaseKind.values), name="case_kind_known"),
            CheckConstraint(condition=Q(opened_by__in=OpenedBy.values), name="case_opened_by_known"),
            CheckConstraint(condition=Q(next_step__in=NextStep.values), name="case_next_step_known"),
            CheckConstraint(condition=Q(waiting_for__in=WaitingFor.values), name="case_waiting_for_known"),
            CheckConstraint(
                condition=Q(waiting_for=WaitingFor.NONE) | Q(clock_from__isnull=True), name="case_waiting_pauses_clock"
            ),
            CheckConstraint(
                condition=~Q(opened_by=OpenedBy.RECORDING) | Q(recording__isnull=False),
                name="case_opened_by_recording_has_one",
            ),
            CheckConstraint(
                condition=~Q(status=CaseStatus.CLOSED) | ~Q(closed_reason=""), name="case_closed_has_a_reason"
            ),
            CheckConstraint(
                condition=~Q(status__in=ENDED) | Q(clock_from__isnull=True, stalled_since__isnull=True),
                name="case_ended_has_no_clock",
            ),
            UniqueConstraint(fields=["resident"], condition=~Q(status__in=ENDED), name="case_one_open_per_resident"),
        ]
        indexes = [
            # The sweep: what rests too long and is not flagged yet; never scans what is not due.
            models.Index(
                fields=["status", "clock_from"],
                condition=Q(stalled_since__isnull=True, clock_from__isnull=False),
                name="case_resting",
            ),
            # Worklist of stalled cases by office.
            models.Index(
                fields=["office", "stalled_since"], condition=Q(stalled_since__isnull=False), name="case_stalled"
            ),
            # The worklist, page by page: what is open, the longest resting first; or one status, also an ended one.
            models.Index(fields=["status_since", "id"], condition=~Q(status__in=ENDED), name="case_open_by_age"),
            models.Index(fields=["status", "status_since", "id"], name="case_by_status"),
            # Few among many: where our record and the centre's differ, and what is paused.
            models.Index(fields=["conflict_since"], condition=Q(conflict_since__isnull=False), name="case_in_conflict"),
            models.Index(
                fields=["waiting_for", "status_since"],
                condition=~Q(waiting_for=WaitingFor.NONE),
                name="case_waiting",
            ),
        ]

    def __str__(self):
        return f"berkas {self.pk}"


class StatusChange(models.Model):
    """One line of a case's history. Append-only; the last row's `to_status` is the case's status."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="history")
    event = models.CharField(max_length=7, choices=ChangeEvent, default=ChangeEvent.MOVED)
    from_status = models.CharField(max_length=12, choices=CaseStatus, blank=True)
    to_status = models.CharField(max_length=12, choices=CaseStatus)
    attempt = models.PositiveSmallIntegerField(default=1)
    occurred_at = models.DateTimeField(help_text="When it really happened.")
    entered_at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    central_import = models.ForeignKey(
        "issuance.CentralImport", models.PROTECT, null=True, blank=True, related_name="changes"
    )

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(event__in=ChangeEvent.values), name="status_change_event_known"),
            CheckConstraint(condition=Q(to_status__in=CaseStatus.values), name="status_change_to_known"),
        ]
        indexes = [
            models.Index(fields=["case", "id"], name="status_change_by_case"),
            # What happened on one day.
            models.Index(fields=["occurred_at"], name="status_change_by_moment"),
            # Which cases were stalled at a day's end.
            models.Index(fields=["case"], condition=Q(event="flagged"), name="status_change_flags"),
        ]
        triggers = APPEND_ONLY

    def __str__(self):
        return f"{self.case_id}: {self.from_status} -> {self.to_status}"
