"""`/pengawas/akses/`: who looked at whom, for supervisors."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from recording.csv_export import csv_response
from recording.dates import clock, plain_date, short_day
from recording.forms.access_log import AccessLogFilterForm
from recording.models import AuditEvent
from recording.policy.access import Permission
from recording.policy.access_log import GROUPS, words
from recording.services import access_log, audit
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 50
A_SECOND = timedelta(seconds=1)
COLUMNS = ("Waktu", "Petugas", "Kegiatan", "Warga", "Kantor", "Alasan")
WEEK_COLUMNS = ("Petugas", "Dilihat", "Warga", "Tanpa layanan", "Di luar jam", "Hari tersibuk", "Perlu ditanyakan")


class AccessLogPage(StaffRequired):
    permission = Permission.DASHBOARDS

    def filtered(self, request):
        """The filters of the address and the events they leave. Wrong filters filter nothing."""
        form = AccessLogFilterForm(request.GET, by=request.user)
        given = form.cleaned_data if form.is_valid() else {}
        since, until = form.span()
        found = access_log.events(
            by=request.user,
            since=since,
            until=until,
            actor=given.get("petugas"),
            patterns=GROUPS[given["kegiatan"]][1] if given.get("kegiatan") else (),
            resident_id=given.get("warga"),
        )
        return form, found, (since, until)


class AccessLogView(AccessLogPage, View):
    """`/pengawas/akses/`."""

    def get(self, request):
        form, found, (since, until) = self.filtered(request)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("halaman"))
        shown = list(page)
        names = access_log.masked_names([event.resident_id for event in shown if event.resident_id])
        context = {
            "filters": form,
            "page": page,
            "count": page.paginator.count,
            "query": query_of(request),
            "span": f"{plain_date(timezone.localdate(since))} – {plain_date(timezone.localdate(until - A_SECOND))}",
            "columns": [{"label": label} for label in COLUMNS],
            "rows": [{"cells": _cells(event, names)} for event in shown],
        }
        return render(request, "recording/staff_accounts/access_log.html", context)


def _cells(event: AuditEvent, names: dict[int, str]) -> list:
    at = timezone.localtime(event.occurred_at)
    office = event.actor.office.name if event.actor.office else "Semua kantor"
    person = (
        {"text": f"Nomor {event.resident_id}", "small": names.get(event.resident_id, "")} if event.resident_id else "–"
    )
    return [
        {"text": f"{clock(at)} WIB", "small": short_day(at.date())},
        {"text": event.actor.name, "small": f"{event.actor.get_role_display()}, {office}"},
        words(event.action),
        person,
        event.office.name if event.office else "–",
        event.reason or "–",
    ]


class AccessLogCsvView(AccessLogPage, RecentPasswordRequired, View):
    """`/pengawas/akses/unduh.csv`: the filtered list, people by their number only."""

    def get(self, request):
        _form, found, _span = self.filtered(request)
        audit.record(action="access_log.export", actor=request.user, office_id=request.user.office_id)
        rows = (
            (
                timezone.localtime(event.occurred_at).isoformat(timespec="seconds"),
                event.actor.username,
                event.actor.role,
                event.action,
                event.resident_id or "",
                event.subject,
                event.office.code if event.office else "",
                event.reason,
            )
            for event in found.iterator(chunk_size=1000)
        )
        columns = ["waktu", "petugas", "tugas", "kegiatan", "nomor_warga", "tentang", "kantor", "alasan"]
        return csv_response(name="catatan-akses", columns=columns, rows=rows)


class AccessWeekView(AccessLogPage, View):
    """`/pengawas/akses/mencolok/`: the last seven days of each person, what stands out first."""

    def get(self, request):
        weeks = access_log.weeks(by=request.user, now=timezone.now())
        context = {
            "columns": [{"label": label, "number": 0 < place < 6} for place, label in enumerate(WEEK_COLUMNS)],
            "rows": [{"cells": _week_cells(week)} for week in weeks],
            "striking": sum(1 for week in weeks if week.reasons),
        }
        return render(request, "recording/staff_accounts/access_week.html", context)


def _week_cells(week: access_log.Week) -> list:
    query = urlencode({"petugas": week.user_id, "kegiatan": "lihat"})
    reasons = {"text": ", ".join(week.reasons).capitalize(), "badge": "warning"} if week.reasons else "–"
    return [
        {"text": week.name, "url": f"{reverse('access_log')}?{query}", "small": f"{week.role}, {week.office}"},
        week.reads,
        week.people,
        week.without_work,
        week.off_hours,
        week.busiest,
        reasons,
    ]
