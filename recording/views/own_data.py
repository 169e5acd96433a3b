"""`/data-saya/`: a resident sees who worked with their data, when and what for (UU 27/2022 articles 31-32)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recording.dates import clock, day_in_words
from recording.enums import AccessKind
from recording.forms.manage import ProofForm
from recording.models import AccessAttempt, AuditEvent
from recording.policy.access_log import words_for_resident
from recording.services import access_attempt, access_log, message_wish
from recording.views.public import PersonalPage, address_of, proven_resident_id, remember_proof

PER_PAGE = 25
LATEST_OPENINGS = 10


class OwnDataView(PersonalPage):
    """Asks for NIK and code, then lists. Unknown and wrong are one and the same answer."""

    def get(self, request):
        resident_id = proven_resident_id(request)
        if resident_id is None:
            return self.ask(request, ProofForm())
        page = Paginator(access_log.about(resident_id), PER_PAGE).get_page(request.GET.get("halaman"))
        openings = access_log.openings(resident_id)[:LATEST_OPENINGS]
        context = {
            "page": page,
            "columns": [{"label": label} for label in (_("Waktu"), _("Siapa"), _("Untuk apa"))],
            "rows": [{"cells": [_when(event), _who(event), words_for_resident(event.action)]} for event in page],
            "opening_columns": [{"label": label} for label in (_("Waktu"), _("Halaman"))],
            "only_urgent": message_wish.wants_only_urgent(resident_id=resident_id),
            "opening_rows": [{"cells": [_when(opening), opening.get_kind_display()]} for opening in openings],
        }
        return render(request, "recording/own_data/list.html", context)

    def post(self, request):
        form = ProofForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        resident = access_attempt.prove(
            nik=form.cleaned_data["nik"],
            code=form.cleaned_data["code"],
            kind=AccessKind.OWN_DATA,
            address=address_of(request),
            now=timezone.now(),
        )
        if resident is None:
            form.add_error(
                None, _("NIK dan kode ini tidak cocok. Periksa keduanya, atau minta kode baru di Kode hilang.")
            )
            return self.ask(request, form)
        remember_proof(request, resident=resident)
        return redirect("own_data")

    def ask(self, request, form: ProofForm):
        return render(request, "recording/own_data/proof.html", {"form": form})


class MessageWishView(PersonalPage):
    """POST `/data-saya/pesan/`: which messages the resident wants; back to the page it was said on."""

    def get(self, request):
        return redirect("own_data")

    def post(self, request):
        page = "status" if request.POST.get("page") == "status" else "own_data"
        resident_id = proven_resident_id(request)
        if resident_id is None:
            return redirect(page)
        only_urgent = request.POST.get("only_urgent") == "yes"
        message_wish.choose(resident_id=resident_id, only_urgent=only_urgent)
        said = (
            _("Mulai sekarang Anda hanya menerima pesan penting.") if only_urgent else _("Anda menerima semua pesan.")
        )
        messages.success(request, said)
        return redirect(page)


def _when(row: AuditEvent | AccessAttempt) -> dict:
    at = timezone.localtime(row.occurred_at)
    return {"text": day_in_words(at.date()), "small": _("pukul %(time)s WIB") % {"time": clock(at)}}


def _who(event: AuditEvent) -> dict | str:
    """Task and office: a resident is told who is responsible, not the clerk's own name."""
    if event.actor is None:
        return _("Anda sendiri, atau portal secara otomatis")
    office = event.actor.office
    return {
        "text": event.actor.get_role_display(),
        "small": office.name if office else _("Dinas Dukcapil Kabupaten Kudus"),
    }
