"""`/kelola/tutup/`: days on which offices do not serve, and holidays to decide on."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording import dates
from recording.csv_export import csv_response
from recording.enums import ClosureKind, ClosureStatus
from recording.exceptions import DomainError
from recording.forms.closure import OPEN, PART, WHOLE, ClosureFilterForm, ClosureForm, DecisionForm
from recording.models import Closure
from recording.policy.access import Permission
from recording.services import closure as closures
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.weekdays import span

PER_PAGE = 40
PROPOSALS_SHOWN = 12
BADGES = {ClosureStatus.CONFIRMED: "danger", ClosureStatus.PROPOSED: "warning", ClosureStatus.DISMISSED: "success"}


def filtered(request):
    """The filters of the address and the closures they leave, nearest first. A wrong filter filters nothing."""
    form, today = ClosureFilterForm(request.GET), timezone.localdate()
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = Closure.objects.select_related("office")
    if wanted.get("kantor"):
        rows = rows.filter(Q(office=wanted["kantor"]) | Q(office=None))
    match wanted.get("status", ""):
        case "":
            rows = rows.exclude(status=ClosureStatus.PROPOSED)
        case "semua":
            pass
        case status:
            rows = rows.filter(status=status)
    match wanted.get("waktu"):
        case "lewat":
            return form, rows.filter(day__lt=today).order_by("-day", "pk")
        case "semua":
            return form, rows.order_by("day", "pk")
    return form, rows.filter(day__gte=today).order_by("day", "pk")


def stretch_words(closure: Closure) -> str:
    if closure.closed_from is None or closure.closed_until is None:
        return "Sehari penuh"
    if closure.closed_until == closures.END_OF_DAY:
        return f"Dari {closure.closed_from:%H.%M}"
    return span(closure.closed_from, closure.closed_until)


class ClosurePage(StaffRequired):
    permission = Permission.MANAGE


class ClosureListView(ClosurePage, View):
    """`/kelola/tutup/?kantor=&status=&waktu=&halaman=`."""

    def get(self, request):
        form, rows = filtered(request)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("halaman"))
        parameters = request.GET.copy()
        parameters.pop("halaman", None)
        today = timezone.localdate()
        proposals = Closure.objects.filter(status=ClosureStatus.PROPOSED, day__gte=today).order_by("day", "pk")
        context = {
            "filters": form,
            "page": page,
            "query": parameters.urlencode(),
            "proposals": [_proposal(each) for each in proposals[:PROPOSALS_SHOWN]],
            "more_proposals": max(0, proposals.count() - PROPOSALS_SHOWN),
            "columns": [{"label": label} for label in ("Hari", "Kantor", "Sebab", "Tutup", "Keadaan")],
            "rows": [{"cells": _cells(closure)} for closure in page],
        }
        return render(request, "recording/hours/closures.html", context)


def _proposal(closure: Closure) -> dict[str, Any]:
    return {
        "pk": closure.pk,
        "day": dates.day_in_words(closure.day),
        "reason": closure.reason,
        "url": reverse("closure", args=[closure.pk]),
    }


def _cells(closure: Closure) -> list[dict[str, Any]]:
    stretch = "–" if closure.status == ClosureStatus.DISMISSED else stretch_words(closure)
    return [
        {"text": dates.day_in_words(closure.day), "url": reverse("closure", args=[closure.pk])},
        {"text": closure.office.name if closure.office else "Semua kantor"},
        {"text": closure.reason},
        {"text": stretch},
        {"text": closure.get_status_display(), "badge": BADGES[ClosureStatus(closure.status)]},
    ]


class ClosureCsvView(ClosurePage, RecentPasswordRequired, View):
    """`/kelola/tutup/unduh.csv`, with the filters of the list."""

    def get(self, request):
        _form, rows = filtered(request)
        columns = ("tanggal", "kantor", "sebab", "jenis", "dari", "sampai", "keadaan")
        lines = (
            (
                closure.day.isoformat(),
                closure.office.code if closure.office else "semua",
                closure.reason,
                closure.get_kind_display(),
                f"{closure.closed_from:%H:%M}" if closure.closed_from else "",
                f"{closure.closed_until:%H:%M}" if closure.closed_until else "",
                closure.get_status_display(),
            )
            for closure in rows.iterator(chunk_size=500)
        )
        return csv_response(name="hari-tutup", columns=columns, rows=lines)


class NewClosureView(ClosurePage, View):
    """`/kelola/tutup/baru/`."""

    def get(self, request):
        return self._page(request, ClosureForm(today=timezone.localdate()))

    def post(self, request):
        form = ClosureForm(request.POST, today=timezone.localdate())
        if form.is_valid():
            values = form.cleaned_data
            try:
                change = closures.propose_closures(
                    first=values["first"],
                    last=values["last"] or values["first"],
                    reason=values["reason"],
                    office_id=values["office"].pk if values["office"] else None,
                    stretch=form.stretch,
                    by=request.user,
                    now=timezone.now(),
                )
                return redirect("hours_change", change.pk)
            except DomainError as error:
                form.add_error(None, str(error))
        return self._page(request, form)

    def _page(self, request, form):
        return render(request, "recording/hours/closure_new.html", {"form": form})


class ClosureView(ClosurePage, View):
    """`/kelola/tutup/<id>/`: decide on a holiday, or change what was decided."""

    def get(self, request, pk):
        closure = get_object_or_404(Closure.objects.select_related("office"), pk=pk)
        initial = {
            "part": _part(closure),
            "closed_from": closure.closed_from,
            "closed_until": closure.closed_until,
        }
        return self._page(request, closure, DecisionForm(initial=initial, for_all=closure.office_id is None))

    def post(self, request, pk):
        closure = get_object_or_404(Closure.objects.select_related("office"), pk=pk)
        form = DecisionForm(request.POST, for_all=closure.office_id is None)
        if form.is_valid():
            try:
                return redirect("hours_change", self._propose(closure, form).pk)
            except DomainError as error:
                form.add_error(None, str(error))
        return self._page(request, closure, form)

    def _propose(self, closure, form):
        who = {"by": self.request.user, "now": timezone.now()}
        if form.cleaned_data["part"] == OPEN:
            return closures.propose_removal(closure_id=closure.pk, **who)
        open_offices = form.cleaned_data.get("open_offices") or ()
        return closures.propose_decision(
            closure_ids=[closure.pk],
            closes=True,
            stretch=form.stretch,
            open_offices=[office.pk for office in open_offices],
            **who,
        )

    def _page(self, request, closure, form):
        context = {
            "closure": closure,
            "form": form,
            "scope": closure.office.name if closure.office else "Semua kantor",
            "is_holiday": closure.kind == ClosureKind.HOLIDAY,
            "badge": BADGES[ClosureStatus(closure.status)],
        }
        return render(request, "recording/hours/closure.html", context)


def _part(closure: Closure) -> str:
    if closure.status == ClosureStatus.DISMISSED:
        return OPEN
    return PART if closure.closed_from else WHOLE


class DecideView(ClosurePage, View):
    """`/kelola/tutup/putuskan/`: the same decision for several holidays at once."""

    http_method_names = ["post"]

    def post(self, request):
        chosen = [int(text) for text in request.POST.getlist("hari")[:60] if text.isascii() and text.isdigit()]
        if not chosen:
            messages.warning(request, "Belum ada hari yang dipilih. Centang dulu harinya.")
            return redirect("closures")
        try:
            change = closures.propose_decision(
                closure_ids=chosen, closes="tutup" in request.POST, by=request.user, now=timezone.now()
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("closures")
        return redirect("hours_change", change.pk)
