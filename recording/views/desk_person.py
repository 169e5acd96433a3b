"""A person at the desk, whatever office they booked at."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.generic import View

from recording import staff_home
from recording.dates import day_in_words
from recording.enums import LIVE_STATUSES, AppointmentStatus
from recording.models import Appointment, Resident
from recording.policy.access import Permission
from recording.services import audit
from recording.views import opened
from recording.views.desk_facts import ENTITLEMENT_TEXTS, STATUS_KIND, particulars
from recording.views.mixins import StaffRequired

LATEST = 10


class PersonPage(StaffRequired, View):
    """Base: somebody the clerk may open (`views.opened`); anybody else answers like a missing person."""

    permission = Permission.DESK

    def resident(self, pk: int) -> Resident:
        resident = Resident.objects.select_related("village", "identity").filter(pk=pk, identity__isnull=False).first()
        if resident is None or not opened.may_open(self.request, pk):
            raise Http404
        return resident


class PersonView(PersonPage):
    """`/petugas/warga/<id>/`: what the person may have, and where their appointment is."""

    def get(self, request, pk: int):
        resident, today = self.resident(pk), timezone.localdate()
        audit.record(action="resident.read", actor=request.user, resident_id=pk, office_id=request.user.office_id)
        theirs = Appointment.objects.filter(resident=resident).select_related("slot", "office")
        rows = list(theirs.order_by("-day", "-pk")[:LATEST])
        live = next((row for row in rows if row.status in LIVE_STATUSES), None)
        context = {
            "resident": resident,
            "particulars": particulars(resident, in_full=False, today=today),
            "entitlement": ENTITLEMENT_TEXTS[resident.entitlement],
            "live": live,
            "live_is_here": bool(live) and request.user.office_id in (None, live.office_id),
            "may_change": bool(live and live.slot and live.status == AppointmentStatus.BOOKED)
            and (request.user.office_id in (None, live.office_id) or opened.was_found(request, pk)),
            "live_day": day_in_words(live.day) if live else "",
            "history": [_line(row, request.user) for row in rows if row is not live],
            "panels": staff_home.panels(user=request.user, resident_id=pk),
        }
        return render(request, "recording/desk/person.html", context)


def _line(appointment: Appointment, user) -> dict:
    own = user.office_id in (None, appointment.office_id)
    return {
        "day": day_in_words(appointment.day),
        "office": appointment.office.name,
        "purpose": appointment.get_purpose_display(),
        "status": appointment.get_status_display(),
        "kind": STATUS_KIND[appointment.status],
        "pk": appointment.pk if own else None,
    }
