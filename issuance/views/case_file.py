"""`/petugas/berkas/`: the worklist of cases, the search for one, and one page for each."""

from datetime import datetime

from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.views.generic import View

from issuance.forms.case_file import CaseFilterForm, CaseSearchForm
from issuance.models import Case
from issuance.services import case_file
from issuance.services.case_file import Found, Sought
from issuance.views import found_elsewhere
from issuance.views.case_facts import CaseFacts, facts_of, list_row
from recording.csv_export import csv_response
from recording.exceptions import TooManyTries
from recording.policy.access import Permission, allows
from recording.services import audit, rate_limit
from recording.views import opened
from recording.views.mixins import StaffRequired
from recording.views.public import too_many_tries
from recording.views.reauthentication import RecentPasswordRequired

SEARCHES_PER_HOUR = 300
COLUMNS = ("Warga", "Status", "Lama", "Kantor", "Tempat tinggal", "Langkah berikutnya")
EXPORTED = (
    "nomor",
    "nama",
    "desa",
    "kecamatan",
    "kantor",
    "kantor_pengambilan",
    "jenis",
    "perekaman_ke",
    "status",
    "sejak",
    "mengendap_sejak",
    "menunggu",
    "langkah",
    "teks_pusat",
    "pusat_per",
    "berbeda_sejak",
)
NOTHING_FOUND = {
    Sought.NIK: ("NIK ini tidak punya berkas", "Periksa angkanya. Yang direkam sebelum portal dibuka di Loket."),
    Sought.CODE: ("Kode ini tidak dikenal", "Mungkin sudah diganti. Cari dengan NIK dari Kartu Keluarga."),
    Sought.NAME: ("Tidak ada berkas dengan nama itu di kantor ini", "Coba awal kata lain, atau cari dengan NIK."),
    Sought.WRONG_NIK: ("NIK harus 16 angka", "Hitung lagi angkanya di Kartu Keluarga."),
    Sought.TOO_SHORT: ("Ketik sedikitnya dua huruf", "Atau NIK, atau kode pada bukti."),
    Sought.REASON: (
        "Tulis alasannya dulu",
        "Di luar berkas kantor Anda, pencarian dengan NIK atau kode perlu alasan, dan dicatat.",
    ),
}


class CaseListPage(StaffRequired):
    permission = Permission.CASES

    def filtered(self):
        """The filters of the address and the cases they leave."""
        form = CaseFilterForm(self.request.GET, by=self.request.user)
        return form, case_file.listed(by=self.request.user, where=form.where(now=timezone.now()))


class CaseListView(CaseListPage, View):
    """GET: the worklist, the longest resting first. `setelah`, `sebelum`: where its page begins or ends."""

    def get(self, request):
        form, rows = self.filtered()
        page = case_file.page_of(rows, after=request.GET.get("setelah", ""), before=request.GET.get("sebelum", ""))
        number, more = case_file.count(rows)
        audit.record(action="case.read_list", actor=request.user, subject="cases", office_id=request.user.office_id)
        query = _query(request)
        now = timezone.now()
        context = {
            "filters": form,
            "search": CaseSearchForm(),
            "needs_reason": request.user.office_id is not None,
            "number": number,
            "more": more,
            "query": query,
            "is_filtered": bool(query),
            "columns": [{"label": label} for label in COLUMNS],
            "rows": [{"cells": list_row(case, now=now)} for case in page.cases],
            "next_url": _turned(query, "setelah", page.next),
            "previous_url": _turned(query, "sebelum", page.previous),
        }
        return render(request, "issuance/case_file/list.html", context)


def _query(request: HttpRequest) -> str:
    """The filters of the address without the page."""
    parameters = request.GET.copy()
    for name in ("setelah", "sebelum"):
        parameters.pop(name, None)
    return parameters.urlencode()


def _turned(query: str, name: str, cursor: str) -> str:
    return f"?{query}{'&' if query else ''}{urlencode({name: cursor})}" if cursor else ""


class CaseCsvView(CaseListPage, RecentPasswordRequired, View):
    """`/petugas/berkas/unduh.csv`: the filtered list; people by name, never by NIK."""

    def get(self, request):
        _form, rows = self.filtered()
        audit.record(action="case.export", actor=request.user, subject="cases", office_id=request.user.office_id)
        found = case_file.exported(rows).iterator(chunk_size=1000)
        return csv_response(name="berkas", columns=EXPORTED, rows=map(_exported, found))


