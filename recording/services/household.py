"""Book several people of one household at neighbouring times, all of them or none; one person is a small household."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from recording.declared import Declared
from recording.enums import LIVE_STATUSES, Channel, Entitlement, Pool
from recording.exceptions import (
    AlreadyRecorded,
    BookingNotPossible,
    DomainError,
    HasAppointment,
    IdempotencyConflict,
    NoRoomTogether,
    PersonNotBooked,
    SlotFull,
    SlotNotBookable,
    TooBusy,
)
from recording.models import Appointment, Resident, Slot, User
from recording.policy import booking as rules
from recording.policy.household import MOST_PEOPLE, Opening, arrange
from recording.policy.nik import likely_birth_dates, parse
from recording.services.appointment import Booking, book, busy_is_a_sentence, turn
from recording.services.resident import find_by_nik
from recording.services.timetable import with_places_left
from recording.services.tracking_code import active_code

TRIES = 3  # places are planned without a lock; when somebody was faster, plan again


@dataclass(frozen=True, kw_only=True)
class Member:
    """One person to book: particulars, whether two places are needed, and who agreed for somebody under 18."""

    declared: Declared
    special_needs: bool = False
    special_needs_note: str = ""
    guardian_name: str = ""
    guardian_relation: str = ""

    @property
    def places(self) -> int:
        return rules.places_needed(special_needs=self.special_needs)


def registered(resident: Resident, *, today: date) -> Declared:
    """What the register holds of `resident` (identity and village loaded), as if it had been typed from the card."""
    identity = resident.identity
    if identity.birth_date:
        birth_date = date.fromisoformat(identity.birth_date)
    else:
        by_nik = likely_birth_dates(parse(identity.nik), on=today)
        birth_date = by_nik[0] if by_nik else date(resident.birth_year, 12, 31)
    return Declared(
        nik=identity.nik,
        name=resident.name,
        birth_date=birth_date,
        sex=resident.sex,
        village=resident.village,
        married=resident.ever_married,
        phone=identity.phone,
        email=identity.email,
    )


def require_bookable(resident: Resident, *, by: User, now: datetime) -> None:
    """Raises HasAppointment (a live one) or AlreadyRecorded: what the public is told in one neutral sentence."""
    live = Appointment.objects.filter(resident=resident, status__in=LIVE_STATUSES).first()
    if live:
        here = by.office_id in (None, live.office_id) and live.day == timezone.localdate(now)
        raise HasAppointment(appointment_id=live.pk, here_today=here)
    if resident.entitlement == Entitlement.NONE:
        raise AlreadyRecorded


def propose(*, members: Sequence[Member], slot_id: int, pool: Pool, now: datetime) -> list[Slot]:
    """A slot for each member at or near the chosen one, by today's free places. Nothing is taken.

    Raises SlotNotBookable, SlotFull (one person), NoRoomTogether.
    """
    chosen = Slot.objects.filter(pk=slot_id, open=True, starts_at__gt=now).first()
    if chosen is None:
        raise SlotNotBookable
    day = Slot.objects.filter(office_id=chosen.office_id, day=chosen.day, open=True, starts_at__gt=now)
    slots = list(with_places_left(day.select_related("office"), pool=pool).order_by("starts_at"))
    by_id = {slot.pk: slot for slot in slots}
    if len(members) == 1:
        if by_id[slot_id].places_left < members[0].places:
            raise SlotFull
        return [by_id[slot_id]]
    openings = [Opening(slot_id=slot.pk, starts_at=slot.starts_at, places=slot.places_left) for slot in slots]
    plan = arrange(openings, chosen=chosen.starts_at, places=[member.places for member in members])
    if plan is None:
        raise NoRoomTogether
    return [by_id[planned] for planned in plan]


def book_household(
    *,
    members: Sequence[Member],
    slot_id: int,
    idempotency_key: UUID,
    by: User,
    now: datetime,
    pool: Pool = Pool.PUBLIC,
    language: str = "id",
) -> list[Booking]:
    """Book everybody through `book` at one office, at or near the chosen slot: all or nobody, in the order given.

    More than one share the group `idempotency_key`; the same key again returns the same bookings. Raises
    PersonNotBooked (which person and why), NoRoomTogether, SlotFull, SlotNotBookable, IdempotencyConflict, TooBusy.
    Locks the slots in the order of their ids.
    """
    if not 1 <= len(members) <= MOST_PEOPLE:
        raise NoRoomTogether
    for _try in range(TRIES):
        made = _replay(members, idempotency_key)
        if made:
            return made
        slots = propose(members=members, slot_id=slot_id, pool=pool, now=now)
        try:
            with turn(), busy_is_a_sentence(), transaction.atomic():
                return _book_all(members, slots, idempotency_key, by=by, now=now, pool=pool, language=language)
        except SlotFull:  # somebody was faster
            continue
        except IdempotencyConflict:
            made = _replay(members, idempotency_key)
            if made:
                return made
            raise
    raise SlotFull if len(members) == 1 else NoRoomTogether


def _book_all(members, slots, key: UUID, *, by: User, now: datetime, pool: Pool, language: str) -> list[Booking]:
    in_order = sorted(range(len(members)), key=lambda place: (slots[place].pk, place))
    made = {
        place: _book_one(members, slots, key, place, by=by, now=now, pool=pool, language=language) for place in in_order
    }
    return [made[place] for place in range(len(members))]


def _book_one(members, slots, key: UUID, place: int, *, by: User, now: datetime, pool: Pool, language: str) -> Booking:
    member = members[place]
    try:
        return book(
            declared=member.declared,
            slot_id=slots[place].pk,
            idempotency_key=_key_of(key, place),
            now=now,
            channel=Channel.DESK,
            pool=pool,
            special_needs=member.special_needs,
            special_needs_note=member.special_needs_note,
            guardian_name=member.guardian_name,
            guardian_relation=member.guardian_relation,
            language=language,
            group=key if len(members) > 1 else None,
            by=by,
        )
    except BookingNotPossible as error:
        raise PersonNotBooked(position=place, reason=_obstacle(member, by, now) or error) from error
    except (SlotFull, SlotNotBookable, IdempotencyConflict, TooBusy):
        raise
    except DomainError as error:
        raise PersonNotBooked(position=place, reason=error) from error


def _obstacle(member: Member, by: User, now: datetime) -> DomainError | None:
    """What a clerk may know of why this person cannot be booked."""
    resident = find_by_nik(member.declared.nik)
    try:
        if resident:
            require_bookable(resident, by=by, now=now)
    except DomainError as error:
        return error
    return None


def _key_of(key: UUID, place: int) -> UUID:
    return uuid5(key, f"{place}")


def _replay(members: Sequence[Member], key: UUID) -> list[Booking]:
    """What was already booked under `key`, in order; [] when nothing was. Raises IdempotencyConflict for others."""
    keys = [_key_of(key, place) for place in range(MOST_PEOPLE)]
    rows = Appointment.objects.filter(idempotency_key__in=keys).select_related("resident__identity", "slot", "office")
    by_key = {row.idempotency_key: row for row in rows}
    if not by_key:
        return []
    made = [by_key[each] for each in keys if each in by_key]
    if [row.resident.identity.nik for row in made] != [member.declared.nik for member in members]:
        raise IdempotencyConflict
    return [Booking(appointment=row, code=active_code(row.resident)) for row in made]
