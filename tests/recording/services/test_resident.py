import pytest

from recording.services import resident as residents
from tests.factories import ResidentFactory

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
