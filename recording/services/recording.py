"""Enter what happened at the recording kit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from recording.enums import (
    AppointmentStatus,
    Entitlement,
    FailureReason,
    Purpose,
    RecordingOutcome,
    ResidentSource,
)
from recording.exceptions import NotEntitled, PapersNotChecked, RecordingIncomplete, WrongState
from recording.models import Appointment, Declaration, QueueTicket, Recording, Resident, User
from recording.policy.recording import captured, missing_is_acceptable
from recording.services import audit, declaration, tracking_code
from recording.signals import recording_logged

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
) -> Recording:
    """Write the recording of somebody who arrived, end the appointment and announce it, all or nothing.

    `missing` maps BiometricElement to MissingReason. The resident has a tracking code afterwards.
    Raises NotEntitled: a second recording would make a duplicate. Raises WrongState: not arrived, recorded by somebody
    else meanwhile, or here to collect. Raises PapersNotChecked: accepted, but the register does not vouch for the person.
    Raises RecordingIncomplete: no photograph, or a reason that does not fit.
    Locks the resident, then the appointment.
    """
    missing = dict(missing or {})
    if outcome == RecordingOutcome.ACCEPTED and not missing_is_acceptable(missing):
        raise RecordingIncomplete
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
    _close(appointment, station, now)
    tracking_code.ensure(resident=resident, nik=resident.identity.nik, now=now)
    audit.record(
        action=f"recording.{outcome}",
        actor=by,
        resident_id=resident.pk,
        subject=f"recording:{recording.pk}",
        office_id=recording.office_id,
    )
    recording_logged.send(sender=Recording, recording=recording)
    return recording


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
        identity.phone, identity.phone_checked_at = papers.phone, now
    if papers.family_card or papers.phone:
        identity.save()


def _close(appointment: Appointment, station: int, now: datetime) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(status=AppointmentStatus.DONE, status_at=now)
    QueueTicket.objects.filter(appointment=appointment).update(station=station, ended_at=now)
