from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from recording.triggers import APPEND_ONLY


class AuditEventQuerySet(models.QuerySet):
    def for_staff(self, user):
        """What `user` (User) answers for: events of the own office and of its people, or all."""
        if user.office_id is None:
            return self
        return self.filter(models.Q(office_id=user.office_id) | models.Q(actor__office_id=user.office_id))


class AuditEvent(models.Model):
    """Who did or read what, when and why. Append-only; holds ids, never personal values. Written only by
    `recording.services.audit`."""

    occurred_at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=60)
    resident_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField(max_length=60, blank=True, help_text='Kind and id, such as "appointment:12".')
    office = models.ForeignKey("recording.Office", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    txid = models.BigIntegerField(null=True, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [
            # Who looked at me: one resident's events, newest first.
            models.Index(fields=["resident_id", "-occurred_at"], name="audit_event_by_resident"),
            models.Index(fields=["actor", "-occurred_at"], name="audit_event_by_actor"),
            # Who looked at whom: a span of days. Rows arrive in the order of time, so a few pages of index suffice.
            BrinIndex(fields=["occurred_at"], name="audit_event_by_time"),
        ]
        triggers = APPEND_ONLY

    def __str__(self):
        return f"{self.action} {self.subject}"


class AuditSeal(models.Model):
    """One link of the hash chain over finished audit rows, up to and including `last_event_id`."""

    sealed_at = models.DateTimeField(auto_now_add=True)
    first_event_id = models.BigIntegerField()
    last_event_id = models.BigIntegerField(unique=True)
    event_count = models.PositiveIntegerField()
    previous_digest = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self):
        return f"segel {self.pk}"
