"""What is forgotten, and after how long."""

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from issuance.services import list_file
from recording.models import AccessAttempt, RateBucket
from recording.services import roster, staff_link

ACCESS_ATTEMPTS_KEPT = timedelta(days=90)  # to look into a complaint; office standard, not law
ROSTERS_KEPT = timedelta(days=90)  # from the session; by then its results are in. Office standard, not law
STAFF_LINKS_KEPT = timedelta(days=30)  # after they ended, for whoever asks why a link did not work
RATE_BUCKETS_KEPT = timedelta(days=1)  # every bucket is full again long before; a new one starts full


def forget_old_traces(*, now: datetime) -> int:
    """Delete sessions that have ended, tries of public doors older than 90 days, limits nobody came near for a day, and
    the files of national lists after seven days.

    Returns the number of tries.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    roster.forget(before=timezone.localdate(now) - ROSTERS_KEPT)
    staff_link.forget(before=now - STAFF_LINKS_KEPT)
    RateBucket.objects.filter(refilled_at__lt=now - RATE_BUCKETS_KEPT).delete()
    list_file.forget_files(now=now)
    count, _ = AccessAttempt.objects.filter(occurred_at__lt=now - ACCESS_ATTEMPTS_KEPT).delete()
    return count
