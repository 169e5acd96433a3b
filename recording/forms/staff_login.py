from django import forms
from django.contrib.auth.forms import AuthenticationForm

from recording.forms.base import PortalFormMixin

MAX_PASSWORD = 4096


class StaffLoginForm(PortalFormMixin, AuthenticationForm):
    """Name and password. Wrong name, wrong password and a disabled account are one and the same sentence."""

    error_messages = {
        "invalid_login": "Nama pengguna atau sandi salah. Periksa huruf besar dan kecil, lalu coba lagi.",
        "inactive": "Nama pengguna atau sandi salah. Periksa huruf besar dan kecil, lalu coba lagi.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name, password = self.fields["username"], self.fields["password"]
        name.label, password.label = "Nama pengguna", "Sandi"
        name.widget.attrs |= {"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}
        password.max_length = MAX_PASSWORD
        password.widget = forms.PasswordInput({"autocomplete": "current-password", "maxlength": MAX_PASSWORD})
        name.error_messages["required"] = "Isi nama pengguna."
        password.error_messages["required"] = "Isi sandi."
