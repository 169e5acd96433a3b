"""Forms by which administrators keep the accounts of staff."""

import re

from django import forms
from django.core.exceptions import ValidationError

from recording.enums import Role
from recording.forms.base import FilterForm, PortalForm
from recording.models import Office

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,59}")
WITHOUT_OFFICE = (Role.VERIFIER, Role.ADMINISTRATOR)
STATES = (("aktif", "Aktif"), ("diundang", "Diundang, belum masuk"), ("nonaktif", "Nonaktif"))


class AccountForm(PortalForm):
    """Who somebody is here."""

    name = forms.CharField(label="Nama lengkap", max_length=120)
    email = forms.EmailField(label="E-mail", max_length=254, help_text="Undangan dan sandi baru dikirim ke alamat ini.")
    role = forms.ChoiceField(label="Tugas", choices=[("", "Pilih tugas"), *Role.choices])
    office = forms.ModelChoiceField(
        label="Kantor",
        queryset=Office.objects.active(),
        required=False,
        empty_label="Semua kantor",
        help_text="Wajib untuk operator. Verifikator dan administrator bekerja untuk semua kantor.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].error_messages["invalid"] = "Tulis alamat e-mail yang lengkap, misalnya nama@contoh.go.id."

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if any(ord(character) < 32 for character in name):
            raise ValidationError("Nama berisi tanda yang tidak dapat disimpan. Tulis lagi.")
        return name

    def clean(self):
        cleaned = super().clean()
        role, office = cleaned.get("role"), cleaned.get("office")
        if role == Role.OPERATOR and office is None and "office" not in self.errors:
            self.add_error("office", "Pilih kantor tempat operator ini bekerja.")
        if role in WITHOUT_OFFICE and office is not None:
            self.add_error("office", "Tugas ini untuk semua kantor. Pilih Semua kantor.")
        return cleaned


class InviteForm(AccountForm):
    username = forms.CharField(
        label="Nama pengguna",
        max_length=60,
        help_text="Huruf kecil, angka, titik, atau garis; misalnya sri.rahayu. Tidak dapat diubah nanti.",
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "username", "email", "role", "office")

    def clean_username(self):
        username = self.cleaned_data["username"].strip().lower()
        if not USERNAME.fullmatch(username):
            raise ValidationError("Pakai 3 sampai 60 huruf kecil, angka, titik, atau garis; mulai dengan huruf.")
        return username


class AccountFilterForm(FilterForm):
    """Filters of the list; all of them travel in the address and none is personal."""

    peran = forms.ChoiceField(label="Tugas", required=False, choices=[("", "Semua tugas"), *Role.choices])
    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    keadaan = forms.ChoiceField(label="Keadaan", required=False, choices=[("", "Semua keadaan"), *STATES])


class InPersonForm(PortalForm):
    """Before a lost second factor is taken away."""

    seen = forms.BooleanField(label="Orangnya ada di depan saya dan menunjukkan kartu pegawai.")
    seen.error_messages["required"] = "Temui orangnya dulu dan periksa kartu pegawainya, lalu centang."
