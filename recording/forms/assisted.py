"""What a clerk types to book, move or cancel for somebody."""

from uuid import uuid4

from django import forms
from django.utils import timezone

from recording.enums import Pool, Sex
from recording.forms.base import PortalForm
from recording.forms.booking import OUTSIDE_KUDUS, DeskGuardianFields, NameField, VillageField
from recording.forms.desk import NoteField
from recording.forms.fields import BirthDateField, NikField, PhoneField
from recording.policy import nik as nik_policy

ASKED = {
    "name": "NIK ini belum dikenal. Tulis nama seperti di Kartu Keluarga.",
    "village": "NIK ini belum dikenal. Pilih desa atau kelurahan di Kartu Keluarga.",
    "birth_date": "NIK ini belum dikenal. Isi tanggal lahir seperti di Kartu Keluarga.",
    "papers_checked": "NIK ini belum dikenal. Cocokkan data dengan Kartu Keluarga asli, lalu centang.",
}
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "Bahasa Inggris")]


class PersonForm(DeskGuardianFields):
    """The NIK; everything else only for one that is not known here yet."""

    nik = NikField(help_text="16 angka di Kartu Keluarga.")
    special_needs = forms.BooleanField(label="Perlu waktu lebih lama (disabilitas, sakit, lansia)", required=False)
    name = NameField(label="Nama lengkap", required=False, help_text="Seperti di KK.")
    village = VillageField(label="Desa atau kelurahan", required=False)
    birth_date = BirthDateField(required=False, help_text="Kosong: menurut NIK.")
    sex = forms.ChoiceField(label="Jenis kelamin", choices=[("", "Menurut NIK"), *Sex.choices], required=False)
    married = forms.BooleanField(label="Sudah atau pernah menikah", required=False)
    phone = PhoneField(required=False, label="Nomor HP", help_text="Untuk kabar janji. Boleh kosong.")
    papers_checked = forms.BooleanField(label="Data sudah dicocokkan dengan Kartu Keluarga asli", required=False)

    mark_optional = False
    field_order = ("nik", "special_needs", *DeskGuardianFields.asked)
    unknown = ("name", "village", "birth_date", "sex", "married", "phone", "papers_checked")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nik"].widget.attrs |= {"autofocus": True}

    @property
    def unknown_fields(self):
        return [self[name] for name in self.unknown]

    def require_particulars(self) -> bool:
        """The NIK is not known: mark what is missing and show what the NIK says. Whether nothing is missing."""
        cleaned = self.cleaned_data
        number = nik_policy.parse(cleaned["nik"])
        by_nik = nik_policy.likely_birth_dates(number, on=timezone.localdate())
        cleaned["sex"] = cleaned["sex"] or number.sex
        given = cleaned["birth_date"] or (by_nik[0] if len(by_nik) == 1 else None)
        cleaned["birth_date"] = given
        self._show(given, cleaned["sex"])
        for name, text in ASKED.items():
            if not cleaned[name]:
                self.add_error(name, text)
        self.require_consent_if_young(given, married=cleaned["married"])
        return not self.errors

    def _show(self, birth_date, sex: str) -> None:
        shown = self.data.copy()
        shown["sex"] = sex
        if birth_date:
            for part, value in enumerate((birth_date.day, birth_date.month, birth_date.year)):
                shown[f"birth_date_{part}"] = f"{value}"
        self.data = shown

    def typed(self) -> dict:
        """The answers as the session keeps them, for a person whom the register lacks."""
        cleaned = self.cleaned_data
        return {
            "nik": cleaned["nik"],
            "special_needs": cleaned["special_needs"],
            "name": cleaned["name"],
            "village": "" if cleaned["village"] == OUTSIDE_KUDUS else cleaned["village"],
            "birth_date": cleaned["birth_date"].isoformat(),
            "sex": cleaned["sex"],
            "married": cleaned["married"],
            "phone": cleaned["phone"],
            **self.consent(),
        }


class BookForm(PortalForm):
    """The last step: the time, the pool and the language of slip and messages."""

    pilih = forms.IntegerField(widget=forms.HiddenInput)
    tempat = forms.ChoiceField(choices=[("", ""), ("cadangan", "")], required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label="Bahasa bukti dan pesan", choices=LANGUAGES, initial="id", widget=forms.RadioSelect
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def pool(self) -> Pool:
        return Pool.RESERVED if self.cleaned_data["tempat"] else Pool.PUBLIC


class CancelForm(PortalForm):
    """Why an appointment is cancelled at the desk."""

    REASONS = {
        "asked": "Warga meminta",
        "ill": "Warga sakit atau berhalangan",
        "wrong": "Dipesan oleh orang lain atau salah pesan",
        "other": "Alasan lain",
    }

    reason = forms.ChoiceField(label="Alasan", choices=list(REASONS.items()), widget=forms.RadioSelect)
    note = NoteField(required=False, help_text="Wajib bila memilih alasan lain. Jangan tulis NIK.")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason") == "other" and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya dengan beberapa kata.")
        return cleaned

    def reason_text(self) -> str:
        words, note = self.REASONS[self.cleaned_data["reason"]], self.cleaned_data["note"]
        if self.cleaned_data["reason"] == "other":
            return note
        return f"{words}. {note}"[:200] if note else words
