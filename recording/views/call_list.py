"""`/petugas/telepon/`: people whom no message reaches. Called one by one, or told by the village with a signed sheet."""

from datetime import timedelta

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording import messages
from recording.call_sheet import sheet_pdf
from recording.dates import moment_in_words, short_day
from recording.enums import CallOutcome
from recording.exceptions import DomainError
from recording.forms.messages import CallFilterForm, OutcomeForm, SheetForm, SheetReturnForm
from recording.models import CallAttempt, CallSheet
from recording.phones import national
from recording.policy.access import Permission
from recording.services import audit, call_list, notification
from recording.views.mixins import StaffRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
OVERDUE = timedelta(days=1)  # told within a day is what the portal promises
SAID = {
    CallOutcome.REACHED: "Dicatat: sudah diberi tahu.",
    CallOutcome.NO_ANSWER: "Dicatat: tidak diangkat. Nama ini pindah ke bawah daftar.",
    CallOutcome.WRONG_NUMBER: "Dicatat: nomor salah. Nomor ini tidak dipakai lagi.",
}


class CallPage(StaffRequired, View):
    """Base: people of the clerk's office; another office's answer like missing ones."""

    permission = Permission.DESK

    def note_read(self, action: str, *, subject: str = "call_list", resident_id: int | None = None) -> None:
        user = self.request.user
        audit.record(action=action, actor=user, resident_id=resident_id, subject=subject, office_id=user.office_id)


class CallListView(CallPage):
    def get(self, request):
        form = CallFilterForm(request.GET, by=request.user)
        rows = call_list.people(by=request.user).filter(**form.applied())
        if form.has_number is not None:
            rows = rows.filter(has_number=form.has_number)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        self.note_read("call.read_list")
        people, overdue = call_list.counts(by=request.user)
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "facts": [
                {"label": "Orang belum diberi tahu", "value": people, "kind": "warning" if people else ""},
                {"label": "Lebih dari sehari", "value": overdue, "kind": "danger" if overdue else ""},
            ],
            "rows": [_row(row) for row in page],
            "sheet_form": SheetForm(by=request.user) if people else None,
            "sheets": list(call_list.sheets(by=request.user)),
        }
        return render(request, "recording/call_list/list.html", context)


def _row(row: dict) -> dict:
    days = (timezone.now() - row["since"]) // timedelta(days=1)
    tries = f"{row['tries']} kali dicoba, terakhir {moment_in_words(row['last_try'])}" if row["tries"] else ""
    return {
        "pk": row["resident_id"],
        "name": row["resident__name"],
        "village": row["resident__village__name"] or "Luar Kudus",
        "about": ", ".join(messages.label(kind) for kind in row["kinds"]),
        "since": "hari ini" if days < 1 else f"{days} hari",
        "overdue": timezone.now() - row["since"] > OVERDUE,
        "tries": tries,
        "has_number": row["has_number"],
        "on_sheet": row["on_sheet"],
    }


class CallView(CallPage):
    """`/petugas/telepon/<id>/`: the number to tap, what to say, what came of it before."""

    def get(self, request, pk: int):
        return self._page(pk, OutcomeForm())

    def post(self, request, pk: int):
        form = OutcomeForm(request.POST)
        if not form.is_valid():
            return self._page(pk, form)
        self._about(pk)
        outcome = CallOutcome(form.cleaned_data["outcome"])
        try:
            call_list.log(resident_id=pk, outcome=outcome, by=request.user, now=timezone.now())
        except DomainError as error:
            notices.error(request, f"{error}")
        else:
            notices.success(request, SAID[outcome])
        return redirect("call_list")

    def _about(self, pk: int):
        rows = call_list.about(resident_id=pk, by=self.request.user)
        if not rows:
            raise Http404
        return rows

    def _page(self, pk: int, form: OutcomeForm):
        rows = self._about(pk)
        number = call_list.number_for(rows)
        self.note_read("call.read_number" if number else "call.read", subject=f"resident:{pk}", resident_id=pk)
        resident = rows[0].resident
        context = {
            "resident": resident,
            "number": number,
            "number_text": national(number) if number else "",
            "village": resident.village,
            "texts": [notification.preview(row) for row in rows],
            "attempts": [_attempt(attempt) for attempt in call_list.attempts(resident_id=pk)],
            "form": form,
        }
        return render(self.request, "recording/call_list/person.html", context)


