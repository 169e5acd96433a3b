"""Whom the signed-in clerk may see by id: people with an appointment of the own office, and whoever was opened by a
full NIK or code a short while ago in this session. Guessing ids in the address opens nobody."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from recording.models import Appointment

STAYS_OPEN = timedelta(minutes=30)
CODE_SHOWN_FOR = timedelta(minutes=10)
MOST = 40


def remember(request: HttpRequest, resident_id: int) -> None:
    """This clerk typed the full NIK or the code of `resident_id`."""
    _note(request, "opened_residents", resident_id)


def was_found(request: HttpRequest, resident_id: int) -> bool:
    """Whether this clerk typed the full NIK or the code a short while ago."""
    return _is_noted(request, "opened_residents", resident_id, STAYS_OPEN)


def may_open(request: HttpRequest, resident_id: int) -> bool:
    return (
        was_found(request, resident_id)
        or Appointment.objects.for_staff(request.user).filter(resident_id=resident_id).exists()
    )


def show_code(request: HttpRequest, resident_id: int) -> None:
    """This clerk gave a reason for printing the code of `resident_id`."""
    _note(request, "codes_to_show", resident_id)


def may_show_code(request: HttpRequest, resident_id: int) -> bool:
    return _is_noted(request, "codes_to_show", resident_id, CODE_SHOWN_FOR)


def _note(request: HttpRequest, key: str, resident_id: int) -> None:
    """Keep the latest MOST people with the second they were opened."""
    noted = {**request.session.get(key, {}), f"{resident_id}": int(timezone.now().timestamp())}
    latest = sorted(noted.items(), key=lambda item: item[1])[-MOST:]
    request.session[key] = dict(latest)


def _is_noted(request: HttpRequest, key: str, resident_id: int, lasts: timedelta) -> bool:
    at = request.session.get(key, {}).get(f"{resident_id}", 0)
    return 0 <= timezone.now().timestamp() - at <= lasts.total_seconds()
