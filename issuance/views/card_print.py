"""One card out of the printer: printed, spoiled, or no blank left for somebody who came."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.case_actions import Action
from issuance.enums import CaseStatus
from issuance.forms.print_run import SpoilForm
from issuance.models import CardPrint, Case
from issuance.services import card_print, hand_over, print_run
from issuance.views.hand_over import CounterPage
from recording.exceptions import DomainError
from recording.models import User
from recording.policy.access import Permission, allows


def card_actions(*, user: User, case: Case, now: datetime) -> Iterable[Action]:
    """The way from a case's page to the counter where its card is printed or given away."""
    is_here = case.status in hand_over.AT_COUNTER and hand_over.at_counter(user).filter(pk=case.pk).exists()
    if is_here and allows(user, Permission.CARDS):
        words = "Cetak kartu" if case.status == CaseStatus.PRINT_READY else "Buka penyerahan"
        yield Action(words, reverse("counter", args=[case.pk]), "primary", main=True)
    if allows(user, Permission.SECOND_PERSON) and case.status == CaseStatus.ISSUED:
        row = case.hand_overs.filter(undone_at__isnull=True).first()
        if row and user.office_id in (None, row.office_id) and hand_over.may_undo(row, by=user, now=now):
            yield Action("Urungkan penyerahan", reverse("hand_over_undo", args=[case.pk]), "danger")


class CardStepPage(CounterPage):
    """Base of the steps: POST, then back to the counter."""

    http_method_names = ["post"]
    done = ""

    def step(self, case: Case) -> None:
        raise NotImplementedError

    def post(self, request, pk: int):
        case = self.case(pk)
        try:
            self.step(case)
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, self.done)
        return redirect("counter", pk)


class PrintCardView(CardStepPage, View):
    """`/petugas/cetak/berkas/<id>/`: the card came out of the printer."""

    done = "Dicatat tercetak; satu blanko terpakai. Periksa kartunya, lalu serahkan."

    def step(self, case: Case) -> None:
        card_print.print_card(case_id=case.pk, by=self.request.user, now=timezone.now())


class ApologiseView(CardStepPage, View):
    """`/petugas/cetak/berkas/<id>/maaf/`: invited, here, and no blank."""

    done = "Dicatat. Warga ini didahulukan begitu ada blanko. Sampaikan maaf, dan tawarkan surat bila berhak."

    def step(self, case: Case) -> None:
        print_run.apologise(case_id=case.pk, by=self.request.user, now=timezone.now())


class SpoilView(CounterPage, View):
    """`/petugas/cetak/berkas/<id>/rusak/`: the card is no good; the next one uses another blank."""

    def get(self, request, pk: int):
        case, good = self._spoilable(pk)
        return self._page(case, good, SpoilForm())

    def post(self, request, pk: int):
        case, good = self._spoilable(pk)
        form = SpoilForm(request.POST)
        if not form.is_valid():
            return self._page(case, good, form)
        try:
            card_print.spoil(
                card_print_id=good.pk,
                by=request.user,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                now=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Dicatat rusak. Simpan blankonya di kotak rusak; kartu dapat dicetak lagi.")
        return redirect("counter", pk)

    def _spoilable(self, pk: int) -> tuple[Case, CardPrint]:
        case, good = self.case(pk), card_print.good_print(pk)
        if good is None or case.status not in (CaseStatus.PRINTED, CaseStatus.READY):
            raise Http404
        return case, good

    def _page(self, case: Case, good: CardPrint, form: SpoilForm):
        return render(self.request, "issuance/hand_over/spoil.html", {"case": case, "form": form, "good": good})
