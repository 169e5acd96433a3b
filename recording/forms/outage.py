"""Form of `/kelola/gangguan/`."""

from django import forms

from recording.forms.base import PortalForm
from recording.models import Office


class OutageForm(PortalForm):
    office = forms.ModelChoiceField(label="Kantor", queryset=Office.objects.active(), empty_label="Pilih kantor")
    note = forms.CharField(
        label="Keterangan untuk warga",
        max_length=200,
        required=False,
        help_text="Tampil di halaman jadwal kantor ini. Misalnya: Diperkirakan pulih sore ini.",
    )
