from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from recording.enums import TicketSeries


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
    """A number in the waiting room, given at check-in."""

    appointment = models.OneToOneField("recording.Appointment", models.CASCADE, related_name="ticket")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="tickets")
    day = models.DateField()
    series = models.CharField(max_length=1, choices=TicketSeries)
    number = models.PositiveIntegerField()
    station = models.PositiveSmallIntegerField(null=True, blank=True)
    issued_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = QueueTicketQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["office", "day", "series", "number"], name="queue_ticket_number_once"),
            CheckConstraint(condition=Q(series__in=TicketSeries.values), name="queue_ticket_series_known"),
            CheckConstraint(condition=Q(number__gte=1), name="queue_ticket_numbers_from_one"),
        ]

    def __str__(self):
        return f"{self.series}{self.number:03d}"
