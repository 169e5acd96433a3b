"""Forms of `/petugas/impor/`: the file with its date, and which column is which."""

from datetime import timedelta
from string import ascii_uppercase

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from issuance.enums import ImportState
from issuance.gateways.spreadsheet import MAX_BYTES, SENTENCES
from issuance.models import CentralImport
from issuance.policy.column_mapping import FIELDS, REQUIRED, Headings
from issuance.services import list_file
from recording.forms.base import FilterForm, PortalForm

OLDEST = timedelta(days=3 * 366)  # what is older tells nothing about a card of today; office standard
PARTIAL, COMPLETE = "sebagian", "lengkap"


class ListFilterForm(FilterForm):
    """Filters of the lists; they travel in the address and concern no person."""

    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua"), *ImportState.choices])
    jenis = forms.ChoiceField(
        label="Jenis", required=False, choices=[("", "Semua"), (COMPLETE, "Lengkap"), (PARTIAL, "Sebagian")]
    )

    def applied(self) -> dict:
        """Lookups on CentralImport; a wrong filter filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        found = {"state": given["keadaan"]} if given.get("keadaan") else {}
        return found | ({"complete": given["jenis"] == COMPLETE} if given.get("jenis") else {})


class UploadForm(PortalForm):
    """A national list, the day it speaks of, and whether everybody is on it."""

    file = forms.FileField(
        label="Berkas daftar",
        help_text="Excel (.xlsx) atau CSV, paling besar 20 MB dan 200.000 baris.",
        widget=forms.FileInput({"accept": ".xlsx,.csv,.txt"}),
        error_messages={"empty": SENTENCES["empty"], "required": "Pilih berkas daftarnya."},
    )
    as_of = forms.DateField(
        label="Daftar ini per tanggal",
        help_text="Tanggal data diambil dari sistem pusat, bukan tanggal Anda menerimanya. Daftar yang lebih lama tidak "
        "pernah memundurkan berkas.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Isi tanggal daftar ini."},
    )
    scope = forms.ChoiceField(
        label="Siapa saja yang ada di daftar ini?",
        widget=forms.RadioSelect,
        choices=[
            (PARTIAL, "Sebagian: hanya beberapa orang. Yang tidak tertulis tidak berarti apa-apa."),
            (
                COMPLETE,
                "Lengkap: semua yang sedang diproses pusat. Berkas yang tidak tertulis akan ditandai untuk diperiksa.",
            ),
        ],
        error_messages={"required": "Pilih apakah daftar ini sebagian atau lengkap."},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(SENTENCES["too_large"])
        return file

    def clean_as_of(self):
        day, today = self.cleaned_data["as_of"], timezone.localdate()
        if day > today:
            raise ValidationError("Tanggal daftar tidak boleh sesudah hari ini.")
        if day < today - OLDEST:
            raise ValidationError("Tanggal ini lebih dari tiga tahun yang lalu. Periksa tahunnya.")
        return day

    @property
    def is_complete(self) -> bool:
        return self.cleaned_data["scope"] == COMPLETE


class ColumnsForm(PortalForm):
    """Which column holds what, once for all sheets with the same headings. `groups`: those sheets."""

    mark_optional = False

    def __init__(self, *args, central_import: CentralImport, **kwargs):
        super().__init__(*args, **kwargs)
        self.groups: list[list[Headings]] = []
        proposed = list_file.proposal(central_import)
        for headings in list_file.headings_of(central_import):
            same = next((group for group in self.groups if group[0].digest == headings.digest), None)
            if same is None:
                self.groups.append([headings])
                self._add(headings, proposed[headings.sheet])
            else:
                same.append(headings)

    def _add(self, headings: Headings, proposed: dict[str, int]) -> None:
        columns = [(f"{place}", _label(place, title)) for place, title in enumerate(headings.titles)]
        for name, label in FIELDS.items():
            empty = "Pilih kolomnya" if name in REQUIRED else "Tidak ada di daftar ini"
            self.fields[_key(headings, name)] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", empty), *columns],
                initial=f"{proposed[name]}" if name in proposed else "",
                error_messages={"invalid_choice": "Pilih kolom yang ada di daftar ini."},
            )

    def fields_of(self, headings: Headings) -> list[forms.BoundField]:
        return [self[_key(headings, name)] for name in FIELDS]

    def clean(self):
        answers = super().clean()
        for group in self.groups:
            self._require_both(group[0], answers)
        if not self.errors and not any(self.columns().values()):
            raise ValidationError("Pilih kolom NIK dan Status untuk sedikitnya satu lembar.")
        return answers

    def _require_both(self, headings: Headings, answers: dict) -> None:
        """A sheet without either is left out; one of them alone is a mistake. So is one column for two things."""
        chosen = {name: answers.get(_key(headings, name)) for name in FIELDS}
        missing = [name for name in REQUIRED if not chosen[name]]
        if missing and (len(self.groups) == 1 or any(chosen.values())):
            for name in missing:
                self.add_error(_key(headings, name), f"{self._where(headings)}Pilih kolom {FIELDS[name]}.")
        taken: set[str] = set()
        for name, column in chosen.items():
            if column and column in taken:
                self.add_error(
                    _key(headings, name), f"{self._where(headings)}Kolom {FIELDS[name]} sudah dipilih untuk yang lain."
                )
            taken.add(column or "")

    def _where(self, headings: Headings) -> str:
        return f"{sheet_name(headings.sheet, headings.title)}: " if len(self.groups) > 1 else ""

    def columns(self) -> dict[int, dict[str, int]]:
        """Sheet -> field -> column from 0."""
        said: dict[int, dict[str, int]] = {}
        for group in self.groups:
            given = {name: self.cleaned_data.get(_key(group[0], name)) for name in FIELDS}
            chosen = {name: int(column) for name, column in given.items() if column}
            said |= {headings.sheet: chosen for headings in group}
        return said


def sheet_name(number: int, title: str) -> str:
    return title or f"Lembar {number}"


def letters(column: int) -> str:
    """0 -> "A", 26 -> "AA", as spreadsheets name their columns."""
    before, last = divmod(column, 26)
    return (letters(before - 1) if before else "") + ascii_uppercase[last]


def _label(place: int, title: str) -> str:
    return f"{letters(place)}: {title}" if title else f"{letters(place)} (tanpa judul)"


def _key(headings: Headings, name: str) -> str:
    return f"sheet{headings.sheet}_{name}"
