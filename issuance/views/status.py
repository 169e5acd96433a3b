"""`/status/`: NIK and code, then what has happened, what is next and what to do."""

from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from issuance.services.status import PublicStatus, public_status
from recording.dates import plain_date
from recording.enums import AccessKind
from recording.forms.manage import ProofForm
from recording.services import access_attempt, message_wish
from recording.views.public import PersonalPage, address_of, forget_proof, proven_resident_id, remember_proof


class StatusView(PersonalPage):
    """Both values are only ever posted; the answer is read from the session, so that reload and Back work."""

    def get(self, request: HttpRequest):
        resident_id = proven_resident_id(request)
        if resident_id is None:
            return self.ask(request, ProofForm())
        status = public_status(resident_id=resident_id, now=timezone.now())
        context = {
            "status": status,
            "facts": _facts(status),
            "only_urgent": message_wish.wants_only_urgent(resident_id=resident_id),
        }
        return render(request, "issuance/status.html", context)

    def post(self, request: HttpRequest):
        form = ProofForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        resident = access_attempt.prove(
            nik=form.cleaned_data["nik"],
            code=form.cleaned_data["code"],
            kind=AccessKind.STATUS,
            address=address_of(request),
            now=timezone.now(),
        )
        if resident is None:
            form.add_error(
                None, _("NIK dan kode ini tidak cocok. Periksa keduanya, atau minta kode baru di Kode hilang.")
            )
            return self.ask(request, form)
        remember_proof(request, resident=resident)
        return redirect("status")

    def ask(self, request: HttpRequest, form: ProofForm):
        return render(request, "issuance/status_proof.html", {"form": form})


class ForgetStatusView(PersonalPage):
    """`/status/selesai/`: leave nothing on a shared phone."""

    def post(self, request: HttpRequest):
        forget_proof(request)
        return redirect("status")

    def get(self, request: HttpRequest):
        return redirect("status")


def _facts(status: PublicStatus) -> list[dict[str, str]]:
    """The rows beneath the advice; empty ones are left out."""
    rows = [
        (_("Nama"), status.name),
        (_("Kantor"), status.office.name if status.office else ""),
        (_("Sejak"), plain_date(status.since) if status.since else ""),
        (_("Langkah berikutnya"), status.next_step),
        (_("Perkiraan kartu"), status.eta),
        (_("Blanko"), status.outlook),
        (_("Surat pengganti"), status.letter),
        (_("Alamat kantor"), status.office.address if status.office and status.hours else ""),
        (_("Jam layanan"), status.hours),
        (_("Data pusat per"), _list_date(status)),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _list_date(status: PublicStatus) -> str:
    """The newest national list with its age."""
    if status.list_as_of is None:
        return ""
    words = {"day": plain_date(status.list_as_of), "days": status.list_days}
    return _("%(day)s (%(days)s hari lalu)") % words if status.list_days > 1 else plain_date(status.list_as_of)
