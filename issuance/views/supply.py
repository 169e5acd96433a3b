"""`/petugas/blanko/`: what every office has, how long it lasts, its ledger, and what is under way."""

from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from issuance.enums import MovementKind, SupplyItem
from issuance.forms.supply import LedgerFilterForm
from issuance.models import SupplyMovement
from issuance.policy.supply import ITEMS, NAME, UNIT, runway_in_words
from issuance.services.runway import OfficeStock, Stock, standing
from issuance.views.supply_step import signed
from recording import dates
from recording.csv_export import csv_response
from recording.enums import CardOutlook
from recording.models import Office, User
from recording.policy.access import Permission, allows
from recording.staff_home import Alarm
from recording.views.mixins import StaffRequired
from recording.views.reauthentication import RecentPasswordRequired
from recording.views.staff_account import query_of

PER_PAGE, LATEST = 50, 8
K = MovementKind
OUTLOOK_KIND = {CardOutlook.CARD: "success", CardOutlook.LETTER: "warning", CardOutlook.UNKNOWN: ""}
LOANS = (K.LENT, K.BORROWED, K.RETURNED_OUT, K.RETURNED_IN)
# Permission, page, words; the first that somebody may do is the main action.
STEPS = (
    (Permission.STOCK, "supply_receive", "Terima dari pusat", "package-check"),
    (Permission.CARDS, "supply_spoil", "Catat rusak", "triangle-alert"),
    (Permission.SUPPLIES, "supply_count", "Hitung fisik", "clipboard-check"),
    (Permission.SUPPLIES, "supply_send", "Kirim ke kantor lain", "truck"),
    (Permission.SUPPLIES, "supply_outside", "Pinjam-meminjam", "arrow-left-right"),
    (Permission.SUPPLIES, "supply_destroy", "Catat pemusnahan", "flame"),
)


class SupplyPage(StaffRequired):
    permission = Permission.STOCK

    def offices(self) -> QuerySet[Office]:
        return Office.objects.active().for_staff(self.request.user)

    def ledger(self) -> QuerySet[SupplyMovement]:
        rows = SupplyMovement.objects.for_staff(self.request.user)
        return rows.select_related("office", "other_office", "actor", "card_print").order_by("-id")


class SupplyListView(SupplyPage, View):
    """All offices, the one that runs out first on top. Somebody of one office goes straight there."""

    def get(self, request):
        if request.user.office_id is not None:
            return redirect("office_supplies", request.user.office.code)
        stocks = standing(offices=list(self.offices()), today=timezone.localdate())
        order = sorted(stocks, key=lambda each: (each.runway.days is None, each.runway.days or 0))
        context = {
            "columns": [
                {"label": label, "number": label in ("Blanko", "Ribbon", "Film", "Rusak")}
                for label in ("Kantor", "Blanko", "Ribbon", "Film", "Rusak", "Cukup untuk", "Hitung fisik")
            ],
            "rows": [{"cells": _overview_cells(each)} for each in order],
            "parcels": _parcels(SupplyMovement.objects.under_way()),
        }
        return render(request, "issuance/supplies/list.html", context)


class OfficeSupplyView(SupplyPage, View):
    """One office: the three balances, how long they last, what is on the way, what may be done, the latest lines."""

    def get(self, request, office_code):
        office = get_object_or_404(self.offices(), code=office_code)
        (stock,) = standing(offices=[office], today=timezone.localdate())
        under_way = SupplyMovement.objects.under_way()
        lines = self.ledger().filter(office=office).exclude(kind=K.USED)[:LATEST]  # prints would hide all else
        context = {
            "office": office,
            "facts": [_fact(each) for each in stock.stocks] + _custody(stock),
            "runway": runway_in_words(stock.runway),
            "runway_kind": "warning" if stock.low else "success" if stock.runway.days is not None else "info",
            "outlook": office.get_card_outlook_display(),
            "outlook_kind": OUTLOOK_KIND[CardOutlook(office.card_outlook)],
            "counted": dates.moment_in_words(stock.counted_at) if stock.counted_at else "",
            "coming": _parcels(under_way.filter(other_office=office)),
            "leaving": _parcels(under_way.filter(office=office)),
            "loans": _loans(office),
            "steps": [
                {"url": reverse(name, args=[office.code]), "text": text, "icon": icon}
                for permission, name, text, icon in STEPS
                if allows(request.user, permission)
            ],
            "may_count": allows(request.user, Permission.SUPPLIES),
            "regency": request.user.office_id is None,
            "columns": COLUMNS[:1] + COLUMNS[2:],
            "rows": [{"cells": _cells(line)[:1] + _cells(line)[2:]} for line in lines],
        }
        return render(request, "issuance/supplies/office.html", context)


