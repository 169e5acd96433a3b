"""`/petugas/warga/<id>/perbaiki/`: what somebody typed about themselves, mended from the family card."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from recording.enums import ResidentSource
from recording.exceptions import DomainError
from recording.forms.correction import CorrectionForm
from recording.models import Resident
from recording.services import audit
from recording.services.resident import correct
from recording.views.desk_person import PersonPage


class CorrectView(PersonPage):
    """Only for self-declared residents; anybody else answers like a missing person."""

    def resident(self, pk: int) -> Resident:
        resident = super().resident(pk)
        if resident.source != ResidentSource.SELF:
            raise Http404
        return resident

    def get(self, request, pk: int):
        resident = self.resident(pk)
        return self._page(request, resident, CorrectionForm.of(resident))

    def post(self, request, pk: int):
        resident, form = self.resident(pk), CorrectionForm(request.POST)
        if not form.is_valid():
            return self._page(request, resident, form)
        try:
            changed = correct(
                resident_id=pk, correction=form.correction(), reason=form.cleaned_data["reason"], by=request.user
            )
        except DomainError as error:
            form.add_error(None, f"{error}")
            return self._page(request, resident, form)
        messages.success(request, f"Diperbaiki: {', '.join(changed)}." if changed else "Tidak ada yang berubah.")
        return redirect("desk_person", pk)

    def _page(self, request, resident: Resident, form: CorrectionForm):
        audit.record(
            action="resident.read_in_full",
            actor=request.user,
            resident_id=resident.pk,
            office_id=request.user.office_id,
        )
        return render(request, "recording/desk/correct.html", {"resident": resident, "form": form})
