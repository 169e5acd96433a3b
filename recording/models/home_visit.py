"""Requests to be recorded at home, by people who cannot come: sick, elderly or disabled."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import HelperRelation, VisitReason, VisitStatus
from recording.fields import BlindIndexField, CiphertextField, Sealed


class HomeVisitQuerySet(models.QuerySet):
    def for_staff(self, user):
        """The requests that the office of `user` (User) answers."""
        return self if user.office_id is None else self.filter(office_id=user.office_id)


class HomeVisit(models.Model):
    """One request. What was typed is believed by nobody until the visit: it is compared with no register before.

    Written by `recording.services.home_visit`; results of the session settle it (`recording.services.roster`).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    office = models.ForeignKey("recording.Office", models.PROTECT, related_name="home_visits")
    village = models.ForeignKey("recording.Village", models.PROTECT, related_name="+")
    nik_ct, nik_bi = CiphertextField(), BlindIndexField()
    name_ct = CiphertextField()
    birth_date_ct = CiphertextField()
    address_ct = CiphertextField()
    phone_ct = CiphertextField()
    helper_name_ct = CiphertextField()
    helper_relation = models.CharField(max_length=8, choices=HelperRelation, blank=True)
    reason = models.CharField(max_length=10, choices=VisitReason)
    note_ct = CiphertextField()
    status = models.CharField(max_length=8, choices=VisitStatus, default=VisitStatus.NEW)
    declined_reason = models.CharField(max_length=200, blank=True)
    entry = models.ForeignKey(
        "recording.RosterEntry", models.SET_NULL, null=True, blank=True, related_name="home_visits"
    )
    created_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    nik = Sealed(row="key", indexed=True)
    name = Sealed(row="key")
    birth_date = Sealed(row="key")
    address = Sealed(row="key")
    phone = Sealed(row="key")
    helper_name = Sealed(row="key")
    note = Sealed(row="key")

    objects = HomeVisitQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(status__in=VisitStatus.values), name="home_visit_status_known"),
            CheckConstraint(condition=Q(reason__in=VisitReason.values), name="home_visit_reason_known"),
            CheckConstraint(
                condition=~Q(status=VisitStatus.DECLINED) | ~Q(declined_reason=""),
                name="home_visit_declined_with_a_reason",
            ),
        ]
        indexes = [
            # What one office still has to answer.
            models.Index(fields=["office", "status", "village"], name="home_visit_office_status"),
            # The same person asked before.
            models.Index(fields=["nik_bi"], name="home_visit_nik"),
        ]

    def __str__(self):
        return f"permintaan kunjungan {self.pk}"