class CountSheetView(SupplyPage, View):
    """`/petugas/blanko/<office>/opname/`: the sheet to count by, to print and sign."""

    def get(self, request, office_code):
        office = get_object_or_404(self.offices(), code=office_code)
        (stock,) = standing(offices=[office], today=timezone.localdate())
        rows = [(f"{NAME[each.item].capitalize()} ({UNIT[each.item]})", each.quantity) for each in stock.stocks]
        rows += [("Blanko rusak, disimpan (keping)", each.spoiled) for each in stock.stocks[:1]]
        context = {"office": office, "rows": rows, "now": timezone.localtime()}
        return render(request, "issuance/supplies/sheet.html", context)


class LedgerView(SupplyPage, View):
    """`/petugas/blanko/buku/`: every line, filtered."""

    def get(self, request):
        form = LedgerFilterForm(request.GET, by=request.user)
        page = Paginator(self.ledger().filter(**form.applied()), PER_PAGE).get_page(request.GET.get("halaman"))
        context = {
            "filters": form,
            "page": page,
            "query": query_of(request),
            "columns": COLUMNS,
            "rows": [{"cells": _cells(line)} for line in page],
        }
        return render(request, "issuance/supplies/ledger.html", context)


class LedgerCsvView(SupplyPage, RecentPasswordRequired, View):
    """`/petugas/blanko/buku.csv`: the filtered ledger. It names staff and cases, no resident."""

    def get(self, request):
        form = LedgerFilterForm(request.GET, by=request.user)
        found = self.ledger().filter(**form.applied()).iterator(chunk_size=2000)
        columns = ["waktu", "kode_kantor", "kantor", "barang", "peristiwa", "perubahan", "perubahan_rusak"]
        columns += ["menurut_dokumen", "dokumen", "kantor_lain", "pihak_lain", "alasan", "saksi", "berkas", "petugas"]
        return csv_response(name="buku-persediaan", columns=columns, rows=(_export(line) for line in found))


def alarms(*, user: User, now: datetime) -> list[Alarm]:
    """For the staff home: what runs out at the offices that `user` answers for, and what waits to be counted in."""
    offices = list(Office.objects.active().for_staff(user))
    low = [each for each in standing(offices=offices, today=timezone.localdate(now)) if each.low]
    page = reverse("supplies")
    found = []
    if low:
        empty = any(stock.quantity == 0 for each in low for stock in each.low)
        found.append(
            Alarm(
                title="Persediaan habis atau menipis" if empty else "Persediaan menipis",
                text="; ".join(_low_in_words(each, name=user.office_id is None) for each in low) + ".",
                url=page,
                link_text="Buka persediaan",
                kind="danger" if empty else "warning",
            )
        )
    if user.office_id is not None:
        coming = SupplyMovement.objects.under_way().filter(other_office=user.office_id)
        if waiting := coming.values("transfer").distinct().count():
            found.append(
                Alarm(
                    title=f"{waiting} kiriman persediaan menunggu dihitung",
                    text="Hitung isinya bersama pengantar, lalu catat.",
                    url=page,
                    link_text="Buka persediaan",
                )
            )
    return found


def _low_in_words(each: OfficeStock, *, name: bool) -> str:
    items = ", ".join(
        f"{NAME[stock.item]} {'habis' if stock.quantity == 0 else f'tinggal {stock.quantity} {UNIT[stock.item]}'}"
        for stock in each.low
    )
    return f"{each.office.name}: {items}" if name else items.capitalize()


COLUMNS = [
    {"label": "Waktu"},
    {"label": "Kantor"},
    {"label": "Peristiwa"},
    {"label": "Barang"},
    {"label": "Perubahan", "number": True},
    {"label": "Keterangan"},
    {"label": "Petugas"},
]


def _overview_cells(each: OfficeStock) -> list:
    held = {stock.item: stock for stock in each.stocks}
    spoiled = sum(stock.spoiled for stock in each.stocks)
    cells: list = [{"text": each.office.name, "url": reverse("office_supplies", args=[each.office.code])}]
    cells += [_amount(held.get(item)) for item in ITEMS]
    cells += [
        spoiled,
        _lasts(each),
        dates.plain_date(timezone.localdate(each.counted_at)) if each.counted_at else "belum",
    ]
    return cells


def _amount(stock: Stock | None) -> dict | str:
    if stock is None:
        return "–"
    return {"text": f"{stock.quantity}", "badge": "danger"} if stock.is_low else f"{stock.quantity}"


