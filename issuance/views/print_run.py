"""`/petugas/cetak/`: whose card can be printed, who is proposed, invited, and what became of it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from issuance import card_papers
from issuance.enums import CaseStatus, PickMode, PickState, RunState, WaitingFor
from issuance.forms.print_run import (
    IN_LINE,
    INVITED,
    NO_BLANK,
    TOO_YOUNG,
    ChosenForm,
    PrintQueueFilterForm,
    ProposeForm,
)
from issuance.models import Case, PrintPick, PrintRun
from issuance.policy.print_run import HOLD_DAYS, mode_of
from issuance.services import card_print, print_run
from issuance.services.print_order import collected_from
from issuance.services.print_rule import current_order
from recording.csv_export import csv_response
from recording.dates import plain_date, short_day
from recording.exceptions import DomainError
from recording.models import Office
from recording.policy.access import Permission
from recording.services import audit
from recording.views.desk import chosen_office
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
LATEST_RUNS = 8
MOST_PRINTED_AT_ONCE = 50
ITEM_WORDS = {"blank": "blanko", "ribbon": "ribbon", "film": "film"}
STATE_KINDS = {
    PickState.PICKED: "info",
    PickState.INVITED: "info",
    PickState.PRINTED: "success",
    PickState.LAPSED: "warning",
    PickState.UNMET: "warning",
    PickState.DROPPED: "",
}
RUN_KINDS = {RunState.PROPOSED: "warning", RunState.STARTED: "info", RunState.FINISHED: "success", RunState.DROPPED: ""}
WAITING_WORDS = {
    WaitingFor.NONE: ("Belum ada di daftar cetak", "neutral"),
    WaitingFor.BLANK: ("Menunggu blanko", "warning"),
    WaitingFor.AGE: ("Menunggu umur 17", "neutral"),
    WaitingFor.RESIDENT: ("Diundang", "info"),
}


class PrintPage(StaffRequired):
    """Base: the office of the clerk, or the one in `?kantor=`."""

    permission = Permission.CARDS

    def office(self) -> Office:
        office = chosen_office(self.request)
        if office is None:
            raise Http404
        return office

    def offices(self):
        return Office.objects.active().filter(prints_here=True) if self.request.user.office_id is None else []

    def back(self, office: Office):
        query = f"?{urlencode({'kantor': office.code})}" if self.request.user.office_id is None else ""
        return redirect(f"{reverse('print_queue')}{query}")


class PrintQueuePage(PrintPage):
    def filtered(self, office: Office):
        form = PrintQueueFilterForm(self.request.GET)
        wanted = form.cleaned_data["keadaan"] if form.is_valid() else ""
        live = PrintPick.objects.filter(case=OuterRef("pk"), state__in=print_run.LIVE)
        rows = Case.objects.filter(status=CaseStatus.PRINT_READY, pickup_office__in=collected_from(office))
        rows = rows.annotate(pick_state=Subquery(live.values("state")[:1]), until=Subquery(live.values("until")[:1]))
        match wanted:
            case value if value == INVITED:
                rows = rows.filter(pick_state__isnull=False)
            case value if value == IN_LINE:
                rows = rows.filter(pick_state__isnull=True, waiting_for=WaitingFor.NONE)
            case value if value == NO_BLANK:
                rows = rows.filter(waiting_for=WaitingFor.BLANK)
            case value if value == TOO_YOUNG:
                rows = rows.filter(waiting_for=WaitingFor.AGE)
        return form, rows.select_related("resident__village", "pickup_office").order_by(
            ExpressionWrapper(Q(waiting_for=WaitingFor.AGE), BooleanField()), "status_since", "pk"
        )


class PrintQueueView(PrintQueuePage, View):
    def get(self, request):
        office, now = self.office(), timezone.now()
        form, rows = self.filtered(office)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        line = print_run.line_of(office=office, now=now)
        runs = PrintRun.objects.filter(office=office).order_by("-pk")
        proposed = runs.filter(state=RunState.PROPOSED).first()
        _note_rows("print_run.read_list", page, request.user, office)
        context = {
            "office": office,
            "offices": self.offices(),
            "filters": form,
            "page": page,
            "query": query_of(request),
            "line": line,
            "facts": _facts(office, line),
            "scarcest": ITEM_WORDS[line.scarcest],
            "order": ", ".join(priority.label for priority in current_order()) or "yang paling lama siap cetak",
            "proposed": proposed,
            "may_propose": office.prints_here and not proposed and line.people and line.prints,
            "form_of_run": ProposeForm(initial={"mode": mode_of(office.print_policy)}, auto_id="cara_%s"),
            "columns": [{"label": label} for label in ("Warga", "Siap cetak sejak", "Keadaan", "Diambil di")],
            "rows": [{"cells": _queue_cells(case)} for case in page],
            "run_columns": [
                {"label": label, "number": place > 2}
                for place, label in enumerate(("Daftar cetak", "Cara", "Keadaan", "Orang"))
            ],
            "runs": [{"cells": _run_cells(run)} for run in runs[:LATEST_RUNS]],
        }
        return render(request, "issuance/print_run/queue.html", context)


def _facts(office: Office, line: print_run.Line) -> list[dict]:
    waiting = Case.objects.filter(status=CaseStatus.PRINT_READY, pickup_office__in=collected_from(office))
    young = waiting.filter(waiting_for=WaitingFor.AGE).count()
    held = PrintPick.objects.filter(run__office=office, state__in=print_run.LIVE).count()
    free = ", ".join(f"{ITEM_WORDS[item]} {count}" for item, count in line.free.items())
    return [
        {"value": line.people, "label": "menunggu di urutan", "note": f"{young} lagi menunggu umur 17"},
        {
            "value": line.prints,
            "label": "kartu dapat dicetak",
            "note": f"bebas: {free}",
            "kind": "success" if line.prints else "danger",
        },
        {"value": held, "label": "blanko disimpan", "note": "untuk yang terpilih dan diundang", "kind": "info"},
        {
            "value": f"{line.share * 100:.0f}%",
            "label": "dari yang diundang datang",
            "note": "diukur 90 hari terakhir" if line.measured else "perkiraan; undangannya belum cukup untuk diukur",
        },
    ]


def _queue_cells(case: Case) -> list:
    village = case.resident.village
    text, kind = WAITING_WORDS[WaitingFor(case.waiting_for)]
    if case.pick_state == PickState.PICKED:
        text, kind = "Terpilih", "info"
    return [
        {
            "text": case.resident.name or "(data dihapus)",
            "url": reverse("counter", args=[case.pk]),
            "small": village.name if village else "luar Kudus",
        },
        plain_date(timezone.localdate(case.status_since)),
        {"text": text, "badge": kind, "small": f"sampai {short_day(case.until)}" if case.until else ""},
        case.pickup_office.name,
    ]


def _run_cells(run: PrintRun) -> list:
    return [
        {"text": f"Nomor {run.pk}", "url": reverse("print_run", args=[run.pk]), "small": _day(run.proposed_at)},
        run.get_mode_display(),
        {"text": run.get_state_display(), "badge": RUN_KINDS[RunState(run.state)] or "neutral"},
        run.size,
    ]


def _day(moment) -> str:
    return plain_date(timezone.localdate(moment))


def _note_rows(action: str, cases, user, office: Office) -> None:
    audit.record_many(
        action=action, about=[(case.resident_id, f"case:{case.pk}", office.pk) for case in cases], actor=user
    )


class PrintQueueCsvView(PrintQueuePage, RecentPasswordRequired, View):
    """`/petugas/cetak/unduh.csv`: the filtered queue; people by name, never by NIK."""

    def get(self, request):
        office = self.office()
        _form, found = self.filtered(office)
        audit.record(action="print_run.export", actor=request.user, subject="queue", office_id=office.pk)
        rows = (
            (
                case.pk,
                case.resident.name,
                case.resident.village.name if case.resident.village else "",
                _day(case.status_since),
                case.get_waiting_for_display(),
                case.until or "",
                case.pickup_office.name,
            )
            for case in found.iterator(chunk_size=1000)
        )
        columns = ("berkas", "nama", "desa", "siap_cetak_sejak", "menunggu", "diundang_sampai", "kantor")
        return csv_response(name="siap-cetak", columns=columns, rows=rows)


class ProposeView(PrintPage, View):
    """`/petugas/cetak/usulan/`, by POST: make the proposal, or open the one that waits."""

    def get(self, request):
        return redirect("print_queue")

    def post(self, request):
        office, form = self.office(), ProposeForm(request.POST)
        mode = PickMode(form.cleaned_data["mode"]) if form.is_valid() else None
        try:
            run = print_run.propose(office=office, by=request.user, now=timezone.now(), mode=mode)
        except DomainError as error:
            messages.error(request, f"{error}")
            return self.back(office)
        return redirect("print_run", run.pk)


class RunPage(PrintPage):
    """Base: the lists of the clerk's office; another office's answers like a missing one."""

    def run(self, pk: int) -> PrintRun:
        offices = Office.objects.for_staff(self.request.user)
        found = PrintRun.objects.filter(pk=pk, office__in=offices).select_related("office", "started_by").first()
        if found is None:
            raise Http404
        return found

    def picks(self, run: PrintRun):
        return run.picks.select_related("case__resident__village", "case__pickup_office").order_by("position", "pk")


class RunView(RunPage, View):
    """`/petugas/cetak/daftar/<id>/`: a proposal to judge, later what became of its people."""

    def get(self, request, pk: int):
        run = self.run(pk)
        page = Paginator(self.picks(run), PER_PAGE).get_page(request.GET.get("halaman"))
        _note_rows("print_run.read", [pick.case for pick in page], request.user, run.office)
        counts = {state: run.picks.filter(state=state).count() for state in (PickState.PRINTED, PickState.LAPSED)}
        live = run.picks.filter(state__in=print_run.LIVE).count()
        context = {
            "run": run,
            "page": page,
            "query": query_of(request),
            "state": run.get_state_display(),
            "state_kind": RUN_KINDS[RunState(run.state)],
            "is_proposal": run.state == RunState.PROPOSED,
            "is_running": run.state == RunState.STARTED,
            "prints_now": run.state == RunState.STARTED and run.mode == PickMode.PRINT,
            "invites": run.mode == PickMode.INVITE,
            "why": _why(run),
            "facts": [
                {"value": run.size, "label": "orang dipilih"},
                {"value": live, "label": "masih menyimpan blanko", "kind": "info"},
                {"value": counts[PickState.PRINTED], "label": "dicetak", "kind": "success"},
                {"value": counts[PickState.LAPSED], "label": "tidak datang", "kind": "warning"},
            ],
            "picks": [_pick_row(pick) for pick in page],
        }
        return render(request, "issuance/print_run/run.html", context)


def _why(run: PrintRun) -> str:
    free = ", ".join(f"{words} {run.supplies.get(item, 0)}" for item, words in ITEM_WORDS.items())
    text = f"Saat diusulkan bebas: {free}."
    if run.mode == PickMode.INVITE:
        share = f"{run.show_up_share * 100:.0f}%"
        text += f" Dari yang diundang biasanya {share} datang, jadi tidak lebih banyak yang datang daripada kartunya."
        text += f" Blanko tiap orang disimpan {HOLD_DAYS} hari layanan."
    if run.bounded_by:
        text += f" Yang lain menunggu karena {ITEM_WORDS[run.bounded_by]} tidak cukup."
    return text


def _pick_row(pick: PrintPick) -> dict:
    village = pick.case.resident.village
    return {
        "pk": pick.pk,
        "case": pick.case_id,
        "position": pick.position,
        "name": pick.case.resident.name or "(data dihapus)",
        "about": f"{village.name if village else 'luar Kudus'}, siap cetak {_day(pick.case.status_since)}",
        "reason": pick.get_priority_display(),
        "state": pick.get_state_display(),
        "kind": STATE_KINDS[PickState(pick.state)],
        "until": short_day(pick.until) if pick.until and pick.state in print_run.LIVE else "",
        "is_live": pick.state in print_run.LIVE,
    }


class RunStepView(RunPage, View):
    """Base of the steps: POST, then back to the list."""

    http_method_names = ["post"]
    step = staticmethod(print_run.start)
    done = ""

    def post(self, request, pk: int):
        run = self.run(pk)
        try:
            self.step(run_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, self.done_words(run))
        return redirect("print_run", pk)

    def done_words(self, run: PrintRun) -> str:
        return self.done


class RunStartView(RunStepView):
    def done_words(self, run: PrintRun) -> str:
        if run.mode == PickMode.INVITE:
            return "Undangan dikirim. Yang tidak punya nomor atau surel masuk daftar telepon."
        return "Daftar cetak berjalan. Cetak kartunya, lalu centang yang tercetak."


class RunDropView(RunStepView):
    step = staticmethod(print_run.drop)
    done = "Daftar diakhiri. Blanko yang disimpan bebas lagi."


class PickDropView(PrintPage, View):
    """`/petugas/cetak/orang/<id>/keluar/`: take one person off a list."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        offices = Office.objects.for_staff(request.user)
        pick = PrintPick.objects.filter(pk=pk, run__office__in=offices).first()
        if pick is None:
            raise Http404
        try:
            print_run.drop_person(pick_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Dikeluarkan dari daftar. Blankonya bebas untuk yang berikutnya.")
        return redirect("print_run", pick.run_id)


class RunPrintedView(RunPage, View):
    """`tercetak/`: the ticked cards came out of the printer; each is a step of its own, so that one that cannot be
    printed leaves the others alone."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        run, now = self.run(pk), timezone.now()
        form = ChosenForm(request.POST)
        live = run.picks.filter(state__in=print_run.LIVE, case__in=form.ids).order_by("position")
        done, refusals = 0, []
        for pick in live.select_related("case__resident")[:MOST_PRINTED_AT_ONCE]:
            try:
                card_print.print_card(case_id=pick.case_id, by=request.user, now=now, office=run.office)
                done += 1
            except DomainError as error:
                refusals.append(f"{pick.case.resident.name}: {error}")
        for refusal in refusals[:5]:
            messages.error(request, refusal)
        if done:
            messages.success(request, f"{done} kartu dicatat tercetak; {done} blanko terpakai.")
        elif not refusals:
            messages.error(request, "Belum ada yang dipilih. Centang kartunya dulu.")
        return redirect("print_run", pk)


class RunPdfView(RunPage, View):
    """`daftar.pdf`: the pick list on A4."""

    def get(self, request, pk: int):
        run = self.run(pk)
        picks = list(self.picks(run).filter(state__in=[*print_run.LIVE, PickState.PRINTED]))
        _note_rows("print_run.print", [pick.case for pick in picks], request.user, run.office)
        headers = {"Content-Disposition": f'inline; filename="daftar-cetak-{run.pk}.pdf"'}
        return HttpResponse(card_papers.pick_list_pdf(run, picks), content_type="application/pdf", headers=headers)


class RunCsvView(RunPage, RecentPasswordRequired, View):
    """`unduh.csv`: the pick list; people by name, never by NIK."""

    def get(self, request, pk: int):
        run = self.run(pk)
        picks = self.picks(run)
        _note_rows("print_run.export", [pick.case for pick in picks], request.user, run.office)
        rows = (
            (
                pick.position,
                pick.case_id,
                pick.case.resident.name,
                pick.case.resident.village.name if pick.case.resident.village else "",
                pick.get_priority_display(),
                pick.get_state_display(),
                pick.until or "",
            )
            for pick in picks
        )
        columns = ("urutan", "berkas", "nama", "desa", "karena", "keadaan", "sampai")
        return csv_response(name=f"daftar-cetak-{run.pk}", columns=columns, rows=rows)
