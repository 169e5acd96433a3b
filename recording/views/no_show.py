"""`/pengawas/tidak-hadir/`: how many booked and did not come, and what that suggests for people without appointment."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.generic import View

from recording.csv_export import csv_response
from recording.forms.no_show import DIFFERING, ENOUGH, NoShowFilterForm
from recording.policy.access import Permission
from recording.policy.no_show import FEWEST_BOOKINGS, LEAST, MOST
from recording.services.no_show import DAYS, Share, shares
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE = 40
COLUMNS = ("Kantor", "Jam", "Dipesan", "Tidak hadir", "Bagian", "Tempat langsung sekarang", "Saran")


class NoShowPage(StaffRequired):
    permission = Permission.DASHBOARDS

    def filtered(self, request) -> tuple[NoShowFilterForm, list[Share]]:
        """The filters of the address and the hours they leave. A wrong filter filters nothing."""
        form = NoShowFilterForm(request.GET, by=request.user)
        given = form.cleaned_data if form.is_valid() else {}
        office = given.get("kantor")
        office_id = request.user.office_id or (office.pk if office else None)
        rows = shares(today=timezone.localdate(), office_id=office_id)
        match given.get("tampil"):
            case value if value == ENOUGH:
                rows = [row for row in rows if row.suggested is not None]
            case value if value == DIFFERING:
                rows = [row for row in rows if row.suggested is not None and row.suggested != row.kept]
        return form, rows


class NoShowView(NoShowPage, View):
    def get(self, request):
        form, rows = self.filtered(request)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "days": DAYS,
            "fewest": FEWEST_BOOKINGS,
            "least": LEAST,
            "most": MOST,
            "columns": [{"label": label, "number": place > 1} for place, label in enumerate(COLUMNS)],
            "rows": [{"cells": _cells(row)} for row in page],
        }
        return render(request, "recording/no_show/list.html", context)


def _cells(row: Share) -> list:
    return [
        row.office,
        f"{row.hour:02d}.00",
        row.booked,
        row.missed,
        f"{row.share}%",
        "–" if row.kept is None else f"{row.kept}%",
        _suggestion(row),
    ]


def _suggestion(row: Share):
    if row.suggested is None:
        return "data belum cukup"
    return {"text": f"{row.suggested}%", "badge": "" if row.suggested == row.kept else "info"}


class NoShowCsvView(NoShowPage, RecentPasswordRequired, View):
    """`/pengawas/tidak-hadir/unduh.csv`: the filtered table; it names nobody."""

    def get(self, request):
        _form, found = self.filtered(request)
        rows = (
            (
                row.office_code,
                row.office,
                row.hour,
                row.booked,
                row.missed,
                row.share,
                "" if row.kept is None else row.kept,
                "" if row.suggested is None else row.suggested,
            )
            for row in found
        )
        columns = ["kode", "kantor", "jam", "dipesan", "tidak_hadir", "persen", "persen_langsung", "saran_persen"]
        return csv_response(name="tidak-hadir", columns=columns, rows=rows)
