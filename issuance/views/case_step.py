"""The decided moves of a case, each a page that says what it brings about and a POST that does it."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from issuance.case_actions import Action
from issuance.enums import CaseStatus, NextStep
from issuance.forms.case_file import ConflictForm, StepForm
from issuance.models import Case
from issuance.policy.case_words import BRINGS, DUE, STANDS, step_label
from issuance.policy.conflict import may_adopt
from issuance.policy.transitions import Step, decided_steps, step
from issuance.services import approval as approvals
from issuance.services import case as cases
from issuance.views.case_facts import comparison
from issuance.views.case_file import CasePage
from recording.exceptions import DomainError
from recording.models import Approval, User
from recording.policy.access import Permission, allows


def decided_actions(*, user: User, case: Case, now: datetime) -> Iterable[Action]:
    """What a verifier may decide about `case` now; closing it stands last."""
    if not allows(user, Permission.DECIDE_CASES):
        return
    if case.conflict_since is not None:
        yield Action("Selesaikan perbedaan", reverse("case_conflict", args=[case.pk]), "primary", main=True)
    for to in decided_steps(case.status, user.role):
        kind = "danger" if to == CaseStatus.CLOSED else "secondary"
        url = reverse("case_step", args=[case.pk, to.value])
        label, is_due = step_label(case.status, to), DUE.get(NextStep(case.next_step)) == to
        if step(case.status, to).second_person and (asked := approvals.standing(case)) is not None:
            if asked.granted is None:
                continue  # nothing to do but wait
            if asked.granted:
                label, is_due = "Selesaikan rekam ulang", True
        yield Action(label, url, kind, main=is_due)


class DecisionPage(CasePage):
    """Base of what only a verifier does."""

    permission = Permission.DECIDE_CASES


class CaseStepView(DecisionPage):
    """`/petugas/berkas/<id>/langkah/<status>/`: what it brings about, what is needed; then the move, or the request for
    a second person."""

    def get(self, request, pk: int, to: str):
        case, target, needed = self._step(pk, to)
        self.note_read(case)
        form = StepForm(to=target, needed=needed, initial={"central_deletion_on": case.central_deletion_on})
        return self._page(case, target, needed, form)

    def post(self, request, pk: int, to: str):
        case, target, needed = self._step(pk, to)
        form = StepForm(request.POST, to=target, needed=needed)
        if not form.is_valid():
            return self._page(case, target, needed, form)
        standing = approvals.standing(case) if needed.second_person else None
        try:
            if needed.second_person and not (standing and standing.granted):
                self._ask(case, form)
            else:
                self._move(case, target, form, standing)
        except DomainError as error:
            messages.error(request, f"{error}")
        return redirect("case", pk)

    def _step(self, pk: int, to: str) -> tuple[Case, CaseStatus, Step]:
        case = self.case(pk)
        if to not in decided_steps(case.status, self.request.user.role):
            raise Http404
        target = CaseStatus(to)
        return case, target, step(case.status, target)

    def _ask(self, case: Case, form: StepForm) -> None:
        approvals.ask(
            case_id=case.pk,
            by=self.request.user,
            now=self.now,
            reason=form.note_text(),
            central_deletion_on=form.cleaned_data["central_deletion_on"],
        )
        messages.success(self.request, "Persetujuan diminta. Pengawas melihatnya di berandanya.")

    def _move(self, case: Case, target: CaseStatus, form: StepForm, standing: Approval | None) -> None:
        cases.move(
            case_id=case.pk,
            to=target,
            by=self.request.user,
            now=self.now,
            note=form.note_text(),
            checked_at_centre=form.cleaned_data.get("checked", False),
            central_deletion_on=form.cleaned_data.get("central_deletion_on"),
            approval=standing,
        )
        messages.success(self.request, f"Tercatat: {target.label.lower()}.")

    def _page(self, case: Case, target: CaseStatus, needed: Step, form: StepForm):
        standing = approvals.standing(case) if needed.second_person else None
        granted = bool(standing and standing.granted)
        asks = needed.second_person and not granted
        context = {
            "case": case,
            "form": form,
            "title": step_label(case.status, target),
            "button": "Minta persetujuan" if asks else f"Ya, {step_label(case.status, target).lower()}",
            "is_danger": target == CaseStatus.CLOSED,
            "brings": BRINGS.get(target, ()),
            "asks": asks,
            "granted_by": standing.decided_by.name if granted else "",
            "is_waiting": bool(standing) and standing.granted is None,
            "rows": [
                {"label": "Status sekarang", "value": case.get_status_display()},
                {"label": "Artinya", "value": STANDS[CaseStatus(case.status)]},
                {"label": "Menjadi", "value": target.label},
            ],
        }
        return render(self.request, "issuance/case_file/step.html", context)


class CaseConflictView(DecisionPage):
    """`/petugas/berkas/<id>/beda/`: ours beside the centre's, and who was right."""

    def get(self, request, pk: int):
        case = self.case(pk)
        if case.conflict_since is None:
            return redirect("case", pk)
        self.note_read(case)
        return self._page(case, self._form(case))

    def post(self, request, pk: int):
        case = self.case(pk)
        form = self._form(case, request.POST)
        if not form.is_valid():
            return self._page(case, form)
        adopt = form.cleaned_data["right"] == ConflictForm.THEIRS
        try:
            cases.settle_conflict(
                case_id=pk, adopt=adopt, by=request.user, now=self.now, note=form.cleaned_data["note"]
            )
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            said = "Berkas mengikuti data pusat." if adopt else "Catatan kami tetap."
            messages.success(request, f"Perbedaan selesai. {said}")
        return redirect("case", pk)

    def _form(self, case: Case, data=None) -> ConflictForm:
        theirs = case.get_observed_status_display() if self._may_adopt(case) else ""
        return ConflictForm(data, ours=case.get_status_display(), theirs=theirs)

    @staticmethod
    def _may_adopt(case: Case) -> bool:
        has_card = case.prints.filter(spoiled_at__isnull=True).exists()
        return may_adopt(status=case.status, observed=case.observed_status, has_card=has_card)

    def _page(self, case: Case, form: ConflictForm):
        context = {"case": case, "form": form, "rows": comparison(case), "may_adopt": self._may_adopt(case)}
        return render(self.request, "issuance/case_file/conflict.html", context)
