"""Official areas and the dated population register they are measured against."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint


class District(models.Model):
    """A kecamatan, by its Kemendagri code such as "33.19.02"."""

    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=60)
    target_weight = models.PositiveIntegerField(help_text="Share of the regency's wajib KTP, as people (2019 figures).")

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return self.name


class Village(models.Model):
    """A desa or kelurahan, by its Kemendagri code such as "33.19.02.1001"."""

    class Kind(models.TextChoices):
        DESA = "desa", "Desa"
        KELURAHAN = "kelurahan", "Kelurahan"

    code = models.CharField(max_length=13, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=9, choices=Kind)
    district = models.ForeignKey(District, models.PROTECT, related_name="villages")

    class Meta:
        ordering = ["code"]
        constraints = [CheckConstraint(condition=Q(kind__in=["desa", "kelurahan"]), name="village_kind_known")]

    def __str__(self):
        return self.name


class RegisterSnapshot(models.Model):
    """How many people of a village must hold a KTP-el, are recorded and hold the card, on one date (people)."""

    village = models.ForeignKey(Village, models.PROTECT, related_name="snapshots")
    taken_on = models.DateField()
    must_hold = models.PositiveIntegerField()
    recorded = models.PositiveIntegerField()
    card_held = models.PositiveIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["village", "taken_on"], name="register_snapshot_once_per_day"),
            CheckConstraint(
                condition=Q(recorded__lte=F("must_hold")) & Q(card_held__lte=F("recorded")),
                name="register_snapshot_nested",
            ),
        ]

    def __str__(self):
        return f"{self.village} {self.taken_on}"
