"""What a clerk types for somebody who came without an appointment."""

from uuid import uuid4

from django import forms
from django.utils import timezone

from recording.enums import PriorityReason, Sex
from recording.forms.base import PortalForm
from recording.forms.booking import OUTSIDE_KUDUS, DeskGuardianFields, NameField, VillageField
from recording.forms.fields import BirthDateField, NikField
from recording.models import Village
from recording.policy import nik as nik_policy
from recording.services.walk_in import Visitor

RECORD, COLLECT = "record", "collect"


class WalkInForm(DeskGuardianFields):
    """The NIK; everything else only where it is needed."""

    nik = NikField(help_text="16 angka di Kartu Keluarga.")
    purpose = forms.ChoiceField(
        label="Keperluan",
        choices=[(RECORD, "Rekam KTP-el"), (COLLECT, "Ambil KTP-el")],
        widget=forms.RadioSelect,
        initial=RECORD,
        required=False,
    )
    special_needs = forms.BooleanField(label="Kebutuhan khusus (disabilitas, sakit)", required=False)
    pregnant = forms.BooleanField(label="Hamil atau membawa bayi", required=False)
    family_card_seen = forms.BooleanField(
        label="KK asli diperlihatkan, orang dan NIK-nya cocok: batalkan janji itu", required=False
    )
    name = NameField(label="Nama lengkap", required=False, help_text="Seperti di KK.")
    village = VillageField(label="Desa atau kelurahan", required=False)
    birth_date = BirthDateField(required=False, help_text="Kosong: menurut NIK.")
    sex = forms.ChoiceField(label="Jenis kelamin", choices=[("", "Menurut NIK"), *Sex.choices], required=False)
    married = forms.BooleanField(label="Sudah atau pernah menikah", required=False)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    mark_optional = False
    field_order = ("nik", "purpose", "special_needs", "pregnant", "family_card_seen", *DeskGuardianFields.asked)

    def __init__(self, *args, ask_family_card: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nik"].widget.attrs |= {"autofocus": True}
        if "family_card_seen" in self.fields and not ask_family_card and not self.data.get("family_card_seen"):
            self.fields["family_card_seen"].widget = forms.HiddenInput()

    def clean_village(self):
        code = self.cleaned_data["village"]
        if code in ("", OUTSIDE_KUDUS):
            return code
        return Village.objects.get(code=code)

    def visitor(self) -> Visitor:
        cleaned = self.cleaned_data
        outside = cleaned["village"] == OUTSIDE_KUDUS
        return Visitor(
            nik=cleaned["nik"],
            name=cleaned["name"],
            birth_date=cleaned["birth_date"],
            sex=cleaned["sex"],
            village=None if outside else cleaned["village"] or None,
            outside_regency=outside,
            married=cleaned["married"],
            collects=cleaned.get("purpose") == COLLECT,
            special_needs=cleaned.get("special_needs", False),
            pregnant=cleaned.get("pregnant", False),
            **(self.consent() if cleaned["guardian_consent"] else {}),
        )

    def prefill(self) -> None:
        """Show what the NIK says about birth date and sex where nothing was typed; ask for a child's consent at once."""
        number = nik_policy.parse(self.cleaned_data["nik"])
        shown = self.data.copy()
        dates = nik_policy.likely_birth_dates(number, on=timezone.localdate())
        if self.cleaned_data.get("birth_date") is None and len(dates) == 1:
            for part, value in enumerate((dates[0].day, dates[0].month, dates[0].year)):
                shown[f"birth_date_{part}"] = f"{value}"
        if not self.cleaned_data.get("sex"):
            shown["sex"] = number.sex
        self.data = shown
        born = self.cleaned_data.get("birth_date") or (dates[0] if len(dates) == 1 else None)
        if self.cleaned_data.get("purpose") != COLLECT:
            self.require_consent_if_young(born, married=bool(self.cleaned_data.get("married")))


class PriorityForm(PortalForm):
    """Why somebody who waits is called earlier."""

    reason = forms.ChoiceField(
        label="Prioritas",
        choices=[("", "Tanpa prioritas"), *PriorityReason.choices],
        required=False,
        widget=forms.RadioSelect,
    )


class StationForm(PortalForm):
    """A station's number."""

    station = forms.IntegerField(
        label="Loket", min_value=1, max_value=20, error_messages={"required": "Pilih nomor loket."}
    )
