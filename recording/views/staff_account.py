"""`/kelola/petugas/`: administrators invite, change, disable and enable the accounts of staff."""

from django.contrib import messages
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording.csv_export import csv_response
from recording.dates import moment_in_words
from recording.enums import NotificationState
from recording.exceptions import DomainError, UsernameTaken
from recording.forms.staff_account import AccountFilterForm, AccountForm, InPersonForm, InviteForm
from recording.models import SecondFactor, StaffLink, User
from recording.policy.access import Permission
from recording.services import audit, second_factor, staff_account
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired

PER_PAGE = 50
COLUMNS = ("Nama", "Tugas", "Kantor", "Keadaan", "Kode kedua", "Terakhir masuk")
INVITED = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
STATE_FILTERS = {
    "aktif": Q(is_active=True) & ~INVITED,
    "diundang": Q(is_active=True) & INVITED,
    "nonaktif": Q(is_active=False),
}


def filtered(request) -> tuple[AccountFilterForm, list]:
    """The filters of the address and the accounts they leave. A wrong filter filters nothing."""
    form = AccountFilterForm(request.GET)
    users = User.objects.select_related("office").order_by("name", "pk")
    factors = SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    users = users.annotate(has_factor=Exists(factors))
    wanted = form.cleaned_data if form.is_valid() else {}
    if wanted.get("peran"):
        users = users.filter(role=wanted["peran"])
    if wanted.get("kantor"):
        users = users.filter(office=wanted["kantor"])
    if wanted.get("keadaan"):
        users = users.filter(STATE_FILTERS[wanted["keadaan"]])
    return form, users


def query_of(request) -> str:
    """The filters of the address without the page."""
    parameters = request.GET.copy()
    parameters.pop("halaman", None)
    return parameters.urlencode()


def state_of(user: User) -> tuple[str, str]:
    """What the account is now, and the badge's kind."""
    if not user.is_active:
        return "Nonaktif", "danger"
    return ("Diundang", "warning") if user.is_invited_only else ("Aktif", "success")


class AccountsPage(StaffRequired):
    permission = Permission.MANAGE


class AccountListView(AccountsPage, View):
    """`/kelola/petugas/`."""

    def get(self, request):
        form, users = filtered(request)
        page = Paginator(users, PER_PAGE).get_page(request.GET.get("halaman"))
        context = {
            "filters": form,
            "page": page,
            "count": page.paginator.count,
            "query": query_of(request),
            "columns": [{"label": label} for label in COLUMNS],
            "rows": [{"cells": _cells(user)} for user in page],
        }
        return render(request, "recording/staff_accounts/list.html", context)


def _cells(user: User) -> list:
    state, kind = state_of(user)
    return [
        {"text": user.name, "url": reverse("staff_account", args=[user.pk]), "small": user.username},
        user.get_role_display(),
        user.office.name if user.office else "Semua kantor",
        {"text": state, "badge": kind},
        "Ya" if user.has_factor else "Belum",
        moment_in_words(user.last_login) if user.last_login else "Belum pernah",
    ]


class AccountCsvView(AccountsPage, RecentPasswordRequired, View):
    """`/kelola/petugas/unduh.csv`: the filtered list."""

    def get(self, request):
        _form, users = filtered(request)
        audit.record(action="staff.export", actor=request.user)
        rows = (
            (
                user.username,
                user.name,
                user.email,
                user.role,
                user.office.code if user.office else "",
                state_of(user)[0].lower(),
                "ya" if user.has_factor else "belum",
                timezone.localtime(user.last_login).isoformat(timespec="minutes") if user.last_login else "",
            )
            for user in users
        )
        columns = ["nama_pengguna", "nama", "email", "tugas", "kantor", "keadaan", "kode_kedua", "terakhir_masuk"]
        return csv_response(name="petugas", columns=columns, rows=rows)


class InviteView(AccountsPage, RecentPasswordRequired, View):
    """`/kelola/petugas/undang/`."""

    def get(self, request):
        return self.show(request, InviteForm())

    def post(self, request):
        form = InviteForm(request.POST)
        if form.is_valid():
            try:
                user = staff_account.invite(**form.cleaned_data, by=request.user, now=timezone.now())
            except UsernameTaken as error:
                form.add_error("username", str(error))
            else:
                messages.success(request, f"Undangan untuk {user.name} segera dikirim ke {user.email}.")
                return redirect("staff_account", pk=user.pk)
        return self.show(request, form)

    def show(self, request, form) -> HttpResponse:
        return render(request, "recording/staff_accounts/invite.html", {"form": form})


