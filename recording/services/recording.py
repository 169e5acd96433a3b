"""Enter what happened at the recording kit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from recording.enums import (
    AppointmentStatus,
    Channel,
    Entitlement,
    FailureReason,
    Pool,
    Purpose,
    RecordingOutcome,
    ResidentSource,
    TicketStep,
)
from recording.exceptions import NotEntitled, PapersNotChecked, RecordingIncomplete, TooYoung, WrongState
from recording.models import Appointment, Declaration, Office, Recording, Resident, User
from recording.policy.booking import may_be_recorded, must_hold_card
from recording.policy.recording import captured, missing_is_acceptable
from recording.services import appointment as appointments
from recording.services import audit, day_lock, declaration, ticket, tracking_code
from recording.signals import recording_logged

RECORDED_IN_FIELD = "Sudah direkam saat jemput bola"
MAY_BE_RECORDED = (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)


@dataclass(frozen=True, kw_only=True)
class CheckedPapers:
    """The clerk compared the person with the family card, or asked them. What was learnt is kept sealed; empty: as
    before."""

    family_card: str = ""
    phone: str = ""


@transaction.atomic
def log(
    *,
    appointment_id: int,
    by: User,
    now: datetime,
    outcome: RecordingOutcome,
    recorded_at: datetime | None = None,
    failure_reason: FailureReason | str = "",
    note: str = "",
    missing: Mapping[str, str] | None = None,
    station: int = 1,
    device: str = "",
    papers: CheckedPapers | None = None,
    from_paper: bool = False,
) -> Recording:
    """Write the recording of somebody who arrived, end the appointment and announce it, all or nothing.

    `missing` maps BiometricElement to MissingReason. The resident has a tracking code afterwards. `from_paper`: keyed in
    from a sheet, so the day may be closed already.
    Raises DayAlreadyClosed. Raises NotEntitled: a second recording would make a duplicate. Raises WrongState: not arrived,
    recorded by somebody else meanwhile, or here to collect. Raises PapersNotChecked: accepted, but the register does not
    vouch for the person.
    Raises RecordingIncomplete: no photograph, or a reason that does not fit.
    Locks the office's day, then the resident, then the appointment.
    """
    missing = dict(missing or {})
    if outcome == RecordingOutcome.ACCEPTED and not missing_is_acceptable(missing):
        raise RecordingIncomplete
    if not from_paper:
        _require_open_day(appointment_id)
    appointment, resident = _open(appointment_id, by)
    if outcome == RecordingOutcome.ACCEPTED and papers is None and papers_needed(appointment):
        raise PapersNotChecked
    if papers is not None:
        _keep(papers, resident, now)
    happened_at = min(recorded_at or now, now)
    recording = Recording.objects.create(
        resident=resident,
        office_id=appointment.office_id,
        operator=by,
        appointment=appointment,
        attempt=resident.recordings.count() + 1,
        before_obliged=_before_obliged(resident, timezone.localdate(happened_at)),
        recorded_at=happened_at,
        day=timezone.localdate(happened_at),
        outcome=outcome,
        failure_reason=failure_reason,
        note=note,
        captured=captured(outcome, missing),
        missing=missing,
        station=station,
        device=device,
    )
    _close(appointment, station, by, now)
    return _announce(recording, by, now)


@transaction.atomic
def log_field(
    *,
    resident_id: int,
    office: Office,
    key: UUID,
    by: User,
    now: datetime,
    outcome: RecordingOutcome,
    recorded_at: datetime,
    failure_reason: FailureReason | str = "",
    missing: Mapping[str, str] | None = None,
    device: str = "",
    batch: str = "",
    station: int = 1,
    papers: CheckedPapers | None = None,
    channel: Channel = Channel.ROSTER,
    guardian: tuple[str, str] = ("", ""),
) -> Recording:
    """Write a recording made away from the office, or there while the computer was down (`channel`: walk-in), with the
    moment and device of that day, however late it is entered.

    It has an appointment of its own, without a slot and done at once; a booking elsewhere is cancelled when the
    recording was accepted. `guardian`: name and relation of who agreed for somebody under 18.

    Raises NotEntitled, PapersNotChecked, RecordingIncomplete as `log` does; TooYoung on that day; WrongState: being
    served at an office now. Idempotent by `key` (IntegrityError). Locks the resident.
    """
    missing = dict(missing or {})
    if outcome == RecordingOutcome.ACCEPTED and not missing_is_acceptable(missing):
        raise RecordingIncomplete
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident_id)
    recorded_at = min(recorded_at, now)
    _require_fit_in_field(resident, outcome, papers, timezone.localdate(recorded_at))
    if papers is not None:
        _keep(papers, resident, now)
    if outcome == RecordingOutcome.ACCEPTED:
        _give_up_booking(resident, by, now)
    appointment = _appointment_afterwards(
        resident,
        recorded_at,
        guardian,
        office=office,
        channel=channel,
        idempotency_key=key,
        booked_at=now,
        booked_by=by,
    )
    recording = Recording.objects.create(
        resident=resident,
        office=office,
        operator=by,
        appointment=appointment,
        attempt=resident.recordings.count() + 1,
        before_obliged=_before_obliged(resident, appointment.day),
        recorded_at=recorded_at,
        day=appointment.day,
        outcome=outcome,
        failure_reason=failure_reason,
        captured=captured(outcome, missing),
        missing=missing,
        device=device,
        batch=batch,
        station=station,
    )
    return _announce(recording, by, now)


def _announce(recording: Recording, by: User, now: datetime) -> Recording:
    resident = recording.resident
    tracking_code.ensure(resident=resident, nik=resident.identity.nik, now=now)
    audit.record(
        action=f"recording.{recording.outcome}",
        actor=by,
        resident_id=resident.pk,
        subject=f"recording:{recording.pk}",
        office_id=recording.office_id,
    )
    recording_logged.send(sender=Recording, recording=recording)
    return recording


def _before_obliged(resident: Resident, day: date) -> bool:
    born = resident.identity.birth_date
    return bool(born) and not must_hold_card(date.fromisoformat(born), married=resident.ever_married, on=day)


def _require_fit_in_field(
    resident: Resident, outcome: RecordingOutcome, papers: CheckedPapers | None, day: date
) -> None:
    if resident.entitlement == Entitlement.NONE:
        raise NotEntitled
    born = resident.identity.birth_date
    if born and not may_be_recorded(date.fromisoformat(born), married=resident.ever_married, on=day):
        raise TooYoung
    if outcome == RecordingOutcome.ACCEPTED and papers is None and resident.source == ResidentSource.SELF:
        raise PapersNotChecked


def _give_up_booking(resident: Resident, by: User, now: datetime) -> None:
    """Whoever has been recorded must not come to be recorded again."""
    booked = Appointment.objects.live().filter(resident=resident).exclude(purpose=Purpose.COLLECT).first()
    if booked is None:
        return
    if booked.status != AppointmentStatus.BOOKED:
        raise WrongState("Warga ini sedang dilayani di kantor. Selesaikan dulu di loket itu, lalu masukkan lagi.")
    appointments.cancel(appointment_id=booked.pk, now=now, reason=RECORDED_IN_FIELD, by=by)


def _appointment_afterwards(
    resident: Resident, recorded_at: datetime, guardian: tuple[str, str], **booked: Any
) -> Appointment:
    return Appointment.objects.create(
        resident=resident,
        day=timezone.localdate(recorded_at),
        status=AppointmentStatus.DONE,
        pool=Pool.RESERVED,
        places_held=0,
        purpose=Purpose(resident.entitlement),
        guardian_name=guardian[0],
        guardian_relation=guardian[1],
        guardian_consent_at=recorded_at if guardian[0] else None,
        outside_regency=resident.outside_regency,
        body_hash=bytes(32),
        status_at=recorded_at,
        **booked,
    )


def papers_needed(appointment: Appointment) -> bool:
    """Whether the family card must be compared before recording: self-declared, or the declaration differs."""
    return appointment.resident.source == ResidentSource.SELF or declaration.differs(appointment)


def phone_to_confirm(appointment: Appointment) -> str:
    """The telephone number (E.164) to ask the person about: typed or imported, never checked at a desk. "" if none."""
    identity = appointment.resident.identity
    if identity.phone_checked_at:
        return ""
    declared = Declaration.objects.filter(appointment=appointment).first()
    return identity.phone or (declared.phone if declared else "")


def _require_open_day(appointment_id: int) -> None:
    """What is recorded after the stations were counted would be missing from that count."""
    appointment = Appointment.objects.filter(pk=appointment_id).only("office_id", "day").first()
    if appointment:
        day_lock.require_open(office_id=appointment.office_id, day=appointment.day)


def _open(appointment_id: int, by: User) -> tuple[Appointment, Resident]:
    """The appointment and its resident, locked and fit to be recorded."""
    rows = Appointment.objects.for_staff(by)
    resident_id = rows.filter(pk=appointment_id).values_list("resident_id", flat=True).first()
    if resident_id is None:
        raise WrongState
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident_id)
    appointment = rows.select_for_update(no_key=True).filter(pk=appointment_id, status__in=MAY_BE_RECORDED).first()
    if appointment is None or appointment.purpose == Purpose.COLLECT:
        raise WrongState
    if resident.entitlement == Entitlement.NONE:
        raise NotEntitled
    appointment.resident = resident
    return appointment, resident


def _keep(papers: CheckedPapers, resident: Resident, now: datetime) -> None:
    identity = resident.identity
    if papers.family_card:
        identity.family_card = papers.family_card
    if papers.phone:
        identity.phone, identity.phone_checked_at, identity.phone_bad_at = papers.phone, now, None
    if papers.family_card or papers.phone:
        identity.save()


def _close(appointment: Appointment, station: int, by: User, now: datetime) -> None:
    ticket.close(appointment=appointment, step=TicketStep.RECORD, by=by, now=now, station=station)
    Appointment.objects.filter(pk=appointment.pk).update(status=AppointmentStatus.DONE, status_at=now)
