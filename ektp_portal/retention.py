"""What is forgotten, and after how long."""

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings

from recording.models import AccessAttempt

ACCESS_ATTEMPTS_KEPT = timedelta(days=90)  # to look into a complaint; office standard, not law


def forget_old_traces(*, now: datetime) -> int:
    """Delete sessions that have ended and tries of public doors older than 90 days. Returns the number of tries."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    count, _ = AccessAttempt.objects.filter(occurred_at__lt=now - ACCESS_ATTEMPTS_KEPT).delete()
    return count
