from django import forms

from recording.forms.base import FilterForm
from recording.models import Office, User

DIFFERING, ENOUGH = "beda", "cukup"


class NoShowFilterForm(FilterForm):
    """Filters of the missed appointments; they travel in the address and concern no person."""

    kantor = forms.ModelChoiceField(
        label="Kantor",
        required=False,
        queryset=Office.objects.active(),
        to_field_name="code",
        empty_label="Semua kantor",
    )
    tampil = forms.ChoiceField(
        label="Tampilkan",
        required=False,
        choices=[("", "Semua jam"), (ENOUGH, "Data cukup"), (DIFFERING, "Saran berbeda dari sekarang")],
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.office_id is not None:
            del self.fields["kantor"]
