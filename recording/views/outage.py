"""`/kelola/gangguan/`: the switch "server pusat mati" of each office."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording import dates
from recording.enums import AppointmentStatus
from recording.exceptions import DomainError
from recording.forms.outage import OutageForm
from recording.models import OfficeOutage, User
from recording.policy.access import Permission, allows
from recording.services import closure as closures
from recording.services import outage as outages
from recording.staff_home import Alarm
from recording.views.mixins import StaffRequired

LATEST = 20


class OutagePage(StaffRequired):
    """Base: the outages of the offices somebody answers for; any other answers like a missing one."""

    permission = Permission.STATION_COUNTS

    def outages(self):
        return OfficeOutage.objects.for_staff(self.request.user).select_related("office", "started_by", "ended_by")


class OutageListView(OutagePage, View):
    """What is down now, with how many people still expect to come today; starting another; the last ones."""

    def get(self, request):
        return self._page(request, OutageForm(by=request.user))

    def post(self, request):
        form = OutageForm(request.POST, by=request.user)
        if not form.is_valid():
            return self._page(request, form)
        office = form.cleaned_data["office"]
        try:
            outages.start(office_id=office.pk, by=request.user, now=timezone.now(), note=form.cleaned_data["note"])
        except DomainError as error:
            form.add_error(None, str(error))
            return self._page(request, form)
        messages.success(request, f"{office.name}: perekaman dihentikan dulu. Warga melihat pemberitahuannya.")
        return redirect("outages")

    def _page(self, request, form):
        now = timezone.now()
        coming = Count(
            "office__appointments",
            filter=Q(
                office__appointments__day=timezone.localdate(now),
                office__appointments__status=AppointmentStatus.BOOKED,
                office__appointments__slot__starts_at__gt=now,
            ),
        )
        rows = self.outages()
        going_on = rows.going_on().annotate(coming=coming).order_by("office__code")
        ended = rows.filter(ended_at__isnull=False).order_by("-ended_at")[:LATEST]
        context = {
            "form": form,
            "going_on": going_on,
            "gives_new_times": allows(request.user, Permission.MANAGE),
            "columns": [{"label": label} for label in ("Kantor", "Mulai", "Selesai", "Oleh", "Keterangan")],
            "rows": [{"cells": _cells(outage)} for outage in ended],
        }
        return render(request, "recording/hours/outages.html", context)


def alarms(*, user: User, now: datetime) -> list[Alarm]:
    """For the staff home: the outages at the offices that `user` answers for."""
    offices = None if user.office_id is None else [user.office_id]
    manages = allows(user, Permission.STATION_COUNTS)
    return [
        Alarm(
            title=f"{each.office.name}: server pusat mati",
            text=f"Perekaman berhenti sejak {dates.moment_in_words(each.since)}.",
            url=reverse("outages") if manages else "",
            link_text="Buka gangguan" if manages else "",
        )
        for each in outages.notices(office_ids=offices)
    ]


def _cells(outage: OfficeOutage) -> list[dict[str, str]]:
    return [
        {"text": outage.office.name},
        {"text": dates.moment_in_words(outage.started_at)},
        {"text": dates.moment_in_words(outage.ended_at) if outage.ended_at else ""},
        {"text": outage.started_by.get_full_name()},
        {"text": outage.note or "–"},
    ]


class EndOutageView(OutagePage, View):
    """`/kelola/gangguan/<id>/selesai/`."""

    http_method_names = ["post"]

    def post(self, request, pk):
        outage = get_object_or_404(self.outages(), pk=pk)
        outages.end(outage_id=outage.pk, by=request.user, now=timezone.now())
        messages.success(
            request,
            f"{outage.office.name}: perekaman berjalan lagi. Janji yang sudah diberi waktu baru dapat dikembalikan "
            "di Riwayat perubahan jam.",
        )
        return redirect("outages")


class NewTimesView(OutagePage, View):
    """`/kelola/gangguan/<id>/waktu-baru/`: proposes new times for everybody still to come today; leads to the preview. It
    closes the rest of the day, so it is the administrator's."""

    permission = Permission.MANAGE

    http_method_names = ["post"]

    def post(self, request, pk):
        outage = get_object_or_404(OfficeOutage.objects.going_on(), pk=pk)
        try:
            change = closures.propose_new_times(outage=outage, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("outages")
        return redirect("hours_change", change.pk)
