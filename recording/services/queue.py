"""Calling numbers to stations: next, again, later, left, begun, finished, and the last step undone.

`recording.policy.queue` says who is next; one statement with SKIP LOCKED takes them, so two clerks never call the same
person, and a unique index keeps one person at a station, so pressing twice calls once. Every step is kept by
`services.ticket`. Every function raises WrongState for another office's ticket or one that is elsewhere by now.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from recording.enums import (
    AT_STATION,
    AppointmentStatus,
    PriorityReason,
    Purpose,
    TicketStatus,
    TicketStep,
)
from recording.exceptions import NobodyWaiting, NothingToUndo, StationBusy, WrongState
from recording.models import Appointment, Office, QueueTicket, TicketEvent, User
from recording.policy.queue import PRIORITY
from recording.services import attendance, audit, day_lock, line, ticket

MAX_STATION = 20
TRIES = 3  # when colleagues were faster for everybody in the order just read
MAY_BE_CALLED = (TicketStatus.WAITING, TicketStatus.PARKED)
# The order was read a moment ago; what a colleague has taken since is locked (skipped) or no longer waits (left out).
TAKE = """
WITH next AS (
    SELECT t.id, t.status, t.station, t.called_at, t.parked_at
    FROM recording_queueticket t JOIN recording_appointment a ON a.id = t.appointment_id
    WHERE t.id = ANY(%(order)s) AND t.status IN ('waiting', 'parked') AND a.status = 'arrived'
    ORDER BY array_position(%(order)s::bigint[], t.id)
    LIMIT 1
    FOR UPDATE OF t SKIP LOCKED
)
UPDATE recording_queueticket t
SET status = 'called', station = %(station)s, called_at = %(now)s, announced_at = %(now)s, parked_at = NULL
FROM next WHERE t.id = next.id
RETURNING t.id, next.status, next.station, next.called_at, next.parked_at
"""
NOT_UNDONE = {
    TicketStep.RECORD: "Langkah terakhir Anda perekaman yang sudah disimpan; itu tidak dapat diurungkan di sini.",
}


def call_next(*, office: Office, station: int, by: User, now: datetime) -> QueueTicket:
    """Call whoever is next to `station`. Returns the ticket.

    Raises StationBusy: somebody is at the station. Raises NobodyWaiting. Locks the ticket taken, skips locked ones.
    """
    _require_own(office, station, by)
    for _try in range(TRIES):
        order = line.call_order(office=office, now=now)
        if not order:
            break
        called = _call(order, office=office, station=station, by=by, now=now)
        if called:
            return called
    raise NobodyWaiting


def call_this(*, ticket_id: int, station: int, by: User, now: datetime) -> QueueTicket:
    """Call one number out of turn, such as somebody who was not there and has come back. Raises StationBusy."""
    found = _own(by).select_related("office").filter(pk=ticket_id, day=timezone.localdate(now)).first()
    if found is None:
        raise WrongState
    _require_own(found.office, station, by)
    called = _call([found.pk], office=found.office, station=station, by=by, now=now)
    if called is None:
        raise WrongState(f"Nomor {found} baru saja dipanggil petugas lain atau sudah selesai.")
    return called


@transaction.atomic
def recall(*, ticket_id: int, by: User, now: datetime) -> QueueTicket:
    """Announce the number at a station once more."""
    found, _appointment = _at_station(ticket_id, by, now)
    ticket.write(found, step=TicketStep.RECALL, by=by, now=now, announced_at=now)
    return found


@transaction.atomic
def park(*, ticket_id: int, by: User, now: datetime) -> QueueTicket:
    """Whoever was called and is not there, or has to fetch something, comes back after some others."""
    found, appointment = _at_station(ticket_id, by, now)
    _write(
        found,
        appointment,
        TicketStep.PARK,
        by,
        now,
        status=TicketStatus.PARKED,
        station=None,
        parked_at=now,
        started_at=None,
    )
    attendance.set_aside(appointment=appointment, by=by, now=now)
    return found


@transaction.atomic
def mark_left(*, ticket_id: int, by: User, now: datetime) -> QueueTicket:
    """Whoever was called has gone away: a no-show who may come back the same day with the same number."""
    found, appointment = _at_station(ticket_id, by, now, also=MAY_BE_CALLED)
    _write(found, appointment, TicketStep.LEAVE, by, now, status=TicketStatus.CLOSED, ended_at=now)
    attendance.mark_left(appointment=appointment, by=by, now=now)
    return found


@transaction.atomic
def start(*, ticket_id: int, by: User, now: datetime) -> QueueTicket:
    """The person called is at the station. Starting twice changes nothing."""
    found, appointment = _at_station(ticket_id, by, now)
    if found.status == TicketStatus.SERVING:
        return found
    _write(found, appointment, TicketStep.START, by, now, status=TicketStatus.SERVING, started_at=now)
    attendance.begin(appointment=appointment, by=by, now=now)
    return found


@transaction.atomic
def finish(*, ticket_id: int, by: User, now: datetime) -> QueueTicket:
    """Somebody who came to collect a card is served; whoever came to be recorded is finished by the recording."""
    found, appointment = _at_station(ticket_id, by, now)
    if appointment.purpose != Purpose.COLLECT:
        raise WrongState("Catat dulu hasil perekamannya; nomor ini lalu selesai sendiri.")
    attendance.finish(appointment_id=appointment.pk, by=by, now=now)
    found.refresh_from_db()
    return found


@transaction.atomic
def transfer(*, ticket_id: int, station: int, by: User, now: datetime) -> QueueTicket:
    """Send the person at a station to another one. Raises StationBusy."""
    found, appointment = _at_station(ticket_id, by, now)
    _require_station(station)
    if found.station == station:
        return found
    try:
        _write(found, appointment, TicketStep.TRANSFER, by, now, station=station, announced_at=now)
    except IntegrityError as error:
        raise StationBusy(f"Loket {station} masih melayani orang lain.") from error
    return found


@transaction.atomic
def prioritise(*, ticket_id: int, reason: PriorityReason | str, by: User, now: datetime) -> QueueTicket:
    """Call somebody who waits earlier, for `reason`; "" takes the priority back."""
    found, _appointment = _locked(ticket_id, by, now, MAY_BE_CALLED)
    priority = PRIORITY[PriorityReason(reason)] if reason else 0
    ticket.write(found, step=TicketStep.PRIORITISE, by=by, now=now, priority=priority, priority_reason=reason)
    return found


def last_step(*, by: User, office: Office, now: datetime) -> TicketEvent | None:
    """The last step of `by` at `office` today that still stands."""
    own = TicketEvent.objects.filter(by=by, ticket__office=office, ticket__day=timezone.localdate(now))
    return (
        own.filter(undone_by=None)
        .exclude(step__in=(TicketStep.UNDO, TicketStep.RECALL))
        .select_related("ticket")
        .order_by("-pk")
        .first()
    )


@transaction.atomic
def undo(*, office: Office, by: User, now: datetime) -> TicketEvent:
    """Take back the last step of `by` at `office` today by an opposite one. Returns the step taken back.

    Raises NothingToUndo: no step, a recording, or a colleague has gone on with the person. Raises StationBusy,
    DayAlreadyClosed.
    """
    event = last_step(by=by, office=office, now=now)
    if event is None:
        raise NothingToUndo
    if event.step in NOT_UNDONE:
        raise NothingToUndo(NOT_UNDONE[TicketStep(event.step)])
    day_lock.require_open(office_id=office.pk, day=timezone.localdate(now))
    appointment = Appointment.objects.select_for_update(no_key=True).get(ticket=event.ticket_id)
    found = QueueTicket.objects.select_for_update(no_key=True).get(pk=event.ticket_id)
    if _went_on(event):
        raise NothingToUndo(f"Nomor {found} sudah dilanjutkan; langkah Anda tidak dapat diurungkan lagi.")
    try:
        with transaction.atomic():
            ticket.write(
                found,
                step=TicketStep.UNDO,
                by=by,
                now=now,
                undoes=event,
                **ticket.values_before(event),
            )
            status = event.before.get("appointment_status")
            if status and status != appointment.status:
                attendance.take_back(appointment=appointment, status=AppointmentStatus(status), by=by, now=now)
    except IntegrityError as error:
        if "one_live" in f"{error}":
            raise NothingToUndo("Warga ini sudah punya janji lain yang berlaku.") from error
        raise StationBusy from error
    return event


def _went_on(event: TicketEvent) -> bool:
    """Whether another step with the same number came later and still stands."""
    later = TicketEvent.objects.filter(ticket=event.ticket_id, pk__gt=event.pk, undone_by=None)
    return later.exclude(step__in=(TicketStep.UNDO, TicketStep.RECALL)).exists()


@transaction.atomic
def _call(order: list[int], *, office: Office, station: int, by: User, now: datetime) -> QueueTicket | None:
    """Take the first of `order` that still waits; None when all are gone. Raises StationBusy."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TAKE, {"order": order, "station": station, "now": now})
            row = cursor.fetchone()
    except IntegrityError as error:
        raise StationBusy from error
    if row is None:
        return None
    ticket_id, *before = row
    called = QueueTicket.objects.select_related("appointment").get(pk=ticket_id)
    kept = dict(zip(("status", "station", "called_at", "parked_at"), before, strict=True))
    kept |= {name: value.isoformat() for name, value in kept.items() if isinstance(value, datetime)}
    ticket.note(called, step=TicketStep.CALL, by=by, now=now, before=kept)
    audit.record(
        action="queue.call",
        actor=by,
        resident_id=called.appointment.resident_id,
        subject=f"appointment:{called.appointment_id}",
        office_id=office.pk,
    )
    return called


