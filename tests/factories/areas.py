from datetime import date, time, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from recording.models import Campaign, Closure, District, Office, RegisterSnapshot, ServiceHours, Village


class DistrictFactory(DjangoModelFactory):
    class Meta:
        model = District
        django_get_or_create = ["code"]

    code = factory.Sequence(lambda n: f"33.19.{n % 90 + 10}")
    name = factory.Sequence(lambda n: f"Kecamatan {n}")
    target_weight = 1000


class VillageFactory(DjangoModelFactory):
    class Meta:
        model = Village
        django_get_or_create = ["code"]

    district = factory.SubFactory(DistrictFactory)
    code = factory.LazyAttributeSequence(lambda village, n: f"{village.district.code}.{2100 + n % 900}")
    name = factory.Sequence(lambda n: f"Desa {n}")
    kind = Village.Kind.DESA


class RegisterSnapshotFactory(DjangoModelFactory):
    class Meta:
        model = RegisterSnapshot

    village = factory.SubFactory(VillageFactory)
    taken_on = date(2016, 12, 31)
    must_hold = 100
    recorded = 90
    card_held = 70
    source = "contoh"


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office
        django_get_or_create = ["code"]

    code = factory.SelfAttribute("district.code")
    name = factory.SelfAttribute("district.name")
    kind = "kecamatan"
    district = factory.SubFactory(DistrictFactory)


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Percepatan {n}")
    legal_reference = "SE 471/1768/SJ"
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=60))
    ends_on = factory.LazyAttribute(lambda campaign: campaign.starts_on + timedelta(days=150))
    target = 1000


class ServiceHoursFactory(DjangoModelFactory):
    """Every office, every day, 08:00-21:00, all stations all day."""

    class Meta:
        model = ServiceHours

    name = factory.Sequence(lambda n: f"Jam layanan {n}")
    weekdays = [0, 1, 2, 3, 4, 5, 6]
    opens = time(8)
    closes = time(21)
    valid_from = date(2016, 1, 1)


class ClosureFactory(DjangoModelFactory):
    class Meta:
        model = Closure

    day = factory.Sequence(lambda n: timezone.localdate() + timedelta(days=1 + n % 300))
    reason = "Pemeliharaan"
