"""Changes of hours, closures and station counts: proposed, looked at, applied, taken back."""

from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import ChangeKind, Role


class HoursChangeQuerySet(models.QuerySet):
    def for_staff(self, user):
        """What `user` may see and decide: administrators all, supervisors the station counts of their offices."""
        if user.role == Role.ADMINISTRATOR:
            return self
        counts = self.filter(kind=ChangeKind.STATIONS)
        return counts if user.office_id is None else counts.filter(office_id=user.office_id)


class HoursChange(models.Model):
    """One change as an administrator means it, kept before it holds. Written only by `services.hours_change`.

    `edits` is what it does to rows: `[{"subject": "rule", "target": 3, "before": {...}, "after": {...}}]`; an empty
    `before` makes the row, an empty `after` removes it. `result` says what happened to appointments, by their ids.
    """

    kind = models.CharField(max_length=8, choices=ChangeKind)
    office = models.ForeignKey("recording.Office", models.PROTECT, null=True, blank=True, related_name="hours_changes")
    title = models.CharField(max_length=200)
    reason = models.CharField(max_length=120, help_text="Told to the people whose appointment it hits.")
    edits = models.JSONField()
    result = models.JSONField(default=dict)
    created_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = HoursChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="hours_change_kind_known"),
            CheckConstraint(
                condition=Q(applied_at__isnull=True, applied_by__isnull=True)
                | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="hours_change_applied_by_somebody",
            ),
            CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, applied_at__isnull=False),
                name="hours_change_undone_after_applied",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="hours_change_newest_first")]

    def __str__(self):
        return self.title

    @property
    def is_waiting(self) -> bool:
        return self.applied_at is None

    @property
    def is_in_force(self) -> bool:
        return self.applied_at is not None and self.undone_at is None
