"""Form of `/kelola/cetak/`."""

from collections.abc import Sequence

from django import forms

from issuance.enums import PrintPriority
from recording.enums import PrintPolicy
from recording.forms.base import PortalForm
from recording.models import Office

NOT_HERE = "tidak"
PLACES = ("Pertama", "Kedua", "Ketiga")


class PrintRuleForm(PortalForm):
    """How each office prints, and who comes first."""

    mark_optional = False

    def __init__(self, *args, offices: Sequence[Office], order: Sequence[PrintPriority], **kwargs):
        super().__init__(*args, **kwargs)
        self.offices = offices
        ways = [*PrintPolicy.choices, (NOT_HERE, "Tidak mencetak; dicetak di Disdukcapil")]
        for number, label in enumerate(PLACES):
            self.fields[f"urutan_{number}"] = forms.ChoiceField(
                label=f"{label} mendapat blanko",
                choices=[("", "Tidak ada"), *PrintPriority.choices],
                required=False,
                initial=order[number] if number < len(order) else "",
            )
        for office in offices:
            self.fields[f"cara_{office.pk}"] = forms.ChoiceField(
                label=office.name,
                choices=ways,
                initial=office.print_policy if office.prints_here else NOT_HERE,
            )

    def clean(self):
        cleaned = super().clean()
        order = self.order()
        if len(order) != len(set(order)):
            self.add_error("urutan_0", "Tiap urutan hanya dipakai sekali. Pilih yang berbeda, atau Tidak ada.")
        return cleaned

    def order(self) -> list[PrintPriority]:
        chosen = [self.cleaned_data.get(f"urutan_{number}") for number in range(len(PLACES))]
        return [PrintPriority(each) for each in chosen if each]

    def policies(self) -> dict[int, PrintPolicy | None]:
        ways = {office.pk: self.cleaned_data[f"cara_{office.pk}"] for office in self.offices}
        return {pk: None if way == NOT_HERE else PrintPolicy(way) for pk, way in ways.items()}
