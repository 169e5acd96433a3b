"""Changes of hours, closures and station counts: looked at first, then applied in one step, and taken back.

A change is a row before it holds (`HoursChange`). What the preview shows and what applying does come from the same
policy functions; applying refuses when hours changed since the preview was drawn. Only days whose slots really differ
are touched, from today to the end of the slots.
"""

import copy
import hashlib
import json
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, OperationalError, models, transaction
from django.utils import timezone
from psycopg2 import errors

from recording.enums import AppointmentStatus, ChangeKind, ClosureStatus
from recording.exceptions import ChangeNotPossible, PreviewOutdated, SlotFull, TooBusy
from recording.models import Appointment, Closure, HoursChange, Office, ServiceHours, Slot, User
from recording.policy.arrangement import Arrangement, changed_days
from recording.policy.hours import PlannedSlot
from recording.policy.relocation import Found, Seat, find_seats
from recording.services import audit, relocation
from recording.services import slot as slots
from recording.services.relocation import Contended, OfficeDay, Outcome

ATTEMPTS = 6
PAUSE_SECONDS = 0.1
RULE, CLOSURE, STATIONS = "rule", "closure", "stations"
MODELS: dict[str, type[models.Model]] = {RULE: ServiceHours, CLOSURE: Closure, STATIONS: Office}
FIELDS = {
    RULE: (
        "name",
        "office_id",
        "weekdays",
        "opens",
        "closes",
        "valid_from",
        "valid_until",
        "slot_minutes",
        "service_minutes",
        "public_share",
        "station_plan",
    ),
    CLOSURE: ("office_id", "day", "closed_from", "closed_until", "kind", "status", "reason"),
    STATIONS: ("stations",),
}

Edit = dict[str, Any]


def values_of(subject: str, row: Any) -> dict[str, Any]:
    """The row's values as JSON keeps them."""
    values = {name: getattr(row, name) for name in FIELDS[subject]}
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def edit(subject: str, *, row: Any | None, after: dict[str, Any] | None) -> Edit:
    """One edit: `row` as it is (None: a new one) becomes `after` (None: removed)."""
    return {
        "subject": subject,
        "target": row.pk if row else None,
        "before": values_of(subject, row) if row else None,
        "after": json.loads(json.dumps(after, cls=DjangoJSONEncoder)),
    }


def _build(subject: str, target: int | None, values: dict[str, Any]) -> Any:
    """A model row, not saved, from what JSON kept."""
    model = MODELS[subject]
    fields = {name: model._meta.get_field(name.removesuffix("_id")) for name in values}
    return model(pk=target, **{name: fields[name].to_python(value) for name, value in values.items()})


def propose(
    *,
    kind: ChangeKind,
    edits: Sequence[Edit],
    title: str,
    reason: str,
    by: User,
    now: datetime,
    office_id: int | None = None,
) -> HoursChange:
    """Keep a change to be looked at; nothing holds yet. Raises ChangeNotPossible: it would change nothing."""
    meant = [one for one in edits if one["before"] != one["after"]]
    if not meant:
        raise ChangeNotPossible("Tidak ada yang berubah. Ubah isinya dulu, atau kembali.")
    return HoursChange.objects.create(
        kind=kind,
        office_id=office_id,
        title=title[:200],
        reason=reason[:120],
        edits=list(meant),
        created_by=by,
        created_at=now,
    )


def discard(*, change_id: int, by: User) -> None:
    """Forget a change that was never applied. Harmless when it is gone or applied."""
    HoursChange.objects.for_staff(by).filter(pk=change_id, applied_at__isnull=True).delete()


