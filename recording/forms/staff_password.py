"""Forms about one's own way in: the password and the second factor."""

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from recording.forms.base import PortalForm
from recording.forms.staff_login import MAX_PASSWORD


def _password(label: str, *, autocomplete: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": autocomplete, "maxlength": MAX_PASSWORD})
    field = forms.CharField(label=label, help_text=help_text, max_length=MAX_PASSWORD, strip=False, widget=widget)
    field.error_messages["required"] = f"Isi {label[:1].lower()}{label[1:]}."
    return field


class _OwnForm(PortalForm):
    """`user` is whose password it is about."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user


class PasswordAgainForm(_OwnForm):
    """The own password once more."""

    password = _password("Sandi", autocomplete="current-password")

    def clean_password(self):
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("Sandi salah. Periksa huruf besar dan kecil, lalu coba lagi.", code="wrong")
        return password


class NewPasswordForm(_OwnForm):
    """A new password, twice; one like the own name is refused."""

    new_password = _password(
        "Sandi baru",
        autocomplete="new-password",
        help_text="Paling sedikit 12 huruf atau angka. Beberapa kata yang mudah Anda ingat lebih baik dari simbol.",
    )
    new_password_again = _password("Sandi baru sekali lagi", autocomplete="new-password")

    def clean_new_password(self):
        password = self.cleaned_data["new_password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean_new_password_again(self):
        again = self.cleaned_data["new_password_again"]
        if "new_password" in self.cleaned_data and again != self.cleaned_data["new_password"]:
            raise ValidationError("Kedua sandi belum sama. Tulis lagi.", code="differ")
        return again


class ChangePasswordForm(NewPasswordForm, PasswordAgainForm):
    """The own password now, and the new one."""

    field_order = ("password", "new_password", "new_password_again")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Sandi sekarang"
        self.fields["password"].error_messages["required"] = "Isi sandi sekarang."


class ForgotPasswordForm(PortalForm):
    username = forms.CharField(
        label="Nama pengguna",
        max_length=60,
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}),
    )


class FactorForm(PortalForm):
    """What the authenticator app shows, or a recovery code."""

    code = forms.CharField(
        label="Kode",
        max_length=40,
        help_text="6 angka di aplikasi autentikator. HP tidak ada? Tulis salah satu kode cadangan Anda.",
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "input-code",
                "autofocus": True,
            }
        ),
    )
    code.error_messages["required"] = "Isi kode."


class FactorSetupForm(PortalForm):
    code = forms.CharField(
        label="6 angka di aplikasi",
        max_length=12,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input-code"}),
    )
    code.error_messages["required"] = "Isi 6 angka yang tampil di aplikasi."
