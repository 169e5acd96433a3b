"""Forms of `/kelola/tutup/`."""

from datetime import date

from django import forms

from recording.enums import ClosureStatus
from recording.forms.base import FilterForm, PortalForm
from recording.forms.hours import ClockField, DayField
from recording.models import Office
from recording.services.closure import Stretch

LONGEST_DAYS = 31
WHOLE, PART, OPEN = "penuh", "sebagian", "buka"
PART_ONLY = "Hanya untuk sebagian hari."


class StretchMixin:
    """What a form with a part of the day shares: `part`, `closed_from`, `closed_until`."""

    def clean_stretch(self, cleaned) -> None:
        if cleaned.get("part") != PART:
            return
        begins, ends = cleaned.get("closed_from"), cleaned.get("closed_until")
        if begins is None and "closed_from" not in self.errors:
            self.add_error("closed_from", "Isi jam mulai tutup.")
        if ends is None and "closed_until" not in self.errors:
            self.add_error("closed_until", "Isi jam buka lagi.")
        if begins and ends and ends <= begins:
            self.add_error("closed_until", "Jam buka lagi harus sesudah jam mulai tutup.")

    @property
    def stretch(self) -> Stretch:
        if self.cleaned_data["part"] != PART:
            return Stretch()
        return Stretch(closed_from=self.cleaned_data["closed_from"], closed_until=self.cleaned_data["closed_until"])


class ClosureForm(StretchMixin, PortalForm):
    """Close one office or all for a day, several days or a part of them."""

    office = forms.ModelChoiceField(
        label="Kantor yang tutup", queryset=Office.objects.active(), required=False, empty_label="Semua kantor"
    )
    first = DayField(label="Tanggal", help_text="Misalnya 31 Desember 2026.")
    last = DayField(label="Sampai dengan", required=False, help_text="Kosongkan bila satu hari.")
    part = forms.ChoiceField(
        label="Berapa lama",
        choices=[(WHOLE, "Sehari penuh"), (PART, "Sebagian hari")],
        widget=forms.RadioSelect,
        initial=WHOLE,
    )
    closed_from = ClockField(label="Tutup dari pukul", required=False, help_text=PART_ONLY)
    closed_until = ClockField(label="Buka lagi pukul", required=False, help_text=PART_ONLY)
    reason = forms.CharField(
        label="Sebab", max_length=120, help_text="Dibaca warga di pesan pemberitahuan. Misalnya: Listrik padam."
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and first < self.today:
            self.add_error("first", "Tanggal ini sudah lewat.")
        if first and last and last < first:
            self.add_error("last", "Tanggal akhir harus sama atau sesudah tanggal pertama.")
        if first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("last", "Paling lama 31 hari sekaligus.")
        self.clean_stretch(cleaned)
        return cleaned


class DecisionForm(StretchMixin, PortalForm):
    """What to do with a holiday, or with a closure."""

    part = forms.ChoiceField(
        label="Apa yang berlaku hari itu?",
        choices=[(WHOLE, "Tutup sehari penuh"), (PART, "Tutup sebagian hari"), (OPEN, "Tetap buka")],
        widget=forms.RadioSelect,
    )
    closed_from = ClockField(label="Tutup dari pukul", required=False, help_text=PART_ONLY)
    closed_until = ClockField(label="Buka lagi pukul", required=False, help_text=PART_ONLY)
    open_offices = forms.ModelMultipleChoiceField(
        label="Kantor yang tetap buka",
        queryset=Office.objects.active(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Biarkan kosong bila semua kantor tutup.",
    )

    def __init__(self, *args, for_all: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not for_all:
            del self.fields["open_offices"]

    def clean(self):
        cleaned = super().clean()
        self.clean_stretch(cleaned)
        chosen = cleaned.get("open_offices")
        if chosen and cleaned.get("part") != OPEN and len(chosen) == Office.objects.active().count():
            self.add_error("open_offices", "Semua kantor dipilih. Pilih Tetap buka di atas.")
        return cleaned


class ClosureFilterForm(FilterForm):
    """`?kantor=&status=&waktu=`."""

    kantor = forms.ModelChoiceField(
        label="Kantor", queryset=Office.objects.active(), required=False, empty_label="Semua", to_field_name="code"
    )
    status = forms.ChoiceField(
        label="Keadaan", choices=[("", "Sudah diputuskan"), *ClosureStatus.choices, ("semua", "Semua")], required=False
    )
    waktu = forms.ChoiceField(
        label="Waktu", choices=[("", "Mulai hari ini"), ("lewat", "Sudah lewat"), ("semua", "Semua")], required=False
    )