# --- looking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An appointment whose time falls away, and the start of the time it would get (None: cancelled)."""

    appointment_id: int
    office_id: int
    starts_at: datetime
    new_starts_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a change would do at this moment. `fingerprint` names the state it was drawn from; `crowded`: appointments
    above the new number of places, which stay."""

    fingerprint: str
    before: Arrangement
    after: Arrangement
    changed: dict[OfficeDay, list[PlannedSlot]]
    hits: list[Hit]
    crowded: int

    @property
    def moved(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.new_starts_at]

    @property
    def cancelled(self) -> list[Hit]:
        return [hit for hit in self.hits if not hit.new_starts_at]


def preview(*, change: HoursChange, now: datetime) -> Preview:
    """What applying `change` would do now. Reads only, locks nothing."""
    edits = change.edits
    days = slots.horizon(today=timezone.localdate(now))
    before = arrangement(days=[*days, *days_named(edits)], offices=_offices(edits))
    after = _with(before, edits)
    changed = changed_days(before=before, after=after, days=days)
    found, crowded = _foresee(changed, now, days[-1])
    return Preview(
        fingerprint=_fingerprint(before),
        before=before,
        after=after,
        changed=changed,
        hits=[_hit(one) for one in found],
        crowded=crowded,
    )


def _hit(found: Found) -> Hit:
    return Hit(
        appointment_id=found.sitter.appointment_id,
        office_id=found.sitter.office_id,
        starts_at=found.sitter.starts_at,
        new_starts_at=found.seat.starts_at if found.seat else None,
    )


def arrangement(*, days: Collection[date], offices: Iterable[Office]) -> Arrangement:
    """What holds at `offices` on `days`, as the database says."""
    return Arrangement(
        offices=list(offices),
        rules=list(ServiceHours.objects.order_by("pk")),
        closures=list(
            Closure.objects.filter(status=ClosureStatus.CONFIRMED, day__range=(min(days), max(days))).order_by("pk")
        ),
        zone=timezone.get_default_timezone(),
    )


def _offices(edits: Iterable[Edit], *, lock: bool = False) -> list[Office]:
    """The active offices that the edits concern."""
    offices = Office.objects.active().order_by("pk")
    if lock:
        offices = offices.select_for_update(no_key=True)
    ids: set[int | None] = set()
    for one in edits:
        if one["subject"] == STATIONS:
            ids.add(one["target"])
        else:
            ids |= {values["office_id"] for values in (one["before"], one["after"]) if values}
    return list(offices if None in ids else offices.filter(pk__in=ids))


def days_named(edits: Iterable[Edit]) -> list[date]:
    """The first days on which the edits may show; they can lie beyond the days that have slots."""
    named = [
        values[key]
        for one in edits
        for values in (one["before"], one["after"])
        if values
        for key in ("day", "valid_from")
        if key in values
    ]
    return [date.fromisoformat(text) for text in named]


def _with(before: Arrangement, edits: Iterable[Edit]) -> Arrangement:
    """The arrangement as it would be after the edits."""
    offices = {office.pk: office for office in before.offices}
    rows = {RULE: list(before.rules), CLOSURE: list(before.closures)}
    for one in edits:
        subject, target, after = one["subject"], one["target"], one["after"]
        if subject == STATIONS:
            if target in offices:
                offices[target] = copy.copy(offices[target])
                offices[target].stations = after["stations"]
            continue
        if target is not None:
            rows[subject] = [row for row in rows[subject] if row.pk != target]
        if after and after.get("status", ClosureStatus.CONFIRMED) == ClosureStatus.CONFIRMED:
            rows[subject].append(_build(subject, target, after))
    return Arrangement(
        offices=[offices[office.pk] for office in before.offices],
        rules=rows[RULE],
        closures=rows[CLOSURE],
        zone=before.zone,
    )


def _fingerprint(arrangement: Arrangement) -> str:
    """Names the state of everything that decides the slots of these offices."""
    ids = {office.pk for office in arrangement.offices} | {None}
    state = [
        [(office.pk, office.stations) for office in arrangement.offices],
        [(row.pk, values_of(RULE, row)) for row in arrangement.rules if row.office_id in ids],
        [(row.pk, values_of(CLOSURE, row)) for row in arrangement.closures if row.office_id in ids],
    ]
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:20]


def _foresee(changed: dict[OfficeDay, list[PlannedSlot]], now: datetime, until: date) -> tuple[list[Found], int]:
    """Who loses a time and what they would get; and how many would be more than the places."""
    if not changed:
        return [], 0
    offices = {office_id for office_id, _day in changed}
    first = min(day for _office_id, day in changed)
    existing = list(Slot.objects.filter(office__in=offices, day__range=(first, until), starts_at__gt=now))
    wanted = {
        (office_id, plan.starts_at, plan.ends_at): plan
        for (office_id, _day), planned in changed.items()
        for plan in planned
    }
    stranded = [
        appointment
        for appointment in Appointment.objects.filter(
            status=AppointmentStatus.BOOKED,
            office__in=offices,
            day__in={day for _office_id, day in changed},
            slot__starts_at__gt=now,
        )
        .select_related("slot")
        .order_by("pk")
        if (appointment.office_id, appointment.day) in changed
        and appointment.slot
        and relocation.seat_of(appointment.slot).key not in wanted
    ]
    seats, crowded = _seats_afterwards(existing, wanted, changed, now)
    found = find_seats(
        sitters=relocation.sitters_of(stranded), seats=seats, now=now, zone=timezone.get_default_timezone()
    )
    return found, crowded


def _seats_afterwards(
    existing: list[Slot], wanted: dict, changed: Collection[OfficeDay], now: datetime
) -> tuple[list[Seat], int]:
    """The open slots as they would be, and how many booked places lie above the planned ones."""
    seats, crowded = [], 0
    by_key = {relocation.seat_of(slot).key: slot for slot in existing}
    seats += [relocation.seat_of(slot) for slot in existing if slot.open and (slot.office_id, slot.day) not in changed]
    for key, plan in wanted.items():
        if plan.starts_at <= now:
            continue
        office_id, starts_at, ends_at = key
        held = by_key.get(key)
        booked, booked_public = (held.booked, held.booked_public) if held else (0, 0)
        crowded += max(0, booked - plan.capacity)
        planned = Slot(
            office_id=office_id,
            starts_at=starts_at,
            ends_at=ends_at,
            capacity=max(plan.capacity, booked),
            public_capacity=plan.public_capacity,
            booked=booked,
            booked_public=booked_public,
        )
        seats.append(relocation.seat_of(planned))
    return seats, crowded


# --- doing ----------------------------------------------------------------------------------------------------------


def apply(*, change_id: int, seen: str, by: User, now: datetime) -> HoursChange:
    """Make the change hold: rows, slots of the changed days, appointments, messages and audit, all or nothing.

    `seen`: the fingerprint of the preview that was looked at. Idempotent: applied once, applying again returns it.
    Raises PreviewOutdated, ChangeNotPossible, TooBusy, HoursChange.DoesNotExist.
    Locks the change, the offices, their slots in the order of ids, then the appointments concerned.
    """
    return _insist(lambda: _apply(change_id=change_id, seen=seen, by=by, now=now))


def undo(*, change_id: int, by: User, now: datetime) -> HoursChange:
    """Take an applied change back: rows, slots, and the appointments that still can go back; the rest is listed in
    `result["undo"]["kept"]`. Whoever booked a time that now falls away is moved like in `apply`.

    Idempotent. Raises ChangeNotPossible: not applied, or a later change rests on it; TooBusy. Locks as `apply` does.
    """
    return _insist(lambda: _undo(change_id=change_id, by=by, now=now))


def _insist(step) -> HoursChange:
    """Run the step in a transaction; when it meets a booking on its way, again a moment later."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return step()
        except (Contended, SlotFull, IntegrityError) as error:
            last: Exception = error
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
                raise
            last = error
        time.sleep(PAUSE_SECONDS * attempt)
    raise TooBusy from last


