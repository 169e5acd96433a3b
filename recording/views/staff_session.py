"""Locking and unlocking the screen, and the password once more before what weighs heavily."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.generic import View

from recording import staff_session
from recording.exceptions import TooManyTries
from recording.forms.staff_password import PasswordAgainForm
from recording.middleware import page_to_return_to
from recording.services import rate_limit
from recording.staff_session import Standing
from recording.views.mixins import StaffPage, StaffRequired

# Unlocking at a shared counter happens often; guessing at these rates finds no password.
TRIES = {"capacity": 20, "per_seconds": 15 * 60}


def safe_next(request: HttpRequest) -> str:
    """The page of this portal that `next` names, else the staff home."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("staff_home")


def too_many_tries(form, error: TooManyTries) -> int:
    """Say in `form` how long to wait. Returns the status of the answer, 429."""
    minutes = max(1, -(-error.retry_after // 60))
    form.add_error(None, f"Terlalu banyak percobaan. Tunggu {minutes} menit, lalu coba lagi.")
    return 429


def password_again(request: HttpRequest, form: PasswordAgainForm) -> int | None:
    """Check the typed password within the limits, and note in the session that it was right.

    Returns None when it was; otherwise the status with which to show `form` again.
    """
    try:
        rate_limit.take(scope="staff.password", key=str(request.user.pk), now=timezone.now(), **TRIES)
    except TooManyTries as error:
        form.full_clean()
        form.errors.clear()
        return too_many_tries(form, error)
    if not form.is_valid():
        return 200
    request.session.cycle_key()
    staff_session.begin(request.session, has_factor=False, now=timezone.now())
    return None


def away_unless(wanted: Standing, request: HttpRequest) -> HttpResponse | None:
    """None where the session stands at `wanted`; else the sign-in page, or the page that was asked for (from there the
    gate knows the way)."""
    if not request.user.is_authenticated:
        return redirect_to_login(safe_next(request), resolve_url(settings.LOGIN_URL))
    required = settings.REQUIRE_SECOND_FACTOR
    standing = staff_session.standing(request.session, factor_required=required, now=timezone.now())
    return None if standing is wanted else HttpResponseRedirect(safe_next(request))


class LockedView(StaffPage, View):
    """`/petugas/terkunci/?next=`: the screen is closed until the same person gives the password again."""

    def get(self, request):
        return away_unless(Standing.LOCKED, request) or self.show(request, PasswordAgainForm(user=request.user))

    def post(self, request):
        if away := away_unless(Standing.LOCKED, request):
            return away
        form = PasswordAgainForm(request.POST, user=request.user)
        status = password_again(request, form)
        return HttpResponseRedirect(safe_next(request)) if status is None else self.show(request, form, status)

    def show(self, request, form, status: int = 200) -> HttpResponse:
        page = safe_next(request)
        context = {
            "form": form,
            "next": page,
            "next_for_another": f"{reverse('staff_login')}?{urlencode({'next': page})}",
        }
        return render(request, "recording/staff_accounts/locked.html", context, status=status)


class LockView(StaffPage, View):
    """`/petugas/kunci/`, by POST only: close the screen now and keep the page."""

    def post(self, request):
        if request.user.is_authenticated:
            staff_session.lock(request.session)
        return redirect(f"{reverse('staff_locked')}?{urlencode({'next': page_to_return_to(request)})}")


class ConfirmPasswordView(StaffRequired, View):
    """`/petugas/konfirmasi/?next=`: the password once more before exports and changes of accounts."""

    def get(self, request):
        return self.show(request, PasswordAgainForm(user=request.user))

    def post(self, request):
        form = PasswordAgainForm(request.POST, user=request.user)
        status = password_again(request, form)
        return HttpResponseRedirect(safe_next(request)) if status is None else self.show(request, form, status)

    def show(self, request, form, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": safe_next(request)}
        return render(request, "recording/staff_accounts/confirm_password.html", context, status=status)
