"""Fields for what residents type. Each accepts the ways people write it and says what to do when it cannot be right."""

from datetime import date

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recording.policy import code as tracking_code
from recording.policy import nik as nik_policy
from recording.policy.nik import NikError, NikProblem

OLDEST_YEARS = 120
COUNTRY = "ID"


class NikField(forms.CharField):
    """A NIK; spaces, dots and dashes may be typed. Cleans to 16 ASCII digits (`policy.nik.parse` takes it apart)."""

    default_error_messages = {
        "required": _("Isi NIK."),
        NikProblem.FORMAT: _("NIK harus 16 angka. Lihat di Kartu Keluarga, lalu tulis lagi."),
        NikProblem.AREA: _("Dua angka pertama NIK bukan kode provinsi. Periksa lagi di Kartu Keluarga."),
        NikProblem.DAY: _("Angka ke-7 dan ke-8 NIK bukan tanggal lahir (01-31, perempuan 41-71). Periksa lagi."),
        NikProblem.MONTH: _("Angka ke-9 dan ke-10 NIK bukan bulan (01-12). Periksa lagi di Kartu Keluarga."),
        NikProblem.DATE: _("Angka ke-7 sampai ke-12 NIK bukan tanggal yang ada. Periksa lagi di Kartu Keluarga."),
        NikProblem.SERIAL: _("Empat angka terakhir NIK tidak boleh 0000. Periksa lagi di Kartu Keluarga."),
    }
    parse = staticmethod(nik_policy.parse)

    def __init__(self, *, label=_("NIK"), help_text=_("16 angka, ada di Kartu Keluarga."), **kwargs):
        super().__init__(label=label, help_text=help_text, max_length=40, **kwargs)

    def widget_attrs(self, widget):
        return {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false", "class": "input-nik"}

    def clean(self, value):
        text = self.to_python(value)
        if text in self.empty_values:
            self.validate(text)
            return ""
        try:
            return self.parse(text).number
        except NikError as error:
            raise ValidationError(self.error_messages[error.code], code=error.code.value) from error


class FamilyCardField(NikField):
    """A family-card number (nomor KK). Cleans to 16 ASCII digits."""

    default_error_messages = {
        "required": _("Isi nomor KK."),
        NikProblem.FORMAT: _("Nomor KK harus 16 angka. Lihat di bagian atas Kartu Keluarga, lalu tulis lagi."),
        NikProblem.AREA: _("Dua angka pertama nomor KK bukan kode provinsi. Periksa lagi."),
        NikProblem.DAY: _("Angka ke-7 dan ke-8 nomor KK bukan tanggal (01-31). Periksa lagi."),
        NikProblem.MONTH: _("Angka ke-9 dan ke-10 nomor KK bukan bulan (01-12). Periksa lagi."),
        NikProblem.DATE: _("Angka ke-7 sampai ke-12 nomor KK bukan tanggal yang ada. Periksa lagi."),
        NikProblem.SERIAL: _("Empat angka terakhir nomor KK tidak boleh 0000. Periksa lagi."),
    }
    parse = staticmethod(nik_policy.parse_family_card)

    def __init__(self, *, label=_("Nomor KK"), help_text=_("16 angka di bagian atas Kartu Keluarga."), **kwargs):
        super().__init__(label=label, help_text=help_text, **kwargs)


MONTH_NAMES = (
    ("januari", "january"),
    ("februari", "pebruari", "february"),
    ("maret", "march"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("agustus", "august", "agt", "ags"),
    ("september",),
    ("oktober", "october"),
    ("november", "nopember"),
    ("desember", "december"),
)


def month_number(text: str) -> int | None:
    """ "8", "08", "Agustus", "agt" -> 8; None when it names no month. Names may be cut to three letters or more."""
    word = text.strip().strip(".").lower()
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    if len(word) < 3:
        return None
    for number, names in enumerate(MONTH_NAMES, start=1):
        if any(name.startswith(word) for name in names):
            return number
    return None


class DatePartsWidget(forms.MultiWidget):
    """Three boxes: day, month, year, as `<name>_0`, `_1`, `_2`."""

    use_fieldset = True
    part_labels = (_("Tanggal"), _("Bulan"), _("Tahun"))

    def __init__(self, attrs=None):
        day, month, year = (
            forms.TextInput({"inputmode": "numeric", "autocomplete": f"bday-{part}", "maxlength": length})
            for part, length in (("day", 2), ("month", 12), ("year", 4))
        )
        del month.attrs["inputmode"]  # a month may be typed as a word
        super().__init__([day, month, year], attrs)

    def decompress(self, value):
        return [value.day, value.month, value.year] if isinstance(value, date) else [None, None, None]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], self.part_labels, strict=True):
            part["label"] = label
        return context


