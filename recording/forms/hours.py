"""Forms of `/kelola/jam/` and `/kelola/loket/`."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from recording.dates import plain_date
from recording.forms.base import PortalForm, PortalFormMixin
from recording.forms.fields import month_number
from recording.models import Office, ServiceHours
from recording.weekdays import NAMES, in_words

TIME = re.compile(r"(\d{1,2})(?:\s*[.:]\s*(\d{2}))?")
EARLIEST, LATEST = time(5), time(23)
SLOT_CHOICES = [(minutes, f"{minutes} menit") for minutes in (10, 15, 20, 30, 45, 60)]
EXTRA_ROWS = 3
EVERY_DAY = ""
PLAN_DAYS = [
    (EVERY_DAY, "Setiap hari"),
    ("0,1,2,3", "Senin sampai Kamis"),
    ("0,1,2,3,4", "Senin sampai Jumat"),
    ("5,6", "Sabtu dan Minggu"),
    *((str(number), name) for number, name in enumerate(NAMES)),
]


class ClockField(forms.Field):
    """A time of day: "8", "08.30" and "08:30" are accepted. Cleans to `time`, None when left empty."""

    default_error_messages = {"invalid": "Tulis jam seperti 08.30."}

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput({"class": "input-clock", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return f"{value:%H.%M}" if isinstance(value, time) else value

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, time):
            return value or None
        found = TIME.fullmatch(f"{value}".strip())
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
        if hour > 23 or minute > 59:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return time(hour, minute)


class DayField(forms.Field):
    """A date: "31-12-2026", "31/12/2026" and "31 Desember 2026" are accepted. Cleans to `date`, None when empty."""

    default_error_messages = {"invalid": "Tulis tanggal seperti 31 Desember 2026 atau 31-12-2026."}

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput({"class": "input-day", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return plain_date(value) if isinstance(value, date) else value

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, date):
            return value or None
        parts = [part for part in re.split(r"[\s./-]+", f"{value}".strip()) if part]
        if len(parts) == 3 and len(parts[0]) == 4:  # as machines write it: year first
            parts.reverse()
        month = month_number(parts[1]) if len(parts) == 3 else None
        try:
            return date(int(parts[2]), month or 0, int(parts[0]))
        except (ValueError, IndexError, OverflowError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class RuleForm(PortalForm):
    """One rule of the opening hours. `cleaned_values()` is what the service wants."""

    name = forms.CharField(label="Nama aturan", max_length=80, help_text="Misalnya Jam Ramadan.")
    office = forms.ModelChoiceField(
        label="Berlaku di kantor",
        queryset=Office.objects.active(),
        required=False,
        empty_label="Semua kantor",
        help_text="Aturan satu kantor selalu menang atas aturan semua kantor.",
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Hari", choices=list(enumerate(NAMES)), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    opens = ClockField(label="Buka pukul")
    closes = ClockField(label="Tutup pukul")
    valid_from = DayField(label="Berlaku mulai", help_text="Misalnya 8 Februari 2027.")
    valid_until = DayField(label="Sampai dan dengan", required=False, help_text="Kosongkan bila tanpa akhir.")
    slot_minutes = forms.TypedChoiceField(label="Panjang satu jam janji", choices=SLOT_CHOICES, coerce=int)
    service_minutes = forms.IntegerField(
        label="Lama melayani satu warga (menit)",
        min_value=3,
        max_value=120,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    public_percent = forms.IntegerField(
        label="Bagian untuk pesanan daring (%)",
        min_value=0,
        max_value=100,
        help_text="Sisanya untuk warga yang datang langsung dan rekam ulang.",
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label="Alasan untuk warga",
        max_length=120,
        required=False,
        help_text="Dikirim kepada warga yang janjinya berubah. Misalnya: Jam Ramadan.",
    )

    @classmethod
    def initial_from(cls, rule: ServiceHours) -> dict[str, Any]:
        """The form's first content for a rule that exists."""
        names = ("name", "office", "weekdays", "opens", "closes", "valid_from", "valid_until")
        values = {name: getattr(rule, name) for name in names}
        return values | {
            "slot_minutes": rule.slot_minutes,
            "service_minutes": rule.service_minutes,
            "public_percent": int(rule.public_share * 100),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        minutes = self.initial.get("slot_minutes")
        if minutes and minutes not in dict(SLOT_CHOICES):
            self.fields["slot_minutes"].choices = [*SLOT_CHOICES, (minutes, f"{minutes} menit")]

    def clean(self):
        cleaned = super().clean()
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens and opens < EARLIEST:
            self.add_error("opens", "Buka paling awal pukul 05.00.")
        if closes and closes > LATEST:
            self.add_error("closes", "Tutup paling lambat pukul 23.00.")
        if opens and closes and closes <= opens:
            self.add_error("closes", "Jam tutup harus sesudah jam buka.")
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", "Tanggal akhir harus sama atau sesudah tanggal mulai.")
        slot, service = cleaned.get("slot_minutes"), cleaned.get("service_minutes")
        if slot and service and service > slot:
            self.add_error("service_minutes", "Lama melayani tidak boleh lebih panjang dari satu jam janji.")
        return cleaned

    def cleaned_values(self, plan: list[dict[str, Any]]) -> dict[str, Any]:
        """The fields of ServiceHours; `plan` from `PlanFormSet.entries()`."""
        values = {name: self.cleaned_data[name] for name in ("name", "weekdays", "opens", "closes", "valid_from")}
        office = self.cleaned_data["office"]
        return values | {
            "office_id": office.pk if office else None,
            "valid_until": self.cleaned_data["valid_until"],
            "slot_minutes": self.cleaned_data["slot_minutes"],
            "service_minutes": self.cleaned_data["service_minutes"],
            "public_share": (Decimal(self.cleaned_data["public_percent"]) / 100).quantize(Decimal("0.01")),
            "station_plan": plan,
        }


class PlanRowForm(PortalFormMixin, forms.Form):
    """One stretch of the day with another number of stations, such as a prayer."""

    mark_optional = False
    days = forms.ChoiceField(label="Hari", choices=PLAN_DAYS, required=False)
    begins = ClockField(label="Dari", required=False)
    ends = ClockField(label="Sampai", required=False)
    stations = forms.IntegerField(
        label="Loket",
        required=False,
        min_value=0,
        max_value=20,
        widget=forms.TextInput({"inputmode": "numeric", "class": "input-count"}),
    )
    note = forms.CharField(label="Sebab", required=False, max_length=60)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        days = self.initial.get("days", EVERY_DAY)
        if days not in dict(PLAN_DAYS):
            words = in_words(int(day) for day in days.split(","))
            self.fields["days"].choices = [*PLAN_DAYS, (days, words)]

    def clean(self):
        cleaned = super().clean()
        if self.errors or self.is_blank:
            return cleaned
        for name, instruction in (
            ("begins", "Isi jam mulai, atau kosongkan seluruh baris."),
            ("ends", "Isi jam selesai, atau kosongkan seluruh baris."),
            ("stations", "Isi jumlah loket; 0 berarti istirahat."),
        ):
            if cleaned.get(name) is None:
                self.add_error(name, instruction)
        if cleaned.get("begins") and cleaned.get("ends") and cleaned["ends"] <= cleaned["begins"]:
            self.add_error("ends", "Jam selesai harus sesudah jam mulai.")
        return cleaned

    @property
    def is_blank(self) -> bool:
        return all(self.cleaned_data.get(name) in (None, "") for name in ("begins", "ends", "stations", "note"))

    @property
    def entry(self) -> dict[str, Any] | None:
        """The row as `station_plan` keeps it."""
        if self.is_blank:
            return None
        row = self.cleaned_data
        days = {"weekdays": [int(day) for day in row["days"].split(",")]} if row["days"] else {}
        times = {"from": f"{row['begins']:%H:%M}", "until": f"{row['ends']:%H:%M}"}
        return days | times | {"stations": row["stations"], "reason": row["note"]}


class BasePlanFormSet(forms.BaseFormSet):
    def entries(self) -> list[dict[str, Any]]:
        """The rows that are filled in, as `station_plan` keeps them."""
        return [entry for form in self.forms if (entry := form.entry)]


PlanFormSet = forms.formset_factory(PlanRowForm, formset=BasePlanFormSet, extra=EXTRA_ROWS, max_num=30)


def plan_initial(plan: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first content of the rows for a `station_plan`."""
    return [
        {
            "days": ",".join(str(day) for day in entry.get("weekdays", [])),
            "begins": time.fromisoformat(entry["from"]),
            "ends": time.fromisoformat(entry["until"]),
            "stations": entry["stations"],
            "note": entry.get("reason", ""),
        }
        for entry in plan
    ]


class EndRuleForm(PortalForm):
    last_day = DayField(label="Hari terakhir aturan ini berlaku")
    reason = forms.CharField(
        label="Alasan untuk warga",
        max_length=120,
        required=False,
        help_text="Dikirim kepada warga yang janjinya berubah.",
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_last_day(self):
        last_day = self.cleaned_data["last_day"]
        if (self.today - last_day).days > 1:
            raise ValidationError("Pilih kemarin, hari ini, atau hari sesudahnya.")
        return last_day


class StationsForm(PortalForm):
    """The usual number of stations of each office; fields are named `loket_<office id>`."""

    mark_optional = False

    def __init__(self, *args, offices, **kwargs):
        super().__init__(*args, **kwargs)
        self.offices = list(offices)
        for office in self.offices:
            self.fields[f"loket_{office.pk}"] = forms.IntegerField(
                label=office.name,
                min_value=1,
                max_value=20,
                initial=office.stations,
                widget=forms.TextInput({"inputmode": "numeric", "class": "input-count"}),
                error_messages={
                    "required": f"Isi jumlah loket {office.name}.",
                    "invalid": "Tulis angka 1 sampai 20.",
                    "min_value": "Paling sedikit 1 loket. Untuk menutup kantor, pakai Hari tutup.",
                    "max_value": "Paling banyak 20 loket.",
                },
            )

    def stations(self) -> dict[int, int]:
        """The number by office id."""
        return {office.pk: self.cleaned_data[f"loket_{office.pk}"] for office in self.offices}
