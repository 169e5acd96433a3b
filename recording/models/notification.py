from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import CallOutcome, MessageChannel, NotificationState


class NotificationQuerySet(models.QuerySet):
    def for_staff(self, user):
        """The messages to people of `user`'s office, and about its appointments; all where the account has no office."""
        if user.office_id is None:
            return self
        return self.filter(Q(office_id=user.office_id) | Q(appointment__office_id=user.office_id))

    def to_call(self):
        """Who is on the call list: no message reaches them, and nobody has told them yet."""
        return self.filter(channel=MessageChannel.CALL, state=NotificationState.WAITING)


class Notification(models.Model):
    """A message that is owed (the outbox). A service writes the row in its own transaction; a job sends it.

    `context` never holds personal values: the address is looked up and the text rendered when it is sent. `kind`
    names a template registered in `recording.messages`; `dedup_key` makes writing twice harmless. `office` looks after
    the person: where they live, else where they come. `told_at`: when the person knew, by `recording.services.told`.
    """

    resident = models.ForeignKey("recording.Resident", models.CASCADE, related_name="notifications")
    appointment = models.ForeignKey(
        "recording.Appointment", models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    office = models.ForeignKey("recording.Office", models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=40)
    dedup_key = models.CharField(max_length=120, unique=True)
    context = models.JSONField(default=dict)
    language = models.CharField(max_length=2, default="id")
    channel = models.CharField(max_length=8, choices=MessageChannel)
    state = models.CharField(max_length=9, choices=NotificationState, default=NotificationState.WAITING)
    send_after = models.DateTimeField()
    send_until = models.DateTimeField(null=True, blank=True, help_text="Of no use to anybody later than this.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    call_sheet = models.ForeignKey(
        "recording.CallSheet", models.SET_NULL, null=True, blank=True, related_name="notifications"
    )

    objects = NotificationQuerySet.as_manager()

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
            # Delivery reports and bounces, by the id that the other side knows.
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="notification_by_provider_id"),
            # Handed over, and no report of delivery yet.
            models.Index(
                fields=["sent_at"], condition=Q(state="sent", told_at__isnull=True), name="notification_unreported"
            ),
            # What staff have to look at.
            models.Index(fields=["-id"], condition=Q(state="failed"), name="notification_failed"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class CallSheet(models.Model):
    """Names printed for a village office, which tells the people and returns the sheet signed. Holds no cause."""

    village = models.ForeignKey("recording.Village", models.PROTECT, related_name="+")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="+")
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    signed_on = models.DateField(null=True, blank=True, help_text="The day written beside the signature.")
    signed_by = models.CharField(max_length=80, blank=True, help_text="Who signed for the village.")

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_by__isnull=True, signed_on__isnull=True)
                | Q(returned_at__isnull=False, returned_by__isnull=False, signed_on__isnull=False),
                name="call_sheet_returned_means_signed",
            )
        ]
        indexes = [
            # Sheets that have not come back.
            models.Index(fields=["office", "printed_at"], condition=Q(returned_at__isnull=True), name="call_sheet_out")
        ]

    def __str__(self):
        return f"lembar {self.pk}"


class CallAttempt(models.Model):
    """One try to tell somebody who is on the call list. Append-only in practice: nothing changes or removes it."""

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="call_attempts")
    outcome = models.CharField(max_length=12, choices=CallOutcome)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [CheckConstraint(condition=Q(outcome__in=CallOutcome.values), name="call_attempt_outcome_known")]

    def __str__(self):
        return f"panggilan {self.pk}"
