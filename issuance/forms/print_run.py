"""What is chosen about printing."""

from django import forms

from issuance.enums import PickMode, SpoilReason
from recording.forms.base import FilterForm, PortalForm
from recording.forms.desk import NoteField

INVITED, IN_LINE, NO_BLANK, TOO_YOUNG = "diundang", "antre", "blanko", "umur"


class PrintQueueFilterForm(FilterForm):
    """Filters of the cards that could be printed; they travel in the address and concern no person."""

    keadaan = forms.ChoiceField(
        label="Keadaan",
        required=False,
        choices=[
            ("", "Semua yang siap cetak"),
            (IN_LINE, "Belum ada di daftar cetak"),
            (INVITED, "Diundang atau terpilih"),
            (NO_BLANK, "Menunggu blanko"),
            (TOO_YOUNG, "Menunggu umur 17"),
        ],
    )


class ProposeForm(PortalForm):
    """How the people of a proposal get their cards."""

    mode = forms.ChoiceField(label="Cara", choices=PickMode.choices, widget=forms.RadioSelect)


class SpoilForm(PortalForm):
    """Why a printed card is no good."""

    reason = forms.ChoiceField(label="Alasan", choices=SpoilReason.choices, widget=forms.RadioSelect)
    note = NoteField(required=False, max_length=160, help_text="Wajib untuk “Lainnya”. Jangan tulis NIK.")

    def clean(self):
        cleaned = super().clean()
        other = cleaned.get("reason") == SpoilReason.OTHER
        if other and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya dengan beberapa kata.")
        return cleaned


class ChosenForm(forms.Form):
    """Rows that were ticked: ids in `pilih`."""

    pilih = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pilih"].valid_value = lambda value: f"{value}".isascii() and f"{value}".isdigit()

    @property
    def ids(self) -> list[int]:
        return [each for each in self.cleaned_data["pilih"] if each < 2**63] if self.is_valid() else []
