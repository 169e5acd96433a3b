"""What every form of the portal shares: how it is drawn and how it says what to mend.

A page writes `<form method="post" novalidate>{% csrf_token %}{% crispy form %}<div class="actions">...` itself; the
error summary on top and the "Galat: " in the title come from the base template, which looks at `form`.
"""

from typing import NamedTuple

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import cached_property, lazystr
from django.utils.translation import gettext as _


class FormError(NamedTuple):
    """One line of the error summary. `anchor`: id of the input it leads to, empty for the whole form."""

    anchor: str
    text: str


class PortalFormMixin:
    """For any Django form; put it first among the bases."""

    mark_optional = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _instruct_when_empty(field)

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.include_media = False
        return helper

    @property
    def error_list(self) -> list[FormError]:
        """Every error in the order of the fields, those of the whole form first."""
        lines = [FormError("", text) for text in self.non_field_errors()]
        for bound in self:
            lines += [FormError(_anchor(bound), text) for text in bound.errors]
        return lines


class PortalForm(PortalFormMixin, forms.Form):
    """A plain form of the portal."""


class PortalModelForm(PortalFormMixin, forms.ModelForm):
    """A model's form of the portal; services still do the saving."""


class FilterForm(PortalForm):
    """A form of filters above a table: everything may stay empty, so nothing says so."""

    mark_optional = False


def _anchor(bound: forms.BoundField) -> str:
    """Id of the field's first input."""
    has_parts = isinstance(bound.field.widget, forms.MultiWidget | forms.RadioSelect)
    return f"{bound.auto_id}_0" if has_parts else bound.auto_id


def _instruct_when_empty(field: forms.Field) -> None:
    """Replace Django's "This field is required." by what to do: "Isi nama lengkap."."""
    if field.error_messages.get("required") != forms.Field.default_error_messages["required"]:
        return
    is_choice = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    field.error_messages["required"] = lazystr(_Instruction(field, is_choice))


class _Instruction:
    """Reads the label only when shown: labels are set and translated after the form class is made."""

    def __init__(self, field: forms.Field, is_choice: bool):
        self.field, self.is_choice = field, is_choice

    def __str__(self) -> str:
        label = _lower_first(f"{self.field.label or ''}".rstrip("?"))
        return _("Pilih %(label)s.") % {"label": label} if self.is_choice else _("Isi %(label)s.") % {"label": label}


def _lower_first(label: str) -> str:
    """ "Nama lengkap" -> "nama lengkap"; "NIK" stays."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
