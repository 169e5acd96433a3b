"""Filters of the messages and of the call list, and what came of a call or a sheet."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from recording import messages
from recording.enums import CallOutcome, MessageChannel, NotificationState
from recording.forms.base import FilterForm, PortalForm
from recording.models import Office, User, Village
from recording.services import call_list

WITH_NUMBER, WITHOUT_NUMBER = "telepon", "desa"
ASKED_BY_TELEPHONE = [choice for choice in CallOutcome.choices if choice[0] != CallOutcome.VILLAGE]


class OfficeFilterForm(FilterForm):
    """Base of filters that travel in the address and concern no person."""

    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    names: dict[str, str] = {}

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.office_id is not None:
            del self.fields["kantor"]

    def applied(self) -> dict:
        """Look-ups for the filters that were chosen; a wrong value filters nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        return {lookup: given[name] for name, lookup in self.names.items() if given.get(name)}


class MessageFilterForm(OfficeFilterForm):
    jenis = forms.ChoiceField(label="Jenis", required=False)
    saluran = forms.ChoiceField(label="Saluran", required=False, choices=[("", "Semua"), *MessageChannel.choices])
    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua"), *NotificationState.choices])
    hari = forms.DateField(
        label="Dibuat pada", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    names = {
        "kantor": "office",
        "jenis": "kind",
        "saluran": "channel",
        "keadaan": "state",
        "hari": "created_at__date",
    }
    field_order = ["keadaan", "jenis", "saluran", "hari", "kantor"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = sorted((messages.label(kind.name), kind.name) for kind in messages.all_kinds())
        self.fields["jenis"].choices = [("", "Semua"), *((name, label) for label, name in kinds)]


class IdsField(forms.TypedMultipleChoiceField):
    """Ids that were ticked; which of them exist for this clerk is the service's question."""

    def valid_value(self, value) -> bool:
        return f"{value}".isascii() and f"{value}".isdecimal() and len(f"{value}") < 19


class SendAgainForm(PortalForm):
    """Which failed messages are sent again."""

    pesan = IdsField(label="Pesan", coerce=int)


class CallFilterForm(OfficeFilterForm):
    desa = forms.ModelChoiceField(
        label="Desa atau kelurahan",
        required=False,
        queryset=Village.objects.none(),
        to_field_name="code",
        empty_label="Semua desa",
    )
    cara = forms.ChoiceField(
        label="Cara",
        required=False,
        choices=[("", "Semua"), (WITH_NUMBER, "Punya nomor telepon"), (WITHOUT_NUMBER, "Lewat desa")],
    )
    names = {"kantor": "office", "desa": "resident__village"}
    field_order = ["cara", "desa", "kantor"]

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, by=by, **kwargs)
        self.fields["desa"].queryset = villages_waiting(by)
        self.fields["desa"].label_from_instance = lambda village: village.name

    @property
    def has_number(self) -> bool | None:
        """Only people with (True) or without (False) a number; None: both."""
        way = self.cleaned_data.get("cara") if self.is_valid() else ""
        return {WITH_NUMBER: True, WITHOUT_NUMBER: False}.get(way)


def villages_waiting(by: User):
    """Where people of `by`'s office who have to be told live."""
    waiting = call_list.waiting(by=by).filter(resident__village__isnull=False).values("resident__village")
    return Village.objects.filter(pk__in=waiting).order_by("name")


class OutcomeForm(PortalForm):
    """What came of a call."""

    outcome = forms.ChoiceField(
        label="Hasil telepon",
        choices=ASKED_BY_TELEPHONE,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pilih hasil telepon."),
    )


class SheetForm(PortalForm):
    """For which village a sheet is printed."""

    village = forms.ModelChoiceField(
        label="Desa atau kelurahan", queryset=Village.objects.none(), to_field_name="code", empty_label="Pilih desa"
    )
    everybody = forms.BooleanField(
        label="Semua orang di daftar desa itu",
        required=False,
        help_text="Tanpa centang: hanya yang tidak punya nomor, atau tiga kali tidak mengangkat.",
    )
    mark_optional = False

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages_waiting(by)
        self.fields["village"].label_from_instance = lambda village: village.name


class SheetReturnForm(PortalForm):
    """The signed sheet: who signed, when, and who was told."""

    signed_by = forms.CharField(
        label="Nama perangkat desa yang menandatangani", max_length=80, help_text="Seperti tertulis di bawah lembar."
    )
    signed_on = forms.DateField(
        label="Tanggal di samping tanda tangan", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    people = forms.TypedMultipleChoiceField(
        label="Sudah diberi tahu",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Hapus centang orang yang belum bertemu; namanya tetap di daftar telepon.",
    )
    mark_optional = False

    def __init__(self, *args, people: list[tuple[int, str]], printed_on: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.printed_on = printed_on
        self.fields["people"].choices = people
        self.fields["people"].initial = [pk for pk, _name in people]
        self.fields["signed_on"].initial = timezone.localdate

    def clean_signed_on(self) -> date:
        signed_on = self.cleaned_data["signed_on"]
        if signed_on > timezone.localdate():
            raise ValidationError("Tanggal ini belum tiba. Isi tanggal di samping tanda tangan.")
        if signed_on < self.printed_on:
            raise ValidationError("Lembar ini belum dicetak pada tanggal itu. Periksa tanggalnya.")
        return signed_on
