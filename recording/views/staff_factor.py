"""The second factor: shown after the password, set up, and its recovery codes."""

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.generic import View

from recording import staff_session
from recording.exceptions import TooManyTries, WrongSecondFactor, WrongState
from recording.forms.staff_password import FactorForm, FactorSetupForm
from recording.models import User
from recording.services import second_factor
from recording.staff_session import Standing
from recording.views.mixins import StaffPage, StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_session import away_unless, safe_next, too_many_tries

CODES = "recovery_codes_to_show"


class FactorView(StaffPage, View):
    """`/petugas/kode/?next=`: after the password, the app's number or a recovery code."""

    def get(self, request):
        return away_unless(Standing.FACTOR_DUE, request) or self.show(request, FactorForm())

    def post(self, request):
        if away := away_unless(Standing.FACTOR_DUE, request):
            return away
        form, status = FactorForm(request.POST), 200
        if form.is_valid():
            try:
                second_factor.verify(user=request.user, text=form.cleaned_data["code"], now=timezone.now())
            except WrongSecondFactor as error:
                form.add_error("code", str(error))
            except TooManyTries as error:
                status = too_many_tries(form, error)
            else:
                request.session.cycle_key()
                staff_session.factor_shown(request.session)
                return HttpResponseRedirect(safe_next(request))
        return self.show(request, form, status)

    def show(self, request, form, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": safe_next(request)}
        return render(request, "recording/staff_accounts/factor.html", context, status=status)


class FactorSetupView(StaffRequired, RecentPasswordRequired, View):
    """`/petugas/akun/kode/`: scan the QR code, then prove it by a first number."""

    def get(self, request):
        return self.show(request, FactorSetupForm())

    def post(self, request):
        form, status = FactorSetupForm(request.POST), 200
        if form.is_valid():
            try:
                second_factor.take_try(user=request.user, now=timezone.now())
                codes = second_factor.confirm(user=request.user, number=form.cleaned_data["code"], now=timezone.now())
            except WrongSecondFactor as error:
                form.add_error("code", str(error))
            except TooManyTries as error:
                status = too_many_tries(form, error)
            except WrongState as error:
                messages.error(request, str(error))
                return redirect("staff_own_account")
            else:
                update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
                staff_session.factor_shown(request.session)
                request.session[CODES] = codes
                return redirect("staff_recovery_codes")
        return self.show(request, form, status)

    def show(self, request, form, status: int = 200) -> HttpResponse:
        try:
            factor = second_factor.begin(user=request.user)
        except WrongState:
            return redirect("staff_own_account")
        picture = segno.make(second_factor.address(factor), error="m").svg_inline(scale=5, border=2, omitsize=False)
        groups = " ".join(factor.secret[start : start + 4] for start in range(0, len(factor.secret), 4))
        context = {
            "form": form,
            "picture": mark_safe(picture),  # noqa: S308 - drawn by segno from our own text
            "secret": groups,
            "required": settings.REQUIRE_SECOND_FACTOR,
        }
        return render(request, "recording/staff_accounts/factor_setup.html", context, status=status)


class RecoveryCodesView(StaffRequired, RecentPasswordRequired, View):
    """`/petugas/akun/kode-cadangan/`: shows new codes once; POST makes new ones."""

    def get(self, request):
        codes = request.session.pop(CODES, None)
        if not codes:
            return redirect("staff_own_account")
        return render(request, "recording/staff_accounts/recovery_codes.html", {"codes": codes})

    def post(self, request):
        try:
            request.session[CODES] = second_factor.renew_codes(user=request.user)
        except WrongState as error:
            messages.error(request, str(error))
            return redirect("staff_own_account")
        return redirect("staff_recovery_codes")
