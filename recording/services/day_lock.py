"""Closing a day and letting somebody in exclude each other: both pass through one lock per office."""

from datetime import date

from django.db import connection

from recording.exceptions import DayAlreadyClosed
from recording.models import DayClosing

LOCK = 719_301  # the first of the two numbers PostgreSQL's advisory locks take: which kind; the second is the office


def hold(*, office_id: int) -> None:
    """Wait until nobody is being let in at the office, and let nobody in until the transaction ends."""
    _lock("pg_advisory_xact_lock", office_id)


def require_open(*, office_id: int, day: date) -> None:
    """Raises DayAlreadyClosed. Until the transaction ends the office cannot be closed; many may pass at a time."""
    _lock("pg_advisory_xact_lock_shared", office_id)
    if DayClosing.objects.filter(office_id=office_id, day=day).exists():
        raise DayAlreadyClosed


def _lock(function: str, office_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK, office_id])
