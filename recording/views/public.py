"""What the personal pages of residents share: nothing is cached, nothing typed reaches an error report, and a visitor
who showed NIK and code is remembered for a quarter of an hour."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from recording.exceptions import TooManyTries
from recording.models import Resident

PROOF_LASTS = timedelta(minutes=15)
_PROOF_KEYS = ("proven_resident_id", "managed_appointment", "proven_at")


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class PersonalPage(View):
    """Base of every page that shows or takes personal data. TooManyTries becomes the 429 page."""

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except TooManyTries as error:
            return too_many_tries(request, error)


def too_many_tries(request: HttpRequest, error: TooManyTries) -> HttpResponse:
    """429 with the wait in minutes."""
    minutes = max(1, -(-error.retry_after // 60))
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(error.retry_after)
    return response


def address_of(request: HttpRequest) -> str:
    """The visitor's address: as the last trusted proxy saw it, never what the visitor wrote in the header."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    return hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")


def remember_proof(request: HttpRequest, *, resident: Resident) -> None:
    """Note in a fresh session that this visitor showed the NIK and code of `resident`."""
    forget_proof(request)
    request.session.cycle_key()
    request.session["proven_resident_id"] = resident.pk
    request.session["proven_at"] = int(timezone.now().timestamp())


def remember_appointment(request: HttpRequest, *, appointment_id: int) -> None:
    """Let this visitor, who has just booked it, move or cancel the appointment."""
    forget_proof(request)
    request.session["managed_appointment"] = appointment_id
    request.session["proven_at"] = int(timezone.now().timestamp())


def proven_resident_id(request: HttpRequest) -> int | None:
    """The resident whose NIK and code this visitor showed in the last 15 minutes."""
    return request.session.get("proven_resident_id") if _is_fresh(request) else None


def managed_appointment_id(request: HttpRequest) -> int | None:
    """The appointment this visitor booked in the last 15 minutes."""
    return request.session.get("managed_appointment") if _is_fresh(request) else None


def forget_proof(request: HttpRequest) -> None:
    for key in _PROOF_KEYS:
        request.session.pop(key, None)


def _is_fresh(request: HttpRequest) -> bool:
    proven_at = request.session.get("proven_at", 0)
    return 0 <= timezone.now().timestamp() - proven_at <= PROOF_LASTS.total_seconds()