def _exported(case) -> tuple:
    return (
        case.pk,
        case.resident.name,
        case.village or "",
        case.district or "",
        case.office.code,
        case.pickup_office.code,
        case.kind,
        case.attempt,
        case.status,
        _iso(case.status_since),
        _iso(case.stalled_since),
        case.waiting_for,
        case.next_step,
        case.observed_raw,
        _iso(case.observed_as_of),
        _iso(case.conflict_since),
    )


def _iso(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="minutes") if moment else ""


class CaseSearchView(StaffRequired, View):
    """`/petugas/berkas/cari/`, by POST: what is typed names a person, so it never stands in an address."""

    permission = Permission.CASES

    def get(self, request):
        return redirect("cases")

    def post(self, request):
        form, now = CaseSearchForm(request.POST), timezone.now()
        if not form.is_valid():
            return self._answer(request, form, Found(sought=Sought.REASON))
        try:
            rate_limit.take(
                scope="case.search", key=f"{request.user.pk}", capacity=SEARCHES_PER_HOUR, per_seconds=3600, now=now
            )
        except TooManyTries as error:
            return too_many_tries(request, error)
        text, reason = form.cleaned_data["q"], form.cleaned_data["reason"]
        found = case_file.find(text=text, reason=reason, by=request.user)
        if found.case is not None:
            if found.elsewhere:
                found_elsewhere.remember(request, found.case.pk)
            return redirect("case", found.case.pk)
        if found.person is not None and allows(request.user, Permission.DESK):
            opened.remember(request, found.person.pk)
            return redirect("desk_person", found.person.pk)
        if len(found.cases) == 1:
            return redirect("case", found.cases[0].pk)
        return self._answer(request, form, found)

    def _answer(self, request, form, found: Found):
        now = timezone.now()
        title, advice = NOTHING_FOUND[found.sought]
        context = {
            "search": form,
            "needs_reason": request.user.office_id is not None,
            "asks_reason": found.sought == Sought.REASON,
            "columns": [{"label": label} for label in COLUMNS],
            "rows": [{"cells": list_row(case, now=now)} for case in found.cases],
            "limit_reached": len(found.cases) == case_file.NAME_LIMIT,
            "title": title,
            "advice": advice,
        }
        return render(request, "issuance/case_file/search.html", context)


class CasePage(StaffRequired, View):
    """Base: a case of the offices the signed-in person works for; any other answers like a missing one."""

    permission = Permission.CASES

    @cached_property
    def now(self) -> datetime:
        """One moment for the whole request."""
        return timezone.now()

    def case(self, pk: int) -> Case:
        case = self.rows().filter(pk=pk).first()
        if case is None:
            raise Http404
        return case

    def rows(self):
        return Case.objects.for_staff(self.request.user).select_related(
            "resident__village__district", "resident__identity", "office", "pickup_office", "recording"
        )

    def note_read(self, case: Case) -> None:
        audit.record(
            action="case.read",
            actor=self.request.user,
            resident_id=case.resident_id,
            subject=f"case:{case.pk}",
            office_id=case.office_id,
        )


class CaseView(CasePage):
    """`/petugas/berkas/<id>/`. Also, for half an hour and only to be read, a case of another office that was found by
    its full NIK or code with a reason."""

    def rows(self):
        if found_elsewhere.may_read(self.request, self.kwargs["pk"]):
            return Case.objects.select_related(
                "resident__village__district", "resident__identity", "office", "pickup_office", "recording"
            )
        return super().rows()

    def get(self, request, pk: int):
        case = self.case(pk)
        self.note_read(case)
        is_own = request.user.office_id in (None, case.office_id, case.pickup_office_id)
        facts: CaseFacts = facts_of(case, by=request.user, is_own=is_own, now=self.now)
        context = {
            "case": case,
            "resident": case.resident,
            "facts": facts,
            "is_own": is_own,
            "list_url": reverse("cases"),
            "may_open_person": is_own
            and allows(request.user, Permission.DESK)
            and opened.may_open(request, case.resident_id),
        }
        return render(request, "issuance/case_file/case.html", context)
