"""`/petugas/pengiriman/`: cards on their way to the office that hands them over."""

from itertools import groupby

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import View

from issuance import card_papers
from issuance.enums import ShippedState
from issuance.forms.hand_over import CourierForm, ShelfForm
from issuance.forms.print_run import ChosenForm
from issuance.models import Shipment, ShippedCard
from issuance.services import shipment
from recording.dates import moment_in_words, plain_date, short_day
from recording.exceptions import DomainError
from recording.models import Office
from recording.policy.access import Permission
from recording.services import audit
from recording.views.desk import chosen_office
from recording.views.mixins import StaffRequired
from recording.views.staff_account import query_of

PER_PAGE = 20
STATE_KINDS = {
    ShippedState.ON_THE_WAY: "info",
    ShippedState.ARRIVED: "success",
    ShippedState.MISSING: "danger",
    ShippedState.RETURNED: "warning",
}


class ShipmentPage(StaffRequired):
    """Base: parcels from or to the clerk's office; another's answers like a missing one."""

    permission = Permission.CARDS

    def office(self) -> Office:
        office = chosen_office(self.request)
        if office is None:
            raise Http404
        return office

    def parcel(self, pk: int) -> Shipment:
        rows = shipment.with_counts(Shipment.objects.for_staff(self.request.user))
        found = rows.filter(pk=pk).select_related("from_office", "to_office", "sent_by", "checked_by").first()
        if found is None:
            raise Http404
        return found

    def cards(self, parcel: Shipment, action: str) -> list[ShippedCard]:
        cards = list(parcel.cards.select_related("case__resident__village").order_by("number"))
        audit.record_many(
            action=action,
            about=[(card.case.resident_id, f"case:{card.case_id}", parcel.to_office_id) for card in cards],
            actor=self.request.user,
        )
        return cards


class ShipmentsView(ShipmentPage, View):
    """What lies here for other offices, and the parcels that left or are to arrive."""

    def get(self, request):
        office = self.office()
        waiting = shipment.to_send(office=office).select_related("resident__village", "pickup_office")
        rows = list(waiting.order_by("pickup_office__code", "resident__name", "pk")[: shipment.MOST_AT_ONCE])
        audit.record_many(
            action="shipment.read_list",
            about=[(case.resident_id, f"case:{case.pk}", office.pk) for case in rows],
            actor=request.user,
        )
        parcels = shipment.with_counts(Shipment.objects.for_staff(request.user))
        page = Paginator(parcels.select_related("from_office", "to_office").order_by("-pk"), PER_PAGE).get_page(
            request.GET.get("halaman")
        )
        context = {
            "office": office,
            "offices": Office.objects.active() if request.user.office_id is None else [],
            "groups": [
                {"office": to, "cards": [_row(case) for case in cases]}
                for to, cases in groupby(rows, key=lambda case: case.pickup_office)
            ],
            "courier": CourierForm(),
            "page": page,
            "query": query_of(request),
            "columns": [
                {"label": label, "number": place == 3}
                for place, label in enumerate(("Kiriman", "Dari", "Ke", "Kartu", "Keadaan"))
            ],
            "rows": [{"cells": _cells(parcel)} for parcel in page],
        }
        return render(request, "issuance/shipment/list.html", context)


def _row(case) -> dict:
    village = case.resident.village
    return {
        "pk": case.pk,
        "name": case.resident.name or "(data dihapus)",
        "about": f"{village.name if village else 'luar Kudus'}, dicetak {short_day(timezone.localdate(case.status_since))}",
    }


def _cells(parcel: Shipment) -> list:
    text, kind = _standing(parcel)
    return [
        {
            "text": f"Nomor {parcel.pk}",
            "url": reverse("shipment", args=[parcel.pk]),
            "small": plain_date(timezone.localdate(parcel.sent_at)),
        },
        parcel.from_office.name,
        parcel.to_office.name,
        parcel.size,
        {"text": text, "badge": kind},
    ]


def _standing(parcel: Shipment) -> tuple[str, str]:
    if parcel.missing:
        return f"{parcel.missing} kartu hilang", "danger"
    return ("Dalam perjalanan", "info") if parcel.on_the_way else ("Lengkap", "success")


