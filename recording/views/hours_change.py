"""`/kelola/perubahan/`: what a change would do, applying it, taking it back, and what was changed before."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording import dates
from recording.csv_export import csv_response
from recording.exceptions import DomainError, PreviewOutdated
from recording.models import HoursChange, Office, Slot
from recording.policy.access import Permission
from recording.policy.arrangement import changed_days, defeats
from recording.services import hours_change
from recording.services.hours_change import Preview
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.week_grid import defeat_words, grid, monday_of

PER_PAGE = 30
LINES_SHOWN = 200
WEEKS_SHOWN = 8


def state_of(change: HoursChange) -> tuple[str, str]:
    """What the change is now, and the badge's kind."""
    if change.undone_at:
        return "Dikembalikan", ""
    return ("Berlaku", "success") if change.applied_at else ("Belum diterapkan", "warning")


class ChangePage(StaffRequired):
    permission = Permission.STATION_COUNTS

    def change(self, pk: int) -> HoursChange:
        """The change, if this person may see it; otherwise it answers like a missing one."""
        rows = HoursChange.objects.for_staff(self.request.user).select_related("office", "created_by", "applied_by")
        return get_object_or_404(rows, pk=pk)


class ChangeListPage(ChangePage):
    def filtered(self, request):
        changes = HoursChange.objects.for_staff(request.user).select_related("office", "created_by", "applied_by")
        state = request.GET.get("keadaan", "")
        match state:
            case "menunggu":
                changes = changes.filter(applied_at=None)
            case "berlaku":
                changes = changes.filter(applied_at__isnull=False, undone_at=None)
            case "dikembalikan":
                changes = changes.filter(undone_at__isnull=False)
            case _:
                state = ""
        return changes.order_by("-created_at", "-pk"), state


class ChangeListView(ChangeListPage, View):
    """`/kelola/perubahan/`, newest first; `?keadaan=` filters."""

    def get(self, request):
        changes, state = self.filtered(request)
        page = Paginator(changes, PER_PAGE).get_page(request.GET.get("halaman"))
        context = {
            "page": page,
            "state": state,
            "query": f"keadaan={state}" if state else "",
            "columns": [{"label": label} for label in ("Perubahan", "Kantor", "Keadaan", "Oleh", "Waktu")],
            "rows": [{"cells": _cells(change)} for change in page],
        }
        return render(request, "recording/hours/changes.html", context)


class ChangeCsvView(ChangeListPage, RecentPasswordRequired, View):
    """`/kelola/perubahan/unduh.csv`."""

    def get(self, request):
        changes, _state = self.filtered(request)
        columns = ("perubahan", "kantor", "keadaan", "oleh", "diterapkan", "pindah", "dibatalkan", "alasan")
        rows = (
            (
                change.title,
                _scope(change),
                state_of(change)[0],
                (change.applied_by or change.created_by).get_full_name(),
                f"{timezone.localtime(change.applied_at):%Y-%m-%d %H:%M}" if change.applied_at else "",
                len(change.result.get("moved", [])),
                len(change.result.get("cancelled", [])),
                change.reason,
            )
            for change in changes.iterator(chunk_size=500)
        )
        return csv_response(name="perubahan-jam", columns=columns, rows=rows)


def _scope(change: HoursChange) -> str:
    return change.office.name if change.office else "Beberapa kantor atau semua"


def _cells(change: HoursChange) -> list[dict[str, Any]]:
    label, kind = state_of(change)
    return [
        {"text": change.title, "url": reverse("hours_change", args=[change.pk])},
        {"text": _scope(change)},
        {"text": label, "badge": kind or "info"},
        {"text": (change.applied_by or change.created_by).get_full_name()},
        {"text": dates.moment_in_words(change.applied_at or change.created_at)},
    ]


class ChangeView(ChangePage, View):
    """`/kelola/perubahan/<id>/`: the preview while it waits, afterwards what it did."""

    def get(self, request, pk):
        change = self.change(pk)
        context = {"change": change, "scope": _scope(change), "state": state_of(change), "back": back_of(change)}
        if change.is_waiting:
            preview = hours_change.preview(change=change, now=timezone.now())
            context |= _preview_context(request, change, preview)
            return render(request, "recording/hours/preview.html", context)
        return render(request, "recording/hours/result.html", context | _result_context(change))


class ApplyView(ChangePage, View):
    """`/kelola/perubahan/<id>/terapkan/`."""

    http_method_names = ["post"]

    def post(self, request, pk):
        change = self.change(pk)
        try:
            hours_change.apply(
                change_id=change.pk, seen=request.POST.get("seen", "")[:40], by=request.user, now=timezone.now()
            )
        except PreviewOutdated as error:
            messages.warning(request, str(error))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("hours_change", change.pk)


