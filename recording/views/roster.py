"""`/petugas/jemput-bola/`: sessions away from the office, from the list of people to the results."""

from collections.abc import Iterable
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording import roster_sheet
from recording.csv_export import csv_response
from recording.dates import clock, day_in_words, plain_date, short_day
from recording.enums import Eligibility, RosterOutcome, RosterSource, RosterStatus
from recording.exceptions import DomainError
from recording.forms.roster import (
    CHECK,
    NO_RESULT,
    OPEN,
    EntryFilterForm,
    ResultsForm,
    RosterFilterForm,
    RosterForm,
)
from recording.models import Roster, RosterEntry
from recording.policy.access import Permission
from recording.policy.sheet import NotASheet
from recording.services import audit, roster, roster_import
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 100
SHOWN_REJECTS = 50
STATUS_KINDS = {
    RosterStatus.DRAFT: "warning",
    RosterStatus.PLANNED: "info",
    RosterStatus.RECORDED: "success",
    RosterStatus.CLOSED: "",
}
FITNESS_KINDS = {
    Eligibility.UNKNOWN: "warning",
    Eligibility.APPOINTMENT: "warning",
    Eligibility.YOUNG: "danger",
    Eligibility.RECORDED: "danger",
}
OUTCOME_KINDS = {RosterOutcome.ACCEPTED: "success", RosterOutcome.FAILED: "danger", RosterOutcome.ABSENT: "warning"}
ENTRY_COLUMNS = [
    {"label": "No.", "number": True},
    {"label": "Nama"},
    {"label": "Lahir"},
    {"label": "Boleh direkam?"},
    {"label": "Hasil"},
]
TEMPLATE_COLUMNS = (
    "nomor",
    "nik",
    "nama",
    "tanggal_lahir",
    "desa",
    "hasil",
    "jam",
    "alasan",
    "tidak_ada",
    "kk",
    "alat",
)


class RosterPage(StaffRequired):
    """Base: the rosters of the clerk's office; another office's answers like a missing one."""

    permission = Permission.DESK

    def rosters(self):
        return Roster.objects.for_staff(self.request.user).select_related("office", "village")

    def roster(self, pk: int) -> Roster:
        found = roster.with_counts(self.rosters()).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def note_read(self, session: Roster, entries: Iterable[RosterEntry], action: str = "roster.list") -> None:
        """Note that `entries` were shown: once for the list with their number, and for each resident among them, who
        may ask later who saw them."""
        people, subject = list(entries), f"roster:{session.pk}"
        shown = {"action": action, "actor": self.request.user}
        audit.record(**shown, subject=subject, office_id=session.office_id, reason=f"{len(people)} orang")
        known = sorted({entry.resident_id for entry in people if entry.resident_id})
        audit.record_many(**shown, about=[(pk, subject, session.office_id) for pk in known])


class RosterListPage(RosterPage):
    def filtered(self):
        form = RosterFilterForm(self.request.GET, by=self.request.user)
        rows = roster.with_counts(self.rosters().filter(**form.applied()))
        return form, rows.order_by("-held_on", "-pk")


class RosterListView(RosterListPage, View):
    def get(self, request):
        form, rows = self.filtered()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        labels = ("Tanggal", "Tempat", "Kantor", "Keadaan", "Orang", "Terekam", "Gagal", "Tidak hadir")
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "columns": [{"label": label, "number": place > 3} for place, label in enumerate(labels)],
            "rows": [{"cells": _roster_cells(each)} for each in page],
        }
        return render(request, "recording/roster/list.html", context)


def _roster_cells(each: Roster) -> list:
    return [
        {"text": short_day(each.held_on), "url": reverse("roster", args=[each.pk])},
        each.place,
        each.office.name,
        {"text": each.get_status_display(), "badge": STATUS_KINDS[RosterStatus(each.status)] or "info"},
        each.people,
        each.accepted,
        each.failed,
        each.absent,
    ]


class RosterCsvView(RosterListPage, RecentPasswordRequired, View):
    """`/petugas/jemput-bola/unduh.csv`: the filtered sessions; it names nobody."""

    def get(self, request):
        _form, found = self.filtered()
        rows = (
            (
                each.pk,
                each.held_on.isoformat(),
                each.place,
                each.village.name if each.village else "",
                each.office.name,
                each.device,
                each.batch,
                each.get_status_display(),
                each.people,
                each.accepted,
                each.failed,
                each.absent,
                each.unknown,
            )
            for each in found
        )
        columns = "nomor,tanggal,tempat,desa,kantor,alat,kumpulan,keadaan,orang,terekam,gagal,tidak_hadir,belum"
        return csv_response(name="jemput-bola", columns=columns.split(","), rows=rows)


