"""Book, move and cancel appointments; with `services.attendance` the only writer of `Appointment`."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg2 import errors

from recording.crypto import blind_index
from recording.declared import Declared
from recording.enums import LIVE_STATUSES, AppointmentStatus, Channel, Entitlement, Pool, Purpose
from recording.exceptions import (
    AppointmentNotLive,
    BookingNotPossible,
    GuardianMissing,
    IdempotencyConflict,
    SlotNotBookable,
    TooBusy,
    TooManyForPhone,
    TooManyMoves,
    TooYoung,
)
from recording.models import Appointment, AppointmentChange, Declaration, Resident, Slot, User
from recording.policy import booking as rules
from recording.services import audit, notification, place, reminder, tracking_code
from recording.services.resident import find_or_declare
from recording.services.slot import is_within_window

__all__ = ["Booking", "Declared", "book", "busy_is_a_sentence", "cancel", "move", "release_places", "turn"]

MAX_MOVES = 2  # office standard against trading places; not law
MAX_LIVE_PER_PHONE = 3  # architecture.md section 9
RETURN_DELAY_MINUTES = (10, 60)  # a cancelled place returns at a random moment, so that it cannot be handed over
NEAR = timedelta(hours=24)  # places this close return at once: an empty chair helps nobody

# Two bookings at a time for each process: a hot slot's row lock convoys beyond that (performance.md A1).
_gate = threading.BoundedSemaphore(2)
_held = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """One of the process's turns to book. Who already has one keeps it: several bookings in one transaction hold slots,
    so waiting for a second turn could wait for somebody who waits for those slots."""
    if getattr(_held, "mine", False):
        yield
        return
    with _gate:
        _held.mine = True
        try:
            yield
        finally:
            _held.mine = False


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A made appointment and the canonical tracking code to show with it."""

    appointment: Appointment
    code: str


def book(
    *,
    declared: Declared,
    slot_id: int,
    idempotency_key: UUID,
    now: datetime,
    purpose: Purpose = Purpose.FIRST,
    channel: Channel = Channel.ONLINE,
    pool: Pool = Pool.PUBLIC,
    special_needs: bool = False,
    special_needs_note: str = "",
    helper_name: str = "",
    helper_relation: str = "",
    guardian_name: str = "",
    guardian_relation: str = "",
    language: str = "id",
    group: UUID | None = None,
    proven: Resident | None = None,
    by: User | None = None,
) -> Booking:
    """Give the declared person a place in a slot. `proven`: the resident who showed NIK and code; `by`: the clerk.

    Idempotent by `idempotency_key`: the same request again returns the same booking.
    Raises SlotFull, SlotNotBookable, TooYoung, GuardianMissing, TooManyForPhone, BookingNotPossible (what depends on
    our own data, one neutral sentence), IdempotencyConflict, TooBusy.
    Locks the slot's row for the last statement of the transaction only.
    """
    draft = Appointment(
        purpose=purpose,
        channel=channel,
        pool=pool,
        places_held=rules.places_needed(special_needs=special_needs),
        special_needs=special_needs,
        special_needs_note=special_needs_note,
        helper_name=helper_name,
        helper_relation=helper_relation,
        guardian_name=guardian_name,
        guardian_relation=guardian_relation,
        guardian_consent_at=now if guardian_name else None,
        outside_regency=declared.village is None,
        group=group,
        slot_id=slot_id,
        idempotency_key=idempotency_key,
        booked_at=now,
        booked_by=by,
        status_at=now,
        language=language,
    )
    draft.body_hash = _body_hash(declared, draft)
    replayed = _replay(draft)
    if replayed:
        return replayed
    try:
        with turn(), busy_is_a_sentence(), transaction.atomic():
            return _book(draft=draft, declared=declared, now=now, proven=proven, by=by)
    except IntegrityError as error:
        return _explain(error, draft)


def _body_hash(declared: Declared, draft: Appointment) -> bytes:
    """A keyed hash of what was asked for, so that a reused key with other content is noticed."""
    asked = asdict(declared) | {
        "birth_date": declared.birth_date.isoformat(),
        "village": declared.village.pk if declared.village else None,
        "slot": draft.slot_id,
        "purpose": draft.purpose,
        "special_needs": draft.special_needs,
    }
    return blind_index(json.dumps(asked, sort_keys=True, default=str), purpose="appointment.body")


