"""The desk: the day's list of an office, and the one box that finds anybody."""

from datetime import date

from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import TemplateView, View

from recording.dates import day_in_words
from recording.enums import OfficeKind
from recording.exceptions import TooManyTries
from recording.forms.desk import DeskSearchForm
from recording.models import Office
from recording.policy.access import Permission
from recording.services import audit, closing, desk, directory, outage, rate_limit
from recording.services.directory import Sought
from recording.views import opened
from recording.views.desk_facts import list_row
from recording.views.mixins import StaffRequired
from recording.views.public import too_many_tries

SHOWN_ENDED = 8
SEARCHES_PER_HOUR = 300
NOTHING_FOUND = {
    Sought.NIK: (
        "NIK ini belum dikenal",
        "Periksa angkanya. Bila benar, warga belum punya janji dan belum pernah direkam di Kudus.",
    ),
    Sought.CODE: ("Kode ini tidak dikenal", "Mungkin sudah diganti. Cari dengan NIK dari Kartu Keluarga."),
    Sought.TICKET: ("Nomor antrean ini belum diberikan hari ini", "Periksa huruf dan angkanya."),
    Sought.NAME: (
        "Tidak ada janji dengan nama itu di kantor ini",
        "Coba awal kata lain, atau cari dengan NIK dari Kartu Keluarga.",
    ),
    Sought.WRONG_NIK: ("NIK harus 16 angka", "Hitung lagi angkanya di Kartu Keluarga."),
    Sought.WRONG_CODE: ("Kode salah ketik", "Kode terdiri dari 11 huruf dan angka, seperti K7QX-4M2P-9TH."),
    Sought.TOO_SHORT: ("Ketik sedikitnya dua huruf", "Bisa juga NIK, kode, nomor antrean, atau pindai QR pada bukti."),
}


class DeskView(StaffRequired, TemplateView):
    """`/petugas/loket/`. `?kantor=` (all-office roles), `?tanggal=YYYY-MM-DD`, `?tampil=selesai`. htmx: lists only."""

    permission = Permission.DESK

    def get_template_names(self):
        return ["recording/desk/lists.html" if self.request.htmx else "recording/desk/day.html"]

    def get_context_data(self, **kwargs):
        now, today = timezone.now(), timezone.localdate()
        office, day = chosen_office(self.request), _chosen_day(self.request, today)
        if not self.request.htmx:
            office_id = office.pk if office else None
            audit.record(action="desk.list", actor=self.request.user, subject=f"day:{day}", office_id=office_id)
        show_all = self.request.GET.get("tampil") == "selesai"
        return super().get_context_data(
            **_lists(office, day, now=now, today=today, show_all=show_all),
            office=office,
            offices=Office.objects.active() if self.request.user.office_id is None else [],
            day=day,
            is_today=day == today,
            caption=day_in_words(day),
            show_all=show_all,
            here=self.request.get_full_path(),
            day_is_over=bool(office) and day == today and closing.last_time_is_over(office=office, now=now),
            outages=outage.notices(office_ids=[office.pk]) if office and day == today else [],
            now=now,
            **kwargs,
        )


class DeskSearchView(StaffRequired, View):
    """`/petugas/cari/`, by POST: what is typed names a person, so it never stands in an address."""

    permission = Permission.DESK

    def get(self, request):
        return redirect("desk")

    def post(self, request):
        form = DeskSearchForm(request.POST)
        text = form.cleaned_data["q"] if form.is_valid() else ""
        now = timezone.now()
        try:
            rate_limit.take(
                scope="desk.search", key=f"{request.user.pk}", capacity=SEARCHES_PER_HOUR, per_seconds=3600, now=now
            )
        except TooManyTries as error:
            return too_many_tries(request, error)
        found = directory.find(text=text, by=request.user, now=now)
        if found.person:
            opened.remember(request, found.person.pk)
            appointment = directory.appointment_to_open(found.person, by=request.user, now=now)
            return (
                redirect("desk_appointment", appointment.pk)
                if appointment
                else redirect("desk_person", found.person.pk)
            )
        if len(found.appointments) == 1:
            return redirect("desk_appointment", found.appointments[0].pk)
        today = timezone.localdate(now)
        title, advice = NOTHING_FOUND[found.sought]
        context = {
            "q": text,
            "results": [(row.day, list_row(row, now=now, today=today)) for row in found.appointments],
            "limit_reached": len(found.appointments) == directory.NAME_LIMIT,
            "title": title,
            "advice": advice,
        }
        return render(request, "recording/desk/results.html", context)


def chosen_office(request: HttpRequest) -> Office | None:
    """The clerk's own office; for all-office roles the one in `?kantor=`, else the last one, else Disdukcapil."""
    if request.user.office_id is not None:
        return request.user.office
    offices = Office.objects.active()
    code = request.GET.get("kantor") or request.session.get("desk_office", "")
    office = offices.filter(code=code).first() if "\0" not in code else None
    if office and request.session.get("desk_office") != office.code:
        request.session["desk_office"] = office.code
    return office or offices.filter(kind=OfficeKind.DISDUKCAPIL).first() or offices.first()


def _chosen_day(request: HttpRequest, today: date) -> date:
    try:
        return date.fromisoformat(request.GET.get("tanggal", ""))
    except ValueError:
        return today


def _lists(office: Office | None, day: date, *, now, today: date, show_all: bool) -> dict:
    rows = desk.day_of(office=office, day=day) if office else desk.Day([], [], [])
    ended = rows.ended if show_all else rows.ended[:SHOWN_ENDED]
    return {
        "waiting": [list_row(row, now=now, today=today) for row in rows.waiting],
        "booked": [list_row(row, now=now, today=today) for row in rows.booked],
        "ended": [list_row(row, now=now, today=today) for row in ended],
        "ended_count": len(rows.ended),
    }
