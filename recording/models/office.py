from django.db import models
from django.db.models import CheckConstraint, Q

from recording.enums import CardOutlook, OfficeKind, PrintPolicy


class OfficeQuerySet(models.QuerySet):
    def active(self):
        """Offices that serve the public, in the order of their codes."""
        return self.filter(active=True).order_by("code")

    def for_staff(self, user):
        """The offices whose work `user` (User) may see: the own one, or all where the account has none."""
        return self if user.office_id is None else self.filter(pk=user.office_id)


class Office(models.Model):
    """A place that records: nine kecamatan, Disdukcapil, and mobile teams. Codes begin with the regency's."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=11, choices=OfficeKind)
    district = models.ForeignKey("recording.District", models.PROTECT, null=True, blank=True, related_name="offices")
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    stations = models.PositiveSmallIntegerField(default=2, help_text="Recording stations usually staffed.")
    prints_here = models.BooleanField(default=True)
    print_policy = models.CharField(max_length=10, choices=PrintPolicy, default=PrintPolicy.ON_REQUEST)
    card_outlook = models.CharField(max_length=7, choices=CardOutlook, default=CardOutlook.UNKNOWN)
    card_outlook_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            CheckConstraint(condition=Q(kind__in=OfficeKind.values), name="office_kind_known"),
            CheckConstraint(condition=Q(print_policy__in=PrintPolicy.values), name="office_print_policy_known"),
            CheckConstraint(condition=Q(card_outlook__in=CardOutlook.values), name="office_card_outlook_known"),
            CheckConstraint(condition=Q(stations__range=(1, 20)), name="office_stations_sensible"),
            CheckConstraint(
                condition=~Q(kind=OfficeKind.KECAMATAN) | Q(district__isnull=False),
                name="office_kecamatan_has_district",
            ),
        ]

    def __str__(self):
        return self.name