class BirthDateField(forms.Field):
    """A birth date typed in three boxes; the month as a number or a word. Cleans to `date`, None when left empty."""

    widget = DatePartsWidget
    default_error_messages = {
        "required": _("Isi tanggal lahir: tanggal, bulan, dan tahun."),
        "incomplete": _("Tanggal lahir belum lengkap. Isi tanggal, bulan, dan tahun."),
        "day": _("Tanggal harus angka 1 sampai 31."),
        "month": _("Bulan harus angka 1 sampai 12 atau nama bulan, misalnya Agustus."),
        "year": _("Tahun harus 4 angka, misalnya 1995."),
        "date": _("Tanggal itu tidak ada. Periksa tanggal dan bulannya."),
        "future": _("Tanggal lahir harus sudah lewat. Periksa tahunnya."),
        "too_old": _("Tahun lahir itu terlalu lama. Periksa tahunnya."),
    }

    def __init__(self, *, label=_("Tanggal lahir"), help_text=_("Contoh: 17 8 1995"), **kwargs):
        super().__init__(label=label, help_text=help_text, **kwargs)

    def clean(self, value):
        parts = [f"{part or ''}".strip() for part in value or ()]
        if not any(parts):
            self.validate(None)
            return None
        birth_date = self._date(parts)
        self._require_a_living_person(birth_date)
        self.run_validators(birth_date)
        return birth_date

    def _date(self, parts: list[str]) -> date:
        if not all(parts):
            raise self._error("incomplete")
        day, month, year = _number(parts[0], 1, 31), month_number(parts[1]), _number(parts[2], 1000, 9999)
        for name, number in (("day", day), ("month", month), ("year", year)):
            if number is None:
                raise self._error(name)
        try:
            return date(year, month, day)
        except ValueError as error:
            raise self._error("date") from error

    def _require_a_living_person(self, birth_date: date) -> None:
        today = timezone.localdate()
        if birth_date > today:
            raise self._error("future")
        if today.year - birth_date.year > OLDEST_YEARS:
            raise self._error("too_old")

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)

    def has_changed(self, initial, data):
        return DatePartsWidget().decompress(initial) != data


def _number(text: str, smallest: int, largest: int) -> int | None:
    """`text` as a number within the bounds, else None. ASCII digits only."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if smallest <= number <= largest else None


class PhoneField(forms.CharField):
    """A phone number as Indonesians write it: 0812..., 62812..., +62 812-... Cleans to E.164, "" when left empty."""

    default_error_messages = {
        "required": _("Isi nomor HP."),
        "invalid": _("Nomor HP ini belum benar. Tulis seperti 0812 3456 7890."),
    }

    def __init__(self, *, label=_("Nomor HP"), **kwargs):
        super().__init__(label=label, max_length=30, **kwargs)

    def widget_attrs(self, widget):
        return {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}

    def clean(self, value):
        text = self.to_python(value)
        if text in self.empty_values:
            self.validate(text)
            return ""
        try:
            number = phonenumbers.parse(f"+{text}" if text.startswith("62") else text, COUNTRY)
        except phonenumbers.NumberParseException as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not phonenumbers.is_valid_number(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class CodeField(forms.CharField):
    """A tracking code; lower case, spaces, dashes, O for 0 and I or L for 1 may be typed. Cleans to 11 characters."""

    default_error_messages = {
        "required": _("Isi kode pesanan."),
        "invalid": _("Kode ini belum benar. Kode terdiri dari 11 huruf dan angka, seperti K7QX-4M2P-9TH."),
    }

    def __init__(
        self, *, label=_("Kode pesanan"), help_text=_("Seperti K7QX-4M2P-9TH, ada di bukti pesanan."), **kwargs
    ):
        super().__init__(label=label, help_text=help_text, max_length=40, **kwargs)

    def widget_attrs(self, widget):
        return {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "input-code"}

    def clean(self, value):
        text = self.to_python(value)
        if text in self.empty_values:
            self.validate(text)
            return ""
        try:
            return tracking_code.normalise(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
