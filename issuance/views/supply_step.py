"""The steps of the ledger: typed, shown with what they will change, then booked.

`/petugas/blanko/<office>/terima|kirim|pinjam|rusak|musnah|hitung|batas/` and `/petugas/blanko/kiriman/<transfer>/`.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from issuance.enums import MovementKind, SupplyItem
from issuance.forms import supply as forms
from issuance.models import SupplyMovement
from issuance.policy.supply import NAME, UNIT
from issuance.services import supply
from issuance.services.runway import standing
from recording.exceptions import DomainError
from recording.models import Office
from recording.policy.access import Permission
from recording.views.mixins import StaffRequired

COLUMNS = ("Barang", "Sekarang", "Perubahan", "Menjadi")


class StepPage(StaffRequired, View):
    """Fill in, check, book. A subclass names the form and books it."""

    form_class: type[forms.StepForm]
    title = lead = button = done = ""

    def get(self, request, **parameters):
        self.find(**parameters)
        return self._fill_in(self.make_form())

    def post(self, request, **parameters):
        self.find(**parameters)
        form = self.make_form(request.POST)
        if not form.is_valid() or "ubah" in request.POST:
            return self._fill_in(form)
        if "yakin" not in request.POST:
            return self._check(form)
        try:
            new = self.book(form)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._fill_in(self.again(form))
        said = self.done if new else "Sudah dicatat sebelumnya; tidak dicatat dua kali."
        messages.success(request, f"{self.office.name}: {said}")
        return redirect("office_supplies", self.office.code)

    def find(self, *, office_code: str) -> None:
        """The office of the step; one that `user` may not see answers like a missing one."""
        offices = Office.objects.active().for_staff(self.request.user)
        self.office = get_object_or_404(offices, code=office_code)

    def make_form(self, data=None):
        (self.stock,) = standing(offices=[self.office], today=timezone.localdate())
        return self.form_class(data, **self.form_options())

    def form_options(self) -> dict:
        return {"office": self.office, "stock": self.stock, "by": self.request.user}

    def again(self, form):
        """The form that is shown when the service said no."""
        return form

    def book(self, form) -> bool:
        raise NotImplementedError

    def booking(self, form) -> dict:
        """What every service asks for."""
        return {"by": self.request.user, "now": timezone.now(), "key": form.cleaned_data["key"]}

    def _context(self, form) -> dict:
        return {"form": form, "office": self.office, "title": self.title, "lead": self.lead, "button": self.button}

    def _fill_in(self, form) -> HttpResponse:
        return render(self.request, "issuance/supplies/step.html", self._context(form))

    def _check(self, form) -> HttpResponse:
        context = self._context(form) | {
            "columns": [{"label": label, "number": place > 0} for place, label in enumerate(COLUMNS)],
            "rows": [{"cells": cells} for cells in self._effect(form)],
            "answers": [
                {"label": field.label, "value": _answer(field)}
                for field in form.others
                if field.value() not in ("", None)
            ],
        }
        del context["form"]  # nothing is wrong with it: the page asks only whether it is so
        return render(self.request, "issuance/supplies/check.html", context | {"checked": form})

    def _effect(self, form) -> list[list]:
        """Item by item: what there is, what changes, what there will be."""
        now = {each.item: each for each in self.stock.stocks}
        rows = []
        for each in form.changes():
            quantity = now[each.item].quantity if each.item in now else 0
            rows.append(_effect(f"{NAME[each.item].capitalize()} ({UNIT[each.item]})", quantity, each.change))
            if each.spoiled_change:
                rows.append(_effect("Blanko rusak, disimpan", now[each.item].spoiled, each.spoiled_change))
        return rows


def _effect(name: str, now: int, change: int) -> list:
    after = {"text": f"{now + change}"} if now + change >= 0 else {"text": "tidak cukup", "badge": "danger"}
    return [name, now, signed(change), after]


def signed(change: int) -> str:
    """ "+5", "-3" (with the real minus sign), "0"."""
    return f"+{change}" if change > 0 else f"\N{MINUS SIGN}{-change}" if change else "0"


def _answer(field) -> str:
    """What was chosen or typed, in words."""
    choices = dict(getattr(field.field, "choices", []))
    value = field.value()
    if hasattr(field.field, "queryset"):
        return str(field.form.cleaned_data[field.name])
    return str(choices.get(value, value))


class ReceiveView(StepPage):
    permission = Permission.STOCK
    form_class = forms.ReceiveForm
    title = "Terima dari pusat"
    lead = "Hitung dulu, lalu isi kedua angka. Yang masuk catatan adalah hasil hitungan Anda."
    button, done = "Catat penerimaan", "penerimaan dicatat."

    def book(self, form) -> bool:
        given = form.cleaned_data
        return supply.receive(
            office=self.office,
            lines=form.lines(),
            document=given["document"],
            sender=given["sender"],
            reason=given["reason"],
            **self.booking(form),
        )


class SendView(StepPage):
    permission = Permission.SUPPLIES
    form_class = forms.SendForm
    title = "Kirim ke kantor lain"
    lead = "Jumlah ini keluar dari catatan kantor sekarang, dan masuk ke kantor tujuan setelah dihitung di sana."
    button, done = "Catat pengiriman", "pengiriman dicatat; menunggu dihitung di kantor tujuan."

    def book(self, form) -> bool:
        given = form.cleaned_data
        return supply.send(
            office=self.office,
            to=given["to"],
            lines=form.lines(),
            document=given["document"],
            returning=bool(given["returning"]),
            **self.booking(form),
        )


class ArriveView(StepPage):
    """Count in what another office sent. Whoever may see the receiving office may do it."""

    permission = Permission.STOCK
    form_class = forms.ArriveForm
    title = "Hitung kiriman yang datang"
    button, done = "Catat yang datang", "kiriman dihitung masuk."

    def find(self, *, transfer) -> None:
        rows = SupplyMovement.objects.under_way().filter(transfer=transfer).select_related("office", "other_office")
        user = self.request.user
        self.sent = [row for row in rows if user.office_id in (None, row.other_office_id)]
        if not self.sent:
            raise Http404
        self.office, self.transfer = self.sent[0].other_office, transfer
        self.lead = (
            f"Dari {self.sent[0].office.name}, {self.sent[0].document or 'tanpa nomor surat'}. Hitung sebelum mengisi."
        )

    def form_options(self) -> dict:
        return super().form_options() | {"sent": {SupplyItem(row.item): -row.change for row in self.sent}}

    def book(self, form) -> bool:
        return supply.arrive(
            transfer=self.transfer, lines=form.lines(), reason=form.cleaned_data["reason"], **self.booking(form)
        )


class OutsideView(StepPage):
    permission = Permission.SUPPLIES
    form_class = forms.OutsideForm
    title = "Pinjam-meminjam dengan kabupaten lain"
    lead = "Setiap pinjaman punya surat dan nama pihak lain, agar dapat dikembalikan."
    button, done = "Catat", "pinjam-meminjam dicatat."

    def book(self, form) -> bool:
        given = form.cleaned_data
        return supply.outside(
            office=self.office,
            kind=MovementKind(given["kind"]),
            lines=form.lines(),
            other_party=given["other_party"],
            document=given["document"],
            **self.booking(form),
        )


class SpoilView(StepPage):
    permission = Permission.CARDS
    form_class = forms.SpoilForm
    title = "Catat rusak sebelum dicetak"
    lead = (
        "Untuk barang yang ditemukan rusak sebelum dicetak; kartu yang gagal dicetak dicatat pada berkasnya. "
        "Blanko rusak tetap disimpan sampai dimusnahkan dengan berita acara."
    )
    button, done = "Catat rusak", "barang rusak dicatat."

    def book(self, form) -> bool:
        given = form.cleaned_data
        return supply.spoil_unprinted(
            office=self.office,
            item=SupplyItem(given["item"]),
            quantity=given["quantity"],
            reason=given["reason"],
            **self.booking(form),
        )


class DestroyView(StepPage):
    permission = Permission.SUPPLIES
    form_class = forms.DestroyForm
    title = "Catat pemusnahan"
    lead = "Blanko rusak yang disimpan dan sudah dimusnahkan dengan berita acara dan saksi (SE 470.13/11176/SJ tahun 2018)."
    button, done = "Catat pemusnahan", "pemusnahan dicatat."

    def book(self, form) -> bool:
        given = form.cleaned_data
        return supply.destroy(
            office=self.office,
            quantity=given["quantity"],
            document=given["document"],
            witnesses=given["witnesses"],
            **self.booking(form),
        )


class CountView(StepPage):
    permission = Permission.SUPPLIES
    form_class = forms.CountForm
    title = "Hitung fisik"
    lead = "Hitung yang ada, lalu isi hasilnya. Catatan menjadi sama dengan hasil hitungan; selisihnya tetap tercatat."
    button, done = "Simpan hasil hitung", "hasil hitung fisik disimpan."

    def book(self, form) -> bool:
        return supply.count(
            office=self.office, counts=form.counts(), reason=form.cleaned_data["reason"], **self.booking(form)
        )

    def again(self, form):
        """The figures to compare with are new ones; what was counted stays."""
        data = form.data.copy()
        fresh = self.make_form()
        for name, field in fresh.fields.items():
            if name.endswith("_seen"):
                data[name] = fresh.get_initial_for_field(field, name)
        newer = self.make_form(data)
        newer.is_valid()
        for error in form.non_field_errors():
            newer.add_error(None, error)
        return newer


class AlarmView(StaffRequired, View):
    """`/petugas/blanko/<office>/batas/`: below which quantity staff are warned."""

    permission = Permission.SUPPLIES

    def get(self, request, office_code):
        return self._page(request, office_code, None)

    def post(self, request, office_code):
        return self._page(request, office_code, request.POST)

    def _page(self, request, office_code, data):
        office = get_object_or_404(Office.objects.active().for_staff(request.user), code=office_code)
        (stock,) = standing(offices=[office], today=timezone.localdate())
        form = forms.AlarmForm(data, stock=stock)
        if data is not None and form.is_valid():
            supply.draw_alarm_line(office=office, alarm_below=form.alarm_below(), by=request.user)
            messages.success(request, f"{office.name}: batas peringatan disimpan.")
            return redirect("office_supplies", office.code)
        return render(request, "issuance/supplies/alarm.html", {"form": form, "office": office})
