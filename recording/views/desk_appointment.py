"""One appointment at the desk: who it is, and the one next step."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from recording import staff_home
from recording.dates import clock
from recording.exceptions import DomainError
from recording.forms.desk import RecordForm, RefuseForm
from recording.models import Appointment, Declaration
from recording.policy.access import Permission
from recording.policy.desk_step import DeskStep, next_step, shows_identity
from recording.services import attendance, audit, declaration
from recording.services import recording as recordings
from recording.views.desk_facts import ENTITLEMENT_TEXTS, STATUS_KIND, comparison_rows, notices, particulars
from recording.views.mixins import StaffRequired


class AppointmentPage(StaffRequired, View):
    """Base: an appointment of the clerk's office; any other answers like a missing one."""

    permission = Permission.DESK

    def appointment(self, pk: int) -> Appointment:
        rows = Appointment.objects.for_staff(self.request.user).select_related(
            "resident__village", "resident__identity", "slot", "office", "ticket", "recording__operator"
        )
        return get_object_or_404(rows, pk=pk)


class AppointmentView(AppointmentPage):
    """`/petugas/janji/<id>/`. GET: the page; POST: the same with the particulars in full, which the trail notes."""

    def get(self, request, pk: int):
        return self._page(request, self.appointment(pk), asked_in_full=False)

    def post(self, request, pk: int):
        return self._page(request, self.appointment(pk), asked_in_full=True)

    def _page(self, request, appointment: Appointment, *, asked_in_full: bool):
        today = timezone.localdate()
        step = _step(appointment)
        in_full = asked_in_full or shows_identity(step)
        comparisons = declaration.compare(appointment) if in_full else []
        warnings = Declaration.objects.filter(pk=appointment.pk).values_list("warnings", flat=True).first() or []
        _note_read(request, appointment, in_full=in_full)
        differing = any(each.differs for each in comparisons)
        context = {
            "appointment": appointment,
            "resident": appointment.resident,
            "ticket": getattr(appointment, "ticket", None),
            "recording": getattr(appointment, "recording", None),
            "status_kind": STATUS_KIND[appointment.status],
            "step": step.value,
            "in_full": in_full,
            "particulars": particulars(appointment.resident, in_full=in_full, today=today, compared=differing),
            "comparison": comparison_rows(comparisons) if differing else [],
            "notices": notices(appointment, step, comparisons, warnings),
            "entitlement": ENTITLEMENT_TEXTS[appointment.resident.entitlement],
            "record_form": _record_form(appointment, initial={"station": _station(request)})
            if step == DeskStep.RECORD
            else None,
            "has_phone": bool(appointment.resident.identity.phone_ct),
            "station": _station(request),
            "panels": staff_home.panels(user=request.user, resident_id=appointment.resident_id),
        }
        return render(request, "recording/desk/appointment.html", context)


class CheckInView(AppointmentPage):
    """POST `/petugas/janji/<id>/hadir/`."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        self.appointment(pk)
        try:
            attendance.check_in(appointment_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        return redirect("desk_appointment", pk)


class FinishView(AppointmentPage):
    """POST `/petugas/janji/<id>/selesai/`: somebody who came to collect has been served."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        self.appointment(pk)
        try:
            attendance.finish(appointment_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("desk_appointment", pk)
        messages.success(request, "Selesai dilayani.")
        return redirect("desk")


class RefuseView(AppointmentPage):
    """`/petugas/janji/<id>/tolak/`: why somebody who came is not served."""

    def get(self, request, pk: int):
        return self._form(request, self.appointment(pk), RefuseForm())

    def post(self, request, pk: int):
        appointment, form = self.appointment(pk), RefuseForm(request.POST)
        if not form.is_valid():
            return self._form(request, appointment, form)
        try:
            attendance.refuse(appointment_id=pk, by=request.user, reason=form.reason_text(), now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("desk_appointment", pk)
        messages.success(request, "Dicatat tidak dilayani. Sampaikan kepada warga apa yang harus dibawa.")
        return redirect("desk_appointment", pk)

    def _form(self, request, appointment, form):
        _note_read(request, appointment, in_full=False)
        context = {"appointment": appointment, "resident": appointment.resident, "form": form}
        return render(request, "recording/desk/refuse.html", context)


class RecordView(AppointmentPage):
    """`/petugas/janji/<id>/rekam/`. GET: the form for exceptions; POST: log, from there or by the one-key button."""

    def get(self, request, pk: int):
        appointment = self.appointment(pk)
        if _step(appointment) != DeskStep.RECORD:
            return redirect("desk_appointment", pk)
        return self._form(request, appointment, _record_form(appointment, initial={"station": _station(request)}))

    def post(self, request, pk: int):
        appointment = self.appointment(pk)
        if _step(appointment) == DeskStep.RECORDED:
            return self._recorded_already(request, appointment)
        form = _record_form(appointment, request.POST)
        if not form.is_valid():
            return self._form(request, appointment, form)
        values = form.values()
        request.session["station"] = values["station"]
        try:
            recordings.log(appointment_id=pk, by=request.user, now=timezone.now(), **values)
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("desk_appointment", pk)
        return redirect("desk_receipt", pk)

    def _form(self, request, appointment, form):
        _note_read(request, appointment, in_full=True)
        context = {
            "appointment": appointment,
            "resident": appointment.resident,
            "particulars": particulars(appointment.resident, in_full=True, today=timezone.localdate()),
            "form": form,
        }
        return render(request, "recording/desk/record.html", context)

    def _recorded_already(self, request, appointment):
        """A second press of the button, or a colleague who was faster: say so and show what there is."""
        row = appointment.recording
        who = "Anda" if row.operator_id == request.user.pk else row.operator.name
        messages.info(request, f"Sudah direkam oleh {who} pukul {clock(row.entered_at)}.")
        return redirect("desk_receipt", appointment.pk)


def _step(appointment: Appointment) -> DeskStep:
    return next_step(
        status=appointment.status,
        day=appointment.day,
        today=timezone.localdate(),
        purpose=appointment.purpose,
        entitlement=appointment.resident.entitlement,
    )


def _record_form(appointment: Appointment, data=None, **options) -> RecordForm:
    return RecordForm(
        data,
        papers_needed=recordings.papers_needed(appointment),
        phone_to_confirm=recordings.phone_to_confirm(appointment),
        **options,
    )


def _station(request: HttpRequest) -> int:
    """The station this clerk used last."""
    return request.session.get("station", 1)


def _note_read(request: HttpRequest, appointment: Appointment, *, in_full: bool) -> None:
    audit.record(
        action="resident.read_in_full" if in_full else "resident.read",
        actor=request.user,
        resident_id=appointment.resident_id,
        subject=f"appointment:{appointment.pk}",
        office_id=appointment.office_id,
    )
