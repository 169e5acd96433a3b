"""`/kunjungan/`: ask to be recorded at home. `/petugas/kunjungan/`: what the office does about it."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import View

from recording.csv_export import csv_response
from recording.dates import plain_date, short_day
from recording.enums import VisitStatus
from recording.exceptions import DomainError
from recording.forms.home_visit import DeclineForm, HomeVisitForm, PlanForm, VisitFilterForm
from recording.models import HomeVisit
from recording.policy.access import Permission
from recording.services import audit, home_visit
from recording.views.mixins import StaffRequired
from recording.views.public import PersonalPage, address_of
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
KINDS = {VisitStatus.NEW: "warning", VisitStatus.PLANNED: "info", VisitStatus.DONE: "success"}


class AskVisitView(PersonalPage):
    """Always the same answer: nobody is looked up."""

    def get(self, request):
        asked = request.session.pop("home_visit_asked", False)
        return self._page(None if asked else HomeVisitForm(), asked=asked)

    def post(self, request):
        form = HomeVisitForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        home_visit.request_online(asked=form.asked(), address=address_of(request), now=timezone.now())
        request.session["home_visit_asked"] = True
        return redirect("ask_home_visit")

    def _page(self, form, *, asked: bool = False):
        return render(self.request, "recording/home_visit/ask.html", {"form": form, "asked": asked})


class VisitPage(StaffRequired):
    """Base: the requests of the clerk's office; another office's answers like a missing one."""

    permission = Permission.DESK

    def visits(self):
        return HomeVisit.objects.for_staff(self.request.user).select_related("village", "entry__roster")

    def filtered(self):
        form = VisitFilterForm(self.request.GET, by=self.request.user)
        return form, self.visits().filter(**form.applied()).order_by("village__name", "created_at", "pk")

    def note_read(self, action: str, subject: str = "home_visits") -> None:
        audit.record(action=action, actor=self.request.user, subject=subject, office_id=self.request.user.office_id)


class VisitListView(VisitPage, View):
    """GET: the list by village. POST: those ticked go into a session."""

    def get(self, request):
        form, rows = self.filtered()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        self.note_read("home_visit.read_list")
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "rows": [_row(visit) for visit in page],
            "plan": PlanForm(by=request.user),
            "any_new": any(visit.status == VisitStatus.NEW for visit in page),
        }
        return render(request, "recording/home_visit/list.html", context)

    def post(self, request):
        form = PlanForm(request.POST, by=request.user)
        if not form.is_valid():
            for error in form.error_list:
                messages.error(request, error.text)
            return redirect(request.get_full_path())
        session = form.cleaned_data["roster"]
        try:
            count = home_visit.plan(visit_ids=form.cleaned_data["visit"], roster_id=session.pk, by=request.user)
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, f"{count} permintaan masuk ke daftar {session.place}. Telepon orangnya dulu.")
        return redirect(request.get_full_path())


def _row(visit: HomeVisit) -> dict:
    about = [
        visit.village.name,
        visit.get_reason_display(),
        f"Diminta {short_day(timezone.localdate(visit.created_at))}",
    ]
    if visit.entry:
        about.append(f"{visit.entry.roster.place}, {short_day(visit.entry.roster.held_on)}")
    return {
        "pk": visit.pk,
        "name": visit.name,
        "about": ". ".join(about),
        "address": visit.address,
        "status": visit.get_status_display(),
        "kind": KINDS.get(VisitStatus(visit.status), ""),
        "is_new": visit.status == VisitStatus.NEW,
        "why_not": visit.declined_reason,
    }


class NewVisitView(VisitPage, View):
    """`/petugas/kunjungan/baru/`: somebody asks at the desk or by telephone."""

    def get(self, request):
        return render(request, "recording/home_visit/new.html", {"form": HomeVisitForm()})

    def post(self, request):
        form = HomeVisitForm(request.POST)
        if not form.is_valid():
            return render(request, "recording/home_visit/new.html", {"form": form})
        visit = home_visit.request(asked=form.asked(), now=timezone.now(), by=request.user)
        messages.success(request, f"Permintaan dicatat. {visit.office.name} yang menjawabnya.")
        return redirect("home_visits")


class VisitView(VisitPage, View):
    """`/petugas/kunjungan/<id>/`: one request, whom to call, and saying no with a reason."""

    def get(self, request, pk: int):
        visit = self._visit(pk)
        self.note_read("home_visit.read", f"home_visit:{visit.pk}")
        return self._page(visit, DeclineForm())

    def post(self, request, pk: int):
        visit, form = self._visit(pk), DeclineForm(request.POST)
        if not form.is_valid():
            return self._page(visit, form)
        try:
            home_visit.decline(visit_id=visit.pk, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Permintaan ditolak. Telepon keluarganya dan jelaskan alasannya.")
        return redirect("home_visit", pk)

    def _visit(self, pk: int) -> HomeVisit:
        visit = self.visits().filter(pk=pk).first()
        if visit is None:
            raise Http404
        return visit

    def _page(self, visit: HomeVisit, form: DeclineForm):
        helper = f"{visit.helper_name} ({visit.get_helper_relation_display()})" if visit.helper_name else ""
        rows = (
            ("Keadaan", visit.get_status_display()),
            ("Alasan ditolak", visit.declined_reason),
            ("Lahir", plain_date(date.fromisoformat(visit.birth_date))),
            ("NIK", f"{visit.nik[:4]} •••• •••• ••••"),
            ("Desa atau kelurahan", visit.village.name),
            ("Alamat", visit.address),
            ("Telepon", visit.phone),
            ("Yang meminta", helper),
            ("Tidak dapat datang karena", visit.get_reason_display()),
            ("Yang perlu diketahui", visit.note),
            ("Jemput bola", f"{visit.entry.roster.place}, nomor {visit.entry.number}" if visit.entry else ""),
        )
        context = {
            "visit": visit,
            "name": visit.name,
            "rows": [{"label": label, "value": value} for label, value in rows if value],
            "form": form if visit.status == VisitStatus.NEW else None,
        }
        return render(self.request, "recording/home_visit/visit.html", context)


class VisitCsvView(VisitPage, RecentPasswordRequired, View):
    """`/petugas/kunjungan/unduh.csv`: the filtered requests; people by name, never by NIK."""

    def get(self, request):
        _form, found = self.filtered()
        self.note_read("home_visit.export")
        rows = (
            (
                visit.pk,
                visit.name,
                visit.village.name,
                visit.get_reason_display(),
                visit.get_status_display(),
                timezone.localdate(visit.created_at).isoformat(),
                visit.declined_reason,
            )
            for visit in found
        )
        columns = ("nomor", "nama", "desa", "alasan", "keadaan", "diminta", "alasan_ditolak")
        return csv_response(name="kunjungan", columns=columns, rows=rows)
