"""One row of a sheet kept on paper."""

import re
from datetime import date, datetime, time

from django import forms
from django.utils import timezone

from recording.enums import FailureReason
from recording.forms.base import PortalForm
from recording.forms.walk_in import WalkInForm
from recording.models import Appointment
from recording.services.paper_entry import Line, Result, WalkIn

SKIP = ("", "Belum")
LABELS = {Result.RECORDED: "Terekam", Result.FAILED: "Gagal rekam", Result.MISSED: "Tidak hadir"}
MAX_STATION = 20


class ClockField(forms.CharField):
    """A time of day as people write it: 9.05, 09:05. Cleans to `time` or None."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        found = re.fullmatch(r"\s*(\d{1,2})[.:](\d{2})\s*", text)
        try:
            return time(int(found[1]), int(found[2])) if found else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self):
        raise forms.ValidationError("Tulis jam seperti 09.15.")


class PaperRowForm(PortalForm):
    """What the sheet says of one appointment; empty means that nothing is said yet."""

    mark_optional = False

    seen = forms.CharField(widget=forms.HiddenInput, max_length=9)
    result = forms.ChoiceField(
        label="Hasil", required=False, choices=[SKIP, *((each.value, label) for each, label in LABELS.items())]
    )
    at = ClockField(label="Jam", required=False, max_length=8, widget=forms.TextInput({"inputmode": "decimal"}))
    station = forms.IntegerField(label="Loket", required=False, min_value=1, max_value=MAX_STATION)
    failure_reason = forms.ChoiceField(
        label="Alasan gagal", required=False, choices=[("", "Tidak gagal"), *FailureReason.choices]
    )
    papers_checked = forms.BooleanField(label="KK dicocokkan", required=False)

    def __init__(self, *args, appointment: Appointment, **kwargs):
        kwargs.setdefault("initial", {"seen": appointment.status})
        super().__init__(*args, prefix=f"j{appointment.pk}", **kwargs)
        self.appointment = appointment

    def clean(self):
        cleaned = super().clean()
        result = cleaned.get("result")
        happened = result in (Result.RECORDED, Result.FAILED)
        if happened and "at" not in self.errors and cleaned.get("at") is None:
            self.add_error("at", "Tulis jam di lembar, seperti 09.15.")
        if result == Result.FAILED and not cleaned.get("failure_reason"):
            self.add_error("failure_reason", "Pilih alasan gagal.")
        if result == Result.RECORDED and cleaned.get("failure_reason"):
            self.add_error("failure_reason", "Pilih hasil Gagal rekam, atau “Tidak gagal”.")
        if not result and (cleaned.get("at") or cleaned.get("failure_reason") or cleaned.get("papers_checked")):
            self.add_error("result", "Pilih hasilnya.")
        return cleaned

    @property
    def says_something(self) -> bool:
        return bool(self.cleaned_data.get("result"))

    def line(self, day: date) -> Line:
        """The row as the service wants it."""
        cleaned = self.cleaned_data
        at = cleaned["at"] and timezone.make_aware(datetime.combine(day, cleaned["at"]))
        return Line(
            appointment_id=self.appointment.pk,
            seen=cleaned["seen"],
            result=Result(cleaned["result"]),
            at=at or None,
            failure_reason=cleaned["failure_reason"],
            station=cleaned["station"] or 1,
            papers_checked=cleaned["papers_checked"],
        )


class PaperWalkInForm(WalkInForm):
    """Somebody recorded on paper who had no appointment; particulars only for an unknown NIK."""

    purpose = special_needs = pregnant = family_card_seen = None  # type: ignore[assignment]
    result = forms.ChoiceField(
        label="Hasil", choices=[(each.value, LABELS[each]) for each in (Result.RECORDED, Result.FAILED)]
    )
    at = ClockField(
        label="Jam di lembar",
        max_length=8,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages={"required": "Tulis jam di lembar, seperti 09.15."},
    )
    station = forms.IntegerField(label="Loket", required=False, min_value=1, max_value=MAX_STATION)
    failure_reason = forms.ChoiceField(
        label="Alasan gagal", required=False, choices=[("", "Tidak gagal"), *FailureReason.choices]
    )
    papers_checked = forms.BooleanField(label="Data sudah dicocokkan dengan Kartu Keluarga asli", required=False)

    about_recording = ("result", "at", "station", "failure_reason", "papers_checked")
    unknown = ("name", "village", "birth_date", "sex", "married")

    @property
    def recording_fields(self):
        return [self[name] for name in self.about_recording]

    @property
    def unknown_fields(self):
        return [self[name] for name in self.unknown]

    def clean(self):
        cleaned = super().clean()
        failed = cleaned.get("result") == Result.FAILED
        if failed and not cleaned.get("failure_reason"):
            self.add_error("failure_reason", "Pilih alasan gagal.")
        if not failed and cleaned.get("failure_reason"):
            self.add_error("failure_reason", "Pilih hasil Gagal rekam, atau “Tidak gagal”.")
        return cleaned

    def came(self, day: date) -> WalkIn:
        """Who came and what happened on `day`."""
        cleaned = self.cleaned_data
        return WalkIn(
            visitor=self.visitor(),
            result=Result(cleaned["result"]),
            at=timezone.make_aware(datetime.combine(day, cleaned["at"])),
            failure_reason=cleaned["failure_reason"],
            station=cleaned["station"] or 1,
            papers_checked=cleaned["papers_checked"],
        )
