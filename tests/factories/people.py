import itertools
from datetime import date

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from recording.crypto import blind_index
from recording.models import Approval, Resident, ResidentIdentity, TrackingCode, User
from recording.policy.code import new_code
from tests.factories.areas import OfficeFactory, VillageFactory

PASSWORD = "sandi-uji-coba"
_serials = itertools.cycle(range(9001, 10000))
_areas = itertools.cycle(f"3319{district:02d}" for district in range(1, 10))


def synthetic_nik(*, birth_date: date, sex: str = "L") -> str:
    """A NIK that nobody holds: serials of the register start at 0001, these at 9001."""
    day = birth_date.day + (40 if sex == "P" else 0)
    return f"{next(_areas)}{day:02d}{birth_date:%m%y}{next(_serials)}"


class UserFactory(DjangoModelFactory):
    """An operator of an own office; the password is `PASSWORD`."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"petugas{n}")
    name = factory.Sequence(lambda n: f"Petugas {n}")
    role = "operator"
    office = factory.Maybe(
        factory.LazyAttribute(lambda user: user.role == "operator"),
        yes_declaration=factory.SubFactory(OfficeFactory),
        no_declaration=None,
    )
    password = factory.django.Password(PASSWORD)


class ApprovalFactory(DjangoModelFactory):
    class Meta:
        model = Approval

    subject = factory.Sequence(lambda number: f"case:{number + 1}")
    action = "rerecord"
    reason = "sudah dicek di pusat"
    asked_by = factory.SubFactory(UserFactory, role="verifier")


class ResidentIdentityFactory(DjangoModelFactory):
    """Sealed values need the resident's id, which is why the row is built through the properties."""

    class Meta:
        model = ResidentIdentity

    resident = None
    birth_date = date(1990, 8, 17)
    nik = factory.LazyAttribute(
        lambda identity: synthetic_nik(birth_date=identity.birth_date, sex=identity.resident.sex)
    )
    family_card = ""
    birth_place = "Kudus"
    address = ""
    phone = ""
    phone_checked_at = None
    email = ""

    @classmethod
    def _create(cls, model_class, *args, resident, birth_date, phone_checked_at, **sealed):
        identity = model_class(resident=resident, phone_checked_at=phone_checked_at)
        identity.birth_date = birth_date.isoformat()
        for name, value in sealed.items():
            setattr(identity, name, value)
        identity.save()
        return identity


class ResidentFactory(DjangoModelFactory):
    """A resident with an identity; `identity__nik`, `identity__birth_date`, `identity__phone` ... set its values."""

    class Meta:
        model = Resident
        skip_postgeneration_save = True

    name = "Sutrisno"
    birth_year = factory.LazyAttribute(lambda resident: resident.birth_date.year)
    sex = "L"
    village = factory.SubFactory(VillageFactory)
    source = "register"
    entitlement = "first"
    identity = factory.RelatedFactory(
        ResidentIdentityFactory, "resident", birth_date=factory.SelfAttribute("..birth_date")
    )

    class Params:
        birth_date = date(1990, 8, 17)
        recorded_before = factory.Trait(
            recorded_before_portal=True, entitlement="none", entitlement_reason="recorded_before_portal"
        )


class TrackingCodeFactory(DjangoModelFactory):
    """An active code; `TrackingCodeFactory(resident=..., code="...")`. The resident must have an identity."""

    class Meta:
        model = TrackingCode

    resident = factory.SubFactory(ResidentFactory)
    code = factory.LazyFunction(new_code)
    issued_at = factory.LazyFunction(timezone.now)
    revoked_at = None

    @classmethod
    def _create(cls, model_class, *args, resident, code, **values):
        row = model_class(resident=resident, **values)
        row.code = code
        row.lookup = blind_index(f"{resident.identity.nik}|{code}", purpose="tracking_code.lookup")
        row.desk = blind_index(code, purpose="tracking_code.desk")
        row.save()
        return row
