"""Facts that stop a step of a case, each with a sentence for the member of staff who asked."""

from django.utils.translation import gettext_lazy as _

from recording.exceptions import DomainError


class StepNotYours(DomainError):
    default = _("Langkah ini bukan wewenang akun Anda. Minta petugas yang berwenang.")


class CheckAtCentreFirst(DomainError):
    default = _("Pastikan dulu di data pusat: rekam ulang tanpa pengecekan dapat membuat data ganda.")


class SecondPersonNeeded(DomainError):
    default = _("Langkah ini perlu persetujuan orang kedua.")


class ReasonNeeded(DomainError):
    default = _("Tulis alasannya.")
