"""Queue numbers and what became of them: the only writer of `QueueTicket` and `TicketEvent`."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from recording.enums import Channel, PriorityReason, TicketSeries, TicketStatus, TicketStep
from recording.models import Appointment, QueueTicket, TicketEvent, User
from recording.policy.queue import PRIORITY, priority_reason

# The counter's row is locked until the caller's transaction ends, so numbers follow each other without gaps.
NEXT_NUMBER = """
INSERT INTO recording_queuecounter AS counter (office_id, day, series, last_number)
VALUES (%(office_id)s, %(day)s, %(series)s, 1)
ON CONFLICT (office_id, day, series) DO UPDATE SET last_number = counter.last_number + 1
RETURNING last_number
"""
KEPT = ("status", "station", "priority", "priority_reason", "called_at", "parked_at", "started_at", "ended_at")
AFRESH: dict[str, Any] = {
    "status": TicketStatus.WAITING,
    "station": None,
    "called_at": None,
    "announced_at": None,
    "parked_at": None,
    "started_at": None,
    "ended_at": None,
}


def next_number(*, office_id: int, day: date, series: TicketSeries) -> int:
    """The next number (1, 2, 3, ...) of one series of one office on one day.

    Locks the counter of that series until the transaction ends; a rollback gives the number back.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, {"office_id": office_id, "day": day, "series": series})
        return cursor.fetchone()[0]


@transaction.atomic
def issue(*, appointment: Appointment, day: date, now: datetime, pregnant: bool = False) -> QueueTicket:
    """The number of somebody who has come; whoever comes back on the same day keeps the old one and waits again.

    The caller holds the appointment's row.
    """
    kept = QueueTicket.objects.filter(appointment=appointment, day=day).first()
    if kept:
        QueueTicket.objects.filter(pk=kept.pk).update(**AFRESH)
        kept.refresh_from_db()
        return kept
    reason = priority_reason(
        birth_year=appointment.resident.birth_year,
        year=day.year,
        special_needs=appointment.special_needs,
        purpose=appointment.purpose,
    )
    if pregnant and reason in ("", PriorityReason.RERECORD):
        reason = PriorityReason.PREGNANT
    series = TicketSeries.WALK_IN if appointment.channel == Channel.WALK_IN else TicketSeries.BOOKED
    return QueueTicket.objects.create(
        appointment=appointment,
        office_id=appointment.office_id,
        day=day,
        series=series,
        number=next_number(office_id=appointment.office_id, day=day, series=series),
        priority=PRIORITY.get(reason, 0),
        priority_reason=reason,
        issued_at=now,
    )


def close(*, appointment: Appointment, step: TicketStep, by: User, now: datetime, station: int | None = None) -> None:
    """End the number of `appointment`, if it has one; the caller holds the appointment's row, as it was before.

    `station`: where, when it is not the one the person was called to.
    """
    ticket = QueueTicket.objects.select_for_update(no_key=True).filter(appointment=appointment).first()
    if ticket is None:
        return
    where: dict[str, Any] = {"station": station} if station else {}
    write(
        ticket,
        step=step,
        by=by,
        now=now,
        appointment_status=appointment.status,
        status=TicketStatus.CLOSED,
        ended_at=now,
        **where,
    )


def write(
    ticket: QueueTicket,
    *,
    step: TicketStep,
    by: User,
    now: datetime,
    appointment_status: str = "",
    undoes: TicketEvent | None = None,
    **values: Any,
) -> TicketEvent:
    """Set `values` on a ticket that the caller has locked, and keep what they were before.

    `appointment_status`: what the appointment's status was, when the step changes that too. Raises IntegrityError:
    the station has somebody already.
    """
    before = {name: _plain(getattr(ticket, name)) for name in values if name in KEPT}
    if appointment_status:
        before["appointment_status"] = f"{appointment_status}"
    for name, value in values.items():
        setattr(ticket, name, value)
    with transaction.atomic():
        ticket.save(update_fields=list(values) or None)
    return note(ticket, step=step, by=by, now=now, before=before, undoes=undoes)


def note(
    ticket: QueueTicket,
    *,
    step: TicketStep,
    by: User,
    now: datetime,
    before: dict[str, Any],
    undoes: TicketEvent | None = None,
) -> TicketEvent:
    """Append one step to the history of `ticket`."""
    return TicketEvent.objects.create(
        ticket=ticket, step=step, station=ticket.station, by=by, at=now, before=before, undoes=undoes
    )


def values_before(event: TicketEvent) -> dict[str, Any]:
    """The ticket's values before `event`, ready to be set again."""
    return {
        name: parse_datetime(value) if value and name.endswith("_at") else value
        for name, value in event.before.items()
        if name in KEPT
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
