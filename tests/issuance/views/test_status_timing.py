"""Nobody learns from the time of the answer whether a NIK is known."""

import random
import time
from datetime import date

import pytest
from django.test import RequestFactory
from django.urls import reverse

from issuance.views import status
from recording.policy.code import new_code
from recording.services.resident import find_by_nik
from tests.factories import TrackingCodeFactory, synthetic_nik

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
PAIRS = 600
TRIES_PER_NIK = 4  # below the limit of misses


@pytest.fixture
def probes():
    """(is the NIK known, NIK) in random order."""
    known = [TrackingCodeFactory().resident.identity.nik for _n in range(PAIRS // TRIES_PER_NIK)] * TRIES_PER_NIK
    unknown = [synthetic_nik(birth_date=date(1950 + n % 50, 1 + n % 12, 1 + n % 28)) for n in range(PAIRS)]
    taken = set(known)
    mixed = [(True, nik) for nik in known] + [(False, nik) for nik in unknown if nik not in taken]
    random.Random(1).shuffle(mixed)
    return mixed


def auc(first: list[float], second: list[float]) -> float:
    """How often a value of `first` exceeds one of `second`: 0.5 when they cannot be told apart."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    rank_sum = sum(rank for rank, (_value, group) in enumerate(ranked, start=1) if group == 0)
    return (rank_sum - len(first) * (len(first) + 1) / 2) / (len(first) * len(second))


def times(answer, probes):
    """Seconds of each answer, for known and unknown NIKs."""
    taken = {True: [], False: []}
    factory = RequestFactory()
    for number, (is_known, nik) in enumerate(probes):
        request = factory.post(
            reverse("status"), {"nik": nik, "code": new_code()}, REMOTE_ADDR=f"10.0.{number // 250}.{number % 250}"
        )
        started = time.perf_counter()
        answer(request)
        taken[is_known].append(time.perf_counter() - started)
    return taken[True], taken[False]


def test_known_and_unknown_niks_take_the_same_time(probes):
    def prove(request):
        form = status.ProofForm(request.POST)
        assert form.is_valid()
        status.access_attempt.prove(
            nik=form.cleaned_data["nik"],
            code=form.cleaned_data["code"],
            kind="status",
            address=status.address_of(request),
            now=status.timezone.now(),
        )

    prove(RequestFactory().post("/status/", {"nik": probes[0][1], "code": new_code()}))

    assert 0.45 < auc(*times(prove, probes)) < 0.55


def test_a_naive_look_up_would_be_noticed(probes):
    def look_up_first(request):
        resident = find_by_nik(request.POST["nik"])
        return resident is not None and resident.codes.filter(revoked_at=None).first()

    assert not 0.45 < auc(*times(look_up_first, probes)) < 0.55
