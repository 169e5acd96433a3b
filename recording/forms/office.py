"""Form of `/kelola/kantor/<kode>/`."""

from django import forms

from recording.forms.base import PortalForm


class OfficeForm(PortalForm):
    name = forms.CharField(label="Nama kantor", max_length=80)
    address = forms.CharField(
        label="Alamat",
        max_length=200,
        required=False,
        help_text="Tercetak di bukti pesanan dan halaman jadwal. Misalnya: Jl. Sunan Muria No. 9, Kudus 59313.",
    )
    phone = forms.CharField(label="Telepon", max_length=40, required=False, help_text="Misalnya: (0291) 438813")
