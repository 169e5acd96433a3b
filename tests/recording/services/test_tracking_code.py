from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection
from django.utils import timezone

from recording.models import TrackingCode
from recording.services import tracking_code
from tests.factories import ResidentFactory

pytestmark = pytest.mark.django_db


def issue(resident):
    return tracking_code.issue(resident=resident, nik=resident.identity.nik, now=timezone.now())


def test_a_code_opens_with_its_own_nik_only():
    resident, other = ResidentFactory(), ResidentFactory()
    code = issue(resident)

    assert tracking_code.find(nik=resident.identity.nik, code=code) == resident
    assert tracking_code.find(nik=other.identity.nik, code=code) is None
    assert tracking_code.find_at_desk(code) == resident


def test_reissue_revokes_the_code_before():
    resident = ResidentFactory()
    before, after = issue(resident), issue(resident)

    assert tracking_code.find(nik=resident.identity.nik, code=before) is None
    assert tracking_code.find_at_desk(before) is None
    assert tracking_code.active_code(resident) == after


def test_ensure_keeps_the_code_a_resident_holds():
    resident = ResidentFactory()
    code = issue(resident)

    assert tracking_code.ensure(resident=resident, nik=resident.identity.nik, now=timezone.now()) == code


def test_codes_are_sealed_and_found_by_one_probe(django_assert_num_queries):
    resident = ResidentFactory()
    code = issue(resident)

    row = TrackingCode.objects.values_list("code_ct", "lookup", "desk").get()
    assert not any(code.encode() in bytes(value) for value in row)
    for nik in (resident.identity.nik, "3319021708959001"):
        with django_assert_num_queries(1):
            tracking_code.find(nik=nik, code=code)


@pytest.mark.django_db(transaction=True)
def test_codes_issued_at_once_leave_one_active():
    resident = ResidentFactory()

    def reissue(_):
        with closing(connection):
            return issue(resident)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(reissue, range(8)))) == 8
    assert TrackingCode.objects.filter(resident=resident, revoked_at=None).count() == 1
