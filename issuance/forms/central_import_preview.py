from django import forms

from issuance.enums import ImportResult
from recording.forms.base import FilterForm, PortalForm


class ResultFilterForm(FilterForm):
    """Which lines of a list are shown; travels in the address and concerns no person."""

    hasil = forms.ChoiceField(label="Tampilkan", required=False)

    def __init__(self, *args, counts: dict[str, int], **kwargs):
        super().__init__(*args, **kwargs)
        found = [(value, f"{label} ({counts[value]})") for value, label in ImportResult.choices if counts.get(value)]
        self.fields["hasil"].choices = [("", "Semua baris"), *found]

    @property
    def shown(self) -> str:
        return self.cleaned_data["hasil"] if self.is_valid() else ""


class AdmitForm(PortalForm):
    """Which unknown people are taken in: those ticked, or everybody."""

    semua = forms.BooleanField(label="Terima semua", required=False)
    baris = forms.MultipleChoiceField(
        label="Orang", required=False, error_messages={"invalid_choice": "Muat ulang halaman, lalu centang lagi."}
    )

    def __init__(self, *args, offered: list[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["baris"].choices = [(pk, pk) for pk in offered]

    def clean(self):
        if not self.errors and not self.cleaned_data["semua"] and not self.cleaned_data["baris"]:
            self.add_error("baris", "Centang sedikitnya satu orang.")
        return self.cleaned_data

    @property
    def row_ids(self) -> list[int] | None:
        """None: everybody."""
        return None if self.cleaned_data["semua"] else [int(pk) for pk in self.cleaned_data["baris"]]
