"""`/petugas/tutup-hari/`: the checklist that closes a day. `/petugas/belum-terkirim/`: what the stations still owe."""

from datetime import date

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
from recording.dates import clock, day_in_words, moment_in_words, plain_date, short_day
from recording.exceptions import CountsDiffer, DomainError
from recording.forms.closing import ClosingForm, MarkSentForm, UnsentFilterForm
from recording.models import Office, Recording
from recording.policy.access import Permission
from recording.services import audit, closing, tracking_code
from recording.views.desk import chosen_office
from recording.views.desk_facts import list_row
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 100


class ClosingPage(StaffRequired, View):
    """Base: the office of the clerk, or the one in `?kantor=`, and the day in `?tanggal=` (today, else a day of the
    last week)."""

    permission = Permission.DESK

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.now = timezone.now()

    def office(self) -> Office:
        office = chosen_office(self.request)
        if office is None:
            raise Http404
        return office

    def day(self) -> date:
        today = timezone.localdate(self.now)
        try:
            wanted = date.fromisoformat(self.request.GET.get("tanggal", ""))
        except ValueError:
            return today
        return wanted if closing.may_be_closed(day=wanted, today=today) else today

    def query(self, office: Office, day: date) -> str:
        return urlencode({"kantor": office.code, "tanggal": day.isoformat()})

    def back(self, office: Office, day: date):
        return redirect(f"{reverse('closing')}?{self.query(office, day)}")


class ClosingView(ClosingPage):
    """GET: the steps and how far they are. POST: the figures of the stations, which closes the day."""

    def get(self, request):
        office, day = self.office(), self.day()
        state = closing.day_of(office=office, day=day, now=self.now)
        audit.record(action="closing.read_day", actor=request.user, subject=f"day:{day}", office_id=office.pk)
        return self._page(state, ClosingForm(stations=state.stations))

    def post(self, request):
        office, day = self.office(), self.day()
        state = closing.day_of(office=office, day=day, now=self.now)
        form = ClosingForm(request.POST, stations=state.stations)
        if not form.is_valid():
            return self._page(state, form)
        try:
            closing.close(
                office=office, day=day, sent=form.sent, unsent_ids=form.unsent_ids, by=request.user, now=self.now
            )
        except CountsDiffer as error:
            state = closing.day_of(office=office, day=day, now=self.now)
            form = ClosingForm(request.POST, stations=state.stations)
            form.is_valid()
            form.mark(error.stations)
            return self._page(state, form)
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, f"{office.name} menutup {day_in_words(day)}. Terima kasih.")
        return self.back(office, day)

    def _page(self, state: closing.Day, form: ClosingForm):
        request, today = self.request, timezone.localdate(self.now)
        last = closing.last_time_ahead(office=state.office, day=state.day, now=self.now)
        people = {
            name: [list_row(row, now=self.now, today=state.day) for row in getattr(state, name)]
            for name in ("waiting", "at_station", "missed", "expected")
        }
        context = {
            **people,
            "office": state.office,
            "offices": Office.objects.active() if request.user.office_id is None else [],
            "day": state.day,
            "caption": day_in_words(state.day),
            "query": self.query(state.office, state.day),
            "sent_home": [
                {"name": row.resident.name, "time": moment_in_words(row.slot.starts_at)}
                for row in closing.sent_home(office=state.office, day=state.day)
            ],
            "send_home_from": clock(last) if last else "",
            "not_here": len(state.missed) + len(state.expected),
            "is_settled": state.is_settled,
            "last_time": clock(max(row.slot.ends_at for row in state.expected)) if state.expected else "",
            "form": form if not state.closing else None,
            "recorded": sum(len(station.recordings) for station in state.stations),
            **_closed(state, today),
        }
        return render(request, "recording/closing/day.html", context)


def _closed(state: closing.Day, today: date) -> dict:
    """What the page says once the day is closed."""
    if state.closing is None:
        return {}
    tallies = list(state.closing.tallies.order_by("station"))
    owed = [row for station in state.stations for row in station.unsent]
    return {
        "closing": state.closing,
        "closed_at": moment_in_words(state.closing.closed_at),
        "may_undo": timezone.localdate(state.closing.closed_at) == today,
        "columns": [
            {"label": "Loket"},
            {"label": "Direkam", "number": True},
            {"label": "Terkirim", "number": True},
            {"label": "Belum", "number": True},
        ],
        "rows": [
            {"cells": [f"Loket {each.station}", each.recorded, each.sent, each.recorded - each.sent]}
            for each in tallies
        ],
        "owed": [f"{row.resident.name}, loket {row.station}, pukul {clock(row.recorded_at)}" for row in owed],
    }


