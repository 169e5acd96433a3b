"""Move and cancel somebody's appointment at the desk, by the same rules as the resident; print its slip."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.generic import View

from recording import guidance
from recording.enums import AppointmentStatus, Pool
from recording.exceptions import DomainError
from recording.forms.assisted import CancelForm
from recording.forms.booking import SlotForm
from recording.models import Appointment, Slot
from recording.policy import booking as rules
from recording.policy.access import Permission
from recording.policy.visit import Visit
from recording.services import audit, tracking_code
from recording.services.appointment import MAX_MOVES, cancel, move
from recording.slip import slip_pdf
from recording.views import chooser, opened
from recording.views.assisted import pdf
from recording.views.mixins import StaffRequired


class ReachablePage(StaffRequired, View):
    """Base: an appointment of the clerk's office, or of a person found by full NIK or code a short while ago; any other
    answers like a missing one."""

    permission = Permission.DESK

    def appointment(self, pk: int) -> Appointment:
        rows = Appointment.objects.select_related("slot", "office", "resident__identity", "declaration")
        found = rows.filter(pk=pk).first()
        user = self.request.user
        if found is None or not (
            user.office_id in (None, found.office_id) or opened.was_found(self.request, found.resident_id)
        ):
            raise Http404
        return found

    def back(self, appointment: Appointment) -> str:
        """The appointment's page, or the person's where the appointment belongs to another office."""
        own = self.request.user.office_id in (None, appointment.office_id)
        name, pk = ("desk_appointment", appointment.pk) if own else ("desk_person", appointment.resident_id)
        return reverse(name, args=[pk])

    def note_read(self, appointment: Appointment) -> None:
        audit.record(
            action="resident.read",
            actor=self.request.user,
            resident_id=appointment.resident_id,
            subject=f"appointment:{appointment.pk}",
            office_id=appointment.office_id,
        )

    def not_booked(self, appointment: Appointment):
        if appointment.status == AppointmentStatus.BOOKED and appointment.slot:
            return None
        messages.error(self.request, "Janji ini tidak dapat diubah atau dibatalkan lagi. Lihat keadaan terbarunya.")
        return redirect(self.back(appointment))


class MoveView(ReachablePage):
    """`/petugas/janji/<id>/ubah/?kantor=&tanggal=` or `?pilih=`: another office, day or time; row and code stay."""

    def get(self, request, pk: int):
        appointment = self.appointment(pk)
        if refusal := self.not_booked(appointment):
            return refusal
        if "pilih" in request.GET and appointment.moves < MAX_MOVES:
            form = SlotForm({"slot": request.GET["pilih"]}, visit=_visit(appointment))
            if form.is_valid():
                return self.confirm(request, appointment, form.cleaned_data["slot"])
            messages.error(request, next(iter(form.errors.values()))[0])
        return self.show(request, appointment)

    def post(self, request, pk: int):
        appointment = self.appointment(pk)
        if refusal := self.not_booked(appointment):
            return refusal
        form = SlotForm(request.POST, visit=_visit(appointment))
        if not form.is_valid():
            messages.error(request, next(iter(form.errors.values()))[0])
            return redirect("desk_move", pk)
        try:
            moved = move(appointment_id=pk, slot_id=form.cleaned_data["slot"].pk, now=timezone.now(), by=request.user)
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("desk_move", pk)
        opened.remember(request, moved.resident_id)
        opened.show_code(request, moved.resident_id)
        return redirect("desk_slip", pk)

    def confirm(self, request, appointment: Appointment, slot: Slot):
        context = {
            "appointment": appointment,
            "slot": slot,
            "same": slot.pk == appointment.slot_id,
            "last_move": MAX_MOVES - appointment.moves == 1,
            "back_url": _address(appointment)(slot.office.code, slot.day),
        }
        return render(request, "recording/assisted/confirm_move.html", context)

    def show(self, request, appointment: Appointment):
        self.note_read(appointment)
        visit, address = _visit(appointment), _address(appointment)
        context = {
            "appointment": appointment,
            "moves_left": MAX_MOVES - appointment.moves,
            "back_url": self.back(appointment),
        }
        if context["moves_left"] < 1:
            return render(request, "recording/assisted/no_moves.html", context)
        if "semua" in request.GET:
            context |= chooser.offices_context(visit, address=address) | {"back_url": address(None, None)}
            return render(request, "recording/assisted/offices.html", context)
        code = request.GET.get("kantor")
        office = chooser.office_from(code) if code else appointment.office
        choose = _choose(appointment)
        context |= chooser.day_context(office, chooser.day_from(request), visit, address=address, choose=choose)
        context["offices_url"] = f"{address(None, None)}?semua=1"
        return render(request, "recording/assisted/move.html", context)


class CancelView(ReachablePage):
    """`/petugas/janji/<id>/batal/`: why; then the place is given back."""

    def get(self, request, pk: int):
        appointment = self.appointment(pk)
        return self.not_booked(appointment) or self.show(request, appointment, CancelForm())

    def post(self, request, pk: int):
        appointment, form = self.appointment(pk), CancelForm(request.POST)
        if refusal := self.not_booked(appointment):
            return refusal
        if not form.is_valid():
            return self.show(request, appointment, form)
        try:
            cancel(appointment_id=pk, now=timezone.now(), reason=form.reason_text(), by=request.user)
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect(self.back(appointment))
        today = appointment.day == timezone.localdate()
        kept = (
            "Tempatnya sekarang untuk warga yang datang langsung." if today else "Tempatnya kembali untuk warga lain."
        )
        messages.success(request, f"Janji dibatalkan. {kept}")
        return redirect(self.back(appointment))

    def show(self, request, appointment: Appointment, form: CancelForm):
        self.note_read(appointment)
        context = {"appointment": appointment, "form": form, "back_url": self.back(appointment)}
        return render(request, "recording/assisted/cancel.html", context)


class SlipView(ReachablePage):
    """`/petugas/janji/<id>/pesanan/`: moved; the slip to print, for ten minutes. Later the code needs a reason."""

    def get(self, request, pk: int):
        appointment = self.appointment(pk)
        if appointment.slot is None or not opened.may_show_code(request, appointment.resident_id):
            return redirect("desk_reprint", appointment.resident_id)
        return self.answer(request, appointment)

    def answer(self, request, appointment: Appointment):
        return render(
            request,
            "recording/assisted/moved.html",
            {"appointment": appointment, "back_url": self.back(appointment)},
        )


class SlipPdfView(SlipView):
    """`/petugas/janji/<id>/pesanan.pdf`, in the resident's language."""

    def answer(self, request, appointment: Appointment):
        code = tracking_code.active_code(appointment.resident)
        with translation.override(appointment.language):
            return pdf(slip_pdf(appointment=appointment, code=code))


def _visit(appointment: Appointment) -> Visit:
    birth_date, married = guidance.particulars(appointment)
    first = rules.recordable_from(birth_date, married=married) if birth_date else None
    return chooser.visit(places=appointment.places_held, not_before=first, pool=Pool(appointment.pool))


def _address(appointment: Appointment):
    path = reverse("desk_move", args=[appointment.pk])
    return lambda office_code, day: path + chooser.query(kantor=office_code, tanggal=day)


def _choose(appointment: Appointment):
    path = reverse("desk_move", args=[appointment.pk])
    return lambda slot: path + chooser.query(pilih=slot.pk)
