"""What the queue's pages say about a number, ready for the templates."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from recording.dates import clock
from recording.enums import Purpose, TicketStatus
from recording.models import QueueTicket


@dataclass(frozen=True)
class Row:
    """One line of a list of people who wait."""

    ticket_id: int
    label: str
    name: str
    about: str
    priority: str
    badge: str


@dataclass(frozen=True)
class Current:
    """The person at the station."""

    ticket_id: int
    appointment_id: int
    label: str
    name: str
    about: str
    purpose: str
    priority: str
    serving: bool
    collects: bool
    called: str


def calling_station(request: HttpRequest) -> int | None:
    """The station at which this browser calls numbers; None when it calls none."""
    return request.session.get("station") if request.session.get("calls_numbers") else None


def row(ticket: QueueTicket, *, now: datetime) -> Row:
    appointment = ticket.appointment
    slot = appointment.slot if ticket.series == "B" else None
    booked = f"janji {clock(slot.starts_at)}" if slot else "datang langsung"
    if ticket.status == TicketStatus.PARKED and ticket.parked_at:
        about = f"tidak ada pukul {clock(ticket.parked_at)}"
    else:
        about = f"{booked}, menunggu {_minutes(ticket.issued_at, now)}"
    return Row(
        ticket_id=ticket.pk,
        label=f"{ticket}",
        name=appointment.resident.name,
        about=about,
        priority=ticket.get_priority_reason_display(),
        badge=appointment.get_purpose_display()
        if appointment.purpose in (Purpose.REPLACEMENT, Purpose.COLLECT)
        else "",
    )


def current_facts(ticket: QueueTicket, *, now: datetime) -> Current:
    """`ticket` comes with appointment, resident and village."""
    appointment, resident = ticket.appointment, ticket.appointment.resident
    village = resident.village.name if resident.village else "luar Kudus"
    moment = ticket.started_at or ticket.announced_at
    word = "dilayani" if ticket.started_at else "dipanggil"
    return Current(
        ticket_id=ticket.pk,
        appointment_id=appointment.pk,
        label=f"{ticket}",
        name=resident.name,
        about=f"{resident.get_sex_display()}, {resident.birth_year}, {village}",
        purpose=appointment.get_purpose_display(),
        priority=ticket.get_priority_reason_display(),
        serving=ticket.status == TicketStatus.SERVING,
        collects=appointment.purpose == Purpose.COLLECT,
        called=f"{word} pukul {clock(moment)}" if moment else word,
    )


def station_facts(ticket: QueueTicket) -> dict:
    """What another station is doing."""
    return {"station": ticket.station, "label": f"{ticket}", "status": ticket.get_status_display().lower()}


def _minutes(since: datetime, now: datetime) -> str:
    return f"{max(0, int((now - since).total_seconds() // 60))} menit"
