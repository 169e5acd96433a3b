"""The few filters that the templates in `templates/components/` need."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def at(sequence, position: int):
    """The item of `sequence` at `position`; empty text when there is none."""
    try:
        return sequence[position]
    except (IndexError, TypeError, KeyError):
        return ""


@register.filter
def thousands(number) -> str:
    """601696 -> "601.696" (Indonesian) or "601,696" (English)."""
    return number_format(number, 0, force_grouping=True) if number not in (None, "") else ""