def _apply(*, change_id: int, seen: str, by: User, now: datetime) -> HoursChange:
    change = HoursChange.objects.for_staff(by).select_for_update().get(pk=change_id)
    if change.applied_at:
        return change
    offices = _offices(change.edits, lock=True)
    days = slots.horizon(today=timezone.localdate(now))
    before = arrangement(days=[*days, *days_named(change.edits)], offices=offices)
    if _fingerprint(before) != seen:
        raise PreviewOutdated
    _write(change.edits)
    changed = changed_days(before=before, after=_with(before, change.edits), days=days)
    regenerated = _regenerate(changed, offices, days)
    outcome = relocation.clear(
        office_days=changed.keys(), until=days[-1], change_id=change.pk, reason=change.reason, by=by, now=now
    )
    change.applied_at, change.applied_by = now, by
    change.result = _result(changed, regenerated, outcome)
    change.save(update_fields=["applied_at", "applied_by", "result", "edits"])
    audit.record(
        action=f"{change.kind}.change", actor=by, subject=f"hours_change:{change.pk}", office_id=change.office_id
    )
    return change


def _undo(*, change_id: int, by: User, now: datetime) -> HoursChange:
    change = HoursChange.objects.for_staff(by).select_for_update().get(pk=change_id)
    if change.undone_at:
        return change
    if change.applied_at is None:
        raise ChangeNotPossible("Perubahan ini belum diterapkan, jadi tidak ada yang dikembalikan.")
    edits = [one | {"before": one["after"], "after": one["before"]} for one in reversed(change.edits)]
    offices = _offices(edits, lock=True)
    days = slots.horizon(today=timezone.localdate(now))
    before = arrangement(days=[*days, *days_named(edits)], offices=offices)
    _write(edits)
    changed = changed_days(before=before, after=_with(before, edits), days=days)
    regenerated = _regenerate(changed, offices, days)
    outcome = outcome_of(change)
    returned = relocation.give_back(outcome=outcome, applied_at=change.applied_at, change_id=change.pk, by=by, now=now)
    reason = "Perubahan jam layanan dibatalkan"
    homeless = relocation.clear(
        office_days=changed.keys(), until=days[-1], change_id=change.pk, reason=reason, by=by, now=now, step=":undo"
    )
    change.undone_at, change.undone_by = now, by
    change.result["undo"] = _result(changed, regenerated, homeless) | {"back": returned.back, "kept": returned.kept}
    change.save(update_fields=["undone_at", "undone_by", "result"])
    audit.record(
        action=f"{change.kind}.undo", actor=by, subject=f"hours_change:{change.pk}", office_id=change.office_id
    )
    return change


