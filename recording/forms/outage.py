"""Form of `/kelola/gangguan/`."""

from django import forms

from recording.forms.base import PortalForm
from recording.models import Office, User


class OutageForm(PortalForm):
    office = forms.ModelChoiceField(label="Kantor", queryset=Office.objects.active(), empty_label="Pilih kantor")
    note = forms.CharField(
        label="Keterangan untuk warga",
        max_length=200,
        required=False,
        help_text="Tampil di halaman jadwal kantor ini. Misalnya: Diperkirakan pulih sore ini.",
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = Office.objects.active().for_staff(by)
        if by.office_id is not None:
            self.fields["office"].empty_label = None
            self.fields["office"].initial = by.office_id
