"""Somebody who came without an appointment: a number at once, and a place of the present slot where one is left.

The computer refuses nobody for want of room; it says no only where a recording would do harm (a second one makes a
duplicate) or where the person has an appointment that must be used or given up first.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg2 import errors

from recording.declared import Declared
from recording.enums import AppointmentStatus, Channel, Entitlement, Pool, Purpose, Sex
from recording.exceptions import (
    GuardianMissing,
    HasAppointment,
    NotEntitled,
    ParticularsMissing,
    SlotFull,
    SlotNotBookable,
    TooBusy,
    TooYoung,
    WrongState,
)
from recording.models import Appointment, Office, QueueTicket, Resident, Slot, User, Village
from recording.policy import booking as rules
from recording.policy import nik as nik_policy
from recording.services import appointment as appointments
from recording.services import audit, day_lock, outage, place, ticket, tracking_code
from recording.services.resident import find_by_nik, find_or_declare

VOIDED = "Dibatalkan di loket: pemilik NIK datang dengan Kartu Keluarga"
ASKED = {
    "name": "NIK ini belum dikenal. Tulis nama seperti di Kartu Keluarga.",
    "village": "NIK ini belum dikenal. Pilih desa atau kelurahan di Kartu Keluarga.",
    "birth_date": "NIK ini belum dikenal. Isi tanggal lahir seperti di Kartu Keluarga.",
}
PURPOSES = {
    Entitlement.FIRST: Purpose.FIRST,
    Entitlement.RERECORD: Purpose.RERECORD,
    Entitlement.REPLACEMENT: Purpose.REPLACEMENT,
}


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who stands at the desk. Name to `married` count only for a NIK (16 digits) that the register lacks.

    `guardian_...`: who agreed to the recording of somebody under 18. `outside_regency`: lives elsewhere; otherwise
    `village` is asked for. `collects`: came for the card.
    """

    nik: str
    name: str = ""
    birth_date: date | None = None
    sex: str = ""
    village: Village | None = None
    outside_regency: bool = False
    married: bool = False
    collects: bool = False
    special_needs: bool = False
    pregnant: bool = False
    guardian_name: str = ""
    guardian_relation: str = ""


def register(
    *,
    visitor: Visitor,
    office: Office,
    idempotency_key: UUID,
    by: User,
    now: datetime,
    family_card_seen: bool = False,
) -> QueueTicket:
    """Give `visitor` a queue number of `office`. `family_card_seen`: void a booking of the same NIK elsewhere, because
    its holder stands here with the family card.

    Raises HasAppointment, NotEntitled, TooYoung, GuardianMissing, ParticularsMissing (an unknown NIK), RecordingPaused,
    DayAlreadyClosed, TooBusy, WrongState (not `by`'s office, or being served elsewhere). Locks the office's day, then
    the voided appointment, then the slot, then the counter of numbers.
    """
    if by.office_id not in (None, office.pk):
        raise WrongState
    if not visitor.collects:
        outage.require_recording(office_id=office.pk)
    try:
        with _busy_is_a_sentence(), transaction.atomic():
            return _register(visitor, office, idempotency_key, by, now, family_card_seen)
    except IntegrityError as error:  # a colleague, or a second press, was faster
        resident = find_by_nik(visitor.nik)
        existing = _appointment_in_the_way(resident, office, timezone.localdate(now)) if resident else None
        if existing is None:
            raise
        raise _has(existing, office, now) from error


def _register(
    visitor: Visitor, office: Office, key: UUID, by: User, now: datetime, family_card_seen: bool
) -> QueueTicket:
    today = timezone.localdate(now)
    day_lock.require_open(office_id=office.pk, day=today)
    resident = resident_of(visitor, on=today)
    existing = _appointment_in_the_way(resident, office, today)
    if existing and (not family_card_seen or (existing.office_id, existing.day) == (office.pk, today)):
        raise _has(existing, office, now)
    purpose = _purpose(resident, visitor)
    if not visitor.collects:
        require_age(resident, visitor, on=today)
    if existing:
        _void(existing, resident, visitor.nik, office, by, now)
    slot_id, places = _place(office, special_needs=visitor.special_needs, now=now)
    appointment = Appointment.objects.create(
        resident=resident,
        slot_id=slot_id,
        office=office,
        day=today,
        status=AppointmentStatus.ARRIVED,
        pool=Pool.RESERVED,
        places_held=places,
        purpose=purpose,
        channel=Channel.WALK_IN,
        special_needs=visitor.special_needs,
        guardian_name=visitor.guardian_name,
        guardian_relation=visitor.guardian_relation,
        guardian_consent_at=now if visitor.guardian_name else None,
        outside_regency=resident.outside_regency,
        idempotency_key=key,
        body_hash=bytes(32),
        booked_at=now,
        booked_by=by,
        status_at=now,
    )
    audit.record(
        action="appointment.walk_in",
        actor=by,
        resident_id=resident.pk,
        subject=f"appointment:{appointment.pk}",
        office_id=office.pk,
    )
    return ticket.issue(appointment=appointment, day=today, now=now, pregnant=visitor.pregnant)


