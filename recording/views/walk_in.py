"""People without an appointment: one page gives a number, the next shows and prints it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from recording import number_slip
from recording.dates import clock, moment_in_words
from recording.enums import LIVE_STATUSES, AppointmentStatus, TicketStatus
from recording.exceptions import (
    DomainError,
    GuardianMissing,
    HasAppointment,
    NotEntitled,
    ParticularsMissing,
    TooManyTries,
)
from recording.forms.walk_in import PriorityForm, WalkInForm
from recording.models import Appointment, Resident
from recording.services import audit, line, outage, rate_limit, walk_in
from recording.services.resident import find_by_nik
from recording.views import opened
from recording.views.desk import SEARCHES_PER_HOUR
from recording.views.public import too_many_tries
from recording.views.queue import QueuePage, TicketPage
from recording.views.queue_facts import calling_station


class WalkInView(QueuePage):
    """`/petugas/datang-langsung/`."""

    def get(self, request):
        return self._page(request, WalkInForm())

    def post(self, request):
        form, now = WalkInForm(request.POST), timezone.now()
        if not form.is_valid():
            return self._page(request, form)
        try:
            rate_limit.take(
                scope="desk.search", key=f"{request.user.pk}", capacity=SEARCHES_PER_HOUR, per_seconds=3600, now=now
            )
            ticket = walk_in.register(
                visitor=form.visitor(),
                office=self.office(),
                idempotency_key=form.cleaned_data["idempotency_key"],
                by=request.user,
                now=now,
                family_card_seen=form.cleaned_data["family_card_seen"],
            )
        except TooManyTries as error:
            return too_many_tries(request, error)
        except ParticularsMissing as error:
            form.prefill()
            for field, text in error.fields.items():
                form.add_error(field, text)
            return self._page(request, form)
        except GuardianMissing:
            form.require_consent()
            return self._page(request, form)
        except HasAppointment as error:
            return self._has_appointment(request, form, error)
        except NotEntitled:
            return self._recorded_already(request, form)
        except DomainError as error:
            form.add_error(None, f"{error}")
            return self._page(request, form)
        opened.remember(request, ticket.appointment.resident_id)
        return redirect("queue_ticket", ticket.pk)

    def _page(self, request, form, **context):
        office = self.office()
        context |= {"form": form, "office": office, "outages": outage.notices(office_ids=[office.pk])}
        return render(request, "recording/queue/walk_in.html", context)

    def _has_appointment(self, request, form, error: HasAppointment):
        appointment = Appointment.objects.select_related("office", "slot", "ticket").get(pk=error.appointment_id)
        opened.remember(request, appointment.resident_id)
        if error.here_today:
            if appointment.status in (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING):
                messages.info(request, f"Warga ini sudah punya nomor {getattr(appointment, 'ticket', '')}.")
            else:
                messages.info(request, "Warga ini punya janji hari ini. Tekan Lapor hadir; nomornya dari janji itu.")
            return redirect("desk_appointment", appointment.pk)
        self._note_read(request, appointment.resident_id)
        asked = WalkInForm(request.POST, ask_family_card=True)
        return self._page(request, asked, booked=_booked_words(appointment), resident_id=appointment.resident_id)

    def _recorded_already(self, request, form):
        resident = find_by_nik(form.cleaned_data["nik"])
        opened.remember(request, resident.pk)
        self._note_read(request, resident.pk)
        return self._page(request, form, recorded=True, resident_id=resident.pk)

    def _note_read(self, request, resident_id: int) -> None:
        audit.record(
            action="resident.read", actor=request.user, resident_id=resident_id, office_id=request.user.office_id
        )


class TicketView(TicketPage):
    """`/petugas/antrean/<id>/`: the number in large type, how many wait before, and the priority."""

    def get(self, request, pk: int):
        ticket = self.ticket(pk)
        place = line.place_of(office=ticket.office, series=ticket.series, number=ticket.number, now=timezone.now())
        resident: Resident = ticket.appointment.resident
        audit.record(
            action="resident.read",
            actor=request.user,
            resident_id=resident.pk,
            subject=f"appointment:{ticket.appointment_id}",
            office_id=ticket.office_id,
        )
        may_prioritise = ticket.status in (TicketStatus.WAITING, TicketStatus.PARKED)
        context = {
            "ticket": ticket,
            "resident": resident,
            "place": place,
            "is_walk_in": ticket.series == "W",
            "priority_form": PriorityForm(initial={"reason": ticket.priority_reason}) if may_prioritise else None,
            "calls_numbers": calling_station(request),
        }
        return render(request, "recording/queue/ticket.html", context)


class TicketPdfView(TicketPage):
    """`/petugas/antrean/<id>/nomor.pdf`, in the resident's language."""

    def get(self, request, pk: int):
        ticket = self.ticket(pk)
        place = line.place_of(office=ticket.office, series=ticket.series, number=ticket.number, now=timezone.now())
        with translation.override(ticket.appointment.language):
            content = number_slip.number_pdf(ticket, before=place.before if place else 0)
        return HttpResponse(
            content, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="nomor.pdf"'}
        )


def _booked_words(appointment: Appointment) -> dict:
    """Where and when the other appointment is, and whether it can be voided."""
    when = moment_in_words(appointment.slot.starts_at) if appointment.slot else "hari ini"
    return {
        "text": f"{when} di {appointment.office.name}, {appointment.get_channel_display().lower()}, "
        f"dipesan {moment_in_words(appointment.booked_at)}.",
        "can_void": appointment.status == AppointmentStatus.BOOKED,
        "status": appointment.get_status_display().lower() if appointment.status in LIVE_STATUSES else "",
        "since": clock(appointment.status_at),
    }
