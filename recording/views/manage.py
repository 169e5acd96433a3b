"""The own appointment, opened by NIK and code: slip, calendar, move (twice at most), cancel."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recording import guidance
from recording.dates import moment_in_words
from recording.enums import LIVE_STATUSES, AccessKind, AppointmentStatus, Entitlement, Pool
from recording.exceptions import DomainError
from recording.forms.booking import SlotForm
from recording.forms.manage import ProofForm
from recording.ics import appointment_ics
from recording.models import Appointment, Resident, Slot
from recording.policy import booking as rules
from recording.policy.code import display
from recording.policy.visit import Visit
from recording.services import access_attempt, tracking_code
from recording.services.appointment import MAX_MOVES, cancel, move
from recording.slip import slip_pdf
from recording.views import chooser
from recording.views.public import (
    PersonalPage,
    address_of,
    forget_proof,
    managed_appointment_id,
    proven_resident_id,
    remember_proof,
)


def opened_appointment(request: HttpRequest) -> Appointment | None:
    """The live appointment this visitor may manage, with what its pages show."""
    live = Appointment.objects.select_related("slot", "office", "resident__identity", "declaration").filter(
        status__in=LIVE_STATUSES
    )
    booked, resident_id = managed_appointment_id(request), proven_resident_id(request)
    if resident_id is not None:
        return live.filter(resident_id=resident_id).first()
    return live.filter(pk=booked).first() if booked is not None else None


class ManageView(PersonalPage):
    """`/janji/kelola/`: asks for NIK and code, then shows the appointment."""

    def get(self, request: HttpRequest):
        if proven_resident_id(request) is None and managed_appointment_id(request) is None:
            return self.ask(request, ProofForm())
        appointment = opened_appointment(request)
        if appointment is None:
            return render(request, "recording/manage/none.html", {"must_rerecord": _must_rerecord(request)})
        return render(request, "recording/manage/appointment.html", _context(appointment))

    def post(self, request: HttpRequest):
        form = ProofForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        resident = access_attempt.prove(
            nik=form.cleaned_data["nik"],
            code=form.cleaned_data["code"],
            kind=AccessKind.MANAGE,
            address=address_of(request),
            now=timezone.now(),
        )
        if resident is None:
            form.add_error(
                None, _("NIK dan kode ini tidak cocok. Periksa keduanya, atau minta kode baru di Kode hilang.")
            )
            return self.ask(request, form)
        remember_proof(request, resident=resident)
        return redirect("manage")

    def ask(self, request: HttpRequest, form: ProofForm):
        return render(request, "recording/manage/proof.html", {"form": form})


def _must_rerecord(request: HttpRequest) -> bool:
    resident = Resident.objects.filter(pk=proven_resident_id(request), entitlement=Entitlement.RERECORD)
    return resident.exists()


def _context(appointment: Appointment) -> dict:
    return {
        "appointment": appointment,
        "code": display(tracking_code.active_code(appointment.resident)),
        "is_booked": appointment.status == AppointmentStatus.BOOKED,
        "moves_left": MAX_MOVES - appointment.moves,
        "bring": guidance.what_to_bring(appointment),
        "rows": [
            {"label": _("Waktu"), "value": moment_in_words(appointment.slot.starts_at) if appointment.slot else ""},
            {"label": _("Kantor"), "value": _place(appointment)},
            {"label": _("Keadaan"), "value": appointment.get_status_display()},
        ],
    }


def _place(appointment: Appointment) -> str:
    return "\n".join(text for text in (appointment.office.name, appointment.office.address) if text)


class OpenedPage(PersonalPage):
    """A page below `/janji/kelola/`: `self.appointment` is the opened one; without it the visitor is asked again."""

    appointment: Appointment
    booked_only = True

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        appointment = opened_appointment(request)
        if appointment is None or (self.booked_only and appointment.status != AppointmentStatus.BOOKED):
            return redirect("manage")
        self.appointment = appointment
        return super().dispatch(request, *args, **kwargs)


class SlipView(OpenedPage):
    """`/janji/kelola/bukti.pdf`."""

    def get(self, request: HttpRequest):
        code = tracking_code.active_code(self.appointment.resident)
        return _file(slip_pdf(appointment=self.appointment, code=code), "application/pdf", "bukti-janji-ktp-el.pdf")


class CalendarView(OpenedPage):
    """`/janji/kelola/jadwal.ics`."""

    def get(self, request: HttpRequest):
        code = tracking_code.active_code(self.appointment.resident)
        content = appointment_ics(appointment=self.appointment, code=code, now=timezone.now())
        return _file(content, "text/calendar; charset=utf-8", "jadwal-ktp-el.ics")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = "inline" if content_type == "application/pdf" else "attachment"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'{disposition}; filename="{name}"'}
    )


class MoveView(OpenedPage):
    """`/janji/kelola/ubah/`: another office, day or time; row and code stay."""

    def get(self, request: HttpRequest):
        if "pilih" not in request.GET or self.appointment.moves >= MAX_MOVES:
            return self.show(request)
        form = SlotForm({"slot": request.GET["pilih"]}, visit=self.visit())
        return self.confirm(request, form.cleaned_data["slot"]) if form.is_valid() else self.show(request, form)

    def post(self, request: HttpRequest):
        form = SlotForm(request.POST, visit=self.visit())
        if not form.is_valid():
            return self.show(request, form)
        slot = form.cleaned_data["slot"]
        if slot.pk == self.appointment.slot_id:
            messages.info(request, _("Itu jadwal Anda sekarang; tidak ada yang berubah."))
            return redirect("manage")
        try:
            move(appointment_id=self.appointment.pk, slot_id=slot.pk, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("manage_move")
        messages.success(request, _("Jadwal sudah diubah: %(time)s.") % {"time": moment_in_words(slot.starts_at)})
        return redirect("manage")

    def visit(self) -> Visit:
        birth_date, married = guidance.particulars(self.appointment)
        first = rules.recordable_from(birth_date, married=married) if birth_date else None
        return chooser.visit(places=self.appointment.places_held, not_before=first, pool=Pool(self.appointment.pool))

    def confirm(self, request: HttpRequest, slot: Slot):
        context = {
            "appointment": self.appointment,
            "slot": slot,
            "last_move": MAX_MOVES - self.appointment.moves == 1,
            "back_url": _move_address(slot.office.code, slot.day),
        }
        return render(request, "recording/manage/confirm_move.html", context)

    def show(self, request: HttpRequest, form=None):
        visit = self.visit()
        context = {
            "form": form,
            "appointment": self.appointment,
            "moves_left": MAX_MOVES - self.appointment.moves,
            "last_move": MAX_MOVES - self.appointment.moves == 1,
            "back_url": reverse("manage"),
        }
        if context["moves_left"] < 1:
            return render(request, "recording/manage/no_moves.html", context)
        if "semua" in request.GET:
            context |= chooser.offices_context(visit, address=_move_address) | {"back_url": reverse("manage_move")}
            return render(request, "recording/manage/offices.html", context)
        code = request.GET.get("kantor") or request.POST.get("office")
        office = chooser.office_from(code) if code else self.appointment.office
        day = chooser.day_from(request)
        context |= chooser.day_context(office, day, visit, address=_move_address, choose=_choose_address)
        return render(request, "recording/manage/times.html", context)


def _move_address(office_code: str, day) -> str:
    return reverse("manage_move") + chooser.query(kantor=office_code, tanggal=day)


def _choose_address(slot: Slot) -> str:
    return reverse("manage_move") + chooser.query(pilih=slot.pk)


class CancelView(OpenedPage):
    """`/janji/kelola/batal/`: asks once, then gives the place back."""

    def get(self, request: HttpRequest):
        return render(request, "recording/manage/cancel.html", {"appointment": self.appointment})

    def post(self, request: HttpRequest):
        try:
            cancel(appointment_id=self.appointment.pk, now=timezone.now(), reason="warga")
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("manage")
        request.session.pop("booked", None)
        messages.success(request, _("Janji sudah dibatalkan. Tempatnya kami berikan kepada warga lain."))
        return redirect("manage")


class CloseView(PersonalPage):
    """`/janji/kelola/tutup/`: forget on this device who was looked at."""

    def post(self, request: HttpRequest):
        forget_proof(request)
        request.session.pop("booked", None)
        messages.success(request, _("Selesai. Data janji sudah ditutup di perangkat ini."))
        return redirect("home")

    def get(self, request: HttpRequest):
        return redirect("manage")