class AccountView(AccountsPage, RecentPasswordRequired, View):
    """`/kelola/petugas/<id>/`: one account, its form and the steps open to it."""

    def get(self, request, pk: int):
        user = get_object_or_404(User, pk=pk)
        return self.show(request, user, AccountForm(initial=_initial(user)))

    def post(self, request, pk: int):
        user = get_object_or_404(User, pk=pk)
        form = AccountForm(request.POST)
        if form.is_valid():
            try:
                staff_account.change(user_id=pk, **form.cleaned_data, by=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Perubahan tersimpan dan berlaku pada klik berikutnya orang itu.")
                return redirect("staff_account", pk=pk)
        return self.show(request, user, form)

    def show(self, request, user: User, form) -> HttpResponse:
        state, kind = state_of(user)
        context = {
            "account": user,
            "form": form,
            "state": state,
            "state_kind": kind,
            "is_own": user.pk == request.user.pk,
            "has_factor": second_factor.has(user),
            "in_person": InPersonForm(),
            "facts": _facts(user),
            "invitation": _invitation(user) if user.is_active and user.is_invited_only else None,
        }
        return render(request, "recording/staff_accounts/account.html", context)


def _initial(user: User) -> dict:
    return {"name": user.name, "email": user.email, "role": user.role, "office": user.office_id}


def _facts(user: User) -> list[dict]:
    return [
        {"label": "Nama pengguna", "value": user.username},
        {"label": "Dibuat", "value": moment_in_words(user.created_at)},
        {"label": "Terakhir masuk", "value": moment_in_words(user.last_login) if user.last_login else "Belum pernah"},
        {"label": "Kode kedua", "value": "Aktif" if second_factor.has(user) else "Belum dipasang"},
    ]


def _invitation(user: User) -> dict:
    """How the latest invitation stands, as a notice."""
    link = StaffLink.objects.filter(user=user).order_by("-pk").first()
    if link is None or link.expires_at <= timezone.now() or link.state == NotificationState.WITHDRAWN:
        return {"kind": "warning", "text": "Undangan sudah lewat waktunya. Kirim undangan baru."}
    until = moment_in_words(link.expires_at)
    if link.state == NotificationState.FAILED:
        return {"kind": "danger", "text": "Undangan tidak terkirim. Periksa alamat e-mail, lalu kirim undangan baru."}
    if link.state == NotificationState.WAITING:
        return {"kind": "info", "text": f"Undangan menunggu dikirim; berlaku sampai {until}."}
    return {"kind": "info", "text": f"Undangan sudah dikirim; berlaku sampai {until}."}


class AccountStep(AccountsPage, RecentPasswordRequired, View):
    """Base of the one-button steps on an account, by POST only."""

    done = ""

    def post(self, request, pk: int):
        get_object_or_404(User, pk=pk)
        try:
            self.step(pk, request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, self.done)
        return redirect("staff_account", pk=pk)

    def step(self, pk: int, by: User) -> None:
        raise NotImplementedError


class InviteAgainView(AccountStep):
    done = "Undangan baru segera dikirim; yang lama tidak berlaku lagi."

    def step(self, pk, by):
        staff_account.invite_again(user_id=pk, by=by, now=timezone.now())


class DisableView(AccountStep):
    done = "Akun dinonaktifkan. Orang itu keluar pada klik berikutnya."

    def step(self, pk, by):
        staff_account.disable(user_id=pk, by=by)


class EnableView(AccountStep):
    done = "Akun aktif lagi. Sandi lama tetap berlaku."

    def step(self, pk, by):
        staff_account.enable(user_id=pk, by=by)


class EndSessionsView(AccountStep):
    done = "Orang itu dikeluarkan dari semua perangkat."

    def step(self, pk, by):
        staff_account.end_sessions(user_id=pk, by=by)


class RemoveFactorView(AccountStep):
    done = "Kode kedua dihapus. Orang itu memasangnya lagi di HP yang baru setelah masuk."

    def post(self, request, pk: int):
        form = InPersonForm(request.POST)
        if not form.is_valid():
            messages.error(request, form.errors["seen"][0])
            return redirect("staff_account", pk=get_object_or_404(User, pk=pk).pk)
        return super().post(request, pk)

    def step(self, pk, by):
        second_factor.remove(user_id=pk, by=by)