def _lasts(each: OfficeStock) -> dict | str:
    runway = each.runway
    if runway.days is None or runway.item is None:
        return "belum diketahui"
    scarcest = f"{NAME[runway.item]} paling dulu; sampel {runway.sample_days} hari"
    if runway.days == 0:
        return {"text": f"{NAME[runway.item].capitalize()} habis", "badge": "danger", "small": ""}
    days = f"{int(runway.days)} hari layanan" if runway.days >= 1 else "kurang dari 1 hari"
    return {"text": days, "small": scarcest}


def _fact(stock: Stock) -> dict:
    per_day = f"{stock.runway.per_day:.1f}".replace(".", ",")
    days = stock.runway.days
    lasts = (
        "habis"
        if stock.quantity == 0
        else f"± {int(days)} hari, {per_day} sehari"
        if days is not None
        else "belum terukur"
    )
    return {
        "label": NAME[stock.item].capitalize(),
        "value": f"{stock.quantity:,}".replace(",", "."),
        "note": f"{UNIT[stock.item]} · {lasts}",
        "kind": "danger" if stock.quantity == 0 else "warning" if stock.is_low else "",
    }


def _custody(stock: OfficeStock) -> list[dict]:
    return [
        {"label": "Blanko rusak", "value": each.spoiled, "note": "disimpan sampai dimusnahkan"}
        for each in stock.stocks
        if each.item == SupplyItem.BLANK
    ]


def _parcels(rows: QuerySet[SupplyMovement]) -> list[dict]:
    """One entry for each parcel under way: from, to, since, what."""
    parcels: dict = {}
    for row in rows.select_related("office", "other_office").order_by("occurred_at", "id"):
        parcel = parcels.setdefault(
            row.transfer,
            {
                "url": reverse("supply_arrive", args=[row.transfer]),
                "sender": row.office.name,
                "receiver": row.other_office.name,
                "since": dates.moment_in_words(row.occurred_at),
                "document": row.document,
                "items": [],
            },
        )
        parcel["items"].append(f"{-row.change} {UNIT[SupplyItem(row.item)]} {NAME[SupplyItem(row.item)]}")
    return [parcel | {"content": ", ".join(parcel["items"])} for parcel in parcels.values()]


def _loans(office: Office) -> list[str]:
    """What another regency still has of ours, or we of theirs."""
    rows = (
        SupplyMovement.objects.filter(office=office, kind__in=LOANS, transfer__isnull=True)
        .values("other_party", "item")
        .annotate(total=Sum("change"))
        .order_by("other_party", "item")
    )
    said = []
    for row in rows:
        item, total = SupplyItem(row["item"]), row["total"]
        what = f"{abs(total)} {UNIT[item]} {NAME[item]}"
        if total < 0:
            said.append(f"{row['other_party']} masih meminjam {what}.")
        elif total > 0:
            said.append(f"Kita masih meminjam {what} dari {row['other_party']}.")
    return said


def _cells(line: SupplyMovement) -> list:
    item = SupplyItem(line.item)
    change = signed(line.change) if line.change or not line.spoiled_change else ""
    custody = f"disimpan {signed(line.spoiled_change)}" if line.spoiled_change else ""
    return [
        {"text": f"{timezone.localtime(line.occurred_at):%d-%m-%Y %H.%M}"},
        {"text": line.office.name},
        {"text": line.get_kind_display()},
        {"text": NAME[item].capitalize()},
        {"text": change or custody, "small": custody if change else ""},
        _about(line),
        {"text": line.actor.get_full_name() if line.actor else "sistem"},
    ]


def _about(line: SupplyMovement) -> dict:
    """Where from or to, by which paper, for which case, why."""
    if line.card_print is not None and line.kind == K.USED:
        return {"text": f"Berkas {line.card_print.case_id}", "url": reverse("case", args=[line.card_print.case_id])}
    other = line.other_office.name if line.other_office else line.other_party
    parts = [
        part for part in (other, line.document, line.reason, line.witnesses and f"saksi: {line.witnesses}") if part
    ]
    differs = line.document_quantity is not None and line.document_quantity != line.change and line.kind != K.COUNTED
    small = f"menurut dokumen {line.document_quantity}" if differs else ""
    return {"text": " · ".join(parts) or "–", "small": small}


def _export(line: SupplyMovement) -> tuple:
    return (
        f"{timezone.localtime(line.occurred_at):%Y-%m-%d %H:%M}",
        line.office.code,
        line.office.name,
        line.item,
        line.kind,
        line.change,
        line.spoiled_change,
        "" if line.document_quantity is None else line.document_quantity,
        line.document,
        line.other_office.code if line.other_office else "",
        line.other_party,
        line.reason,
        line.witnesses,
        line.card_print.case_id if line.card_print else "",
        line.actor.get_full_name() if line.actor else "",
    )
