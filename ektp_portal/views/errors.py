"""What people see when something did not work: plain words and a next step, in every case.

500 and 503 stand on a page of their own that reads neither session nor database, since those may be what failed.
"""

import sys

from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from ektp_portal.middleware import STAFF_PATHS
from recording.views.mixins import STAFF_LANGUAGE


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def permission_denied(request, exception=None):
    return _staff_page(request, "staff_403.html", 403) or render(request, "403.html", status=403)


def not_found(request, exception=None):
    return _staff_page(request, "staff_404.html", 404) or render(request, "404.html", status=404)


def _staff_page(request, template: str, status: int) -> HttpResponse | None:
    """The page in the look and language of the staff's part, for whoever is signed in there; None for everybody else,
    who need not know that there is such a part."""
    user = getattr(request, "user", None)
    if not request.path.startswith(STAFF_PATHS) or user is None or not user.is_authenticated:
        return None
    with translation.override(STAFF_LANGUAGE):
        response = render(request, template, status=status)
    add_never_cache_headers(response)
    return response


def csrf_failure(request, reason=""):
    """Django calls this when a form's protective token is missing or stale (cookies off, or a very old page)."""
    return render(request, "403_csrf.html", status=403)


def too_many_tries(request, *, retry_after: int):
    """429 with the wait in minutes. `retry_after`: seconds."""
    minutes = max(1, -(-retry_after // 60))
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(retry_after)
    return response


def server_error(request):
    """500, or 503 when the database is what cannot be reached."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def unavailable(request, *, retry_after: int = 60):
    """503: the database cannot be reached. `retry_after`: seconds."""
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(retry_after)
    return response
