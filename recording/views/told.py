"""`/pengawas/diberitahu/`: how fast people learn what they must know, by which way, and whom nothing has reached."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.generic import View

from recording import messages
from recording.csv_export import csv_response
from recording.dates import moment_in_words
from recording.enums import MessageChannel
from recording.policy.access import Permission
from recording.services import audit, told
from recording.services.told import DAYS, NeverTold, Share
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired

PER_PAGE = 40
COLUMNS = ("Harus tahu", "Sudah tahu", "Dalam 24 jam", "Bagian", "Biasanya")
CHANNELS = dict(MessageChannel.choices)


class ToldPage(StaffRequired):
    permission = Permission.DASHBOARDS

    def note_read(self, action: str) -> None:
        user = self.request.user
        audit.record(action=action, actor=user, subject="told", office_id=user.office_id)

    def never_told(self) -> list[NeverTold]:
        return told.never_told(now=timezone.now(), office_id=self.request.user.office_id)


class ToldView(ToldPage, View):
    def get(self, request):
        found = told.told(now=timezone.now(), office_id=request.user.office_id)
        never = self.never_told()
        page = Paginator(never, PER_PAGE).get_page(request.GET.get("halaman"))
        self.note_read("told.read_list")
        context = {
            "days": DAYS,
            "facts": [
                {
                    "label": "Tahu dalam 24 jam",
                    "value": f"{found.total.percent}%" if found.total.due else "–",
                    "note": f"{found.total.in_time} dari {found.total.due}",
                },
                {"label": "Sudah tahu", "value": found.total.told},
                {"label": "Belum tahu lebih dari sehari", "value": len(never), "kind": "danger" if never else ""},
            ],
            "tables": [
                _table("Menurut jalan", "Lewat", found.by_channel, lambda name: f"{CHANNELS[name]}"),
                _table("Menurut kabar", "Kabar", found.by_kind, messages.label),
                _table("Menurut desa atau kelurahan", "Desa", found.by_village, lambda name: name),
            ],
            "page": page,
            "never_columns": [{"label": label} for label in ("Warga", "Desa", "Harus tahu", "Sejak", "Dicoba")],
            "never_rows": [{"cells": _cells(row)} for row in page],
        }
        return render(request, "recording/told/told.html", context)


def _table(caption: str, heading: str, shares: list[Share], name_of) -> dict:
    return {
        "caption": caption,
        "columns": [{"label": heading}, *({"label": label, "number": True} for label in COLUMNS)],
        "rows": [
            {
                "cells": [
                    name_of(share.name),
                    share.facts,
                    share.told,
                    share.in_time,
                    f"{share.percent}%" if share.due else "–",
                    "–" if share.median_hours is None else _hours(share.median_hours),
                ]
            }
            for share in shares
        ],
    }


def _hours(hours: float) -> str:
    return f"{max(1, round(hours * 60))} menit" if hours < 1 else f"{round(hours)} jam"


def _cells(row: NeverTold) -> list:
    return [
        row.name,
        row.village,
        messages.label(row.kind),
        moment_in_words(row.owed_at),
        f"{row.tries} kali" if row.tries else "belum",
    ]


class ToldCsvView(ToldPage, RecentPasswordRequired, View):
    """`/pengawas/diberitahu/unduh.csv`: whom nothing has reached, by name."""

    def get(self, request):
        self.note_read("told.export")
        rows = (
            (
                row.name,
                row.village,
                messages.label(row.kind),
                timezone.localtime(row.owed_at).isoformat("T", "minutes"),
                row.tries,
            )
            for row in self.never_told()
        )
        columns = ("nama", "desa", "harus_tahu", "sejak", "dicoba")
        return csv_response(name="belum-diberi-tahu", columns=columns, rows=rows)
