"""`/petugas/persetujuan/`: what verifiers ask a second person for."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.forms.case_file import DecisionForm
from issuance.models import Case
from issuance.policy.case_words import BRINGS
from issuance.services import approval as approvals
from issuance.services.case import RERECORD_ACTION
from issuance.views.case_facts import facts_of
from issuance.views.case_file import CasePage
from recording.dates import moment_in_words, plain_date
from recording.exceptions import DomainError
from recording.models import Approval
from recording.policy.access import Permission
from recording.services import audit
from recording.views.mixins import StaffRequired

COLUMNS = ("Warga", "Status", "Diminta oleh", "Alasan", "Pusat menghapus")


class ApprovalListView(StaffRequired, View):
    permission = Permission.SECOND_PERSON

    def get(self, request):
        waiting = approvals.waiting(by=request.user)
        audit.record(action="case.read_list", actor=request.user, subject="approvals", office_id=request.user.office_id)
        context = {
            "columns": [{"label": label} for label in COLUMNS],
            "rows": [{"cells": _cells(approval, case)} for approval, case in waiting],
        }
        return render(request, "issuance/approval/list.html", context)


def _cells(approval: Approval, case: Case) -> list:
    return [
        {"text": case.resident.name, "url": reverse("approval", args=[approval.pk]), "small": f"Berkas {case.pk}"},
        {"text": case.get_status_display(), "badge": "warning"},
        {"text": approval.asked_by.name, "small": moment_in_words(approval.asked_at)},
        approval.reason,
        plain_date(case.central_deletion_on) if case.central_deletion_on else "–",
    ]


class ApprovalView(CasePage):
    """`/petugas/persetujuan/<id>/`: the case, what is asked, and yes or no."""

    permission = Permission.SECOND_PERSON

    def get(self, request, pk: int):
        approval, case = self._asked(pk)
        self.note_read(case)
        return self._page(approval, case, DecisionForm())

    def post(self, request, pk: int):
        approval, case = self._asked(pk)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._page(approval, case, form)
        granted = form.cleaned_data["decision"] == DecisionForm.GRANT
        try:
            approvals.decide(
                approval_id=pk, granted=granted, by=request.user, now=timezone.now(), note=form.cleaned_data["note"]
            )
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect("approval", pk)
        said = "Disetujui. Verifikator menyelesaikannya." if granted else "Ditolak. Verifikator membaca alasannya."
        messages.success(request, said)
        return redirect("approvals")

    def _asked(self, pk: int) -> tuple[Approval, Case]:
        asked = Approval.objects.filter(pk=pk, action=RERECORD_ACTION).select_related("asked_by", "decided_by").first()
        if asked is None:
            raise Http404
        return asked, self.case(approvals.case_id_of(asked))

    def _page(self, approval: Approval, case: Case, form: DecisionForm):
        is_open = approval.decided_by_id is None
        is_current = approvals.is_current(approval, case)
        context = {
            "approval": approval,
            "case": case,
            "facts": facts_of(case, by=self.request.user, is_own=True, now=self.now),
            "brings": BRINGS["rerecord"],
            "asked": [
                {"label": "Diminta", "value": "Rekam ulang"},
                {"label": "Oleh", "value": f"{approval.asked_by.name}, {moment_in_words(approval.asked_at)}"},
                {"label": "Alasan", "value": approval.reason},
                {
                    "label": "Pusat menghapus rekaman lama",
                    "value": plain_date(case.central_deletion_on) if case.central_deletion_on else "",
                },
            ],
            "form": form if is_open and is_current else None,
            "decided": _decided(approval) if not is_open else "",
            "has_moved": is_open and not is_current,
        }
        return render(self.request, "issuance/approval/approval.html", context)


def _decided(approval: Approval) -> str:
    said = "Disetujui" if approval.granted else "Ditolak"
    return f"{said} oleh {approval.decided_by.name}, {moment_in_words(approval.decided_at)}."
