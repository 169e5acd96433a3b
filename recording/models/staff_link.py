from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from recording.enums import NotificationState, StaffLinkKind


class StaffLinkQuerySet(models.QuerySet):
    def usable(self, *, now):
        """Links by which an active person can still set a password."""
        live = self.filter(used_at__isnull=True, expires_at__gt=now, user__is_active=True)
        return live.exclude(state=NotificationState.WITHDRAWN)


class StaffLink(models.Model):
    """A link by which one person sets a password, and the e-mail that carries it (row first, sent later by a job).

    The token in the link is derived from `nonce` and a key outside the database; of the token only a hash is kept.
    """

    user = models.ForeignKey("recording.User", models.CASCADE, related_name="links")
    kind = models.CharField(max_length=14, choices=StaffLinkKind)
    nonce = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32, unique=True)
    asked_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=NotificationState, default=NotificationState.WAITING)
    send_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = StaffLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(kind__in=StaffLinkKind.values), name="staff_link_kind_known"),
            CheckConstraint(condition=Q(state__in=NotificationState.values), name="staff_link_state_known"),
            UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True) & ~Q(state="withdrawn"),
                name="staff_link_one_live_per_person",
            ),
        ]
        indexes = [
            # The sending job: what is due.
            models.Index(fields=["send_after"], condition=Q(state="waiting"), name="staff_link_waiting"),
        ]

    def __str__(self):
        return f"tautan petugas {self.pk}"
