"""How somebody finds the own place in line: by the number on the slip of paper, or by the tracking code."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recording.forms.base import FilterForm, PortalForm
from recording.forms.fields import CodeField
from recording.models import Office
from recording.services import line


class NumberForm(FilterForm):
    """Office and queue number; both are public on the call screen."""

    kantor = forms.ModelChoiceField(
        label=_("Kantor"), queryset=Office.objects.none(), to_field_name="code", empty_label=_("Pilih kantor")
    )
    nomor = forms.CharField(label=_("Nomor antrean"), max_length=12, help_text=_("Seperti B012, ada di kertas nomor."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kantor"].queryset = Office.objects.active()
        self.fields["nomor"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}

    def clean_nomor(self):
        number = line.number_from(self.cleaned_data["nomor"])
        if number is None:
            raise forms.ValidationError(_("Tulis huruf dan angkanya, seperti B012."))
        return number


class LineCodeForm(PortalForm):
    """The tracking code of a booking."""

    code = CodeField()
