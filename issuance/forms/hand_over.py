"""What is typed at the counter where cards are given away."""

from django import forms
from django.contrib.auth import authenticate

from issuance.enums import Collector, ProofOfIdentity
from issuance.services.hand_over import is_proof_of
from recording.forms.base import FilterForm, PortalForm
from recording.forms.desk import NoteField
from recording.forms.staff_login import MAX_PASSWORD
from recording.models import User

LONGER = {"7": "7 hari atau lebih", "30": "30 hari atau lebih", "90": "90 hari atau lebih"}
PROXY_FIELDS = {
    "proxy_name": "Isi nama wakil seperti pada KTP-el-nya.",
    "proxy_relation": "Isi hubungannya, misalnya anak.",
    "authority": "Isi surat kuasa: apa dan tanggal berapa.",
    "second_username": "Petugas kedua mengisi nama penggunanya.",
    "second_password": "Petugas kedua mengisi sandinya.",
}
NO_PROOF = "Pindai QR pada bukti, atau ketik kode atau NIK warga ini."
NOT_THEIRS = "Kode atau NIK ini bukan milik warga ini. Periksa lagi, jangan serahkan kartunya."
NOT_SECOND = "Nama pengguna atau sandi petugas kedua salah. Petugas kedua harus orang lain yang masih bertugas."


class ReadyFilterForm(FilterForm):
    """Filters of the cards on the shelves; they travel in the address and concern no person."""

    rak = forms.CharField(label="Rak", required=False, max_length=40)
    lama = forms.ChoiceField(
        label="Belum diambil", required=False, choices=[("", "Berapa pun lamanya"), *LONGER.items()]
    )

    def clean_rak(self):
        return self.cleaned_data["rak"].replace("\0", "")


class HandOverForm(PortalForm):
    """Who takes the card and how that is known. `proven`: code or NIK was shown a moment ago, so it is not asked again.

    For a proxy a second member of staff signs in on the same form; that password is checked as at the sign-in page.
    """

    proof = forms.CharField(
        label="Cocokkan orangnya",
        max_length=200,
        required=False,
        help_text="Pindai QR pada bukti, atau ketik kode atau NIK dari Kartu Keluarga.",
    )
    collector = forms.ChoiceField(choices=Collector.choices, required=False)
    unable = forms.BooleanField(label="Warga sakit atau disabilitas sehingga tidak dapat datang", required=False)
    proxy_name = forms.CharField(label="Nama wakil", max_length=120, required=False)
    proxy_relation = forms.CharField(label="Hubungan dengan warga", max_length=60, required=False)
    authority = forms.CharField(
        label="Surat kuasa",
        max_length=120,
        required=False,
        help_text="Apa dan tanggalnya, misalnya surat kuasa 20-11-2026. Suratnya disimpan kantor.",
    )
    second_username = forms.CharField(label="Nama pengguna petugas kedua", max_length=60, required=False)
    second_password = forms.CharField(
        label="Sandi petugas kedua", max_length=MAX_PASSWORD, required=False, strip=False, widget=forms.PasswordInput
    )

    mark_optional = False

    def __init__(self, *args, request, resident_id: int, proven: ProofOfIdentity | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.resident_id, self.proven = request, resident_id, proven
        self.second: User | None = None
        self.fields["proof"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "autofocus": True}
        self.fields["second_username"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none"}
        self.fields["second_password"].widget.attrs |= {"autocomplete": "off"}
        if proven:
            del self.fields["proof"]

    @property
    def by_proxy(self) -> bool:
        return self.data.get("collector") == Collector.PROXY

    def clean(self):
        cleaned = super().clean()
        if not self.proven:
            self.proven = is_proof_of(text=cleaned.get("proof", "").replace("\0", ""), resident_id=self.resident_id)
            if not self.proven:
                self.add_error("proof", NOT_THEIRS if cleaned.get("proof") else NO_PROOF)
        if self.by_proxy:
            self._clean_proxy(cleaned)
        return cleaned

    def _clean_proxy(self, cleaned) -> None:
        if not cleaned.get("unable"):
            self.add_error("unable", "Wakil hanya untuk warga yang sakit atau disabilitas. Centang bila benar.")
        for name, advice in PROXY_FIELDS.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, advice)
        if self.errors:
            return  # a password is tried only when nothing else is missing
        self.second = authenticate(
            self.request, username=cleaned["second_username"], password=cleaned["second_password"]
        )
        if self.second is None or self.second.pk == self.request.user.pk:
            self.add_error("second_username", NOT_SECOND)

    def values(self) -> dict:
        """Arguments for `services.hand_over.hand_over`."""
        if not self.by_proxy:
            return {"proof": self.proven}
        names = ("proxy_name", "proxy_relation", "authority")
        return {
            "proof": self.proven,
            "collector": Collector.PROXY,
            "second_staff": self.second,
            **{name: self.cleaned_data[name] for name in names},
        }


class UndoForm(PortalForm):
    """Why a card was not handed over after all."""

    reason = NoteField(label="Alasan", max_length=160, help_text="Misalnya: salah menekan warga. Jangan tulis NIK.")


class ShelfForm(PortalForm):
    """Where cards are put."""

    shelf = forms.CharField(label="Rak atau kotak", max_length=40, required=False, help_text="Misalnya A-3.")

    mark_optional = False


class CourierForm(PortalForm):
    """Who carries a parcel."""

    courier = forms.CharField(label="Dibawa oleh", max_length=80, required=False)

    mark_optional = False
