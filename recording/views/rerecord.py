"""`/janji/ulang/`: the fast lane of those who must record again. NIK and code have been shown, so nothing is asked
anew: choose a time, confirm. Places kept back from the public count too."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_list_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recording import guidance
from recording.dates import moment_in_words
from recording.declared import Declared
from recording.enums import LIVE_STATUSES, AccessKind, Entitlement, Pool
from recording.exceptions import DomainError, SlotFull, SlotNotBookable
from recording.forms.booking import ConfirmForm, GuardianForm, SlotForm
from recording.models import Appointment, Office, Resident, Slot
from recording.policy import booking as rules
from recording.policy.mask import mask_name
from recording.policy.visit import Visit
from recording.services import access_attempt
from recording.services.appointment import book
from recording.views import chooser
from recording.views.booking import BOOKED_KEY, keep_booked
from recording.views.public import PersonalPage, address_of, proven_resident_id

SESSION_KEY = "rerecord"


class RerecordPage(PersonalPage):
    """`self.resident` showed NIK and code and must record again; `self.last` is the visit before (or None)."""

    resident: Resident
    last: Appointment | None

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        resident = Resident.objects.select_related("identity", "village__district").filter(
            pk=proven_resident_id(request), entitlement=Entitlement.RERECORD
        )
        found = resident.first()
        if found is None or found.appointments.filter(status__in=LIVE_STATUSES).exists():
            booked = request.session.get(BOOKED_KEY) or {}
            repeated = booked and request.POST.get("idempotency_key") == booked.get("key")
            return redirect("booking_done" if repeated else "manage")
        self.resident = found
        self.last = found.appointments.select_related("office").order_by("-day", "-pk").first()
        return super().dispatch(request, *args, **kwargs)

    def visit(self) -> Visit:
        declared = _declared(self.resident)
        return chooser.visit(
            places=rules.places_needed(special_needs=bool(self.last and self.last.special_needs)),
            not_before=rules.recordable_from(declared.birth_date, married=declared.married),
            pool=Pool.RESERVED,
        )


class ChooseTimeView(RerecordPage):
    """First tap: the time, at the office of the last visit unless another is chosen."""

    def get(self, request: HttpRequest):
        return self.show(request)

    def post(self, request: HttpRequest):
        form = SlotForm(request.POST, visit=self.visit())
        if not form.is_valid():
            return self.show(request, form)
        request.session[SESSION_KEY] = {"slot": form.cleaned_data["slot"].pk, "key": str(uuid4())}
        return redirect("rerecord_confirm")

    def show(self, request: HttpRequest, form=None):
        visit, context = self.visit(), {"form": form, "form_url": request.get_full_path()}
        if "semua" in request.GET:
            context |= chooser.offices_context(visit, address=_address) | {"back_url": reverse("rerecord")}
            return render(request, "recording/rerecord/offices.html", context)
        code = request.GET.get("kantor") or request.POST.get("office")
        office = chooser.office_from(code) if code else self._usual_office()
        context |= chooser.day_context(office, chooser.day_from(request), visit, address=_address)
        return render(request, "recording/rerecord/times.html", context)

    def _usual_office(self) -> Office:
        """Where the person was last, else the office of the own kecamatan, else the first."""
        if self.last and self.last.office.active:
            return self.last.office
        offices = Office.objects.active()
        village = self.resident.village
        near = offices.filter(district=village.district_id).first() if village else None
        return near or get_list_or_404(offices)[0]


class ConfirmView(RerecordPage):
    """Second tap: confirm. A guardian's consent is asked again for those under 18."""

    def get(self, request: HttpRequest):
        slot, chosen = self._slot(request), request.session.get(SESSION_KEY) or {}
        if slot is None:
            return redirect("rerecord")
        return self.show(request, slot, chosen["key"], self._guardian_form())

    def post(self, request: HttpRequest):
        slot, chosen = self._slot(request), request.session.get(SESSION_KEY) or {}
        if slot is None:
            return redirect("rerecord")
        confirm = ConfirmForm(request.POST, fingerprint="")
        guardian = self._guardian_form(request.POST)
        if not confirm.is_valid() or (guardian is not None and not guardian.is_valid()):
            return self.show(request, slot, chosen["key"], guardian)
        now = timezone.now()
        access_attempt.admit_booking(address=address_of(request), now=now)
        consent = guardian.cleaned_data if guardian else {}
        try:
            booking = book(
                declared=_declared(self.resident),
                slot_id=slot.pk,
                idempotency_key=confirm.key,
                now=now,
                pool=Pool.RESERVED,
                special_needs=bool(self.last and self.last.special_needs),
                special_needs_note=self.last.special_needs_note if self.last else "",
                guardian_name=consent.get("guardian_name", ""),
                guardian_relation=consent.get("guardian_relation", ""),
                language=(get_language() or "id")[:2],
                proven=self.resident,
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("rerecord" if isinstance(error, SlotFull | SlotNotBookable) else "rerecord_confirm")
        access_attempt.note(kind=AccessKind.BOOKING, resident=self.resident)
        request.session.pop(SESSION_KEY, None)
        keep_booked(request, booking=booking, key=str(confirm.key))
        return redirect("booking_done")

    def _slot(self, request: HttpRequest) -> Slot | None:
        """The time of the first tap, if it can still be booked."""
        chosen = request.session.get(SESSION_KEY) or {}
        form = SlotForm({"slot": f"{chosen.get('slot', '')}"}, visit=self.visit())
        if form.is_valid():
            return form.cleaned_data["slot"]
        if chosen:
            messages.error(request, form.errors["slot"][0])
            request.session.pop(SESSION_KEY)
        return None

    def _guardian_form(self, data=None) -> GuardianForm | None:
        declared = _declared(self.resident)
        if not rules.needs_guardian(declared.birth_date, married=declared.married, on=timezone.localdate()):
            return None
        initial = {}
        if self.last:
            initial = {"guardian_name": self.last.guardian_name, "guardian_relation": self.last.guardian_relation}
        return GuardianForm(data, initial=initial)

    def show(self, request: HttpRequest, slot: Slot, key: str, guardian):
        declared = _declared(self.resident)
        rows = [
            {"label": _("Waktu"), "value": moment_in_words(slot.starts_at), "change_url": reverse("rerecord")},
            {"label": _("Kantor"), "value": slot.office.name, "change_url": f"{reverse('rerecord')}?semua=1"},
            {"label": _("Atas nama"), "value": mask_name(self.resident.name)},
            {"label": _("Keperluan"), "value": Entitlement.RERECORD.label},
        ]
        promise = guidance.card_promise(
            slot.office, slot.day, declared.birth_date, married=declared.married, name_stock=True
        )
        context = {"form": guardian, "rows": rows, "key": key, "promise": promise, "back_url": reverse("rerecord")}
        return render(request, "recording/rerecord/confirm.html", context)


def _address(office_code: str, day) -> str:
    return reverse("rerecord") + chooser.query(kantor=office_code, tanggal=day)


def _declared(resident: Resident) -> Declared:
    """What the register holds, as if it had been typed."""
    identity = resident.identity
    birth_date, married = guidance.registered(resident)
    return Declared(
        nik=identity.nik,
        name=resident.name,
        birth_date=birth_date,
        sex=resident.sex,
        village=resident.village,
        married=married,
        phone=identity.phone,
        email=identity.email,
    )
