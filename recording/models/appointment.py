"""Appointments, what an online visitor declared for one, and how it was moved."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from recording.enums import (
    LIVE_STATUSES,
    AppointmentStatus,
    Channel,
    HelperRelation,
    Pool,
    Purpose,
)
from recording.fields import BlindIndexField, CiphertextField, Sealed


class AppointmentQuerySet(models.QuerySet):
    def live(self):
        """Appointments that still hold a place for the person: booked, arrived or being served."""
        return self.filter(status__in=LIVE_STATUSES)

    def for_staff(self, user):
        """The appointments whose office `user` (User) works for; all where the account has no office."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)


class Appointment(models.Model):
    """One resident's place in one slot. Written only by `recording.services.appointment` and `.attendance`."""

    resident = models.ForeignKey("recording.Resident", models.PROTECT, related_name="appointments")
    slot = models.ForeignKey("recording.Slot", models.PROTECT, null=True, blank=True, related_name="appointments")
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="appointments")
    day = models.DateField(help_text="Local date.")
    status = models.CharField(max_length=9, choices=AppointmentStatus, default=AppointmentStatus.BOOKED)
    pool = models.CharField(max_length=8, choices=Pool, default=Pool.PUBLIC)
    places_held = models.PositiveSmallIntegerField(default=1)
    release_at = models.DateTimeField(null=True, blank=True, help_text="When a cancelled place returns.")
    purpose = models.CharField(max_length=11, choices=Purpose, default=Purpose.FIRST)
    channel = models.CharField(max_length=7, choices=Channel, default=Channel.ONLINE)
    helper_name = models.CharField(max_length=120, blank=True)
    helper_relation = models.CharField(max_length=8, choices=HelperRelation, blank=True)
    special_needs = models.BooleanField(default=False)
    special_needs_note = models.CharField(max_length=200, blank=True)
    guardian_name = models.CharField(max_length=120, blank=True)
    guardian_relation = models.CharField(max_length=8, choices=HelperRelation, blank=True)
    guardian_consent_at = models.DateTimeField(null=True, blank=True)
    outside_regency = models.BooleanField(default=False)
    group = models.UUIDField(null=True, blank=True, help_text="Shared by one household's appointments.")
    moves = models.PositiveSmallIntegerField(default=0)
    idempotency_key = models.UUIDField(unique=True)
    body_hash = models.BinaryField(max_length=32)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    status_at = models.DateTimeField()
    status_reason = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="id")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(status__in=AppointmentStatus.values), name="appointment_status_known"),
            CheckConstraint(condition=Q(pool__in=Pool.values), name="appointment_pool_known"),
            CheckConstraint(condition=Q(purpose__in=Purpose.values), name="appointment_purpose_known"),
            CheckConstraint(condition=Q(channel__in=Channel.values), name="appointment_channel_known"),
            CheckConstraint(condition=Q(places_held__lte=2), name="appointment_holds_at_most_two"),
            CheckConstraint(condition=Q(moves__lte=2), name="appointment_moves_at_most_twice"),
            CheckConstraint(
                condition=Q(slot__isnull=False) | Q(channel__in=[Channel.WALK_IN, Channel.ROSTER]),
                name="appointment_slot_unless_walk_in_or_roster",
            ),
            CheckConstraint(
                condition=Q(slot__isnull=False) | Q(places_held=0), name="appointment_no_slot_holds_no_place"
            ),
            CheckConstraint(
                condition=Q(release_at__isnull=True) | Q(status__in=["cancelled", "no_show"]),
                name="appointment_only_given_up_places_return",
            ),
            CheckConstraint(
                condition=~Q(status=AppointmentStatus.BOOKED) | Q(slot__isnull=True) | Q(places_held__gte=1),
                name="appointment_booked_holds_a_place",
            ),
            UniqueConstraint(
                fields=["resident"],
                condition=Q(status__in=[status.value for status in LIVE_STATUSES]),
                name="appointment_one_live_per_resident",
            ),
        ]
        indexes = [
            # The desk's list of the day.
            models.Index(fields=["office", "day", "status"], name="appointment_desk_day"),
            # Recount of a slot; places of one slot.
            models.Index(fields=["slot"], condition=Q(places_held__gt=0), name="appointment_holding_places"),
            # The job that returns cancelled places.
            models.Index(
                fields=["release_at"],
                condition=Q(release_at__isnull=False, places_held__gt=0),
                name="appointment_places_to_return",
            ),
        ]

    def __str__(self):
        return f"janji {self.pk}"


class AppointmentChange(models.Model):
    """One move of an appointment: the time it had before."""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="changes")
    from_slot = models.ForeignKey("recording.Slot", models.PROTECT, related_name="+")
    to_slot = models.ForeignKey("recording.Slot", models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self):
        return f"perubahan janji {self.appointment_id}"


class Declaration(models.Model):
    """What an online visitor typed, sealed. It never changes an existing resident; the desk compares it with the
    register, and messages about this appointment go to the contact in it."""

    appointment = models.OneToOneField(Appointment, models.CASCADE, primary_key=True, related_name="declaration")
    nik_ct = CiphertextField()
    name_ct = CiphertextField()
    birth_date_ct = CiphertextField()
    sex = models.CharField(max_length=1)
    village = models.ForeignKey("recording.Village", models.PROTECT, null=True, blank=True, related_name="+")
    married = models.BooleanField(default=False)
    phone_ct, phone_bi = CiphertextField(), BlindIndexField(db_index=True)
    phone_bad_at = models.DateTimeField(null=True, blank=True, help_text="A call showed that it is somebody else's.")
    email_ct = CiphertextField()
    email_bad_at = models.DateTimeField(null=True, blank=True, help_text="Mail to it came back.")
    warnings = models.JSONField(default=list, help_text="Codes of the mismatches the visitor confirmed.")

    nik = Sealed(row="appointment_id")
    name = Sealed(row="appointment_id")
    birth_date = Sealed(row="appointment_id")
    phone = Sealed(row="appointment_id", indexed=True)
    email = Sealed(row="appointment_id")

    def __str__(self):
        return f"pernyataan janji {self.pk}"
