"""The own account and its password: changed while signed in, or set by a link from an e-mail."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import View

from recording import staff_session
from recording.enums import StaffLinkKind
from recording.exceptions import LinkNotUsable, TooManyTries
from recording.forms.staff_password import ChangePasswordForm, ForgotPasswordForm, NewPasswordForm
from recording.models import StaffLink
from recording.services import rate_limit, second_factor, staff_account, staff_link
from recording.views.mixins import StaffPage, StaffRequired
from recording.views.public import address_of
from recording.views.staff_session import TRIES, too_many_tries

OPENED_LINK = "staff_link"
ASKED_PER_ADDRESS = {"capacity": 10, "per_seconds": 3600}
ASKED_PER_NAME = {"capacity": 3, "per_seconds": 3600}


class OwnAccountView(StaffRequired, View):
    """`/petugas/akun/`."""

    def get(self, request):
        user = request.user
        context = {
            "rows": [
                {"label": "Nama", "value": user.name},
                {"label": "Nama pengguna", "value": user.username},
                {"label": "E-mail", "value": user.email},
                {"label": "Tugas", "value": user.get_role_display()},
                {"label": "Kantor", "value": user.office.name if user.office else "Semua kantor"},
            ],
            "has_factor": second_factor.has(user),
            "codes_left": second_factor.codes_left(user),
            "required": settings.REQUIRE_SECOND_FACTOR,
        }
        return render(request, "recording/staff_accounts/own_account.html", context)


class ChangePasswordView(StaffRequired, View):
    """`/petugas/akun/sandi/`: the old password and a new one; every other session ends."""

    def get(self, request):
        return self.show(request, ChangePasswordForm(user=request.user))

    def post(self, request):
        form = ChangePasswordForm(request.POST, user=request.user)
        try:
            rate_limit.take(scope="staff.password", key=str(request.user.pk), now=timezone.now(), **TRIES)
        except TooManyTries as error:
            form = ChangePasswordForm({}, user=request.user)
            form.errors.clear()
            return self.show(request, form, too_many_tries(form, error))
        if not form.is_valid():
            return self.show(request, form)
        fresh = staff_account.change_password(user=request.user, password=form.cleaned_data["new_password"])
        update_session_auth_hash(request, fresh)
        staff_session.begin(request.session, has_factor=False, now=timezone.now())
        messages.success(request, "Sandi sudah diganti. Di perangkat lain Anda sudah dikeluarkan.")
        return redirect("staff_own_account")

    def show(self, request, form, status: int = 200):
        return render(request, "recording/staff_accounts/change_password.html", {"form": form}, status=status)


class ForgotPasswordView(StaffPage, View):
    """`/petugas/lupa-sandi/`: one answer, whether the name is known or not."""

    def get(self, request):
        return self.show(request, ForgotPasswordForm())

    def post(self, request):
        form = ForgotPasswordForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        username, now = form.cleaned_data["username"].strip().lower(), timezone.now()
        try:
            rate_limit.take(scope="staff.forgot.address", key=address_of(request), now=now, **ASKED_PER_ADDRESS)
            rate_limit.take(scope="staff.forgot.name", key=username, now=now, **ASKED_PER_NAME)
        except TooManyTries as error:
            return self.show(request, form, too_many_tries(form, error))
        staff_account.ask_for_new_password(username=username, now=now)
        return render(request, "recording/staff_accounts/password_asked.html")

    def show(self, request, form, status: int = 200):
        return render(request, "recording/staff_accounts/forgot_password.html", {"form": form}, status=status)


class LinkView(StaffPage, View):
    """`/petugas/tautan/<token>/`, from an e-mail. Opening uses nothing up (mail scanners open links, too): the token
    moves into the session, out of the address, and the next page asks for the password."""

    def get(self, request, token: str):
        request.session[OPENED_LINK] = token[:80]
        return redirect("staff_new_password")


class NewPasswordView(StaffPage, View):
    """`/petugas/sandi-baru/`: set the password by the link opened before."""

    def get(self, request):
        link = _opened_link(request)
        return self.show(request, link, NewPasswordForm(user=link.user)) if link else _link_not_usable(request)

    def post(self, request):
        link = _opened_link(request)
        if link is None:
            return _link_not_usable(request)
        form = NewPasswordForm(request.POST, user=link.user)
        if not form.is_valid():
            return self.show(request, link, form)
        token, password = request.session.pop(OPENED_LINK), form.cleaned_data["new_password"]
        try:
            staff_link.set_password(token=token, password=password, now=timezone.now())
        except LinkNotUsable:
            return _link_not_usable(request)
        messages.success(request, "Sandi tersimpan. Masuk dengan nama pengguna dan sandi baru Anda.")
        return redirect("staff_login")

    def show(self, request, link: StaffLink, form):
        invited = link.kind == StaffLinkKind.INVITATION
        context = {"form": form, "username": link.user.username, "name": link.user.name, "invited": invited}
        return render(request, "recording/staff_accounts/new_password.html", context)


def _opened_link(request) -> StaffLink | None:
    return staff_link.find(token=request.session.get(OPENED_LINK, ""), now=timezone.now())


def _link_not_usable(request):
    return render(request, "recording/staff_accounts/link_not_usable.html", status=410)
