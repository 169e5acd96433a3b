"""`/petugas/lembar-harian/`: the day on paper, printed in the morning and keyed in when the computer works again."""

import re
from datetime import date, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from recording import paper
from recording.csv_export import csv_response
from recording.dates import clock, day_in_words
from recording.exceptions import (
    DomainError,
    GuardianMissing,
    PapersNotChecked,
    ParticularsMissing,
    TooManyTries,
)
from recording.forms.paper_entry import PaperRowForm, PaperWalkInForm
from recording.models import Appointment, Office
from recording.policy.access import Permission
from recording.policy.code import display
from recording.services import audit, paper_entry, rate_limit
from recording.views import opened
from recording.views.desk import SEARCHES_PER_HOUR, chosen_office
from recording.views.desk_facts import STATUS_KIND, masked
from recording.views.mixins import StaffRequired
from recording.views.public import too_many_tries
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 40  # with six fields each, within what one request may hold (DATA_UPLOAD_MAX_NUMBER_FIELDS)
SENT_ROW = re.compile(r"j[0-9]{1,18}-seen")
KEYED_IN_WITHIN = timedelta(days=14)  # office standard; not law
PRINTED_AHEAD = timedelta(days=14)


class SheetPage(StaffRequired):
    """Base: the office of the clerk, or the one in `?kantor=`; the day in `?tanggal=`, today unless it fits."""

    permission = Permission.DESK
    ahead = timedelta(0)

    def office(self) -> Office:
        office = chosen_office(self.request)
        if office is None:
            raise Http404
        return office

    def day(self) -> date:
        today = timezone.localdate()
        try:
            wanted = date.fromisoformat(self.request.GET.get("tanggal", ""))
        except ValueError:
            return today
        return wanted if today - KEYED_IN_WITHIN <= wanted <= today + self.ahead else today

    def note(self, action: str, office: Office, day: date) -> None:
        audit.record(action=action, actor=self.request.user, subject=f"day:{day}", office_id=office.pk)


class SheetPdfView(SheetPage, View):
    """`/petugas/lembar-harian.pdf`, also of days ahead."""

    ahead = PRINTED_AHEAD

    def get(self, request):
        office, day = self.office(), self.day()
        self.note("desk.sheet", office, day)
        rows = list(paper_entry.rows_of(office=office, day=day))
        content = paper.day_sheet_pdf(office=office, day=day, rows=rows, codes=paper_entry.codes_of(rows))
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="lembar-{day}.pdf"'},
        )


class SheetView(SheetPage, View):
    """GET: every row of the day with what is known; POST: what the sheet says, row by row."""

    def get(self, request):
        office, day = self.office(), self.day()
        self.note("desk.list", office, day)
        return self._page(office, day, self._forms(office, day))

    def post(self, request):
        office, day = self.office(), self.day()
        forms = self._forms(office, day, request.POST)
        open_forms = [form for form in forms if form.is_bound]
        wrong = [form for form in open_forms if not form.is_valid()]
        good = [form for form in open_forms if form not in wrong and form.says_something]
        answers = paper_entry.enter_all(
            lines=[form.line(day) for form in good], day=day, by=request.user, now=timezone.now()
        )
        problems = {answer.appointment_id: answer.problem for answer in answers if answer.problem}
        kept = len(answers) - len(problems)
        if kept:
            messages.success(request, f"{kept} baris disimpan.")
        if not problems and not wrong:
            if not kept:
                messages.info(request, "Belum ada hasil yang dipilih.")
            return redirect(request.get_full_path())
        messages.error(request, f"{len(problems) + len(wrong)} baris belum disimpan. Lihat yang ditandai.")
        typed = {form.appointment.pk: form for form in open_forms if form in wrong or form.appointment.pk in problems}
        again = [_again(form, typed.get(form.appointment.pk)) for form in self._forms(office, day)]
        return self._page(office, day, again, problems)

    def _forms(self, office: Office, day: date, data=None) -> list[PaperRowForm]:
        """One form for each row of the page; bound where `data` holds it and the row is not ended yet."""
        rows = paper_entry.rows_of(office=office, day=day)
        self.open_count = rows.filter(status__in=paper_entry.OPEN).count()
        if data is not None:  # what was sent, wherever its row stands by now
            sent = [int(name[1:-5]) for name in data if SENT_ROW.fullmatch(name)]
            shown = rows.filter(pk__in=sent)
        else:
            wanted = rows.filter(status__in=paper_entry.OPEN) if self._only_open() else rows
            shown = self.page = Paginator(wanted, PER_PAGE).get_page(self.request.GET.get("halaman"))
        return [
            PaperRowForm(data if data is not None and f"j{row.pk}-seen" in data else None, appointment=row)
            for row in shown
        ]

    def _only_open(self) -> bool:
        return self.request.GET.get("tampil") == "belum"

    def _page(self, office: Office, day: date, forms: list[PaperRowForm], problems: dict[int, str] | None = None):
        request, problems = self.request, problems or {}
        rows = [_row(form, problems.get(form.appointment.pk, "")) for form in forms]
        context = {
            "office": office,
            "offices": Office.objects.active() if request.user.office_id is None else [],
            "day": day,
            "today": timezone.localdate(),
            "earliest": timezone.localdate() - KEYED_IN_WITHIN,
            "caption": day_in_words(day),
            "rows": rows,
            "open_count": self.open_count,
            "only_open": self._only_open(),
            "query": _query(office, day),
            "page": self.page,
            "page_query": query_of(request),
        }
        return render(request, "recording/closing/sheet.html", context)


