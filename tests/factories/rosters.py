from datetime import date

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from recording.models import HomeVisit, Roster, RosterEntry
from tests.factories.areas import OfficeFactory, VillageFactory
from tests.factories.people import UserFactory, synthetic_nik


class RosterFactory(DjangoModelFactory):
    """A planned session of today at the clerk's office."""

    class Meta:
        model = Roster

    created_by = factory.SubFactory(UserFactory)
    office = factory.SelfAttribute("created_by.office")
    place = factory.Sequence(lambda n: f"SMA Contoh {n}")
    held_on = factory.LazyFunction(timezone.localdate)
    status = "planned"
    created_at = factory.LazyFunction(timezone.now)


class RosterEntryFactory(DjangoModelFactory):
    """A person on a roster; with `resident` the register knows the NIK."""

    class Meta:
        model = RosterEntry

    roster = factory.SubFactory(RosterFactory)
    number = factory.LazyAttribute(lambda entry: entry.roster.entries.count() + 1)
    name = "Sutrisno"
    birth_date = date(1990, 8, 17)
    nik = factory.LazyAttribute(
        lambda entry: entry.resident.identity.nik if entry.resident else synthetic_nik(birth_date=entry.birth_date)
    )
    resident = None
    eligibility = factory.LazyAttribute(lambda entry: "first" if entry.resident else "unknown")

    @classmethod
    def _create(cls, model_class, *args, nik, name, birth_date, **values):
        entry = model_class(**values)
        entry.nik, entry.name, entry.birth_date = nik, name, birth_date.isoformat()
        entry.save()
        return entry


class HomeVisitFactory(DjangoModelFactory):
    """A new request to the kecamatan's office, by somebody whom the register does not know."""

    class Meta:
        model = HomeVisit

    office = factory.SubFactory(OfficeFactory)
    village = factory.SubFactory(VillageFactory, district=factory.SelfAttribute("..office.district"))
    reason = "elderly"
    name = "Mbah Karto"
    birth_date = date(1940, 8, 17)
    nik = factory.LazyAttribute(lambda visit: synthetic_nik(birth_date=visit.birth_date))
    address = "Gang Melati 3"
    phone = "+6281234567890"
    created_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class, *args, nik, name, birth_date, address, phone, **values):
        visit = model_class(**values)
        visit.nik, visit.name, visit.birth_date = nik, name, birth_date.isoformat()
        visit.address, visit.phone = address, phone
        visit.save()
        return visit
