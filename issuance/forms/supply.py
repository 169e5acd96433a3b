"""What is typed about supplies. Each step asks for quantities item by item, and says what it will change."""

from dataclasses import dataclass
from uuid import uuid4

from django import forms

from issuance.enums import MovementKind, SupplyItem
from issuance.policy.supply import ITEMS, NAME, UNIT
from issuance.services.runway import OfficeStock
from issuance.services.supply import Count, Line
from recording.forms.base import FilterForm, PortalForm
from recording.forms.desk import NoteField
from recording.models import Office, User

MOST = 1_000_000  # of one item in one step; more is a slip of the finger
OUTSIDE = [
    (MovementKind.BORROWED.value, "Pinjam dari kabupaten lain"),
    (MovementKind.RETURNED_OUT.value, "Kembalikan pinjaman kita"),
    (MovementKind.LENT.value, "Pinjamkan ke kabupaten lain"),
    (MovementKind.RETURNED_IN.value, "Terima kembali yang kita pinjamkan"),
]
INWARD = (MovementKind.BORROWED, MovementKind.RETURNED_IN)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a step does to one item of the office."""

    item: SupplyItem
    change: int
    spoiled_change: int = 0


def _quantity(label: str, **options) -> forms.IntegerField:
    options.setdefault("required", False)
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MOST,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "quantity"}),
        error_messages={
            "invalid": "Tulis jumlahnya dengan angka saja.",
            "max_value": "Jumlah ini terlalu besar; periksa lagi.",
        },
        **options,
    )


class DocumentField(NoteField):
    """A number on a paper: it is short, and never a NIK."""

    def __init__(self, **options):
        super().__init__(**{"max_length": 60, "widget": forms.TextInput({"autocomplete": "off"})} | options)


class StepForm(PortalForm):
    """A step of the ledger. `items`: one or two boxes for each item, grouped in the page under its name."""

    parts: tuple[tuple[str, str], ...] = (("", "Jumlah"),)  # ending of the name, label
    items: tuple[SupplyItem, ...] = ITEMS
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, office: Office, stock: OfficeStock, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.office, self.by = office, by
        self.stock = {each.item: each for each in stock.stocks}
        for item in self.items:
            for ending, label in self.parts:
                self.fields[f"{item.value}{ending}"] = _quantity(label)

    @property
    def groups(self) -> list[dict]:
        """The boxes of each item, under its name and what there is of it."""
        return [
            {
                "legend": f"{NAME[item].capitalize()} ({UNIT[item]})",
                "now": self.stock[item].quantity if item in self.stock else 0,
                "fields": [self[f"{item.value}{ending}"] for ending, _label in self.parts],
            }
            for item in self.items
        ]

    @property
    def others(self) -> list:
        """Every other visible field, in order."""
        grouped = {f"{item.value}{ending}" for item in self.items for ending, _label in self.parts}
        return [field for field in self.visible_fields() if field.name not in grouped]

    def lines(self) -> list[Line]:
        given = self.cleaned_data
        return [Line(item=item, quantity=given.get(item.value) or 0) for item in self.items if given.get(item.value)]

    def changes(self) -> list[Change]:
        """What is added (or, for `outward` steps, taken away)."""
        sign = -1 if self.outward else 1
        return [Change(item=line.item, change=sign * line.quantity) for line in self.lines()]

    @property
    def outward(self) -> bool:
        return False

    def clean(self):
        cleaned = super().clean()
        if self.items and not self.errors and not self._says_something(cleaned):
            self.add_error(self.items[0].value, "Isi sedikitnya satu jumlah.")
        return cleaned

    def _says_something(self, cleaned: dict) -> bool:
        return any(cleaned.get(f"{item.value}{ending}") for item in self.items for ending, _label in self.parts)

    def _require_reason_for_difference(self, cleaned: dict, differs: bool) -> None:
        if differs and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Hitungan berbeda. Tulis sebabnya dengan beberapa kata.")


class ReceiveForm(StepForm):
    """A delivery from the centre."""

    parts = (("_note", "Menurut surat jalan"), ("", "Hasil hitung"))
    document = DocumentField(label="Nomor surat jalan")
    sender = DocumentField(label="Pengirim", max_length=80, initial="Ditjen Dukcapil")
    reason = NoteField(label="Sebab bila berbeda", required=False, max_length=200)

    def lines(self) -> list[Line]:
        given = self.cleaned_data
        return [
            Line(item=item, quantity=given.get(item.value) or 0, per_document=given.get(f"{item.value}_note") or 0)
            for item in self.items
            if given.get(item.value) or given.get(f"{item.value}_note")
        ]

    def clean(self):
        cleaned = super().clean()
        differs = any((cleaned.get(f"{item}_note") or 0) != (cleaned.get(item.value) or 0) for item in self.items)
        self._require_reason_for_difference(cleaned, differs)
        return cleaned


class SendForm(StepForm):
    """A share for another office, or something back to it."""

    to = forms.ModelChoiceField(
        label="Ke kantor", queryset=Office.objects.none(), to_field_name="code", empty_label="Pilih kantor"
    )
    returning = forms.ChoiceField(
        label="Jenis",
        choices=[("", "Pembagian"), ("1", "Pengembalian")],
        widget=forms.RadioSelect,
        required=False,
        initial="",
    )
    document = DocumentField(label="Nomor surat pengantar")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = Office.objects.active().exclude(pk=self.office.pk)

    @property
    def outward(self) -> bool:
        return True


class ArriveForm(StepForm):
    """What was found in a parcel of another office. `sent`: item -> what its sender says."""

    parts = (("", "Hasil hitung"),)
    reason = NoteField(label="Sebab bila berbeda", required=False, max_length=200)

    def __init__(self, *args, sent: dict[SupplyItem, int], **kwargs):
        self.items, self.sent = tuple(item for item in ITEMS if item in sent), sent
        super().__init__(*args, **kwargs)
        for item in self.items:
            self.fields[item.value].required = True
            self.fields[item.value].error_messages["required"] = f"Isi jumlah {NAME[item]} yang ada, 0 bila tidak ada."
            self.fields[item.value].help_text = f"Menurut pengirim: {sent[item]}"

    def lines(self) -> list[Line]:
        return [Line(item=item, quantity=self.cleaned_data[item.value]) for item in self.items]

    def clean(self):
        cleaned = super().clean()
        differs = any(cleaned.get(item.value) != self.sent[item] for item in self.items if item.value in cleaned)
        self._require_reason_for_difference(cleaned, differs)
        return cleaned

    def _says_something(self, cleaned: dict) -> bool:
        return True


class OutsideForm(StepForm):
    """Lending and borrowing between regencies."""

    kind = forms.ChoiceField(label="Apa yang terjadi?", choices=OUTSIDE, widget=forms.RadioSelect)
    other_party = DocumentField(label="Kabupaten atau instansi", max_length=80)
    document = DocumentField(label="Nomor surat")

    @property
    def outward(self) -> bool:
        return self.cleaned_data.get("kind") not in INWARD


class SpoilForm(StepForm):
    """Something defective, found before it was printed."""

    items = ()
    item = forms.ChoiceField(label="Barang", choices=SupplyItem.choices, widget=forms.RadioSelect)
    quantity = _quantity("Jumlah yang rusak", required=True)
    reason = NoteField(label="Apa yang rusak?", max_length=200, help_text="Misalnya: chip cacat, keping terlipat.")

    def clean_quantity(self):
        return _at_least_one(self.cleaned_data["quantity"])

    def changes(self) -> list[Change]:
        item, quantity = SupplyItem(self.cleaned_data["item"]), self.cleaned_data["quantity"]
        return [
            Change(item=item, change=-quantity, spoiled_change=quantity if item == SupplyItem.BLANK else 0),
        ]


class DestroyForm(StepForm):
    """Spoiled blanks that were destroyed."""

    items = ()
    quantity = _quantity("Jumlah blanko yang dimusnahkan", required=True)
    document = DocumentField(label="Nomor berita acara")
    witnesses = DocumentField(label="Saksi", max_length=160, help_text="Nama atau jabatan, sedikitnya dua orang.")

    def clean_quantity(self):
        return _at_least_one(self.cleaned_data["quantity"])

    def changes(self) -> list[Change]:
        return [Change(item=SupplyItem.BLANK, change=0, spoiled_change=-self.cleaned_data["quantity"])]


class CountForm(StepForm):
    """A stock-take. What the books said when it began travels along, so that a print meanwhile is noticed."""

    parts = (("", "Hasil hitung"),)
    custody = _quantity("Blanko rusak yang disimpan", required=True)
    reason = NoteField(label="Sebab bila berbeda dengan catatan", required=False, max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for item in self.items:
            field = self.fields[item.value]
            field.required = True
            field.error_messages["required"] = f"Hitung {NAME[item]}, isi 0 bila tidak ada."
            self._remember(f"{item.value}_seen", self.stock[item].quantity if item in self.stock else 0)
        blank = self.stock.get(SupplyItem.BLANK)
        self._remember("custody_seen", blank.spoiled if blank else 0)
        self.fields["custody"].error_messages["required"] = "Hitung blanko rusak yang disimpan, isi 0 bila tidak ada."
        self.fields["custody"].help_text = f"Menurut catatan: {blank.spoiled if blank else 0}"

    def _remember(self, name: str, value: int) -> None:
        self.fields[name] = forms.IntegerField(widget=forms.HiddenInput, initial=value)

    def counts(self) -> list[Count]:
        given = self.cleaned_data
        return [
            Count(
                item=item,
                quantity=given[item.value],
                seen=given[f"{item.value}_seen"],
                spoiled=given["custody"] if item == SupplyItem.BLANK else 0,
                seen_spoiled=given["custody_seen"] if item == SupplyItem.BLANK else 0,
            )
            for item in self.items
        ]

    def changes(self) -> list[Change]:
        return [
            Change(item=each.item, change=each.quantity - each.seen, spoiled_change=each.spoiled - each.seen_spoiled)
            for each in self.counts()
        ]

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            self._require_reason_for_difference(cleaned, any(each.differs for each in self.counts()))
        return cleaned

    def _says_something(self, cleaned: dict) -> bool:
        return True


class AlarmForm(PortalForm):
    """Below which quantity staff are warned."""

    def __init__(self, *args, stock: OfficeStock, **kwargs):
        super().__init__(*args, **kwargs)
        lines = {each.item: each.alarm_below for each in stock.stocks}
        for item in ITEMS:
            self.fields[item.value] = _quantity(
                f"{NAME[item].capitalize()}: beri tahu bila kurang dari ({UNIT[item]})",
                required=True,
                initial=lines.get(item, 0),
            )

    def alarm_below(self) -> dict[SupplyItem, int]:
        return {item: self.cleaned_data[item.value] for item in ITEMS}


class LedgerFilterForm(FilterForm):
    """Filters of the ledger; they travel in the address and concern no person."""

    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    barang = forms.ChoiceField(label="Barang", required=False, choices=[("", "Semua barang"), *SupplyItem.choices])
    jenis = forms.ChoiceField(label="Peristiwa", required=False, choices=[("", "Semua"), *MovementKind.choices])
    dari = forms.DateField(label="Dari tanggal", required=False, widget=forms.DateInput({"type": "date"}))
    sampai = forms.DateField(label="Sampai tanggal", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.office_id is not None:
            del self.fields["kantor"]

    def applied(self) -> dict:
        """Lookups for the ledger. A wrong filter filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        names = {"kantor": "office", "barang": "item", "jenis": "kind", "dari": "day__gte", "sampai": "day__lte"}
        return {lookup: given[name] for name, lookup in names.items() if given.get(name)}


def _at_least_one(quantity: int) -> int:
    if quantity < 1:
        raise forms.ValidationError("Isi jumlah mulai dari 1.")
    return quantity
