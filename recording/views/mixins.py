"""What every staff page shares: who may open it, nothing kept by the browser, always in Indonesian."""

from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django_htmx.http import HttpResponseClientRedirect

from recording.exceptions import PasswordsBusy
from recording.policy.access import Permission, allows

STAFF_LANGUAGE = "id"


BUSY_SECONDS = 5


def _busy(request, error: PasswordsBusy) -> HttpResponse:
    """503 with when to try again; nothing was looked at, so it says nothing about the password."""
    context = {"text": f"{error}", "address": request.get_full_path()}
    response = render(request, "recording/staff/busy.html", context, status=503)
    response["Retry-After"] = f"{BUSY_SECONDS}"
    return response


class StaffPage:
    """A page of the staff's part, signed in or not: Indonesian whatever the browser asks for, and never cached."""

    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request, *args, **kwargs):
        with translation.override(STAFF_LANGUAGE):
            try:
                response = super().dispatch(request, *args, **kwargs)
            except PasswordsBusy as error:
                response = _busy(request, error)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        add_never_cache_headers(response)
        return response


class StaffRequired(AccessMixin, StaffPage):
    """First base of every staff view. `permission` says which roles; None: every signed-in member of staff.

    Nobody signed in: to the sign-in page. Wrong role: 403. Which rows is the view's second question (`for_staff`); a
    row of another office answers like a missing one.
    """

    permission: Permission | None = None

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return self._to_sign_in(request)
        if self.permission is not None and not allows(request.user, self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def _to_sign_in(self, request) -> HttpResponse:
        """A step (POST) cannot be repeated by going back to it, so it leads to the staff home afterwards."""
        back_to = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("staff_home")
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(resolve_url(self.get_login_url()))
        return redirect_to_login(back_to, self.get_login_url(), self.get_redirect_field_name())
