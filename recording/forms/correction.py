"""What the family card says of somebody who declared their own data."""

from datetime import date

from django import forms
from django.utils import timezone

from recording.enums import Sex
from recording.forms.base import PortalForm
from recording.forms.booking import OUTSIDE_KUDUS, NameField, VillageField
from recording.forms.desk import NoteField
from recording.forms.fields import BirthDateField
from recording.models import Resident, Village
from recording.services.resident import Correction


class CorrectionForm(PortalForm):
    name = NameField(label="Nama lengkap")
    birth_date = BirthDateField()
    sex = forms.ChoiceField(label="Jenis kelamin", choices=Sex.choices, widget=forms.RadioSelect)
    village = VillageField(label="Desa atau kelurahan")
    reason = NoteField(label="Mengapa diperbaiki?", help_text="Misalnya salah ketik nama. Jangan tulis NIK.")
    papers_checked = forms.BooleanField(
        label="Kartu Keluarga asli ada di depan saya",
        error_messages={"required": "Lihat Kartu Keluarga aslinya dulu, lalu centang."},
    )

    mark_optional = False

    @classmethod
    def of(cls, resident: Resident) -> "CorrectionForm":
        """Filled with what is held of `resident` (identity and village loaded)."""
        return cls(
            initial={
                "name": resident.name,
                "birth_date": date.fromisoformat(born) if (born := resident.identity.birth_date) else None,
                "sex": resident.sex,
                "village": resident.village.code if resident.village else OUTSIDE_KUDUS,
            }
        )

    def clean_birth_date(self):
        born = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise forms.ValidationError("Tanggal lahir ini masih di depan. Periksa tahunnya.")
        return born

    def correction(self) -> Correction:
        cleaned = self.cleaned_data
        outside = cleaned["village"] == OUTSIDE_KUDUS
        return Correction(
            name=cleaned["name"],
            birth_date=cleaned["birth_date"],
            sex=cleaned["sex"],
            village=None if outside else Village.objects.get(code=cleaned["village"]),
        )
