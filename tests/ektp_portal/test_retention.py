from datetime import timedelta

import pytest
from django.utils import timezone

from ektp_portal.retention import forget_old_traces
from recording.models import AccessAttempt, RateBucket
from tests.factories import AccessAttemptFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_forget_old_traces_deletes_tries_after_ninety_days():
    old, kept = AccessAttemptFactory(), AccessAttemptFactory()
    AccessAttempt.objects.filter(pk=old.pk).update(occurred_at=NOW - timedelta(days=91))

    assert forget_old_traces(now=NOW) == 1
    assert list(AccessAttempt.objects.all()) == [kept]


def test_forget_old_traces_deletes_limits_nobody_came_near():
    RateBucket.objects.create(key=b"a" * 32, tokens=1, refilled_at=NOW - timedelta(days=2))
    kept = RateBucket.objects.create(key=b"b" * 32, tokens=1, refilled_at=NOW)

    forget_old_traces(now=NOW)

    assert list(RateBucket.objects.all()) == [kept]
