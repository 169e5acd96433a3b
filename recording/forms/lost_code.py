"""The request for a new code."""

from django.utils.translation import gettext_lazy as _

from recording.forms.base import PortalForm
from recording.forms.fields import NikField, PhoneField


class LostCodeForm(PortalForm):
    """NIK and the telephone number that the office or an appointment already holds."""

    nik = NikField()
    phone = PhoneField(
        help_text=_("Nomor yang Anda tulis waktu memesan, atau yang dicatat petugas. Contoh: 0812 3456 7890")
    )
