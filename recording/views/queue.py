"""The station's board: whom this station calls and serves, who waits, and each step as one press of a key."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from recording.enums import PriorityReason
from recording.exceptions import DomainError, NobodyWaiting, StationBusy
from recording.forms.walk_in import PriorityForm, StationForm
from recording.models import Office, QueueTicket
from recording.policy.access import Permission
from recording.services import audit, line, outage, queue
from recording.views.desk import chosen_office
from recording.views.mixins import StaffRequired
from recording.views.queue_facts import calling_station, current_facts, row, station_facts

SPARE_STATIONS = 2  # beside those usually staffed, for a busy day


class QueuePage(StaffRequired, View):
    """Base: the clerk's office and the station chosen for it in this session."""

    permission = Permission.DESK

    def office(self) -> Office:
        office = chosen_office(self.request)
        if office is None:
            raise Http404
        return office

    def station(self) -> int | None:
        return calling_station(self.request)


class QueueBoardView(QueuePage):
    """`/petugas/loket/antrean/`. htmx: the lists only, or a reload when the person at the station has changed."""

    def get(self, request):
        office, station, now = self.office(), self.station(), timezone.now()
        if station is None:
            return render(request, "recording/queue/stations.html", {"office": office, "stations": _stations(office)})
        today = line.today(office=office, now=now, with_people=True)
        current = today.at_station(station)
        shown = f"{current.pk}.{current.status}" if current else "0"
        if request.htmx and request.GET.get("tampak") != shown:
            return HttpResponse(headers={"HX-Refresh": "true"})
        lists = {
            "office": office,
            "station": station,
            "waiting": [row(each, now=now) for each in today.waiting],
            "parked": [row(each, now=now) for each in today.parked],
            "others": [station_facts(each) for each in today.announced if each.station != station],
            "served": today.served,
            "can_call": current is None,
            "here": f"{reverse('queue_board')}?tampak={shown}",
            "now": now,
        }
        if request.htmx:
            return render(request, "recording/queue/lists.html", lists)
        audit.record(action="queue.board", actor=request.user, office_id=office.pk)
        last = queue.last_step(by=request.user, office=office, now=now)
        context = {
            "current": current_facts(current, now=now) if current else None,
            "last_step": f"{last.ticket} {last.get_step_display()}" if last else "",
            "free_stations": [each for each in _stations(office) if not today.at_station(each) and each != station],
            "outages": outage.notices(office_ids=[office.pk]),
        }
        return render(request, "recording/queue/board.html", lists | context)


class ChooseStationView(QueuePage):
    """POST `/petugas/loket/antrean/loket/`: this browser stands at a station; none given: at no station."""

    http_method_names = ["post"]

    def post(self, request):
        form = StationForm(request.POST)
        if form.is_valid():
            request.session["station"], request.session["calls_numbers"] = form.cleaned_data["station"], True
        else:
            request.session["calls_numbers"] = False
        return redirect("queue_board")


class CallNextView(QueuePage):
    """POST `/petugas/loket/antrean/panggil/`."""

    http_method_names = ["post"]

    def post(self, request):
        station = self.station()
        if station is None:
            return redirect("queue_board")
        try:
            queue.call_next(office=self.office(), station=station, by=request.user, now=timezone.now())
        except (NobodyWaiting, StationBusy) as error:
            messages.info(request, f"{error}")
        except DomainError as error:
            messages.error(request, f"{error}")
        return redirect("queue_board")


class UndoView(QueuePage):
    """POST `/petugas/loket/antrean/urungkan/`."""

    http_method_names = ["post"]

    def post(self, request):
        try:
            undone = queue.undo(office=self.office(), by=request.user, now=timezone.now())
        except DomainError as error:
            messages.info(request, f"{error}")
        else:
            messages.success(request, f"Diurungkan: {undone.ticket} {undone.get_step_display()}.")
        return redirect("queue_board")


class TicketPage(QueuePage):
    """Base: a ticket of the clerk's office today; any other answers like a missing one."""

    def ticket(self, pk: int) -> QueueTicket:
        rows = QueueTicket.objects.for_staff(self.request.user).select_related(
            "office", "appointment__resident", "appointment__slot"
        )
        return get_object_or_404(rows, pk=pk, day=timezone.localdate())


class StepView(TicketPage):
    """Base of one step with one ticket, by POST."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        ticket = self.ticket(pk)
        try:
            self.step(ticket_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("queue_board")
        return self.done(request, ticket)

    def step(self, **who):
        raise NotImplementedError

    def done(self, request, ticket: QueueTicket):
        return redirect("queue_board")


class CallThisView(StepView):
    """POST `/petugas/loket/antrean/<id>/panggil/`: out of turn."""

    def step(self, **who):
        queue.call_this(station=self.station() or 0, **who)


class RecallView(StepView):
    """POST `/petugas/loket/antrean/<id>/ulang/`."""

    def step(self, **who):
        queue.recall(**who)

    def done(self, request, ticket):
        messages.success(request, f"{ticket} dipanggil ulang.")
        return redirect("queue_board")


class ParkView(StepView):
    """POST `/petugas/loket/antrean/<id>/tunda/`."""

    def step(self, **who):
        queue.park(**who)


class LeaveView(StepView):
    """POST `/petugas/loket/antrean/<id>/pergi/`."""

    def step(self, **who):
        queue.mark_left(**who)


class StartView(StepView):
    """POST `/petugas/loket/antrean/<id>/mulai/`: to the page on which the recording is entered."""

    def step(self, **who):
        queue.start(**who)

    def done(self, request, ticket):
        return redirect("desk_appointment", ticket.appointment_id)


class FinishTicketView(StepView):
    """POST `/petugas/loket/antrean/<id>/selesai/`: somebody who came to collect."""

    def step(self, **who):
        queue.finish(**who)


class TransferView(StepView):
    """POST `/petugas/loket/antrean/<id>/pindah/`."""

    def step(self, **who):
        form = StationForm(self.request.POST)
        queue.transfer(station=form.cleaned_data["station"] if form.is_valid() else 0, **who)

    def done(self, request, ticket):
        messages.success(request, f"{ticket} dipindah ke loket lain.")
        return redirect("queue_board")


class PrioritiseView(StepView):
    """POST `/petugas/antrean/<id>/prioritas/`."""

    def step(self, **who):
        form = PriorityForm(self.request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        queue.prioritise(reason=PriorityReason(reason) if reason else "", **who)

    def done(self, request, ticket):
        messages.success(request, "Prioritas disimpan.")
        return redirect("queue_ticket", ticket.pk)


def _stations(office: Office) -> range:
    return range(1, min(office.stations + SPARE_STATIONS, queue.MAX_STATION) + 1)