def resident_of(visitor: Visitor, *, on: date) -> Resident:
    """The resident with that NIK; for an unknown one what was told becomes a self-declared resident.

    Raises ParticularsMissing.
    """
    return find_by_nik(visitor.nik) or find_or_declare(declared=_declared(visitor, on))


def _declared(visitor: Visitor, today: date) -> Declared:
    """What is entered for a NIK that nobody knows yet. Birth date and sex are taken from the NIK unless typed."""
    number = nik_policy.parse(visitor.nik)
    dates = nik_policy.likely_birth_dates(number, on=today)
    missing = {
        "name": not visitor.name,
        "village": visitor.village is None and not visitor.outside_regency,
        "birth_date": visitor.birth_date is None and len(dates) != 1,
    }
    if any(missing.values()):
        raise ParticularsMissing({name: ASKED[name] for name, is_missing in missing.items() if is_missing})
    return Declared(
        nik=visitor.nik,
        name=visitor.name,
        birth_date=visitor.birth_date or dates[0],
        sex=visitor.sex or Sex(number.sex),
        village=visitor.village,
        married=visitor.married,
    )


def _appointment_in_the_way(resident: Resident, office: Office, today: date) -> Appointment | None:
    """The live appointment, else the one missed at this office today: that one is used again by check-in."""
    theirs = Appointment.objects.filter(resident=resident)
    missed = theirs.filter(office=office, day=today, status=AppointmentStatus.NO_SHOW)
    return theirs.live().first() or missed.order_by("-pk").first()


def _has(existing: Appointment, office: Office, now: datetime) -> HasAppointment:
    here_today = existing.office_id == office.pk and existing.day == timezone.localdate(now)
    return HasAppointment(appointment_id=existing.pk, here_today=here_today)


def _purpose(resident: Resident, visitor: Visitor) -> Purpose:
    if visitor.collects:
        return Purpose.COLLECT
    try:
        return PURPOSES[Entitlement(resident.entitlement)]
    except KeyError as error:
        raise NotEntitled from error


def require_age(resident: Resident, visitor: Visitor, *, on: date) -> None:
    """Raises TooYoung, GuardianMissing: what the rules want on the day `on`."""
    if not resident.identity.birth_date:
        return
    born, married = date.fromisoformat(resident.identity.birth_date), resident.ever_married
    if not rules.may_be_recorded(born, married=married, on=on):
        raise TooYoung
    if rules.needs_guardian(born, married=married, on=on) and not visitor.guardian_name:
        raise GuardianMissing


def _void(existing: Appointment, resident: Resident, nik: str, office: Office, by: User, now: datetime) -> None:
    """Cancel what somebody else booked for this NIK; whoever booked it must not follow the person by the old code."""
    if existing.status != AppointmentStatus.BOOKED:
        raise WrongState("Warga ini sedang dilayani di kantor lain. Hubungi kantor itu dulu.")
    appointments.cancel(appointment_id=existing.pk, now=now, reason=VOIDED, by=by)
    tracking_code.issue(resident=resident, nik=nik, now=now)
    audit.record(
        action="appointment.void_with_family_card",
        actor=by,
        resident_id=resident.pk,
        subject=f"appointment:{existing.pk}",
        office_id=office.pk,
        reason="Kartu Keluarga diperlihatkan",
    )


def _place(office: Office, *, special_needs: bool, now: datetime) -> tuple[int | None, int]:
    """A place of the slot going on and how many were taken; (None, 0) when it has none left."""
    slot = Slot.objects.filter(office=office, open=True, starts_at__lte=now, ends_at__gt=now).first()
    if slot is None:
        return None, 0
    wanted = rules.PLACES_WITH_SPECIAL_NEEDS if special_needs else rules.PLACES
    for places in range(wanted, 0, -1):
        try:
            place.take(slot_id=slot.pk, places=places, pool=Pool.RESERVED, now=now, begun=True)
        except (SlotFull, SlotNotBookable):
            continue
        return slot.pk, places
    return None, 0


@contextmanager
def _busy_is_a_sentence():
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise TooBusy from error
        raise
