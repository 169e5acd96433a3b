"""The factories keep the portal's own invariants, so that every other test may trust them."""

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from issuance.models import StatusChange
from recording.models import AuditEvent, Resident, Slot
from tests import factories
from tests.factories import (
    AppointmentFactory,
    AuditEventFactory,
    CaseFactory,
    DeclarationFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
)

ALONE = [
    factory
    for factory in vars(factories).values()
    if isinstance(factory, type)
    and issubclass(factory, DjangoModelFactory)
    and factory.__name__ not in {"ResidentIdentityFactory", "StatusChangeFactory", "StallRuleFactory"}
]


@pytest.mark.django_db
@pytest.mark.parametrize("factory", ALONE, ids=lambda factory: factory.__name__)
def test_each_factory_makes_two_rows(factory):
    assert factory() != factory()


@pytest.mark.django_db
def test_resident_comes_with_a_sealed_identity():
    resident = ResidentFactory(sex="P", identity__phone="+6281234567890")

    identity = Resident.objects.get(pk=resident.pk).identity

    assert identity.nik[6:12] == "570890"
    assert (identity.birth_date, identity.phone) == ("1990-08-17", "+6281234567890")


@pytest.mark.django_db
def test_appointment_raises_the_counters_of_its_slot():
    slot = SlotFactory(capacity=3)

    AppointmentFactory(slot=slot)
    AppointmentFactory(slot=slot, pool="reserved")
    AppointmentFactory(slot=slot, status="cancelled")

    assert Slot.objects.values_list("booked", "booked_public").get() == (2, 1)


@pytest.mark.django_db
def test_declaration_repeats_the_register():
    declaration = DeclarationFactory()

    assert declaration.nik == declaration.appointment.resident.identity.nik


@pytest.mark.django_db
def test_code_belongs_to_its_resident():
    code = TrackingCodeFactory(code="K7QX4M2P9TH")

    assert code.resident.codes.get().code == "K7QX4M2P9TH"


@pytest.mark.django_db
def test_case_has_a_history_that_agrees():
    case = CaseFactory(status="sent")

    assert StatusChange.objects.values_list("case", "event", "to_status").get() == (case.pk, "opened", "sent")


@pytest.mark.django_db(transaction=True)
def test_rows_of_append_only_tables_can_be_committed():
    AuditEventFactory()

    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_next_test_finds_empty_tables():
    assert not any(model.objects.exists() for model in apps.get_app_config("recording").get_models())
