"""Residents: what the work needs in clear, and apart from it, sealed, who they are."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import Entitlement, ResidentSource, Sex
from recording.fields import BlindIndexField, CiphertextField, Sealed


class Resident(models.Model):
    """A person, known everywhere by an opaque id. One-word names are normal.

    `recorded_before_portal` and `card_held` come from the register. `entitlement` says which recording the person
    may have now; only `recording.services.resident` writes it.
    """

    name = models.CharField(max_length=120)
    birth_year = models.PositiveSmallIntegerField()
    sex = models.CharField(max_length=1, choices=Sex)
    village = models.ForeignKey("recording.Village", models.PROTECT, null=True, blank=True, related_name="residents")
    ever_married = models.BooleanField(default=False)
    recorded_before_portal = models.BooleanField(default=False)
    card_held = models.BooleanField(default=False)
    entitlement = models.CharField(max_length=11, choices=Entitlement, default=Entitlement.FIRST)
    entitlement_reason = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=8, choices=ResidentSource)
    outside_regency = models.BooleanField(default=False)
    only_urgent_messages = models.BooleanField(
        default=False, db_default=False, help_text="Asked to get no message but what matters."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(sex__in=Sex.values), name="resident_sex_known"),
            CheckConstraint(condition=Q(entitlement__in=Entitlement.values), name="resident_entitlement_known"),
            CheckConstraint(condition=Q(source__in=ResidentSource.values), name="resident_source_known"),
            CheckConstraint(condition=Q(birth_year__range=(1890, 2100)), name="resident_birth_year_sensible"),
            CheckConstraint(
                condition=Q(card_held=False) | Q(recorded_before_portal=True), name="resident_card_means_recorded"
            ),
        ]
        indexes = [
            # Name search at the desk: own office's people by word prefix.
            GinIndex(SearchVector("name", config="simple"), name="resident_name_words"),
            # Progress per village.
            models.Index(fields=["village", "recorded_before_portal"], name="resident_village_recorded"),
        ]

    def __str__(self):
        return f"warga {self.pk}"


class ResidentIdentity(models.Model):
    """Who a resident is, sealed. Deleting this row (and the codes) erases the person; the counts stay."""

    resident = models.OneToOneField(Resident, models.CASCADE, primary_key=True, related_name="identity")
    nik_ct, nik_bi = CiphertextField(), BlindIndexField(unique=True)
    family_card_ct, family_card_bi = CiphertextField(), BlindIndexField(db_index=True)
    birth_date_ct = CiphertextField()
    birth_place_ct = CiphertextField()
    address_ct = CiphertextField()
    phone_ct, phone_bi = CiphertextField(), BlindIndexField(db_index=True)
    phone_checked_at = models.DateTimeField(null=True, blank=True, help_text="Set only at the desk.")
    phone_bad_at = models.DateTimeField(null=True, blank=True, help_text="A call showed that it is somebody else's.")
    email_ct = CiphertextField()
    email_bad_at = models.DateTimeField(null=True, blank=True, help_text="Mail to it came back.")

    nik = Sealed(row="resident_id", indexed=True)
    family_card = Sealed(row="resident_id", indexed=True)
    birth_date = Sealed(row="resident_id")
    birth_place = Sealed(row="resident_id")
    address = Sealed(row="resident_id")
    phone = Sealed(row="resident_id", indexed=True)
    email = Sealed(row="resident_id")

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(phone_ct__isnull=False) | Q(phone_checked_at__isnull=True),
                name="resident_identity_checked_phone_exists",
            )
        ]

    def __str__(self):
        return f"identitas warga {self.pk}"
