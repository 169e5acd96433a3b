"""Give people whose time falls away another one, or tell them that there is none; and take that back.

Besides `services.appointment` and `.attendance` the only writer of `Appointment`. Every function runs inside the
transaction of `services.hours_change`, which holds the slots; a move by the office never counts as one of the resident's.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils import timezone

from recording.enums import LIVE_STATUSES, AppointmentStatus, NotificationState, Pool
from recording.models import Appointment, AppointmentChange, Notification, Slot, User
from recording.policy.relocation import NOTICE, Found, Seat, Sitter, find_seats
from recording.services import audit, notification, place
from recording.services.notification import Owed

MOVED, CANCELLED, RESTORED = (
    "appointment_moved_by_office",
    "appointment_cancelled_by_office",
    "appointment_restored_by_office",
)
OfficeDay = tuple[int, date]


class Contended(Exception):
    """Somebody holds a row that is needed; roll back and try again in a moment."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of people, by ids: moved (appointment, old slot, new slot, old pool, new pool), cancelled
    (appointment, places)."""

    moved: list[tuple[int, int, int, str, str]]
    cancelled: list[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What taking back did: back (appointment ids), kept (appointment ids that stay as the office put them)."""

    back: list[int]
    kept: list[int]


def sitters_of(appointments: Iterable[Appointment]) -> list[Sitter]:
    """The appointments (with their slots) as the policy wants them."""
    return [
        Sitter(
            appointment_id=appointment.pk,
            office_id=appointment.office_id,
            starts_at=appointment.slot.starts_at,
            places=appointment.places_held,
            is_public=appointment.pool == Pool.PUBLIC,
        )
        for appointment in appointments
        if appointment.slot
    ]


def seat_of(slot: Slot) -> Seat:
    room = slot.capacity - slot.booked
    return Seat(
        key=(slot.office_id, slot.starts_at, slot.ends_at),
        office_id=slot.office_id,
        starts_at=slot.starts_at,
        room=room,
        public_room=min(room, slot.public_capacity - slot.booked_public),
    )


def clear(
    *,
    office_days: Collection[OfficeDay],
    until: date,
    change_id: int,
    reason: str,
    by: User,
    now: datetime,
    step: str = "",
) -> Outcome:
    """Everybody booked in a closed slot of `office_days` gets the nearest free time up to `until`, or is cancelled; each
    is owed a message. The caller has locked the offices' slots. Raises Contended, SlotFull.

    The number of queries does not depend on how many people there are.
    """
    stranded = _stranded(office_days, now)
    if not stranded:
        return Outcome(moved=[], cancelled=[])
    offices = {appointment.office_id for appointment in stranded}
    first = min(appointment.day for appointment in stranded)
    slots = list(Slot.objects.filter(office__in=offices, open=True, starts_at__gt=now, day__range=(first, until)))
    by_key = {seat_of(slot).key: slot for slot in slots}
    found = find_seats(
        sitters=sitters_of(stranded),
        seats=map(seat_of, slots),
        now=now,
        zone=timezone.get_default_timezone(),
    )
    people = {appointment.pk: appointment for appointment in stranded}
    about = _About(people=people, change_id=change_id, reason=reason, by=by, now=now, step=step)
    return Outcome(
        moved=_move(about, [(one, by_key[one.seat.key]) for one in found if one.seat]),
        cancelled=_cancel(about, [one for one in found if not one.seat]),
    )


@dataclass(frozen=True, kw_only=True)
class _About:
    people: dict[int, Appointment]
    change_id: int
    reason: str
    by: User
    now: datetime
    step: str


def _stranded(office_days: Collection[OfficeDay], now: datetime) -> list[Appointment]:
    """The people to look after, locked. A row that its owner is changing just now means: again in a moment."""
    rows = (
        Appointment.objects.filter(
            status=AppointmentStatus.BOOKED,
            slot__open=False,
            slot__starts_at__gt=now,
            office__in={office_id for office_id, _day in office_days},
            day__in={day for _office_id, day in office_days},
        )
        .select_related("slot")
        .order_by("pk")
    )
    seen = [row for row in rows if (row.office_id, row.day) in office_days]
    return _locked(rows.filter(pk__in=[row.pk for row in seen]), len(seen))


