"""What closing a day and the list of unsent recordings ask for."""

from collections.abc import Sequence

from django import forms

from recording.dates import clock
from recording.forms.base import FilterForm, PortalForm
from recording.models import Office, Recording, User
from recording.services.closing import Station, disagreements

MOST_IN_A_DAY = 999


class ClosingForm(PortalForm):
    """For each station how many its software has sent, and a tick beside every recording it has not. Cleans to `sent`
    (station -> int) and `unsent_ids`."""

    mark_optional = False

    def __init__(self, *args, stations: Sequence[Station], **kwargs):
        super().__init__(*args, **kwargs)
        self.stations = stations
        for station in stations:
            self.fields[f"sent_{station.number}"] = forms.IntegerField(
                label="Terkirim menurut alat",
                min_value=0,
                max_value=MOST_IN_A_DAY,
                required=False,
                initial=None if station.unsent else len(station.recordings),
                widget=forms.NumberInput({"inputmode": "numeric", "class": "closing-figure"}),
            )
            self.fields[f"unsent_{station.number}"] = forms.MultipleChoiceField(
                label="Centang yang BELUM terkirim",
                choices=[(f"{row.pk}", _who(row)) for row in station.unsent],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def parts(self) -> list[tuple[Station, forms.BoundField, forms.BoundField]]:
        """Each station with its two questions."""
        return [(each, self[f"sent_{each.number}"], self[f"unsent_{each.number}"]) for each in self.stations]

    @property
    def sent(self) -> dict[int, int]:
        figures = {each.number: self.cleaned_data.get(f"sent_{each.number}") for each in self.stations}
        return {number: figure for number, figure in figures.items() if figure is not None}

    @property
    def unsent_ids(self) -> list[int]:
        return [int(pk) for each in self.stations for pk in self.cleaned_data.get(f"unsent_{each.number}", [])]

    def clean(self):
        self.mark(disagreements(stations=self.stations, sent=self.sent, unsent_ids=self.unsent_ids))

    def mark(self, stations: dict[int, str]) -> None:
        """Show beside each station what to mend."""
        for number, text in stations.items():
            if f"sent_{number}" in self.fields and not self.has_error(f"sent_{number}"):
                self.add_error(f"sent_{number}", text)


def _who(recording: Recording) -> str:
    return f"{recording.resident.name}, pukul {clock(recording.recorded_at)}"


class UnsentFilterForm(FilterForm):
    """Filters of the unsent list; all travel in the address."""

    kantor = forms.ModelChoiceField(
        label="Kantor", required=False, queryset=Office.objects.none(), to_field_name="code", empty_label="Semua kantor"
    )
    tanggal = forms.DateField(
        label="Direkam tanggal",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    loket = forms.IntegerField(label="Loket", required=False, min_value=1, max_value=99)

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tanggal"].error_messages["invalid"] = "Tulis tanggal sebagai tahun-bulan-tanggal."
        if by.office_id is None:
            self.fields["kantor"].queryset = Office.objects.active()
        else:
            del self.fields["kantor"]

    def applied(self) -> dict:
        """What the filters leave, as lookups of Recording; wrong filters filter nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        wanted = {"office": given.get("kantor"), "day": given.get("tanggal"), "station": given.get("loket")}
        return {name: value for name, value in wanted.items() if value}


class MarkSentForm(forms.Form):
    """Which recordings were sent meanwhile. Cleans to `recording` (list of ids)."""

    recording = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "Centang dulu perekaman yang sudah terkirim."}
    )

    def __init__(self, *args, recording_ids: Sequence[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["recording"].choices = [(pk, pk) for pk in recording_ids]
