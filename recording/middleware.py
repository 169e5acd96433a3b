"""The one gate in front of every page of the staff's part, whatever view answers there."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from recording import staff_session
from recording.staff_session import Standing

STAFF_PATHS = ("/petugas/", "/pengawas/", "/kelola/")
# Pages by which one comes in, shows the second factor, unlocks or leaves.
BEFORE_THE_GATE = frozenset(
    {
        "staff_login",
        "staff_logout",
        "staff_locked",
        "staff_lock",
        "staff_factor",
        "staff_forgot_password",
        "staff_link",
        "staff_new_password",
    }
)
WITHOUT_A_FACTOR = frozenset({"staff_factor_setup", "staff_confirm_password"})
LEADS_TO = {
    Standing.ENDED: "staff_login",
    Standing.FACTOR_DUE: "staff_factor",
    Standing.FACTOR_MISSING: "staff_factor_setup",
    Standing.LOCKED: "staff_locked",
}


class StaffGate:
    """Signed-in staff go on only with the second factor shown and the screen unlocked; who is not signed in is the
    view's question. A page left open leads to the lock by itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if getattr(request, "staff_page_may_rest", False) and is_page and response.status_code == 200:
            wait = int(staff_session.IDLE.total_seconds()) + 5
            response.headers.setdefault("Refresh", f"{wait};url={_with_next('staff_locked', request)}")
        return response

    def process_view(self, request, _view, _args, _kwargs):
        name = request.resolver_match.url_name
        if not request.path.startswith(STAFF_PATHS) or name in BEFORE_THE_GATE or not request.user.is_authenticated:
            return None
        now = timezone.now()
        standing = staff_session.standing(request.session, factor_required=settings.REQUIRE_SECOND_FACTOR, now=now)
        if standing is Standing.FACTOR_MISSING and name in WITHOUT_A_FACTOR:
            standing = Standing.OPEN
        if standing is not Standing.OPEN:
            return _lead_away(request, standing)
        if not (request.htmx and request.method == "GET"):  # a page that refreshes itself is nobody's activity
            staff_session.note_activity(request.session, now=now)
            request.staff_page_may_rest = request.method == "GET" or not request.htmx
        return None


def _lead_away(request: HttpRequest, standing: Standing) -> HttpResponse:
    address = _with_next(LEADS_TO[standing], request)
    if standing is Standing.ENDED:
        logout(request)
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def _with_next(url_name: str, request: HttpRequest) -> str:
    return f"{reverse(url_name)}?{urlencode({'next': page_to_return_to(request)})}"


def page_to_return_to(request: HttpRequest) -> str:
    """The page on the screen: this one, or for a step (POST) and a part of a page the one it was sent from."""
    if request.method in ("GET", "HEAD") and not request.htmx:
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return reverse("staff_home")
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