def _locked(rows, expected: int) -> list[Appointment]:
    if not expected:
        return []
    locked = list(rows.select_for_update(of=("self",), skip_locked=True, no_key=True))
    if len(locked) != expected:
        raise Contended
    return locked


def _move(about: _About, found: Sequence[tuple[Found, Slot]]) -> list[tuple[int, int, int, str, str]]:
    if not found:
        return []
    moved: list[tuple[int, int, int, str, str]] = []
    for one, slot in found:
        old = about.people[one.sitter.appointment_id]
        old_slot_id: int = old.slot_id  # type: ignore[assignment]
        moved.append((old.pk, old_slot_id, slot.pk, old.pool, Pool.RESERVED if one.uses_reserve else old.pool))
    place.exchange_many(moves=[(pk, slot_id, pool) for pk, _old, slot_id, _was, pool in moved], now=about.now)
    AppointmentChange.objects.bulk_create(
        [
            AppointmentChange(
                appointment_id=pk, from_slot_id=old, to_slot_id=slot_id, moved_at=about.now, moved_by=about.by
            )
            for pk, old, slot_id, _was, _pool in moved
        ]
    )
    another_time = [one.sitter.appointment_id for one, slot in found if slot.starts_at != one.sitter.starts_at]
    _tell(about, MOVED, another_time)
    _note(about, "appointment.move_by_office", [pk for pk, *_rest in moved])
    return moved


def _cancel(about: _About, found: Sequence[Found]) -> list[tuple[int, int]]:
    ids = [one.sitter.appointment_id for one in found]
    if not ids:
        return []
    Appointment.objects.filter(pk__in=ids).update(
        status=AppointmentStatus.CANCELLED, status_at=about.now, status_reason=about.reason[:200]
    )
    place.free_all_of(ids)
    _tell(about, CANCELLED, ids)
    _note(about, "appointment.cancel_by_office", ids)
    return [(one.sitter.appointment_id, one.sitter.places) for one in found]


def message_key(kind: str, *, appointment_id: int, change_id: int, step: str = "") -> str:
    return f"{kind}:{appointment_id}:{change_id}{step}"


def _tell(about: _About, kind: str, ids: Sequence[int]) -> None:
    if not ids:
        return
    owed = [
        Owed(
            resident_id=about.people[pk].resident_id,
            dedup_key=message_key(kind, appointment_id=pk, change_id=about.change_id, step=about.step),
            appointment_id=pk,
            context={"reason": about.reason, "before": _old_time(about.people[pk])},
        )
        for pk in ids
    ]
    notification.enqueue_many(kind=kind, owed=owed, now=about.now)


def _old_time(appointment: Appointment) -> str:
    return appointment.slot.starts_at.isoformat() if appointment.slot else ""


def message_context(message: Notification) -> dict[str, datetime | None]:
    """What the templates of these kinds may use besides `reason`: `before`, when the appointment used to be."""
    text = message.context.get("before")
    return {"before": datetime.fromisoformat(text) if text else None}


def _note(about: _About, action: str, ids: Sequence[int]) -> None:
    audit.record_many(
        action=action,
        actor=about.by,
        about=[(about.people[pk].resident_id, f"appointment:{pk}", about.people[pk].office_id) for pk in ids],
        reason=about.reason,
    )


def give_back(*, outcome: Outcome, applied_at: datetime, change_id: int, by: User, now: datetime) -> Returned:
    """Put people back where `outcome` took them from, where that still can be: nothing has changed about the appointment
    since, the old time is open, has a place and is not too near. Messages that still wait are withdrawn, the others are
    told that the old time holds again. The caller has locked the slots. Raises Contended, SlotFull, IntegrityError.
    """
    people = _unchanged(outcome, applied_at)
    slots = _old_slots(outcome, people, now)
    moves = _fitting_moves(outcome, people, slots)
    returns = _fitting_returns(outcome, people, slots)
    place.exchange_many(moves=moves, now=now)
    place.return_many(returns=returns, now=now)
    back = [pk for pk, _slot_id, _pool in moves] + [pk for pk, _places in returns]
    AppointmentChange.objects.bulk_create(
        [
            AppointmentChange(
                appointment_id=pk, from_slot_id=people[pk].slot_id, to_slot_id=slot_id, moved_at=now, moved_by=by
            )
            for pk, slot_id, _pool in moves
        ]
    )
    about = _About(people=people, change_id=change_id, reason="", by=by, now=now, step="")
    withdrawn = _withdraw_messages(back, change_id)
    _tell(about, RESTORED, [pk for pk in back if pk not in withdrawn])
    _note(about, "appointment.restore_by_office", back)
    everybody = [row[0] for row in outcome.moved] + [row[0] for row in outcome.cancelled]
    return Returned(back=sorted(back), kept=sorted(set(everybody) - set(back)))