class UndoView(ChangePage, View):
    """`/kelola/perubahan/<id>/kembalikan/`: says what will happen, then does it."""

    def get(self, request, pk):
        change = self.change(pk)
        if not change.is_in_force:
            return redirect("hours_change", change.pk)
        return render(request, "recording/hours/undo.html", {"change": change} | _result_context(change))

    def post(self, request, pk):
        change = self.change(pk)
        try:
            hours_change.undo(change_id=change.pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("hours_change", change.pk)


class DiscardView(ChangePage, View):
    """`/kelola/perubahan/<id>/buang/`."""

    http_method_names = ["post"]

    def post(self, request, pk):
        change = self.change(pk)
        back = back_of(change)
        hours_change.discard(change_id=change.pk, by=request.user)
        messages.success(request, "Perubahan dibuang. Tidak ada yang berubah.")
        return redirect(back)


def back_of(change: HoursChange) -> str:
    """The page the change began on."""
    return reverse({"rule": "hours", "closure": "closures", "stations": "stations"}[change.kind])


# --- the preview ----------------------------------------------------------------------------------------------------


def _preview_context(request, change: HoursChange, preview: Preview) -> dict[str, Any]:
    today = timezone.localdate()
    office = _office_shown(request, preview)
    mondays = _mondays(change, preview, today=today)
    monday = _monday_shown(request, mondays)
    changed_days_count = len({day for _office, day in preview.changed})
    return {
        "preview": preview,
        "facts": _facts(changed_days_count, len({pk for pk, _day in preview.changed}), preview),
        "lines": _lines(preview, {each.pk: each.name for each in preview.after.offices}),
        "line_columns": LINE_COLUMNS,
        "office_lines": _by_office(preview, {each.pk: each.name for each in preview.after.offices}),
        "office_columns": OFFICE_COLUMNS,
        "office": office,
        "offices": _offices_changed(preview),
        "mondays": [
            {"monday": each, "label": f"{dates.day_short(each)} sampai {dates.day_short(each + timedelta(days=6))}"}
            for each in mondays
        ],
        "monday": monday,
        "week": grid(office=office, monday=monday, arrangement=preview.after, before=preview.before, today=today)
        if office
        else None,
        "warnings": _warnings(change, preview, today=today),
        "beyond": not preview.changed,
    }


def _facts(days: int, offices: int, preview: Preview) -> list[dict[str, Any]]:
    moved, cancelled = len(preview.moved), len(preview.cancelled)
    return [
        {
            "label": "hari yang berubah",
            "value": days,
            "kind": "info",
            "note": f"di {offices} kantor" if offices else "",
        },
        {
            "label": "janji dipindah ke jam lain",
            "value": moved,
            "kind": "warning" if moved else "success",
            "note": "warga diberi tahu" if moved else "",
        },
        {
            "label": "janji dibatalkan",
            "value": cancelled,
            "kind": "danger" if cancelled else "success",
            "note": "tidak ada jam kosong lain; warga diberi tahu" if cancelled else "",
        },
    ]


def _lines(preview: Preview, names: dict[int, str]) -> list[dict[str, Any]]:
    """Affected appointments counted by office, old time and new time: an administrator sees no names."""
    counted = Counter((hit.office_id, hit.starts_at, hit.new_starts_at) for hit in preview.hits)
    ordered = sorted(counted.items(), key=lambda item: (names[item[0][0]], item[0][1], item[0][2] or item[0][1]))
    return [_line(names[office_id], old, new, count) for (office_id, old, new), count in ordered[:LINES_SHOWN]]


def _by_office(preview: Preview, names: dict[int, str]) -> list[dict[str, Any]]:
    """One line for each office: how many are hit, and how far they are moved."""
    hits: dict[int, list[hours_change.Hit]] = {}
    for hit in preview.hits:
        hits.setdefault(hit.office_id, []).append(hit)
    lines = []
    for office_id in sorted(hits, key=lambda pk: names[pk]):
        waits = [
            (timezone.localdate(hit.new_starts_at) - timezone.localdate(hit.starts_at)).days
            for hit in hits[office_id]
            if hit.new_starts_at
        ]
        cells = (
            names[office_id],
            len(hits[office_id]),
            sum(not days for days in waits),
            sum(bool(days) for days in waits),
            f"{max(waits)} hari" if any(waits) else "–",
            len(hits[office_id]) - len(waits),
        )
        lines.append({"cells": [{"text": cell} for cell in cells]})
    return lines


def _line(office: str, old: datetime, new: datetime | None, count: int) -> dict[str, Any]:
    cell = {"text": f"Pindah ke {_moment(new)}"} if new else {"text": "Dibatalkan", "badge": "danger"}
    return {"cells": [{"text": _moment(old)}, {"text": office}, {"text": count}, cell]}


def _moment(moment: datetime) -> str:
    return f"{dates.short_day(timezone.localdate(moment))} {dates.clock(moment)}"


def _offices_changed(preview: Preview) -> list[Office]:
    changed = {office_id for office_id, _day in preview.changed}
    return [office for office in preview.after.offices if office.pk in changed] or list(preview.after.offices)


def _office_shown(request, preview: Preview) -> Office | None:
    offices = _offices_changed(preview)
    wanted = request.GET.get("kantor", "")
    return next((office for office in offices if office.code == wanted), offices[0] if offices else None)


def _mondays(change: HoursChange, preview: Preview, *, today: date) -> list[date]:
    """The weeks in which something differs; beyond the days with slots, the week in which it begins."""
    days = {day for _office, day in preview.changed}
    if not days:
        days = set(_days_that_differ(preview, hours_change.days_named(change.edits), today=today)) or {today}
    return sorted({monday_of(day) for day in days})[:WEEKS_SHOWN]


def _days_that_differ(preview: Preview, named: list[date], *, today: date) -> list[date]:
    candidates = [day + timedelta(days=offset) for day in named if day >= today for offset in range(7)]
    return sorted({day for _office, day in changed_days(before=preview.before, after=preview.after, days=candidates)})


def _monday_shown(request, mondays: list[date]) -> date:
    wanted = request.GET.get("minggu", "")
    return next((each for each in mondays if each.isoformat() == wanted), mondays[0])


def _warnings(change: HoursChange, preview: Preview, *, today: date) -> list[str]:
    """What an administrator would otherwise find out too late."""
    said = []
    for one in change.edits:
        if one["subject"] == "rule" and one["after"]:
            rule = next(row for row in preview.after.rules if _is_edited(row, one))
            others = [row for row in preview.after.rules if row is not rule]
            said += [defeat_words(each) for each in defeats(rule=rule, rules=others, today=today)]
    if preview.crowded:
        said.append(
            f"{preview.crowded} tempat yang sudah dipesan lebih banyak daripada tempat baru. Semuanya tetap dilayani "
            "pada jamnya; antrean bisa lebih lama."
        )
    return said


def _is_edited(row, one: dict[str, Any]) -> bool:
    return row.pk == one["target"] and (one["target"] is not None or row.name == one["after"]["name"])


# --- afterwards -----------------------------------------------------------------------------------------------------


def _result_context(change: HoursChange) -> dict[str, Any]:
    result, undone = change.result, change.result.get("undo")
    lines = _moves_counted(result.get("moved", []))
    context = {
        "moved": len(result.get("moved", [])),
        "cancelled": len(result.get("cancelled", [])),
        "days": len(result.get("days", [])),
        "office_count": len(result.get("offices", [])),
        "slots": result.get("slots", 0),
        "lines": lines,
        "line_columns": LINE_COLUMNS,
        "facts": _result_facts(result),
        "undone": undone,
    }
    if undone:
        context["undo_facts"] = [
            {"label": "janji kembali ke jam semula", "value": len(undone["back"]), "kind": "success"},
            {"label": "janji tetap di jam baru atau batal", "value": len(undone["kept"]), "kind": "warning"},
            {
                "label": "janji lain yang ikut dipindah",
                "value": len(undone["moved"]) + len(undone["cancelled"]),
                "kind": "info",
            },
        ]
        context["kept_lines"] = _moves_counted([row for row in result["moved"] if row[0] in set(undone["kept"])])
    return context


OFFICE_COLUMNS = [
    {"label": "Kantor"},
    {"label": "Janji terkena", "number": True},
    {"label": "Tetap hari yang sama", "number": True},
    {"label": "Pindah hari", "number": True},
    {"label": "Paling lama mundur", "number": True},
    {"label": "Dibatalkan", "number": True},
]
LINE_COLUMNS = [
    {"label": "Janji semula"},
    {"label": "Kantor"},
    {"label": "Jumlah", "number": True},
    {"label": "Yang terjadi"},
]


def _result_facts(result: dict[str, Any]) -> list[dict[str, Any]]:
    moved, cancelled = len(result.get("moved", [])), len(result.get("cancelled", []))
    return [
        {"label": "hari yang berubah", "value": len(result.get("days", [])), "kind": "info"},
        {"label": "janji dipindah ke jam lain", "value": moved, "kind": "warning" if moved else "success"},
        {"label": "janji dibatalkan", "value": cancelled, "kind": "danger" if cancelled else "success"},
    ]


def _moves_counted(moved: list[list]) -> list[dict[str, Any]]:
    """Moves counted by office, old time and new time; the ids of appointments stay behind."""
    ids = {slot_id for _pk, old, new, *_pools in moved for slot_id in (old, new)}
    slots = {slot.pk: slot for slot in Slot.objects.filter(pk__in=ids).select_related("office")}
    counted = Counter((old, new) for _pk, old, new, *_pools in moved)
    ordered = sorted(counted.items(), key=lambda item: (slots[item[0][0]].office.name, slots[item[0][0]].starts_at))
    return [
        _line(slots[old].office.name, slots[old].starts_at, slots[new].starts_at, count)
        for (old, new), count in ordered[:LINES_SHOWN]
    ]
