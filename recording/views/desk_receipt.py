"""What the resident takes home: receipt after a recording, and the code printed again."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from recording import receipt
from recording.forms.desk import ReprintForm
from recording.models import Resident
from recording.services import audit
from recording.services.reprint import reprint
from recording.views import opened
from recording.views.desk_appointment import AppointmentPage
from recording.views.desk_person import PersonPage
from recording.views.queue_facts import calling_station


class ReceiptView(AppointmentPage):
    """`/petugas/janji/<id>/bukti/`, on the day of the recording; later the code is printed again for a reason."""

    template_name = "recording/desk/receipt.html"

    def get(self, request, pk: int):
        appointment = self.appointment(pk)
        recording = getattr(appointment, "recording", None)
        if recording is None:
            raise Http404
        if timezone.localdate(recording.entered_at) != timezone.localdate():
            return redirect("desk_reprint", appointment.resident_id)
        audit.record(
            action="receipt.read",
            actor=request.user,
            resident_id=appointment.resident_id,
            subject=f"appointment:{pk}",
            office_id=appointment.office_id,
        )
        return self.answer(request, appointment, receipt.of_recording(recording))

    def answer(self, request, appointment, made):
        context = {
            "appointment": appointment,
            "resident": appointment.resident,
            "receipt": made,
            "calls_numbers": calling_station(request),
        }
        return render(request, self.template_name, context)


class ReceiptPdfView(ReceiptView):
    """`/petugas/janji/<id>/bukti.pdf`, in the resident's language."""

    def get(self, request, pk: int):
        with translation.override(self.appointment(pk).language):
            return super().get(request, pk)

    def answer(self, request, appointment, made):
        return _pdf(made)


class ReprintView(PersonPage):
    """`/petugas/warga/<id>/kode/`: why the code is printed again; then the code."""

    def get(self, request, pk: int):
        return self._form(request, self.resident(pk), ReprintForm())

    def post(self, request, pk: int):
        resident, form = self.resident(pk), ReprintForm(request.POST)
        if not form.is_valid():
            return self._form(request, resident, form)
        reprint(resident_id=pk, by=request.user, reason=form.reason_text(), fresh=form.is_fresh(), now=timezone.now())
        opened.show_code(request, pk)
        return redirect("desk_code", pk)

    def _form(self, request, resident: Resident, form):
        return render(request, "recording/desk/reprint.html", {"resident": resident, "form": form})


class CodeView(PersonPage):
    """`/petugas/warga/<id>/kode/bukti/`: the code, for ten minutes after a reason was given."""

    def get(self, request, pk: int):
        resident = self.resident(pk)
        if not opened.may_show_code(request, pk):
            return redirect("desk_reprint", pk)
        return self.answer(request, resident)

    def answer(self, request, resident):
        context = {"resident": resident, "receipt": receipt.of_code(resident)}
        return render(request, "recording/desk/code.html", context)


class CodePdfView(CodeView):
    """`/petugas/warga/<id>/kode/bukti.pdf`."""

    def answer(self, request, resident):
        return _pdf(receipt.of_code(resident))


def _pdf(made: receipt.Receipt) -> HttpResponse:
    return HttpResponse(
        receipt.receipt_pdf(made),
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="bukti.pdf"'},
    )