def outcome_of(change: HoursChange) -> Outcome:
    """What applying `change` did to appointments."""
    result = change.result
    return Outcome(
        moved=[tuple(row) for row in result.get("moved", [])],
        cancelled=[tuple(row) for row in result.get("cancelled", [])],
    )


def _result(changed: Collection[OfficeDay], regenerated: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "days": sorted({day.isoformat() for _office_id, day in changed}),
        "offices": sorted({office_id for office_id, _day in changed}),
        "slots": regenerated,
        "moved": [list(row) for row in outcome.moved],
        "cancelled": [list(row) for row in outcome.cancelled],
    }


def _write(edits: Iterable[Edit]) -> None:
    """Change the rows, each only if it is still what the edit says it was. Raises ChangeNotPossible."""
    try:
        _write_rows(edits)
    except IntegrityError as error:
        raise ChangeNotPossible from error


def _write_rows(edits: Iterable[Edit]) -> None:
    for one in edits:
        subject, target, before, after = one["subject"], one["target"], one["before"], one["after"]
        model = MODELS[subject]
        row = model._default_manager.select_for_update(no_key=True).filter(pk=target).first() if target else None
        if (values_of(subject, row) if row else None) != before:
            raise ChangeNotPossible
        if after is None:
            row.delete()
        elif row is None:
            made = _build(subject, target, after)
            made.save(force_insert=True)
            one["target"] = made.pk
        else:
            wanted = _build(subject, target, after)
            model._default_manager.filter(pk=target).update(**{name: getattr(wanted, name) for name in FIELDS[subject]})


def _regenerate(changed: Collection[OfficeDay], offices: Sequence[Office], days: Sequence[date]) -> int:
    """Slots of exactly the changed days. All the offices' slots are locked first, in the order of ids, because people
    may move to any of them. Returns rows made, changed or removed."""
    if not changed:
        return 0
    concerned = {office_id for office_id, _day in changed}
    list(
        Slot.objects.select_for_update(no_key=True)
        .filter(office__in=concerned, day__range=(days[0], days[-1]))
        .order_by("pk")
        .values_list("pk")
    )
    days_of: dict[int, list[date]] = {}
    for office_id, day in changed:
        days_of.setdefault(office_id, []).append(day)
    alike: dict[tuple[date, ...], list[Office]] = {}
    fresh = {office.pk: office for office in Office.objects.filter(pk__in=concerned)}
    for office_id, its_days in days_of.items():
        alike.setdefault(tuple(sorted(its_days)), []).append(fresh[office_id])
    return sum(slots.generate(days=list(its_days), offices=group) for its_days, group in alike.items())
