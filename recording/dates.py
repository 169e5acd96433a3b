"""Dates and times as people say them, in Western Indonesian Time (WIB) and in the active language."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def day_in_words(day: date) -> str:
    """ "Senin, 7 Desember 2026" (English: "Monday, 7 December 2026")."""
    return date_format(day, "l, j F Y")


def short_day(day: date) -> str:
    """ "Sen 7 Des"."""
    return date_format(day, "D j M")


def weekday_short(day: date) -> str:
    """ "Sen"."""
    return date_format(day, "D")


def day_short(day: date) -> str:
    """ "7 Des"."""
    return date_format(day, "j M")


def plain_date(day: date) -> str:
    """ "17 Agustus 1995", without the weekday."""
    return date_format(day, "j F Y")


def clock(moment: datetime) -> str:
    """ "09.00" (English: "09:00"), local time."""
    return f"{timezone.localtime(moment):%H:%M}" if get_language() == "en" else f"{timezone.localtime(moment):%H.%M}"


def moment_in_words(moment: datetime) -> str:
    """ "Senin, 7 Desember 2026 pukul 09.00 WIB"."""
    day = day_in_words(timezone.localtime(moment).date())
    return _("%(day)s pukul %(time)s WIB") % {"day": day, "time": clock(moment)}