def _replay(draft: Appointment) -> Booking | None:
    """The booking already made under the same key. Raises IdempotencyConflict when the content differs."""
    made = Appointment.objects.select_related("resident").filter(idempotency_key=draft.idempotency_key).first()
    if made is None:
        return None
    if bytes(made.body_hash) != draft.body_hash:
        raise IdempotencyConflict
    return Booking(appointment=made, code=tracking_code.active_code(made.resident))


def _explain(error: IntegrityError, draft: Appointment) -> Booking:
    """Turn a refusal by the database into the booking that won, or into the neutral sentence."""
    replayed = _replay(draft)
    if replayed:
        return replayed
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    if constraint == "appointment_one_live_per_resident":
        raise BookingNotPossible from error
    raise error


@contextmanager
def busy_is_a_sentence() -> Iterator[None]:
    """Waiting longer than `lock_timeout` for a place becomes TooBusy."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise TooBusy from error
        raise


def _book(
    *, draft: Appointment, declared: Declared, now: datetime, proven: Resident | None, by: User | None
) -> Booking:
    slot = Slot.objects.filter(pk=draft.slot_id).first()
    if slot is None or not is_within_window(slot=slot, now=now):
        raise SlotNotBookable
    _require_age(declared, draft, slot)
    resident = proven or find_or_declare(declared=declared)
    vouched = by is not None or proven is not None
    draft.resident, draft.purpose = resident, _purpose(resident, vouched=vouched)
    if draft.channel == Channel.ONLINE:
        _require_phone_below_limit(declared)
    # Without the old code in hand a new booking gets a new code: whoever booked this NIK before must not follow it.
    code_for = tracking_code.ensure if vouched else tracking_code.issue
    code = code_for(resident=resident, nik=declared.nik, now=now)
    draft.pk = next_appointment_id()
    if by is None:
        _declare(draft, declared)
    if declared.phone or declared.email:
        notification.enqueue(
            resident_id=resident.pk,
            kind="appointment_booked",
            dedup_key=f"appointment_booked:{draft.pk}",
            now=now,
            appointment=draft,
            language=draft.language,
        )
    audit.record(
        action="appointment.book",
        actor=by,
        resident_id=resident.pk,
        subject=f"appointment:{draft.pk}",
        office_id=slot.office_id,
    )
    place.take_and_insert(appointment=draft, now=now)
    return Booking(appointment=draft, code=code)


def _require_age(declared: Declared, draft: Appointment, slot: Slot) -> None:
    birth_date, married = declared.birth_date, declared.married
    if not rules.may_be_recorded(birth_date, married=married, on=slot.day):
        raise TooYoung
    is_child = rules.needs_guardian(birth_date, married=married, on=slot.day)
    if is_child and not draft.guardian_name:
        raise GuardianMissing


def _purpose(resident: Resident, *, vouched: bool) -> Purpose:
    """What the visit is for. A re-recording needs the code or a clerk: a NIK alone must not reveal that it is due."""
    match resident.entitlement:
        case Entitlement.FIRST:
            return Purpose.FIRST
        case Entitlement.RERECORD if vouched:
            return Purpose.RERECORD
        case Entitlement.REPLACEMENT if vouched:
            return Purpose.REPLACEMENT
        case _:
            raise BookingNotPossible


def _require_phone_below_limit(declared: Declared) -> None:
    """Three live bookings per phone; a household counts once, desk bookings do not count."""
    if not declared.phone:
        return
    live = Declaration.objects.filter(
        phone_bi=Declaration.phone.index(Declaration, declared.phone),
        appointment__status__in=LIVE_STATUSES,
        appointment__channel=Channel.ONLINE,
    ).values_list("appointment_id", "appointment__group")
    if len({group or appointment_id for appointment_id, group in live}) >= MAX_LIVE_PER_PHONE:
        raise TooManyForPhone


def next_appointment_id() -> int:
    """The id the appointment will have: what hangs on it is written first, so the slot is locked last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('recording_appointment', 'id'))")
        return cursor.fetchone()[0]


def _declare(draft: Appointment, declared: Declared) -> None:
    declaration = Declaration(
        appointment_id=draft.pk,
        sex=declared.sex,
        village=declared.village,
        married=declared.married,
        warnings=list(declared.warnings),
    )
    declaration.nik = declared.nik
    declaration.name = declared.name
    declaration.birth_date = declared.birth_date.isoformat()
    declaration.phone = declared.phone
    declaration.email = declared.email
    declaration.save(force_insert=True)


