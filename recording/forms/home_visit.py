"""A request to be recorded at home, and what the office does with it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recording.enums import HelperRelation, RosterStatus, VisitReason, VisitStatus
from recording.forms.base import FilterForm, PortalForm
from recording.forms.booking import OUTSIDE_KUDUS, NameField, VillageField
from recording.forms.fields import BirthDateField, NikField, PhoneField
from recording.models import HomeVisit, Roster, User, Village
from recording.policy.note import has_personal_number
from recording.services.home_visit import Asked


class HomeVisitForm(PortalForm):
    """Who cannot come, where they live, and whom to call."""

    nik = NikField()
    name = NameField(label=_("Nama lengkap yang akan direkam"), help_text=_("Seperti di Kartu Keluarga."))
    birth_date = BirthDateField()
    village = VillageField(
        label=_("Desa atau kelurahan"),
        help_text=_("Tempat orang itu tinggal sekarang, di Kabupaten Kudus."),
        error_messages={"required": _("Pilih desa atau kelurahan tempat orang itu tinggal.")},
    )
    address = forms.CharField(
        label=_("Alamat rumah"),
        max_length=200,
        help_text=_("Jalan, RT/RW, dan petunjuk agar petugas menemukannya."),
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
    )
    phone = PhoneField(help_text=_("Petugas menelepon nomor ini sebelum datang. Contoh: 0812 3456 7890"))
    reason = forms.ChoiceField(
        label=_("Mengapa tidak dapat datang?"),
        choices=VisitReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih alasannya.")},
    )
    note = forms.CharField(
        label=_("Yang perlu diketahui petugas"),
        max_length=200,
        required=False,
        help_text=_("Misalnya tidak dapat duduk, atau jam yang baik untuk datang."),
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
    )
    helper_name = NameField(
        label=_("Nama Anda, bila mengisi untuk orang lain"), required=False, help_text=_("Keluarga, tetangga, RT/RW.")
    )
    helper_relation = forms.ChoiceField(
        label=_("Hubungan Anda dengan orang itu"),
        choices=[("", _("Pilih hubungan")), *HelperRelation.choices],
        required=False,
    )

    def clean_village(self):
        code = self.cleaned_data["village"]
        if code == OUTSIDE_KUDUS:
            raise ValidationError(_("Kami hanya dapat datang ke rumah di Kabupaten Kudus. Hubungi Dukcapil setempat."))
        return Village.objects.get(code=code)

    def clean(self):
        answers = super().clean()
        if answers.get("helper_name") and not answers.get("helper_relation"):
            self.add_error("helper_relation", _("Pilih hubungan Anda dengan orang itu."))
        return answers

    def asked(self) -> Asked:
        return Asked(**self.cleaned_data)


class VisitFilterForm(FilterForm):
    """Filters of the requests; they travel in the address and concern no person."""

    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua"), *VisitStatus.choices])
    desa = forms.ModelChoiceField(
        label="Desa atau kelurahan",
        required=False,
        queryset=Village.objects.none(),
        to_field_name="code",
        empty_label="Semua desa",
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        asked = HomeVisit.objects.for_staff(by).values("village")
        self.fields["desa"].queryset = Village.objects.filter(pk__in=asked).order_by("name")
        self.fields["desa"].label_from_instance = lambda village: village.name

    def applied(self) -> dict:
        given = self.cleaned_data if self.is_valid() else {}
        names = {"keadaan": "status", "desa": "village"}
        return {lookup: given[name] for name, lookup in names.items() if given.get(name)}


class PlanForm(PortalForm):
    """Which requests go into which session."""

    roster = forms.ModelChoiceField(
        label="Jemput bola",
        queryset=Roster.objects.none(),
        empty_label="Pilih jemput bola",
        error_messages={"invalid_choice": "Pilih jemput bola dari daftar."},
    )
    visit = forms.TypedMultipleChoiceField(
        label="Permintaan", coerce=int, error_messages={"required": "Centang dulu permintaannya."}
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        planned = Roster.objects.for_staff(by).filter(status=RosterStatus.PLANNED)
        self.fields["roster"].queryset = planned.order_by("held_on")
        self.fields["roster"].label_from_instance = lambda roster: f"{roster.held_on:%d-%m-%Y} {roster.place}"
        new = HomeVisit.objects.for_staff(by).filter(status=VisitStatus.NEW)
        self.fields["visit"].choices = [(pk, pk) for pk in new.values_list("pk", flat=True)]


class DeclineForm(PortalForm):
    """Why nobody comes."""

    reason = forms.CharField(
        label="Alasan ditolak",
        max_length=200,
        help_text="Misalnya sudah direkam, alamat tidak ada, sudah dapat datang.",
    )

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        if has_personal_number(reason):
            raise ValidationError("Jangan tulis NIK atau nomor KK di sini.")
        return reason
