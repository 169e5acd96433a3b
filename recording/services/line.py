"""Who waits at an office, in which order, and for how long. Reads only; one query whatever the day has brought."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from recording.enums import AT_STATION, AppointmentStatus, TicketStatus
from recording.models import Office, QueueTicket, ServiceHours
from recording.policy import queue as policy
from recording.policy.hours import rule_for
from recording.policy.queue import Called, Wait, Waiting

PLANNED_MINUTES = 10.0
_LABEL = re.compile(r"\s*([BWbw])\s*[- ]?0*([1-9]\d{0,4})\s*")


@dataclass(frozen=True, kw_only=True)
class Line:
    """The numbers of one office today. `order`: everybody who waits, as they will be called; `at_stations` by
    station; `announced`: those at stations, the latest announced first; `measured`: minutes of the latest services."""

    office: Office
    now: datetime
    order: list[QueueTicket] = field(default_factory=list)
    announced: list[QueueTicket] = field(default_factory=list)
    measured: list[float] = field(default_factory=list)
    open_stations: set[int] = field(default_factory=set)
    served: int = 0
    tickets: list[QueueTicket] = field(default_factory=list)

    @property
    def waiting(self) -> list[QueueTicket]:
        return [each for each in self.order if each.status == TicketStatus.WAITING]

    @property
    def parked(self) -> list[QueueTicket]:
        return [each for each in self.order if each.status == TicketStatus.PARKED]

    def at_station(self, station: int | None) -> QueueTicket | None:
        return next((each for each in self.announced if each.station == station), None)

    def find(self, series: str, number: int) -> QueueTicket | None:
        return next((each for each in self.tickets if (each.series, each.number) == (series, number)), None)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one number stands. `before`: how many are called earlier; `wait` only while waiting."""

    label: str
    status: str
    before: int = 0
    station: int | None = None
    stations: int = 0
    wait: Wait | None = None


def today(*, office: Office, now: datetime, with_people: bool = False) -> Line:
    """The line at `office`. `with_people`: residents loaded too, for the clerk."""
    people = ("appointment__resident__village",) if with_people else ()
    tickets = list(
        QueueTicket.objects.filter(office=office, day=timezone.localdate(now))
        .select_related("appointment__slot", *people)
        .order_by("pk")
    )
    called = _newest_first([each for each in tickets if each.called_at], "called_at")
    by_id = {each.pk: each for each in tickets}
    order = policy.call_order(
        (_waiting(each, called) for each in tickets if _may_be_called(each)),
        called=[Called(each.series, each.priority) for each in called],
        now=now,
    )
    return Line(
        office=office,
        now=now,
        order=[by_id[ticket_id] for ticket_id in order],
        announced=_newest_first([each for each in tickets if each.status in AT_STATION], "announced_at"),
        measured=_measured(tickets),
        open_stations=_open_stations(tickets, now),
        served=sum(each.appointment.status == AppointmentStatus.DONE for each in tickets),
        tickets=tickets,
    )


def call_order(*, office: Office, now: datetime) -> list[int]:
    """Ids of the tickets that wait, in the order in which they are called."""
    return [each.pk for each in today(office=office, now=now).order]


def place_of(*, office: Office, series: str, number: int, now: datetime) -> Place | None:
    """Where one number of today stands in the line of `office`; None: not given today."""
    line = today(office=office, now=now)
    found = line.find(series, number)
    if found is None:
        return None
    if found not in line.order:
        return Place(label=f"{found}", status=_status(found), station=found.station)
    stations = len(line.open_stations) or office.stations
    before = line.order.index(found)
    wait = policy.expected_wait(
        before=before, stations=stations, measured=line.measured, planned=planned_minutes(office=office, now=now)
    )
    return Place(label=f"{found}", status=found.status, before=before, stations=stations, wait=wait)


def planned_minutes(*, office: Office, now: datetime) -> float:
    """Minutes of one service by the hours that hold at `office` today."""
    rules = ServiceHours.objects.filter(Q(office=office) | Q(office=None))
    rule = rule_for(office_id=office.pk, day=timezone.localdate(now), rules=rules)
    return float(rule.service_minutes) if rule else PLANNED_MINUTES


def number_from(text: str) -> tuple[str, int] | None:
    """ "B012", "b 12" -> ("B", 12); None when it is no queue number."""
    match = _LABEL.fullmatch(text)
    return (match[1].upper(), int(match[2])) if match else None


def ticket_of(*, resident_id: int, day: date) -> QueueTicket | None:
    """The number that somebody was given today, at any office."""
    return (
        QueueTicket.objects.filter(appointment__resident=resident_id, day=day)
        .select_related("office")
        .order_by("-pk")
        .first()
    )


def _may_be_called(ticket: QueueTicket) -> bool:
    waits = ticket.status in (TicketStatus.WAITING, TicketStatus.PARKED)
    return waits and ticket.appointment.status == AppointmentStatus.ARRIVED


def _waiting(ticket: QueueTicket, called: list[QueueTicket]) -> Waiting:
    slot = ticket.appointment.slot if ticket.series == "B" else None
    parked_at = ticket.parked_at if ticket.status == TicketStatus.PARKED else None
    since = [each for each in called if parked_at and each.called_at and each.called_at > parked_at]
    others = sum(each.pk != ticket.pk for each in since) if parked_at else None
    return Waiting(
        ticket_id=ticket.pk,
        series=ticket.series,
        number=ticket.number,
        priority=ticket.priority,
        issued_at=ticket.issued_at,
        due_at=slot.starts_at if slot else None,
        slot_ends_at=slot.ends_at if slot else None,
        others_since_parked=others,
    )


def _newest_first(tickets: list[QueueTicket], moment: str) -> list[QueueTicket]:
    return sorted(tickets, key=lambda each: (getattr(each, moment) or each.issued_at, each.pk), reverse=True)


def _measured(tickets: list[QueueTicket]) -> list[float]:
    """Minutes from the call to the end of those who were served, the latest first."""
    served = [each for each in tickets if each.appointment.status == AppointmentStatus.DONE]
    return [
        (each.ended_at - each.called_at).total_seconds() / 60
        for each in _newest_first(served, "ended_at")
        if each.called_at and each.ended_at
    ]


def _open_stations(tickets: list[QueueTicket], now: datetime) -> set[int]:
    """Stations with somebody, and those that called or ended somebody a short while ago."""
    since: datetime = now - policy.STATION_OPEN_FOR
    return {
        each.station
        for each in tickets
        if each.station
        and (
            each.status in AT_STATION or max(each.called_at or each.issued_at, each.ended_at or each.issued_at) > since
        )
    }


def _status(ticket: QueueTicket) -> str:
    """The ticket's status; "left" for somebody who had gone when called."""
    gone = ticket.status == TicketStatus.CLOSED and ticket.appointment.status == AppointmentStatus.NO_SHOW
    return "left" if gone else ticket.status
