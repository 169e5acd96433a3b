"""What is forgotten, and after how long."""

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings

from recording.models import AccessAttempt, RateBucket

ACCESS_ATTEMPTS_KEPT = timedelta(days=90)  # to look into a complaint; office standard, not law
RATE_BUCKETS_KEPT = timedelta(days=1)  # every bucket is full again long before; a new one starts full


def forget_old_traces(*, now: datetime) -> int:
    """Delete sessions that have ended, tries of public doors older than 90 days and limits nobody came near for a day.

    Returns the number of tries.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    RateBucket.objects.filter(refilled_at__lt=now - RATE_BUCKETS_KEPT).delete()
    count, _ = AccessAttempt.objects.filter(occurred_at__lt=now - ACCESS_ATTEMPTS_KEPT).delete()
    return count
