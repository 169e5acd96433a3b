"""Forms of `/petugas/suket/` and of the letters' rules."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from issuance.enums import LetterKind, LetterStatus
from issuance.policy.letter import WARN_DAYS, read_number
from recording.forms.base import FilterForm, PortalForm
from recording.models import Office, User
from recording.policy.note import has_personal_number

ENDING = "ya"
SENTENCE = {"autocomplete": "off"}


class LetterFilterForm(FilterForm):
    """Filters of the letters; they travel in the address and concern no person."""

    jenis = forms.ChoiceField(label="Jenis", required=False, choices=[("", "Semua jenis"), *LetterKind.choices])
    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua"), *LetterStatus.choices])
    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    habis = forms.ChoiceField(
        label="Masa berlaku", required=False, choices=[("", "Semua"), (ENDING, f"Habis dalam {WARN_DAYS} hari")]
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.office_id is not None:
            del self.fields["kantor"]

    def applied(self) -> dict:
        """The look-ups chosen; a wrong filter filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        names = {"jenis": "kind", "keadaan": "status", "kantor": "office"}
        return {lookup: given[name] for name, lookup in names.items() if given.get(name)}

    @property
    def only_ending(self) -> bool:
        return self.is_valid() and self.cleaned_data["habis"] == ENDING


class IssueForm(PortalForm):
    """A letter that the national system has given a number."""

    kind = forms.ChoiceField(
        label="Jenis surat",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Pilih jenis surat yang boleh terbit hari ini."},
    )
    number = forms.CharField(
        label="Nomor surat dari sistem pusat",
        max_length=60,
        help_text="Salin persis seperti di SIAK. Contoh: 471.13/10231/33.19/2026",
        widget=forms.TextInput(SENTENCE),
    )

    def __init__(self, *args, kinds: list[LetterKind], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        if len(kinds) == 1:
            self.initial["kind"] = kinds[0].value

    def clean_number(self):
        typed = self.cleaned_data["number"]
        if has_personal_number(typed):
            raise ValidationError("Ini seperti NIK atau nomor KK. Isi nomor suratnya.")
        try:
            return read_number(typed)
        except ValueError:
            raise ValidationError(
                "Isi nomor surat dengan huruf, angka, titik, garis miring, atau tanda hubung saja."
            ) from None


class RevokeForm(PortalForm):
    """Why a letter ends before its time."""

    reason = forms.CharField(
        label="Alasan dicabut",
        max_length=120,
        help_text="Misalnya nomor salah ketik, surat hilang. Hanya dibaca petugas.",
        widget=forms.TextInput(SENTENCE),
    )

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        if has_personal_number(reason):
            raise ValidationError("Jangan tulis NIK atau nomor KK di sini.")
        return reason


class LetterRuleForm(PortalForm):
    """From which day until which day a kind of letter may be issued."""

    kind = forms.ChoiceField(label="Jenis surat", choices=LetterKind.choices, widget=forms.RadioSelect)
    allowed_from = forms.DateField(label="Boleh sejak", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(
        label="Sampai",
        required=False,
        help_text="Kosongkan bila belum ada akhirnya. Isi kemarin untuk melarang mulai hari ini.",
        widget=forms.DateInput({"type": "date"}),
    )
    basis = forms.CharField(
        label="Dasar", max_length=160, help_text="Nomor dan tanggal surat edaran.", widget=forms.TextInput(SENTENCE)
    )

    def clean(self):
        answers = super().clean()
        first, last = answers.get("allowed_from"), answers.get("until")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("until", "Tanggal akhir harus sesudah tanggal awal.")
        return answers