def _attempt(attempt: CallAttempt) -> dict:
    return {
        "text": attempt.get_outcome_display(),
        "when": f"{moment_in_words(attempt.made_at)}, {attempt.made_by.name}",
    }


class PrintSheetView(CallPage):
    """POST `/petugas/telepon/lembar/`: a sheet for one village."""

    def get(self, request):
        return redirect("call_list")

    def post(self, request):
        form = SheetForm(request.POST, by=request.user)
        if not form.is_valid():
            for error in form.error_list:
                notices.error(request, error.text)
            return redirect("call_list")
        try:
            sheet = call_list.print_sheet(**form.cleaned_data, by=request.user, now=timezone.now())
        except DomainError as error:
            notices.error(request, f"{error}")
            return redirect("call_list")
        notices.success(request, "Lembar siap dicetak. Bawa ke balai desa dan minta dikembalikan bertanda tangan.")
        return redirect("call_sheet", sheet.pk)


class SheetPage(CallPage):
    def sheet(self, pk: int) -> CallSheet:
        sheet = call_list.sheets(by=self.request.user).filter(pk=pk).first()
        if sheet is None:
            raise Http404
        return sheet


class SheetView(SheetPage):
    """`/petugas/telepon/lembar/<id>/`: who is on the sheet; the signed sheet is entered here."""

    def get(self, request, pk: int):
        return self._page(self.sheet(pk), None)

    def post(self, request, pk: int):
        sheet = self.sheet(pk)
        form = self._form(sheet, request.POST)
        if not form.is_valid():
            return self._page(sheet, form)
        given = form.cleaned_data
        try:
            count = call_list.take_back_sheet(
                sheet_id=pk,
                resident_ids=given["people"],
                signed_by=given["signed_by"],
                signed_on=given["signed_on"],
                by=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            notices.error(request, f"{error}")
        else:
            notices.success(request, f"Lembar {sheet.village.name} diterima: {count} orang sudah diberi tahu.")
        return redirect("call_list")

    @staticmethod
    def _form(sheet: CallSheet, data=None) -> SheetReturnForm:
        people = [(row["resident_id"], row["resident__name"]) for row in call_list.on_sheet(sheet) if not row["told"]]
        return SheetReturnForm(data, people=people, printed_on=timezone.localdate(sheet.printed_at))

    def _page(self, sheet: CallSheet, form: SheetReturnForm | None):
        self.note_read("call.read_sheet", subject=f"call_sheet:{sheet.pk}")
        form = form or self._form(sheet)
        context = {
            "sheet": sheet,
            "title": f"Lembar {sheet.village.name}",
            "printed": moment_in_words(sheet.printed_at),
            "form": form,
            "count": len(form.fields["people"].choices),
            "pdf_url": reverse("call_sheet_pdf", args=[sheet.pk]),
        }
        return render(self.request, "recording/call_list/sheet.html", context)


class SheetPdfView(SheetPage):
    """`/petugas/telepon/lembar/<id>.pdf`: names and "harap ke kantor", never the cause."""

    def get(self, request, pk: int):
        sheet = self.sheet(pk)
        self.note_read("call.read_sheet", subject=f"call_sheet:{sheet.pk}")
        names = [row["resident__name"] for row in call_list.on_sheet(sheet)]
        name = f"lembar-{sheet.pk}-{short_day(timezone.localdate(sheet.printed_at)).replace(' ', '-').lower()}.pdf"
        return HttpResponse(
            sheet_pdf(sheet, names),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )
