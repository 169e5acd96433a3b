"""What clerks type at the desk."""

from django import forms

from recording.enums import BiometricElement, FailureReason, MissingReason, RecordingOutcome
from recording.forms.base import PortalForm
from recording.forms.fields import FamilyCardField, PhoneField
from recording.phones import national
from recording.policy.note import has_personal_number
from recording.policy.recording import MAY_BE_MISSING
from recording.services.recording import CheckedPapers

TAKEN = ("", "Terekam")
MAX_STATION = 20


class NoteField(forms.CharField):
    """A short remark without personal numbers."""

    def __init__(self, *, label="Catatan", max_length=200, **kwargs):
        super().__init__(label=label, max_length=max_length, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        if has_personal_number(text):
            raise forms.ValidationError("Jangan tulis NIK atau nomor KK di catatan. Hapus angkanya.")
        return text


class DeskSearchForm(PortalForm):
    """The one box that takes a scanned QR, a code, a NIK, a queue number or a name."""

    q = forms.CharField(label="Cari warga", max_length=200, required=False, strip=True)


class RefuseForm(PortalForm):
    """Why somebody who came is not served today."""

    REASONS = {
        "papers": "Kartu Keluarga tidak dibawa",
        "data": "Data tidak sesuai Kartu Keluarga",
        "person": "Bukan orang yang dipesankan",
        "age": "Belum 16 tahun dan belum menikah",
        "left": "Warga memilih pulang",
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
        """The reason in words, as it is kept and shown."""
        words, note = self.REASONS[self.cleaned_data["reason"]], self.cleaned_data["note"]
        if self.cleaned_data["reason"] == "other":
            return note
        return f"{words}. {note}"[:200] if note else words


def _element_field(element: BiometricElement) -> forms.ChoiceField:
    reasons = [(reason.value, f"Tidak terekam: {reason.label.lower()}") for reason in MAY_BE_MISSING[element]]
    return forms.ChoiceField(
        label=element.label,
        choices=[TAKEN, *reasons],
        required=False,
        error_messages={"invalid_choice": "Alasan itu tidak cocok. Pilih dari daftar."},
    )


class RecordForm(PortalForm):
    """What came of the recording. Empty but for the outcome: everything was taken.

    `papers_needed`: the register does not vouch for the person, so an accepted recording needs the family card.
    `phone_to_confirm`: a number (E.164) that nobody has checked yet; without one the number may be typed.
    """

    outcome = forms.ChoiceField(
        label="Hasil", choices=RecordingOutcome.choices, widget=forms.RadioSelect, initial=RecordingOutcome.ACCEPTED
    )
    failure_reason = forms.ChoiceField(
        label="Alasan gagal",
        choices=[("", "Tidak gagal"), *FailureReason.choices],
        required=False,
        help_text="Tanpa pas foto, hasilnya selalu gagal.",
    )
    fingerprints = _element_field(BiometricElement.FINGERPRINTS)
    iris = _element_field(BiometricElement.IRIS)
    signature = _element_field(BiometricElement.SIGNATURE)
    note = NoteField(
        required=False, help_text="Misalnya jari mana yang tidak ada. Wajib bila memilih “Lainnya”. Jangan tulis NIK."
    )
    station = forms.IntegerField(label="Stasiun", min_value=1, max_value=MAX_STATION, required=False)
    device = forms.CharField(label="Nomor alat", max_length=40, required=False)
    papers_checked = forms.BooleanField(label="Data sudah dicocokkan dengan Kartu Keluarga", required=False)
    family_card = FamilyCardField(required=False)
    phone_confirmed = forms.BooleanField(required=False)
    phone = PhoneField(required=False, label="Nomor HP warga")

    mark_optional = False

    def __init__(self, *args, papers_needed: bool = False, phone_to_confirm: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.papers_needed, self.phone_to_confirm = papers_needed, phone_to_confirm
        if not papers_needed:
            del self.fields["papers_checked"], self.fields["family_card"]
        if phone_to_confirm:
            self.fields["phone_confirmed"].label = f"Nomor HP {national(phone_to_confirm)} benar"
            self.fields["phone"].label = "Nomor HP lain"
        else:
            del self.fields["phone_confirmed"]

    def clean(self):
        cleaned = super().clean()
        failed = cleaned.get("outcome") == RecordingOutcome.FAILED
        reason = cleaned.get("failure_reason")
        if failed and not reason and "failure_reason" not in self.errors:
            self.add_error("failure_reason", "Pilih alasan gagal; warga diberi tahu apa yang harus dilakukan.")
        if not failed and reason and "outcome" in cleaned:
            self.add_error("failure_reason", "Pilih hasil Gagal rekam, atau kembalikan ke “Tidak gagal”.")
        if self._says_other(cleaned) and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis penjelasan untuk pilihan “Lainnya”.")
        if self.papers_needed and not failed and not cleaned.get("papers_checked"):
            self.add_error("papers_checked", "Cocokkan data dengan Kartu Keluarga, lalu centang.")
        return cleaned

    def _says_other(self, cleaned) -> bool:
        reasons = {cleaned.get("failure_reason"), *self._missing(cleaned).values()}
        return bool(reasons & {FailureReason.OTHER.value, MissingReason.OTHER.value})

    @staticmethod
    def _missing(cleaned) -> dict[str, str]:
        return {element.value: cleaned[element] for element in MAY_BE_MISSING if cleaned.get(element)}

    def _papers(self) -> CheckedPapers | None:
        cleaned = self.cleaned_data
        phone = cleaned["phone"] or (self.phone_to_confirm if cleaned.get("phone_confirmed") else "")
        family_card = cleaned.get("family_card", "")
        if not (phone or family_card or cleaned.get("papers_checked")):
            return None
        return CheckedPapers(family_card=family_card, phone=phone)

    def values(self) -> dict:
        """Arguments for `services.recording.log`."""
        cleaned = self.cleaned_data
        failed = cleaned["outcome"] == RecordingOutcome.FAILED
        return {
            "outcome": RecordingOutcome(cleaned["outcome"]),
            "failure_reason": cleaned["failure_reason"],
            "missing": {} if failed else self._missing(cleaned),
            "note": cleaned["note"],
            "station": cleaned["station"] or 1,
            "device": cleaned["device"],
            "papers": self._papers(),
        }


class ReprintForm(PortalForm):
    """Why the code is printed again."""

    REASONS = {
        "lost": "Bukti hilang atau rusak",
        "forgotten": "Warga lupa kodenya",
        "seen": "Kode dilihat orang lain: ganti dengan kode baru",
    }

    reason = forms.ChoiceField(label="Alasan", choices=list(REASONS.items()), widget=forms.RadioSelect)
    papers_checked = forms.BooleanField(
        label="Orangnya sudah dicocokkan dengan Kartu Keluarga",
        error_messages={"required": "Cocokkan orangnya dengan Kartu Keluarga, lalu centang."},
    )

    def reason_text(self) -> str:
        return self.REASONS[self.cleaned_data["reason"]]

    def is_fresh(self) -> bool:
        """Whether the old code must stop working."""
        return self.cleaned_data["reason"] == "seen"
