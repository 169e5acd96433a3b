"""Keying in a sheet that was kept on paper while the computer could not be used.

Each row is a transaction of its own, so that one row that cannot be kept loses none of the others; what really happened
keeps its own time, also days later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from recording.dates import clock, plain_date
from recording.enums import AppointmentStatus, Channel, Entitlement, Purpose, RecordingOutcome
from recording.exceptions import DomainError, NotEntitled, WrongState
from recording.models import Appointment, Office, Recording, Resident, TrackingCode, User
from recording.services import attendance, audit, walk_in
from recording.services import recording as recordings
from recording.services.recording import CheckedPapers
from recording.services.walk_in import Visitor

OPEN = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.SERVING, AppointmentStatus.NO_SHOW)


class Result(StrEnum):
    """What the sheet says of one person."""

    RECORDED = "terekam"
    FAILED = "gagal"
    MISSED = "tidak_hadir"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the sheet. `seen`: the status when the clerk opened the page; `at`: when it really happened."""

    appointment_id: int
    seen: str
    result: Result
    at: datetime | None = None
    failure_reason: str = ""
    station: int = 1
    papers_checked: bool = False


@dataclass(frozen=True, kw_only=True)
class WalkIn:
    """Somebody who came without an appointment and was recorded on paper at `at`; `result` is recorded or failed."""

    visitor: Visitor
    result: Result
    at: datetime
    failure_reason: str = ""
    station: int = 1
    papers_checked: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a line; `problem` is empty when it is kept."""

    appointment_id: int
    problem: str = ""


def rows_of(*, office: Office, day: date) -> QuerySet[Appointment]:
    """The people on the sheet of `day`, by time: all but those who cancelled; resident, slot and identity loaded."""
    rows = Appointment.objects.filter(office=office, day=day).exclude(status=AppointmentStatus.CANCELLED)
    return rows.select_related("resident__identity", "resident__village", "slot", "ticket", "recording").order_by(
        "slot__starts_at", "pk"
    )


def codes_of(rows: Sequence[Appointment]) -> dict[int, str]:
    """Resident id -> canonical active code."""
    held = TrackingCode.objects.filter(resident__in=[row.resident_id for row in rows], revoked_at=None)
    return {code.resident_id: code.code for code in held}


def enter_all(*, lines: Sequence[Line], day: date, by: User, now: datetime) -> list[Answer]:
    """Keep every line that can be kept; the others say why not."""
    return [_answer(line, day=day, by=by, now=now) for line in lines]


def _answer(line: Line, *, day: date, by: User, now: datetime) -> Answer:
    try:
        enter(line=line, day=day, by=by, now=now)
    except DomainError as error:
        return Answer(appointment_id=line.appointment_id, problem=f"{error}")
    return Answer(appointment_id=line.appointment_id)


@transaction.atomic
def enter(*, line: Line, day: date, by: User, now: datetime) -> None:
    """Keep one line. Raises WrongState (changed meanwhile, another day or office), NotEntitled (with where the person
    was recorded), and what `services.recording.log` raises. Locks the resident, then the appointment."""
    rows = Appointment.objects.for_staff(by).filter(pk=line.appointment_id)
    resident_id = rows.values_list("resident_id", flat=True).first()
    if resident_id is None:
        raise WrongState
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident_id)
    appointment = rows.select_for_update(of=("self",), no_key=True).get()
    _require_unchanged(appointment, line, day)
    if line.result == Result.MISSED:
        _missed(appointment, by=by, now=now)
    else:
        _recorded(appointment, resident, line, day, by=by, now=now)


@transaction.atomic
def enter_walk_in(
    *, came: WalkIn, office: Office, day: date, idempotency_key: UUID, by: User, now: datetime
) -> Recording:
    """Keep a recording of `day` of somebody who is on no sheet. The real time stays, however late it is keyed in, and
    also when the day is closed; a live booking is given up. Idempotent by `idempotency_key`.

    Raises WrongState (another office or day, a time still ahead, or on the sheet of that day), ParticularsMissing,
    GuardianMissing, and what `services.recording.log_field` raises.
    """
    made = Recording.objects.filter(appointment__idempotency_key=idempotency_key).first()
    if made:
        return made
    if by.office_id not in (None, office.pk):
        raise WrongState
    if timezone.localdate(came.at) != day or came.at > now:
        raise WrongState("Jamnya belum lewat. Periksa jam di lembar.")
    resident = walk_in.resident_of(came.visitor, on=day)
    if rows_of(office=office, day=day).filter(resident=resident, status__in=OPEN).exists():
        raise WrongState("Warga ini ada di lembar hari itu. Isi barisnya di lembar harian.")
    if resident.entitlement == Entitlement.NONE:
        raise NotEntitled(_why_not(resident))
    walk_in.require_age(resident, came.visitor, on=day)
    made = recordings.log_field(
        resident_id=resident.pk,
        office=office,
        key=idempotency_key,
        by=by,
        now=now,
        outcome=RecordingOutcome.FAILED if came.result == Result.FAILED else RecordingOutcome.ACCEPTED,
        recorded_at=came.at,
        failure_reason=came.failure_reason if came.result == Result.FAILED else "",
        station=came.station,
        papers=CheckedPapers() if came.papers_checked else None,
        channel=Channel.WALK_IN,
        guardian=(came.visitor.guardian_name, came.visitor.guardian_relation),
    )
    if made.appointment is not None:
        _note(made.appointment, by)
    return made


def _note(appointment: Appointment, by: User) -> None:
    audit.record(
        action="recording.from_paper",
        actor=by,
        resident_id=appointment.resident_id,
        subject=f"appointment:{appointment.pk}",
        office_id=appointment.office_id,
    )


def _require_unchanged(appointment: Appointment, line: Line, day: date) -> None:
    if appointment.day != day:
        raise WrongState(f"Janji ini sudah dipindah ke {plain_date(appointment.day)}.")
    if appointment.status in OPEN and appointment.status == line.seen:
        return
    made = Recording.objects.filter(appointment=appointment).select_related("operator").first()
    if made:
        raise WrongState(f"Sudah dicatat oleh {made.operator.name} pukul {clock(made.entered_at)}.")
    raise WrongState(f"Berubah sejak halaman ini dibuka: sekarang {appointment.get_status_display().lower()}.")


def _missed(appointment: Appointment, *, by: User, now: datetime) -> None:
    match appointment.status:
        case AppointmentStatus.NO_SHOW:
            return
        case AppointmentStatus.BOOKED:
            attendance.miss_on_paper(appointment=appointment, by=by, now=now)
        case _:
            raise WrongState("Tercatat hadir di komputer. Selesaikan lewat Loket.")


def _recorded(appointment: Appointment, resident: Resident, line: Line, day: date, *, by: User, now: datetime) -> None:
    if appointment.purpose == Purpose.COLLECT:
        raise WrongState("Datang untuk mengambil kartu. Catat penyerahannya lewat Loket.")
    if line.at is None or timezone.localdate(line.at) != day or line.at > now:
        raise WrongState("Jamnya belum lewat. Periksa jam di lembar.")
    if resident.entitlement == Entitlement.NONE:
        raise NotEntitled(_why_not(resident))
    if appointment.status in (AppointmentStatus.BOOKED, AppointmentStatus.NO_SHOW):
        attendance.arrive_on_paper(appointment=appointment, by=by, now=now)
    recordings.log(
        appointment_id=appointment.pk,
        by=by,
        now=now,
        outcome=RecordingOutcome.FAILED if line.result == Result.FAILED else RecordingOutcome.ACCEPTED,
        recorded_at=line.at,
        failure_reason=line.failure_reason if line.result == Result.FAILED else "",
        station=line.station,
        papers=CheckedPapers() if line.papers_checked else None,
        from_paper=True,
    )
    _note(appointment, by)


def _why_not(resident: Resident) -> str:
    last = (
        Recording.objects.filter(resident=resident, outcome=RecordingOutcome.ACCEPTED)
        .select_related("office")
        .order_by("-recorded_at")
        .first()
    )
    if last is None:
        return "Warga ini sudah punya perekaman menurut data pusat. Serahkan lembarnya kepada verifikator."
    return (
        f"Warga ini sudah direkam di {last.office.name} pada {plain_date(last.day)}. "
        "Serahkan lembarnya kepada verifikator: dua rekaman menjadi data ganda."
    )
