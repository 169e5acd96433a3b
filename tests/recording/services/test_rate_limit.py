from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from recording.exceptions import TooManyTries
from recording.models import RateBucket
from recording.services import rate_limit

LIMIT = {"scope": "uji", "capacity": 5, "per_seconds": 900}


@pytest.mark.django_db
def test_tries_run_out_and_come_back_with_time():
    now = timezone.now()
    for _ in range(5):
        rate_limit.take(key="satu", now=now, **LIMIT)

    with pytest.raises(TooManyTries) as refusal:
        rate_limit.take(key="satu", now=now, **LIMIT)

    assert refusal.value.retry_after == 180
    rate_limit.take(key="satu", now=now + timedelta(seconds=180), **LIMIT)
    with pytest.raises(TooManyTries):
        rate_limit.take(key="satu", now=now + timedelta(seconds=181), **LIMIT)


@pytest.mark.django_db
def test_one_key_or_scope_does_not_use_up_another():
    now = timezone.now()
    for _ in range(5):
        rate_limit.take(key="satu", now=now, **LIMIT)

    rate_limit.take(key="dua", now=now, **LIMIT)
    rate_limit.take(key="satu", now=now, **LIMIT | {"scope": "lain"})


@pytest.mark.django_db
def test_a_refused_try_costs_nothing():
    now = timezone.now()
    for _ in range(5):
        rate_limit.take(key="satu", now=now, **LIMIT)
    for _ in range(50):
        with pytest.raises(TooManyTries):
            rate_limit.take(key="satu", now=now, **LIMIT)

    rate_limit.take(key="satu", now=now + timedelta(seconds=180), **LIMIT)


@pytest.mark.django_db
def test_the_key_itself_is_not_stored():
    rate_limit.take(key="3319021708959001", now=timezone.now(), **LIMIT)

    assert b"3319021708959001" not in bytes(RateBucket.objects.get().key)


@pytest.mark.django_db(transaction=True)
def test_fifty_tries_at_once_pass_five():
    now = timezone.now()

    def attempt(_):
        with closing(connection):
            try:
                rate_limit.take(key="satu", now=now, **LIMIT)
            except TooManyTries:
                return False
            return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(50))) == 5