@transaction.atomic
def move(*, appointment_id: int, slot_id: int, now: datetime, by: User | None = None) -> Appointment:
    """Give a booked appointment another slot; row and code stay. The same slot again changes nothing. A place of today
    is kept for people who come without an appointment.

    Raises AppointmentNotLive, TooManyMoves, SlotFull, SlotNotBookable, TooBusy. Locks the appointment, then both
    slots in the order of their ids.
    """
    with busy_is_a_sentence():
        appointment = Appointment.objects.select_for_update(of=("self",)).filter(pk=appointment_id).first()
        if appointment is None or appointment.status != AppointmentStatus.BOOKED or appointment.slot_id is None:
            raise AppointmentNotLive
        if appointment.slot_id == slot_id:
            return appointment
        if appointment.moves >= MAX_MOVES:
            raise TooManyMoves
        wanted = Slot.objects.filter(pk=slot_id).first()
        if wanted is None or not is_within_window(slot=wanted, now=now):
            raise SlotNotBookable
        old_slot_id = appointment.slot_id
        given_up_today = appointment.day == timezone.localdate(now)
        slot = place.exchange(appointment=appointment, slot_id=slot_id, now=now, to_walk_ins=given_up_today)
        appointment.slot, appointment.office_id, appointment.day = slot, slot.office_id, slot.day
        appointment.moves += 1
        appointment.save(update_fields=["slot", "office", "day", "moves"])
        AppointmentChange.objects.create(
            appointment=appointment, from_slot_id=old_slot_id, to_slot=slot, moved_at=now, moved_by=by
        )
        _tell(appointment, kind="appointment_changed", version=appointment.moves, now=now)
        audit.record(
            action="appointment.move",
            actor=by,
            resident_id=appointment.resident_id,
            subject=f"appointment:{appointment.pk}",
            office_id=appointment.office_id,
        )
    return appointment


@transaction.atomic
def cancel(*, appointment_id: int, now: datetime, reason: str = "", by: User | None = None) -> Appointment:
    """Give up a booked appointment. Its places return within the hour at a random moment, at once when the slot is
    less than a day away; those of today are kept for people who come without an appointment. Raises
    AppointmentNotLive."""
    given_up = Appointment.objects.filter(pk=appointment_id, status=AppointmentStatus.BOOKED)
    changed = given_up.update(
        status=AppointmentStatus.CANCELLED, status_at=now, status_reason=reason[:200], release_at=_return_time(now)
    )
    if not changed:
        raise AppointmentNotLive
    appointment = Appointment.objects.select_related("slot").get(pk=appointment_id)
    if appointment.slot and appointment.slot.starts_at - now < NEAR:
        place.free_all_of([appointment.pk], to_walk_ins=appointment.day == timezone.localdate(now))
        appointment.refresh_from_db(fields=["places_held", "release_at"])
    _tell(appointment, kind="appointment_cancelled", version=1, now=now)
    audit.record(
        action="appointment.cancel",
        actor=by,
        resident_id=appointment.resident_id,
        subject=f"appointment:{appointment.pk}",
        office_id=appointment.office_id,
        reason=reason,
    )
    return appointment


def _return_time(now: datetime) -> datetime:
    shortest, longest = RETURN_DELAY_MINUTES
    return now + timedelta(seconds=secrets.randbelow((longest - shortest) * 60) + shortest * 60)


def _tell(appointment: Appointment, *, kind: str, version: int, now: datetime) -> None:
    """Owe the message to the declared contact, or the registered one of who booked at a desk; without one nobody is
    called about a plain change. Reminders of the old time are taken back."""
    notification.withdraw(resident_id=appointment.resident_id, kinds=reminder.KINDS)
    declaration = Declaration.objects.filter(pk=appointment.pk).only("phone_ct", "email_ct").first()
    declared = declaration and (declaration.phone_ct or declaration.email_ct)
    if declared or (declaration is None and appointment.channel == Channel.DESK):
        notification.enqueue(
            resident_id=appointment.resident_id,
            kind=kind,
            dedup_key=f"{kind}:{appointment.pk}:{version}",
            now=now,
            appointment=appointment,
            language=appointment.language,
        )


@transaction.atomic
def release_places(*, now: datetime) -> int:
    """Return the places of cancelled appointments whose time has come. Returns places freed. Safe to run twice."""
    due = (
        Appointment.objects.select_for_update(skip_locked=True)
        .filter(release_at__lte=now, places_held__gt=0)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return place.free_all_of(list(due))
