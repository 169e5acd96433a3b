"""`/petugas/warga/<id>/berkas/`: open the case of somebody recorded before the portal, and print the code at once."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from issuance.exceptions import FamilyCardDiffers
from issuance.forms.earlier_recording import EarlierRecordingForm
from issuance.services import earlier_recording
from recording.exceptions import DomainError, TooManyTries
from recording.models import Resident
from recording.services import audit
from recording.views import opened
from recording.views.desk import chosen_office
from recording.views.desk_person import PersonPage
from recording.views.public import too_many_tries


class EarlierRecordingView(PersonPage):
    def get(self, request, pk: int):
        resident = self.resident(pk)
        refused = self._refused(resident)
        if refused:
            return refused
        audit.record(action="resident.read", actor=request.user, resident_id=pk, office_id=request.user.office_id)
        return self._page(resident, EarlierRecordingForm(by=request.user))

    def post(self, request, pk: int):
        resident, form = self.resident(pk), EarlierRecordingForm(request.POST, by=request.user)
        refused = self._refused(resident)
        if refused:
            return refused
        if not form.is_valid():
            return self._page(resident, form)
        now = timezone.now()
        try:
            earlier_recording.note_try(resident_id=pk, by=request.user, now=now)
            earlier_recording.open_case(
                resident_id=pk,
                family_card=form.cleaned_data["family_card"],
                reason=form.cleaned_data.get("reason", ""),
                office=chosen_office(request),
                by=request.user,
                now=now,
            )
        except TooManyTries as error:
            return too_many_tries(request, error)
        except FamilyCardDiffers as error:
            form.add_error("family_card", f"{error}")
            return self._page(resident, form)
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("desk_person", pk)
        messages.success(request, "Berkas dibuka. Verifikator memeriksanya ke pusat; jangan rekam ulang dulu.")
        opened.show_code(request, pk)
        return redirect("desk_code", pk)

    def _refused(self, resident: Resident):
        why_not = earlier_recording.obstacle(resident)
        if why_not is None:
            return None
        messages.error(self.request, f"{why_not()}")
        return redirect("desk_person", resident.pk)

    def _page(self, resident: Resident, form: EarlierRecordingForm):
        context = {"resident": resident, "form": form, "office": chosen_office(self.request)}
        return render(self.request, "issuance/earlier_recording/open.html", context)