class SheetWalkInView(SheetPage, View):
    """`/petugas/lembar-harian/tambah/`: somebody of that day who had no appointment."""

    def get(self, request):
        return self._page(request, PaperWalkInForm())

    def post(self, request):
        form, office, day = PaperWalkInForm(request.POST), self.office(), self.day()
        if not form.is_valid():
            return self._page(request, form)
        now = timezone.now()
        try:
            rate_limit.take(
                scope="desk.search", key=f"{request.user.pk}", capacity=SEARCHES_PER_HOUR, per_seconds=3600, now=now
            )
            made = paper_entry.enter_walk_in(
                came=form.came(day),
                office=office,
                day=day,
                idempotency_key=form.cleaned_data["idempotency_key"],
                by=request.user,
                now=now,
            )
        except TooManyTries as error:
            return too_many_tries(request, error)
        except ParticularsMissing as error:
            form.prefill()
            for field, text in error.fields.items():
                form.add_error(field, text)
            return self._page(request, form)
        except GuardianMissing:
            form.require_consent()
            return self._page(request, form)
        except PapersNotChecked as error:
            form.add_error("papers_checked", f"{error}")
            return self._page(request, form)
        except DomainError as error:
            form.add_error(None, f"{error}")
            return self._page(request, form)
        opened.remember(request, made.resident_id)
        messages.success(request, f"Disimpan: {made.get_outcome_display().lower()} pukul {clock(made.recorded_at)}.")
        return redirect(f"{reverse('sheet')}?{_query(office, day)}")

    def _page(self, request, form: PaperWalkInForm):
        office, day = self.office(), self.day()
        context = {"form": form, "office": office, "caption": day_in_words(day), "query": _query(office, day)}
        return render(request, "recording/closing/sheet_walk_in.html", context)


def _query(office: Office, day: date) -> str:
    return urlencode({"kantor": office.code, "tanggal": day.isoformat()})


def _again(fresh: PaperRowForm, typed: PaperRowForm | None) -> PaperRowForm:
    """What was typed stays, unless the row has changed meanwhile: then it is shown as it is now."""
    if typed is None or typed["seen"].value() != fresh.appointment.status:
        return fresh
    typed.appointment = fresh.appointment
    return typed


def _row(form: PaperRowForm, problem: str) -> dict:
    row = form.appointment
    made = getattr(row, "recording", None)
    text = made.get_outcome_display() if made else row.get_status_display()
    return {
        "form": form,
        "is_open": row.status in paper_entry.OPEN,
        "time": clock(row.slot.starts_at) if row.slot else "Langsung",
        "name": row.resident.name,
        "about": f"{row.get_purpose_display()}{', kebutuhan khusus' if row.special_needs else ''}",
        "state": f"{text} pukul {clock(made.recorded_at)}" if made else text,
        "kind": STATUS_KIND[row.status],
        "problem": problem,
    }


class SheetCsvView(SheetPage, RecentPasswordRequired, View):
    """`/petugas/lembar-harian/unduh.csv`: the sheet as a table; NIK masked."""

    ahead = PRINTED_AHEAD

    def get(self, request):
        office, day = self.office(), self.day()
        self.note("desk.sheet_export", office, day)
        rows: list[Appointment] = list(paper_entry.rows_of(office=office, day=day))
        codes = paper_entry.codes_of(rows)
        lines = (
            (
                clock(row.slot.starts_at) if row.slot else "",
                f"{getattr(row, 'ticket', '') or ''}",
                row.resident.name,
                masked(row.resident.identity.nik),
                display(codes[row.resident_id]) if row.resident_id in codes else "",
                row.get_purpose_display(),
                "ya" if row.special_needs else "",
                row.get_status_display(),
            )
            for row in rows
        )
        columns = ("jam", "nomor", "nama", "nik", "kode", "keperluan", "kebutuhan_khusus", "keadaan")
        return csv_response(name=f"lembar-{day}", columns=columns, rows=lines)
