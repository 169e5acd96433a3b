"""What a session away from the office asks for: its plan and list, and its results."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from recording.enums import RosterStatus
from recording.forms.base import FilterForm, PortalForm
from recording.models import Office, User, Village
from recording.policy.note import has_personal_number
from recording.policy.sheet import MAX_BYTES
from recording.services.roster import Plan

LONGEST_AHEAD_DAYS, LONGEST_BACK_DAYS = 366, 60
CHECK, OPEN, NO_RESULT = "periksa", "boleh", "belum"


class SheetForm(PortalForm):
    """A table as a file or pasted. Cleans to bytes in `content`, empty when there is none."""

    sheet = forms.FileField(
        label="Berkas CSV", required=False, widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"})
    )
    pasted = forms.CharField(
        label="Atau tempel dari lembar kerja",
        required=False,
        max_length=MAX_BYTES,
        strip=False,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )

    mark_optional = False

    def clean(self):
        answers = super().clean()
        sheet, pasted = answers.get("sheet"), answers.get("pasted") or ""
        if sheet and pasted.strip():
            raise ValidationError("Pilih satu: unggah berkas, atau tempel. Jangan keduanya.")
        if sheet and sheet.size > MAX_BYTES:
            raise ValidationError("Berkas ini lebih dari 1 MB. Pisah menjadi beberapa berkas.")
        answers["content"] = sheet.read() if sheet else pasted.encode()
        return answers


class RosterForm(SheetForm):
    """A new session with its list."""

    office = forms.ModelChoiceField(label="Kantor", queryset=Office.objects.none(), to_field_name="code")
    place = forms.CharField(label="Tempat", max_length=120, help_text="Misalnya SMA 1 Kudus, Balai Desa Jati Wetan.")
    village = forms.ModelChoiceField(
        label="Desa atau kelurahan",
        queryset=Village.objects.select_related("district").order_by("district__code", "name"),
        to_field_name="code",
        required=False,
        empty_label="Bukan satu desa (misalnya sekolah)",
        help_text="Dipakai untuk orang yang desanya tidak tertulis pada daftar.",
    )
    held_on = forms.DateField(label="Tanggal", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    device = forms.CharField(label="Alat", max_length=40, required=False, help_text="Nomor kit, misalnya KIT-07.")
    batch = forms.CharField(label="Nama kumpulan (batch)", max_length=40, required=False)
    note = forms.CharField(label="Catatan", max_length=200, required=False)

    mark_optional = True
    field_order = ("office", "place", "village", "held_on", "device", "batch", "note", "sheet", "pasted")

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = Office.objects.active().for_staff(by)
        self.fields["village"].label_from_instance = lambda village: f"{village.name}, {village.district.name}"
        if by.office_id is not None:
            self.fields["office"].initial = by.office.code
            self.fields["office"].empty_label = None
        self.fields["sheet"].help_text = "Boleh dikosongkan bila orangnya diisi dari permintaan kunjungan rumah."

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        away = (day - timezone.localdate()).days
        if not -LONGEST_BACK_DAYS <= away <= LONGEST_AHEAD_DAYS:
            raise ValidationError("Tanggal harus antara 60 hari yang lalu dan satu tahun ke depan.")
        return day

    def clean_note(self):
        return _free_of_numbers(self.cleaned_data["note"])

    def clean_place(self):
        return _free_of_numbers(self.cleaned_data["place"])

    def plan(self) -> Plan:
        names = ("office", "place", "village", "held_on", "device", "batch", "note")
        return Plan(**{name: self.cleaned_data[name] for name in names})


class ResultsForm(SheetForm):
    """The results of a session."""

    device = forms.CharField(
        label="Alat", max_length=40, required=False, help_text="Untuk baris yang tidak menyebut alatnya."
    )
    batch = forms.CharField(label="Nama kumpulan (batch)", max_length=40, required=False)

    field_order = ("sheet", "pasted", "device", "batch")

    def clean(self):
        answers = super().clean()
        if not self.errors and not answers["content"].strip():
            raise ValidationError("Pilih berkas hasil, atau tempel barisnya.")
        return answers


class RosterFilterForm(FilterForm):
    """Filters of the sessions; they travel in the address and concern no person."""

    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua"), *RosterStatus.choices])
    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    tempat = forms.CharField(label="Tempat", required=False, max_length=60)

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.office_id is not None:
            del self.fields["kantor"]

    def applied(self) -> dict:
        """Lookups on Roster; a wrong filter filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        names = {"keadaan": "status", "kantor": "office", "tempat": "place__icontains"}
        return {lookup: given[name] for name, lookup in names.items() if given.get(name)}


class EntryFilterForm(FilterForm):
    """Which people of one session to show."""

    tampil = forms.ChoiceField(
        label="Tampilkan",
        required=False,
        choices=[
            ("", "Semua orang"),
            (CHECK, "Perlu diperiksa"),
            (OPEN, "Boleh direkam"),
            (NO_RESULT, "Belum ada hasil"),
        ],
    )

    @property
    def shown(self) -> str:
        return self.cleaned_data["tampil"] if self.is_valid() else ""


def _free_of_numbers(text: str) -> str:
    if has_personal_number(text):
        raise ValidationError("Jangan tulis NIK atau nomor KK di sini.")
    return text
