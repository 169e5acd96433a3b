import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from issuance.models import CentralImport, CentralImportRow
from issuance.policy.observation import RAW_STATUS
from tests.factories.people import ResidentFactory, UserFactory


class CentralImportFactory(DjangoModelFactory):
    """A list of the centre whose lines were read; it speaks of this moment."""

    class Meta:
        model = CentralImport

    as_of = factory.LazyFunction(timezone.now)
    state = "preview"
    digest = factory.Sequence(lambda n: f"{n:032}".encode())
    size = 1000
    kind = "csv"
    uploaded_by = factory.SubFactory(UserFactory, role="verifier")
    applied_at = factory.LazyAttribute(
        lambda each: each.as_of if each.state in ("applied", "undoing", "undone") else None
    )


class CentralImportRowFactory(DjangoModelFactory):
    """One line as it was read: `CentralImportRowFactory(resident=..., raw_status="PRINT_READY_RECORD")`."""

    class Meta:
        model = CentralImportRow

    central_import = factory.SubFactory(CentralImportFactory)
    line = factory.Sequence(lambda n: n + 2)
    resident = factory.SubFactory(ResidentFactory)
    raw_status = "SENT_FOR_ENROLLMENT"
    status = factory.LazyAttribute(lambda row: RAW_STATUS.get(row.raw_status, ""))
    result = "unchanged"