def _unchanged(outcome: Outcome, applied_at: datetime) -> dict[int, Appointment]:
    """The appointments that are still as the office left them, locked."""
    moved_to = {pk: new for pk, _old, new, *_pools in outcome.moved}
    cancelled = {pk for pk, _places in outcome.cancelled}
    rows = Appointment.objects.filter(pk__in=[*moved_to, *cancelled]).select_related("slot").order_by("pk")
    everybody = _locked(rows, len(moved_to) + len(cancelled))
    elsewhere = set(
        Appointment.objects.filter(
            resident__in=[row.resident_id for row in everybody if row.pk in cancelled], status__in=LIVE_STATUSES
        ).values_list("resident_id", flat=True)
    )
    return {
        row.pk: row
        for row in everybody
        if (row.status == AppointmentStatus.BOOKED and moved_to.get(row.pk) == row.slot_id)
        or (
            row.pk in cancelled
            and (row.status, row.status_at) == (AppointmentStatus.CANCELLED, applied_at)
            and row.resident_id not in elsewhere
        )
    }


def _old_slots(outcome: Outcome, people: dict[int, Appointment], now: datetime) -> dict[int, list[int]]:
    """[room, public room] by id of the old slots that are open and not too near."""
    ids = {old for _pk, old, *_rest in outcome.moved} | {
        people[pk].slot_id for pk, _places in outcome.cancelled if pk in people
    }
    slots = Slot.objects.filter(pk__in=ids, open=True, starts_at__gte=now + NOTICE).annotate(
        room=F("capacity") - F("booked"), public_room=F("public_capacity") - F("booked_public")
    )
    return {slot.pk: [slot.room, slot.public_room] for slot in slots}


def _takes(rooms: list[int] | None, places: int, pool: str) -> bool:
    """Whether the old slot has these places left; they are counted off."""
    if rooms is None or rooms[0] < places or (pool == Pool.PUBLIC and rooms[1] < places):
        return False
    rooms[0] -= places
    rooms[1] -= places if pool == Pool.PUBLIC else 0
    return True


def _fitting_moves(outcome: Outcome, people, slots: dict[int, list[int]]) -> list[tuple[int, int, str]]:
    return [
        (pk, old, pool)
        for pk, old, _new, pool, _new_pool in outcome.moved
        if pk in people and _takes(slots.get(old), people[pk].places_held, pool)
    ]


def _fitting_returns(outcome: Outcome, people, slots: dict[int, list[int]]) -> list[tuple[int, int]]:
    return [
        (pk, places)
        for pk, places in outcome.cancelled
        if pk in people and _takes(slots.get(people[pk].slot_id), places, people[pk].pool)
    ]


def _withdraw_messages(ids: Sequence[int], change_id: int) -> set[int]:
    """Take back the messages of `change_id` that are not sent yet. Returns the appointments whose people heard nothing
    (a move to the same hour was never told, but then there is nothing to tell either)."""
    keys = {message_key(kind, appointment_id=pk, change_id=change_id): pk for pk in ids for kind in (MOVED, CANCELLED)}
    owed = Notification.objects.filter(dedup_key__in=keys)
    waiting = owed.filter(state=NotificationState.WAITING, lease_until__isnull=True)
    withdrawn = list(waiting.select_for_update(skip_locked=True).values_list("pk", "dedup_key"))
    Notification.objects.filter(pk__in=[pk for pk, _key in withdrawn]).update(state=NotificationState.WITHDRAWN)
    told = {
        keys[key] for key in owed.exclude(pk__in=[pk for pk, _key in withdrawn]).values_list("dedup_key", flat=True)
    }
    return set(ids) - told