class SendView(ShipmentPage, View):
    """`/petugas/pengiriman/kirim/`, by POST: one parcel to one office."""

    http_method_names = ["post"]

    def post(self, request):
        office, form, chosen = self.office(), CourierForm(request.POST), ChosenForm(request.POST)
        code = request.POST.get("ke", "").replace("\0", "")
        to_office = Office.objects.active().filter(code=code).first()
        query = f"?{urlencode({'kantor': office.code})}" if request.user.office_id is None else ""
        if to_office is None or not form.is_valid():
            messages.error(request, "Pilih kantor tujuannya, lalu kirim lagi.")
            return redirect(f"{reverse('shipments')}{query}")
        try:
            parcel = shipment.send(
                office=office,
                to_office=to_office,
                case_ids=chosen.ids,
                courier=form.cleaned_data["courier"],
                by=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, f"{error}")
            return redirect(f"{reverse('shipments')}{query}")
        messages.success(request, f"{parcel.size} kartu dicatat dikirim. Cetak daftar isinya dan masukkan ke kiriman.")
        return redirect("shipment", parcel.pk)


class ShipmentView(ShipmentPage, View):
    """`/petugas/pengiriman/<id>/`: what is in the parcel; on arrival each card is ticked."""

    def get(self, request, pk: int):
        return self._page(self.parcel(pk), ShelfForm())

    def post(self, request, pk: int):
        parcel, form, chosen = self.parcel(pk), ShelfForm(request.POST), ChosenForm(request.POST)
        if not form.is_valid():
            return self._page(parcel, form)
        try:
            missing = shipment.check_in(
                shipment_id=pk,
                arrived=chosen.ids,
                shelf=form.cleaned_data["shelf"],
                by=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            if missing:
                messages.warning(
                    request,
                    f"{len(missing)} kartu tidak ada dalam kiriman. Hubungi {parcel.from_office.name} hari ini.",
                )
            else:
                messages.success(request, "Semua kartu tiba dan siap diambil; warganya diberi tahu.")
        return redirect("shipment", pk)

    def _page(self, parcel: Shipment, form: ShelfForm):
        cards = self.cards(parcel, "shipment.read")
        user = self.request.user
        open_cards = [card for card in cards if card.state in shipment.OPEN]
        text, kind = _standing(parcel)
        context = {
            "parcel": parcel,
            "form": form,
            "sent": moment_in_words(parcel.sent_at),
            "checked": moment_in_words(parcel.checked_at) if parcel.checked_at else "",
            "standing": text,
            "kind": kind,
            "open_count": len(open_cards),
            "may_check_in": bool(open_cards) and user.office_id in (None, parcel.to_office_id),
            "may_take_back": user.office_id in (None, parcel.from_office_id),
            "cards": [_card(card) for card in cards],
        }
        return render(self.request, "issuance/shipment/parcel.html", context)


def _card(card: ShippedCard) -> dict:
    village = card.case.resident.village
    return {
        "pk": card.pk,
        "number": card.number,
        "name": card.case.resident.name or "(data dihapus)",
        "about": f"{village.name if village else 'luar Kudus'}, berkas {card.case_id}",
        "state": card.get_state_display(),
        "kind": STATE_KINDS[ShippedState(card.state)],
        "is_open": card.state in shipment.OPEN,
    }


class PackingListView(ShipmentPage, View):
    """`daftar.pdf`: the packing list, to go into the parcel."""

    def get(self, request, pk: int):
        parcel = self.parcel(pk)
        content = card_papers.packing_list_pdf(parcel, self.cards(parcel, "shipment.print"))
        headers = {"Content-Disposition": f'inline; filename="kiriman-{parcel.pk}.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)


class TakeBackView(ShipmentPage, View):
    """`/petugas/pengiriman/kartu/<id>/kembali/`: a card came back to the sender."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        parcels = Shipment.objects.for_staff(request.user)
        card = ShippedCard.objects.filter(pk=pk, shipment__in=parcels).first()
        if card is None:
            raise Http404
        try:
            shipment.take_back(shipped_card_id=pk, by=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, f"{error}")
        else:
            messages.success(request, "Kartu ada lagi di kantor pengirim.")
        return redirect("shipment", card.shipment_id)