class NewRosterView(RosterPage, View):
    """`/petugas/jemput-bola/baru/`: plan and list; the draft it makes is the preview."""

    def get(self, request):
        return self._page(RosterForm(by=request.user))

    def post(self, request):
        form = RosterForm(request.POST, request.FILES, by=request.user)
        if not form.is_valid():
            return self._page(form)
        try:
            made = roster.create(
                plan=form.plan(), content=form.cleaned_data["content"], by=request.user, now=timezone.now()
            )
        except NotASheet as error:
            form.add_error("sheet", f"{error}")
            return self._page(form)
        return redirect("roster", made.pk)

    def _page(self, form):
        return render(self.request, "recording/roster/new.html", {"form": form})


class RosterView(RosterPage, View):
    """`/petugas/jemput-bola/<id>/`: the preview of a draft, later the people and what came of them."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        form = EntryFilterForm(request.GET)
        page = Paginator(_shown(session, form.shown), PER_PAGE).get_page(request.GET.get("halaman"))
        self.note_read(session, page)
        rejects = list(session.rejects.order_by("source", "line")[: SHOWN_REJECTS + 1])
        context = {
            "roster": session,
            "caption": f"{session.office.name}, {day_in_words(session.held_on)}",
            "status": session.get_status_display(),
            "status_kind": STATUS_KINDS[RosterStatus(session.status)],
            "facts": _facts(session),
            "filters": form,
            "page": page,
            "query": query_of(request),
            "columns": ENTRY_COLUMNS,
            "rows": [{"cells": _entry_cells(entry)} for entry in page],
            "rejects": [
                f"{each.get_source_display()} baris {each.line}: {each.reason}" for each in rejects[:SHOWN_REJECTS]
            ],
            "more_rejects": len(rejects) > SHOWN_REJECTS,
            "is_due": session.held_on <= timezone.localdate(),
            "about": _about(session),
        }
        return render(request, "recording/roster/roster.html", context)


def _shown(session: Roster, shown: str):
    entries = session.entries.select_related("recording").order_by("number")
    match shown:
        case value if value == CHECK:
            return roster.to_check(entries) | entries.exclude(problem="")
        case value if value == OPEN:
            return entries.exclude(eligibility__in=[Eligibility.YOUNG, Eligibility.RECORDED])
        case value if value == NO_RESULT:
            return entries.filter(outcome="")
    return entries


def _facts(session: Roster) -> list[dict]:
    if session.status in (RosterStatus.DRAFT, RosterStatus.PLANNED):
        twice = roster.to_check(session.entries.all()).count()
        return [{"value": session.people, "label": "orang"}, {"value": twice, "label": "perlu diperiksa"}]
    figures = (("people", "orang"), ("accepted", "terekam"), ("failed", "gagal"), ("absent", "tidak hadir"))
    return [{"value": getattr(session, name), "label": label} for name, label in (*figures, ("unknown", "belum"))]


def _about(session: Roster) -> str:
    parts = (session.village and session.village.name, session.device, session.batch, session.note)
    return ". ".join(f"{part}" for part in parts if part)


def _entry_cells(entry: RosterEntry) -> list:
    kind = FITNESS_KINDS.get(Eligibility(entry.eligibility), "success")
    born = plain_date(date.fromisoformat(entry.birth_date)) if entry.birth_date else "menurut data"
    name = f"{entry.name or 'Menurut data kependudukan'}"
    return [
        entry.number,
        {"text": name, "small": "di luar daftar" if entry.walk_up else ""},
        born,
        {"text": entry.get_eligibility_display(), "badge": kind},
        result_cell(entry),
    ]


def result_cell(entry: RosterEntry):
    """What came of a person, as a table's cell."""
    if entry.problem:
        return {"text": "Perlu diselesaikan", "badge": "danger", "small": entry.problem}
    if not entry.outcome:
        return "–"
    details = []
    if entry.recorded_at:
        details.append(f"{short_day(timezone.localdate(entry.recorded_at))} {clock(entry.recorded_at)}")
    if entry.recording and entry.recording.device:
        details.append(entry.recording.device)
    if entry.failure_reason:
        details.append(entry.get_failure_reason_display())
    return {
        "text": entry.get_outcome_display(),
        "badge": OUTCOME_KINDS[RosterOutcome(entry.outcome)],
        "small": ", ".join(details),
    }


