from datetime import datetime

from celery import shared_task
from django.utils import timezone

from issuance.services import letter, stall


@shared_task(name="issuance.flag_stalled")
def flag_stalled_task(as_of: str | None = None) -> int:
    """Hourly, from beat. `as_of`: ISO 8601 with offset, default now. Returns how many are newly flagged."""
    return stall.flag_stalled(as_of=datetime.fromisoformat(as_of) if as_of else timezone.now())


@shared_task(name="issuance.expire_letters")
def expire_letters_task() -> int:
    """Daily, from beat. Returns how many letters ran out."""
    return letter.expire_due(now=timezone.now())