class SendHomeView(ClosingPage):
    """POST `/petugas/tutup-hari/pulang/`: everybody who still waits gets a time."""

    http_method_names = ["post"]

    def post(self, request):
        office, day = self.office(), self.day()
        try:
            done = closing.send_home(office=office, day=day, by=request.user, now=self.now)
        except DomainError as error:
            messages.error(request, f"{error}")
            return self.back(office, day)
        if done.placed:
            messages.success(
                request, f"{len(done.placed)} orang punya waktu baru. Cetak lembarnya sebelum mereka pulang."
            )
        if done.without_place:
            messages.error(
                request,
                f"{len(done.without_place)} orang belum mendapat waktu: dua minggu ke depan penuh. "
                "Layani hari ini, atau minta administrator menambah loket.",
            )
        return self.back(office, day)


class SettleMissedView(ClosingPage):
    """POST `/petugas/tutup-hari/tidak-hadir/`: who did not come is a no-show."""

    http_method_names = ["post"]

    def post(self, request):
        office, day = self.office(), self.day()
        try:
            missed = closing.settle_missed(office=office, day=day, by=request.user, now=self.now)
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, f"{missed} janji dicatat tidak hadir. Yang meninggalkan kontak diberi tahu.")
        return self.back(office, day)


class UndoClosingView(ClosingPage):
    """POST `/petugas/tutup-hari/urungkan/`, on the date of the closing."""

    http_method_names = ["post"]

    def post(self, request):
        office, day = self.office(), self.day()
        try:
            closing.undo(office=office, day=day, by=request.user, now=self.now)
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Penutupan diurungkan. Angka terkirim dari penutupan itu ditarik kembali.")
        return self.back(office, day)


class SentHomePdfView(ClosingPage):
    """`/petugas/tutup-hari/lembar.pdf`: one A6 sheet for each person who leaves with a new time."""

    def get(self, request):
        office, day = self.office(), self.day()
        rows = closing.sent_home(office=office, day=day)
        if not rows:
            messages.error(request, "Belum ada lembar untuk dicetak: tidak ada yang pulang dengan waktu baru.")
            return self.back(office, day)
        for row in rows:
            audit.record(
                action="receipt.read",
                actor=request.user,
                resident_id=row.resident_id,
                subject=f"appointment:{row.pk}",
                office_id=office.pk,
            )
        content = paper.slips_pdf((row, tracking_code.active_code(row.resident)) for row in rows)
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={"Content-Disposition": 'inline; filename="waktu-baru.pdf"'},
        )


class UnsentPage(StaffRequired):
    permission = Permission.DESK

    def filtered(self):
        form = UnsentFilterForm(self.request.GET, by=self.request.user)
        rows = closing.unsent(user=self.request.user).filter(**form.applied())
        return form, rows.select_related("resident", "office", "operator")


class UnsentView(UnsentPage, View):
    """GET: the list. POST: those ticked are sent."""

    def get(self, request):
        form, rows = self.filtered()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        audit.record(
            action="closing.read_unsent", actor=request.user, subject="unsent", office_id=request.user.office_id
        )
        today = timezone.localdate()
        context = {
            "filters": form,
            "page": page,
            "count": page.paginator.count,
            "query": query_of(request),
            "rows": [_unsent_row(row, today, show_office=request.user.office_id is None) for row in page],
        }
        return render(request, "recording/closing/unsent.html", context)

    def post(self, request):
        _form, rows = self.filtered()
        asked = MarkSentForm(request.POST, recording_ids=list(rows.values_list("pk", flat=True)))
        if not asked.is_valid():
            for text in asked.errors.get("recording", []):
                messages.error(request, text)
            return redirect(request.get_full_path())
        try:
            sent = closing.mark_sent(recording_ids=asked.cleaned_data["recording"], by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, f"{sent} perekaman dicatat terkirim.")
        return redirect(request.get_full_path())


def _unsent_row(row: Recording, today: date, *, show_office: bool) -> dict:
    days = (today - row.day).days
    place = f"{row.office.name}, loket {row.station}" if show_office else f"Loket {row.station}"
    return {
        "pk": row.pk,
        "name": row.resident.name,
        "about": f"{short_day(row.day)} pukul {clock(row.recorded_at)}. {place}, {row.operator.name}.",
        "badge": f"{days} hari" if days else "hari ini",
        "kind": "danger" if days > 1 else "warning" if days else "",
    }


class UnsentCsvView(UnsentPage, RecentPasswordRequired, View):
    """`/petugas/belum-terkirim/unduh.csv`: the filtered list; people by name, never by NIK."""

    def get(self, request):
        _form, rows = self.filtered()
        audit.record(
            action="closing.unsent_export", actor=request.user, subject="unsent", office_id=request.user.office_id
        )
        lines = (
            (
                row.pk,
                row.resident.name,
                row.office.name,
                row.station,
                plain_date(row.day),
                clock(row.recorded_at),
                row.operator.name,
                row.device,
            )
            for row in rows
        )
        columns = ("nomor", "nama", "kantor", "loket", "tanggal", "pukul", "petugas", "alat")
        return csv_response(name="belum-terkirim", columns=columns, rows=lines)
