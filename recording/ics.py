"""The appointment as a calendar entry. It names the office and the time, nobody's name or NIK."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from recording import guidance
from recording.models import Appointment
from recording.policy.code import display

REMINDERS = (timedelta(days=1), timedelta(hours=2))  # before the appointment


def appointment_ics(*, appointment: Appointment, code: str, now: datetime) -> bytes:
    """One VEVENT with the regency's time zone; its SEQUENCE counts the moves, so that calendars update it."""
    title = _("Perekaman KTP-el")
    event = Event()
    event.add("uid", f"{appointment.idempotency_key}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", appointment.moves)
    event.add("dtstamp", now)
    event.add("dtstart", timezone.localtime(appointment.slot.starts_at))
    event.add("dtend", timezone.localtime(appointment.slot.ends_at))
    event.add("summary", f"{title}, {appointment.office.name}")
    event.add("location", ", ".join(text for text in (appointment.office.name, appointment.office.address) if text))
    event.add("description", _description(appointment, code))
    event.add("status", "CONFIRMED")
    for before in REMINDERS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -before)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Portal KTP-el Kudus//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _description(appointment: Appointment, code: str) -> str:
    lines = [
        _("Kode pesanan: %(code)s") % {"code": display(code)},
        _("Yang dibawa:"),
        *(f"- {line}" for line in guidance.what_to_bring(appointment)),
        guidance.not_needed(),
        _("Gratis. Laporkan pungutan."),
    ]
    return "\n".join(lines)
