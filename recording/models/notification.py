from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import MessageChannel, NotificationState


class Notification(models.Model):
    """A message that is owed (the outbox). A service writes the row in its own transaction; a job sends it.

    `context` never holds personal values: the address is looked up and the text rendered when it is sent. `kind`
    names a template registered in `recording.messages`; `dedup_key` makes writing twice harmless.
    """

    resident = models.ForeignKey("recording.Resident", models.CASCADE, related_name="notifications")
    appointment = models.ForeignKey(
        "recording.Appointment", models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    kind = models.CharField(max_length=40)
    dedup_key = models.CharField(max_length=120, unique=True)
    context = models.JSONField(default=dict)
    language = models.CharField(max_length=2, default="id")
    channel = models.CharField(max_length=8, choices=MessageChannel)
    state = models.CharField(max_length=9, choices=NotificationState, default=NotificationState.WAITING)
    send_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(channel__in=MessageChannel.values), name="notification_channel_known"),
            CheckConstraint(condition=Q(state__in=NotificationState.values), name="notification_state_known"),
        ]
        indexes = [
            # The drain: what is due. Those to be called wait long and would stand in its way.
            models.Index(
                fields=["send_after", "id"],
                condition=Q(state="waiting") & ~Q(channel="call"),
                name="notification_to_send",
            ),
            # The call list.
            models.Index(
                fields=["send_after"], condition=Q(state="waiting", channel="call"), name="notification_to_call"
            ),
            models.Index(fields=["resident", "kind"], name="notification_by_resident"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"
