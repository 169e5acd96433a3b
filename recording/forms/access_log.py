from datetime import date, datetime, time, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from recording.forms.base import FilterForm
from recording.models import User
from recording.policy.access_log import GROUPS, WEEK

LONGEST = timedelta(days=366)
NO_SUCH_YEAR = "Periksa tahunnya."
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2100, 1, 1)


def _day(label: str) -> forms.DateField:
    field = forms.DateField(
        label=label, required=False, input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    field.validators += [MinValueValidator(FIRST_DAY, NO_SUCH_YEAR), MaxValueValidator(LAST_DAY, NO_SUCH_YEAR)]
    field.error_messages["invalid"] = "Tulis tanggal sebagai tahun-bulan-tanggal, misalnya 2026-12-07."
    return field


class AccessLogFilterForm(FilterForm):
    """Filters of the access log; all travel in the address and none names a resident but by the opaque number."""

    petugas = forms.ModelChoiceField(
        label="Petugas", required=False, queryset=User.objects.none(), empty_label="Semua petugas"
    )
    kegiatan = forms.ChoiceField(
        label="Kegiatan",
        required=False,
        choices=[("", "Semua kegiatan"), *((name, label) for name, (label, _patterns) in GROUPS.items())],
    )
    warga = forms.IntegerField(label="Nomor warga", required=False, min_value=1, max_value=2**62)
    dari, sampai = _day("Dari"), _day("Sampai")

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["petugas"].queryset = User.objects.in_office_of(by).order_by("name")
        self.fields["warga"].error_messages |= {
            "invalid": "Tulis nomor warga dengan angka.",
            "min_value": "Mulai dari 1.",
        }

    def clean(self):
        cleaned = super().clean()
        today = timezone.localdate()
        until = cleaned.get("sampai") or today
        since = cleaned.get("dari") or until - WEEK
        if since > until:
            self.add_error("dari", "Tanggal mulai harus sebelum tanggal akhir.")
        elif until - since > LONGEST:
            self.add_error("dari", "Paling lama satu tahun sekaligus.")
        return cleaned

    def span(self) -> tuple[datetime, datetime]:
        """From the beginning of the first day to the end of the last; the last seven days unless said otherwise."""
        given = self.cleaned_data if self.is_valid() else {}
        last = given.get("sampai") or timezone.localdate()
        first = given.get("dari") or last - WEEK
        return _midnight(first), _midnight(last) + timedelta(days=1)


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
