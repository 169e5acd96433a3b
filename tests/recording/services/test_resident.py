import pytest

from recording.services import resident as residents
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    RecordingFactory,
    ResidentFactory,
    TrackingCodeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_find_by_nik_finds_the_holder_and_nobody_else():
    resident = ResidentFactory()

    assert residents.find_by_nik(resident.identity.nik) == resident
    assert residents.find_by_nik("3319021708959001") in (None, resident)


def test_set_entitlement_reports_how_many_changed():
    people = ResidentFactory.create_batch(3)
    ids = [person.pk for person in people]

    assert residents.set_entitlement(resident_ids=ids, entitlement="none", reason="uji") == 3
    assert residents.set_entitlement(resident_ids=ids, entitlement="none", reason="uji") == 0


def test_erasing_a_person_leaves_what_was_done_and_nobody_in_it():
    resident = ResidentFactory(name="Legiyah", identity__phone="+6281234567890")
    nik = resident.identity.nik
    DeclarationFactory(appointment=AppointmentFactory(resident=resident, helper_name="Sutrisno", status="done"))
    RecordingFactory(resident=resident)
    TrackingCodeFactory(resident=resident)

    residents.erase(resident=resident, by=UserFactory(), reason="permintaan warga")

    resident.refresh_from_db()
    assert (resident.name, resident.codes.count(), resident.recordings.count()) == ("", 0, 1)
    assert residents.find_by_nik(nik) is None
    appointment = resident.appointments.get()
    assert (appointment.helper_name, hasattr(appointment, "declaration")) == ("", False)
