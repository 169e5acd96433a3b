from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from recording.enums import AT_STATION, PriorityReason, TicketSeries, TicketStatus, TicketStep
from recording.triggers import APPEND_ONLY


class QueueCounter(models.Model):
    """The last queue number given in one series of one office on one day."""

    office = models.ForeignKey("recording.Office", models.CASCADE)
    day = models.DateField()
    series = models.CharField(max_length=1, choices=TicketSeries)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [UniqueConstraint(fields=["office", "day", "series"], name="queue_counter_one_per_series")]

    def __str__(self):
        return f"{self.office_id} {self.day} {self.series}{self.last_number}"


class QueueTicketQuerySet(models.QuerySet):
    def for_staff(self, user):
        """Tickets of the offices `user` (User) works for."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)


class QueueTicket(models.Model):
    """A number in the waiting room, given at check-in. Written only by `recording.services.ticket`.

    `announced_at`: when it was last called out; `called_at` stays at the first call to the present station.
    """

    appointment = models.OneToOneField("recording.Appointment", models.CASCADE, related_name="ticket")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="tickets")
    day = models.DateField()
    series = models.CharField(max_length=1, choices=TicketSeries)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=7, choices=TicketStatus, default=TicketStatus.WAITING)
    station = models.PositiveSmallIntegerField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=0, help_text="0: none; higher is called earlier.")
    priority_reason = models.CharField(max_length=13, choices=PriorityReason, blank=True)
    issued_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = QueueTicketQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["office", "day", "series", "number"], name="queue_ticket_number_once"),
            CheckConstraint(condition=Q(series__in=TicketSeries.values), name="queue_ticket_series_known"),
            CheckConstraint(condition=Q(number__gte=1), name="queue_ticket_numbers_from_one"),
            CheckConstraint(condition=Q(status__in=TicketStatus.values), name="queue_ticket_status_known"),
            CheckConstraint(
                condition=~Q(status__in=[status.value for status in AT_STATION])
                | Q(station__isnull=False, called_at__isnull=False),
                name="queue_ticket_called_to_a_station",
            ),
            CheckConstraint(
                condition=Q(priority=0, priority_reason="")
                | Q(priority__gte=1, priority_reason__in=PriorityReason.values),
                name="queue_ticket_priority_has_a_reason",
            ),
            # One person at a station, whoever presses the button, and how often.
            UniqueConstraint(
                fields=["office", "day", "station"],
                condition=Q(status__in=[status.value for status in AT_STATION]),
                name="queue_ticket_one_at_a_station",
            ),
        ]

    def __str__(self):
        return f"{self.series}{self.number:03d}"


class TicketEvent(models.Model):
    """One step of a clerk with a queue number. Append-only; an undone step is answered by another row.

    `before`: the values of the ticket, and the status of its appointment, that the step changed.
    """

    ticket = models.ForeignKey(QueueTicket, models.PROTECT, related_name="events")
    step = models.CharField(max_length=10, choices=TicketStep)
    station = models.PositiveSmallIntegerField(null=True, blank=True)
    by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(step__in=TicketStep.values), name="ticket_event_step_known"),
            CheckConstraint(
                condition=Q(step=TicketStep.UNDO, undoes__isnull=False)
                | (~Q(step=TicketStep.UNDO) & Q(undoes__isnull=True)),
                name="ticket_event_only_undo_undoes",
            ),
        ]
        indexes = [
            # The last step of one clerk.
            models.Index(fields=["by", "-id"], name="ticket_event_by_clerk")
        ]
        triggers = APPEND_ONLY

    def __str__(self):
        return f"{self.step} {self.ticket_id}"