class StepView(RosterPage, View):
    """Base of the steps: POST, then back to the page."""

    http_method_names = ["post"]
    step = staticmethod(roster.confirm)
    done = ""
    then = "roster"

    def post(self, request, pk: int):
        self.roster(pk)
        try:
            self.step(roster_id=pk, by=request.user)
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("roster", pk)
        messages.success(request, self.done)
        return redirect(self.then, pk) if self.then == "roster" else redirect(self.then)


class ConfirmView(StepView):
    done = "Jemput bola direncanakan. Cetak daftarnya sebelum berangkat."


class DiscardView(StepView):
    step = staticmethod(roster.discard)
    done = "Pratinjau dibuang."
    then = "rosters"


class CloseView(StepView):
    step = staticmethod(roster.close)
    done = "Jemput bola ditutup. Yang tidak punya hasil dicatat tidak hadir."


class ListPdfView(RosterPage, View):
    """`daftar.pdf`: the list on A4, to take along."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        entries = list(session.entries.order_by("number"))
        self.note_read(session, entries, "roster.print")
        content = roster_sheet.list_pdf(session, entries)
        headers = {"Content-Disposition": f'inline; filename="jemput-bola-{session.pk}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)


class ResultsView(RosterPage, View):
    """`hasil/`: enter what happened, once for the whole session, also days later."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        return self._page(session, ResultsForm(initial={"device": session.device, "batch": session.batch}))

    def post(self, request, pk: int):
        session = self.roster(pk)
        form = ResultsForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(session, form)
        try:
            report = roster_import.take_in(
                roster_id=pk,
                content=form.cleaned_data["content"],
                device=form.cleaned_data["device"],
                batch=form.cleaned_data["batch"],
                by=request.user,
                now=timezone.now(),
            )
        except (NotASheet, DomainError) as error:
            form.add_error(None, f"{error}")
            return self._page(session, form)
        if report.rejected:
            messages.error(request, f"{len(report.rejected)} baris belum dipakai. Sebabnya di bawah.")
        messages.success(request, _told(report))
        return redirect("roster", pk)

    def _page(self, session: Roster, form):
        context = {"roster": session, "form": form, "caption": day_in_words(session.held_on)}
        return render(self.request, "recording/roster/results.html", context)


def _told(report: roster_import.Report) -> str:
    text = f"{report.accepted} terekam, {report.failed} gagal, {report.absent} tidak hadir"
    if report.walk_ups:
        text += f", termasuk {report.walk_ups} di luar daftar"
    return f"{text}. {report.unchanged} sudah masuk sebelumnya." if report.unchanged else f"{text}."


class ExportPage(RosterPage, RecentPasswordRequired, View):
    """Base of downloads that name people."""


class TemplateCsvView(ExportPage):
    """`isian.csv`: the list with empty columns for the results; people by number, so that it holds no NIK."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        entries = list(session.entries.order_by("number"))
        self.note_read(session, entries, "roster.export")
        empty = [""] * (len(TEMPLATE_COLUMNS) - 3)
        rows = ([entry.number, "", entry.name, *empty] for entry in entries)
        return csv_response(name=f"isian-jemput-bola-{pk}", columns=TEMPLATE_COLUMNS, rows=rows)


class EntryCsvView(ExportPage):
    """`unduh.csv`: the people with their results; by name, never by NIK."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        form = EntryFilterForm(request.GET)
        entries = list(_shown(session, form.shown))
        self.note_read(session, entries, "roster.export")
        rows = (
            (
                entry.number,
                entry.name,
                entry.get_eligibility_display(),
                entry.get_outcome_display() if entry.outcome else "",
                timezone.localtime(entry.recorded_at).isoformat(timespec="minutes") if entry.recorded_at else "",
                entry.get_failure_reason_display() if entry.failure_reason else "",
                "ya" if entry.walk_up else "",
                entry.recording.device if entry.recording else "",
                entry.problem,
            )
            for entry in entries
        )
        columns = ("nomor", "nama", "boleh", "hasil", "waktu", "alasan", "di_luar_daftar", "alat", "masalah")
        return csv_response(name=f"jemput-bola-{pk}", columns=columns, rows=rows)


class RejectCsvView(ExportPage):
    """`tertolak.csv`: the lines that were not used, with the reason, to mend and upload again."""

    def get(self, request, pk: int):
        session = self.roster(pk)
        self.note_read(session, (), "roster.export_rejects")
        rows = (
            (RosterSource(each.source).label, each.line, each.reason, each.text)
            for each in session.rejects.order_by("source", "line")
        )
        return csv_response(name=f"tertolak-{pk}", columns=("berkas", "baris", "sebab", "isi"), rows=rows)