def _write(
    found: QueueTicket, appointment: Appointment, step: TicketStep, by: User, now: datetime, **values: Any
) -> None:
    ticket.write(found, step=step, by=by, now=now, appointment_status=appointment.status, **values)


def _at_station(
    ticket_id: int, by: User, now: datetime, also: tuple[TicketStatus, ...] = ()
) -> tuple[QueueTicket, Appointment]:
    return _locked(ticket_id, by, now, (*AT_STATION, *also))


def _locked(
    ticket_id: int, by: User, now: datetime, statuses: tuple[TicketStatus, ...]
) -> tuple[QueueTicket, Appointment]:
    """The ticket of `by`'s office in one of `statuses`, with its appointment; both locked, the appointment first."""
    seen = _own(by).filter(pk=ticket_id, day=timezone.localdate(now)).first()
    if seen is None:
        raise WrongState
    appointment = Appointment.objects.select_for_update(no_key=True).get(pk=seen.appointment_id)
    still = QueueTicket.objects.select_for_update(no_key=True).filter(pk=ticket_id, status__in=statuses).first()
    here = (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)
    if still is None or appointment.status not in here:
        raise WrongState(f"Nomor {seen} sudah tidak di loket ini. Lihat keadaannya sekarang.")
    return still, appointment


def _own(by: User):
    return QueueTicket.objects.for_staff(by)


def _require_own(office: Office, station: int, by: User) -> None:
    if not Office.objects.for_staff(by).filter(Q(pk=office.pk)).exists():
        raise WrongState
    _require_station(station)


def _require_station(station: int) -> None:
    if not 1 <= station <= MAX_STATION:
        raise WrongState("Loket itu tidak ada.")
