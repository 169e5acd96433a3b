"""Results of a session away from the office, keyed in person by person."""

from datetime import date, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from recording.enums import BiometricElement, FailureReason, MissingReason, RosterOutcome
from recording.forms.base import PortalForm
from recording.forms.paper_entry import SKIP, ClockField
from recording.models import Roster, RosterEntry
from recording.policy.recording import MAY_BE_MISSING
from recording.policy.roster import LONGEST_DEVICE, LONGEST_SESSION, Result

MISSING = [
    (f"{element}:{reason}", f"{BiometricElement(element).label}: {MissingReason(reason).label}")
    for element, reasons in MAY_BE_MISSING.items()
    for reason in reasons
]


class SessionForm(PortalForm):
    """What holds for all rows of the page: the day it happened, the device and the batch."""

    day = forms.DateField(
        label="Tanggal perekaman", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), required=False
    )
    device = forms.CharField(label="Alat", max_length=LONGEST_DEVICE, required=False)
    batch = forms.CharField(label="Nama kumpulan (batch)", max_length=LONGEST_DEVICE, required=False)

    mark_optional = False

    def __init__(self, *args, roster: Roster, **kwargs):
        kwargs.setdefault("initial", {"day": roster.held_on, "device": roster.device, "batch": roster.batch})
        super().__init__(*args, **kwargs)
        self.roster = roster

    def clean_day(self) -> date:
        day, first = self.cleaned_data["day"] or self.roster.held_on, self.roster.held_on
        if not first <= day <= min(first + LONGEST_SESSION, timezone.localdate()):
            raise ValidationError("Tanggal perekaman tidak cocok dengan tanggal jemput bola ini.")
        return day


class RosterRowForm(PortalForm):
    """What happened to one person of the list; empty means that nothing is said yet."""

    result = forms.ChoiceField(label="Hasil", required=False, choices=[SKIP, *RosterOutcome.choices])
    at = ClockField(label="Jam", required=False, max_length=8, widget=forms.TextInput({"inputmode": "decimal"}))
    failure_reason = forms.ChoiceField(
        label="Alasan gagal", required=False, choices=[("", "Tidak gagal"), *FailureReason.choices]
    )
    missing = forms.ChoiceField(label="Tidak diambil", required=False, choices=[("", "Semua diambil"), *MISSING])
    device = forms.CharField(label="Alat lain", required=False, max_length=LONGEST_DEVICE)
    papers_checked = forms.BooleanField(label="KK dicocokkan", required=False)

    mark_optional = False

    def __init__(self, *args, entry: RosterEntry, **kwargs):
        super().__init__(*args, prefix=f"o{entry.pk}", **kwargs)
        self.entry = entry

    def clean(self):
        cleaned = super().clean()
        result = cleaned.get("result")
        happened = result in (RosterOutcome.ACCEPTED, RosterOutcome.FAILED)
        if happened and "at" not in self.errors and cleaned.get("at") is None:
            self.add_error("at", "Tulis jam perekaman, seperti 09.15.")
        if result == RosterOutcome.FAILED and not cleaned.get("failure_reason"):
            self.add_error("failure_reason", "Pilih alasan gagal.")
        if result == RosterOutcome.ACCEPTED and cleaned.get("failure_reason"):
            self.add_error("failure_reason", "Pilih hasil Gagal, atau “Tidak gagal”.")
        if not result and any(cleaned.get(name) for name in ("at", "failure_reason", "missing", "papers_checked")):
            self.add_error("result", "Pilih hasilnya.")
        return cleaned

    @property
    def says_something(self) -> bool:
        return bool(self.cleaned_data.get("result"))

    def answer(self, day: date) -> Result:
        """The row as the service wants it, with what happened on `day`."""
        cleaned, outcome = self.cleaned_data, RosterOutcome(self.cleaned_data["result"])
        element, _, why = cleaned["missing"].partition(":")
        return Result(
            number=self.entry.number,
            person=None,
            outcome=outcome,
            recorded_at=None if outcome == RosterOutcome.ABSENT else _moment(day, cleaned["at"]),
            failure_reason=cleaned["failure_reason"] if outcome == RosterOutcome.FAILED else "",
            missing={element: why} if element and outcome == RosterOutcome.ACCEPTED else {},
            papers=cleaned["papers_checked"],
            family_card="",
            device=cleaned["device"],
            batch="",
        )


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
