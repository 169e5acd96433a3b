"""Take and free places in slots: the only writer of `Slot.booked` and `Slot.booked_public`.

Nothing is read before it is written: each statement carries its own guard, so two requests can never take the same
last place, whichever process, page or desk they come from. Source: performance.md A1 (one guarded statement with
its insert beats row locks and serialisable transactions).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from recording.enums import Pool
from recording.exceptions import SlotFull, SlotNotBookable
from recording.models import Appointment, Slot

GUARD = """
    id = %(slot_id)s AND open AND (starts_at > %(now)s OR %(begun)s AND ends_at > %(now)s) AND booked + %(places)s <= capacity
    AND (NOT %(is_public)s OR booked_public + %(places)s <= public_capacity)
"""
TAKE = f"""
UPDATE recording_slot
SET booked = booked + %(places)s, booked_public = booked_public + CASE WHEN %(is_public)s THEN %(places)s ELSE 0 END
WHERE {GUARD}
RETURNING id AS slot_id, office_id, day
"""  # noqa: S608 - the parts are constants of this module

FREE = """
UPDATE recording_slot
SET booked = booked - %(places)s, booked_public = booked_public - CASE WHEN %(is_public)s THEN %(places)s ELSE 0 END,
    public_capacity = CASE WHEN %(is_public)s AND %(to_walk_ins)s
        THEN greatest(booked_public, public_capacity) - %(places)s ELSE public_capacity END
WHERE id = %(slot_id)s
"""


def _values(*, slot_id: int, places: int, pool: str, now: datetime | None = None, begun: bool = False) -> dict:
    return {"slot_id": slot_id, "places": places, "is_public": pool == Pool.PUBLIC, "now": now, "begun": begun}


def _refusal(*, slot_id: int, now: datetime) -> SlotFull | SlotNotBookable:
    """Why a slot gave no place: gone, closed or begun, or else full."""
    bookable = Slot.objects.filter(pk=slot_id, open=True, starts_at__gt=now).exists()
    return SlotFull() if bookable else SlotNotBookable()


def take_and_insert(*, appointment: Appointment, now: datetime) -> None:
    """Take `appointment.places_held` places of its slot and insert it, in one statement; fills in office and day.

    Raises SlotFull or SlotNotBookable; IntegrityError when the resident has a live appointment already or the
    idempotency key is used.
    """
    given_by_the_slot = ("slot_id", "office_id", "day")
    fields = [field for field in Appointment._meta.concrete_fields if field.attname not in given_by_the_slot]
    columns = ", ".join(connection.ops.quote_name(f"{field.column}") for field in fields)
    row = {field.column: field.get_db_prep_save(getattr(appointment, field.attname), connection) for field in fields}
    statement = f"""
        WITH taken AS ({TAKE})
        INSERT INTO recording_appointment (slot_id, office_id, day, {columns})
        SELECT slot_id, office_id, day, {", ".join(f"%({column})s" for column in row)} FROM taken
        RETURNING office_id, day
    """  # noqa: S608 - column names come from the model
    slot_id: int = appointment.slot_id  # type: ignore[assignment]
    place = _values(slot_id=slot_id, places=appointment.places_held, pool=appointment.pool, now=now)
    with connection.cursor() as cursor:
        cursor.execute(statement, row | place)
        taken = cursor.fetchone()
    if taken is None:
        raise _refusal(slot_id=slot_id, now=now)
    appointment.office_id, appointment.day = taken
    appointment._state.adding, appointment._state.db = False, connection.alias


def exchange(*, appointment: Appointment, slot_id: int, now: datetime, to_walk_ins: bool = False) -> Slot:
    """Take places in `slot_id` and free those of the present slot, in the order of ids. Returns the new slot.

    `to_walk_ins`: as in `free_all_of`. Locks both slots; the caller holds the appointment's row. Raises SlotFull or
    SlotNotBookable.
    """
    old_slot_id: int = appointment.slot_id  # type: ignore[assignment]
    places, pool = appointment.places_held, appointment.pool
    for each in sorted({old_slot_id, slot_id}):
        if each == old_slot_id:
            free(slot_id=each, places=places, pool=pool, to_walk_ins=to_walk_ins)
        else:
            take(slot_id=each, places=places, pool=pool, now=now)
    return Slot.objects.get(pk=slot_id)


def take(*, slot_id: int, places: int, pool: str, now: datetime, begun: bool = False) -> None:
    """Take `places` in a slot that has not begun, or (`begun`: for people at the desk) has not ended.

    Raises SlotFull or SlotNotBookable.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE, _values(slot_id=slot_id, places=places, pool=pool, now=now, begun=begun))
        if cursor.fetchone() is None:
            raise _refusal(slot_id=slot_id, now=now)


def free(*, slot_id: int | None, places: int, pool: str, to_walk_ins: bool = False) -> None:
    """Give `places` back to a slot; nothing to do where none were held. `to_walk_ins`: as in `free_all_of`."""
    if slot_id is None or places == 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(FREE, _values(slot_id=slot_id, places=places, pool=pool) | {"to_walk_ins": to_walk_ins})


def free_all_of(appointment_ids: Sequence[int], *, to_walk_ins: bool = False) -> int:
    """Give back every place the given appointments hold (their rows are locked by the caller). Returns places freed.

    `to_walk_ins`: public places are not offered to the public again; the slot keeps them for who comes to the office.
    """
    statement = """
        WITH given_up AS (
            UPDATE recording_appointment a SET places_held = 0, release_at = NULL
            FROM (SELECT id, places_held FROM recording_appointment WHERE id = ANY(%s) ORDER BY id) before
            WHERE a.id = before.id AND before.places_held > 0
            RETURNING a.slot_id, before.places_held AS places, a.pool
        ), per_slot AS (
            SELECT slot_id, sum(places) AS places,
                   coalesce(sum(places) FILTER (WHERE pool = 'public'), 0) AS public_places
            FROM given_up GROUP BY slot_id
        ), locked AS (
            SELECT s.id FROM recording_slot s JOIN per_slot ON per_slot.slot_id = s.id ORDER BY s.id FOR UPDATE OF s
        ), freed AS (
            UPDATE recording_slot s
            SET booked = s.booked - per_slot.places, booked_public = s.booked_public - per_slot.public_places,
                public_capacity = CASE WHEN %s
                    THEN greatest(s.booked_public, s.public_capacity) - per_slot.public_places
                    ELSE s.public_capacity END
            FROM per_slot JOIN locked ON locked.id = per_slot.slot_id
            WHERE s.id = per_slot.slot_id
            RETURNING per_slot.places
        )
        SELECT coalesce(sum(places), 0) FROM freed
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(appointment_ids), to_walk_ins])
        return int(cursor.fetchone()[0])


def exchange_many(*, moves: Sequence[tuple[int, int, str]], now: datetime) -> list[tuple[int, int]]:
    """Give each booked appointment another slot: (appointment id, slot id, the pool it then counts for), all or none.

    The caller holds the rows of appointments and slots. Returns (appointment id, old slot id) of those that moved.
    Raises SlotFull: some slot has no room for all that were meant for it; the transaction must be rolled back.
    """
    statement = """
        WITH wanted AS (
            SELECT * FROM unnest(%(appointments)s::bigint[], %(slots)s::bigint[], %(pools)s::text[])
                     AS wanted (appointment_id, slot_id, pool)
        ), sitting AS (
            SELECT a.id, a.slot_id AS old_slot_id, wanted.slot_id, a.places_held AS places, a.pool AS old_pool,
                   wanted.pool
            FROM wanted JOIN recording_appointment a ON a.id = wanted.appointment_id
            WHERE a.status = 'booked' AND a.slot_id <> wanted.slot_id
        ), change AS (
            SELECT slot_id, sum(places) AS places, sum(public_places) AS public_places
            FROM (SELECT slot_id, places, CASE pool WHEN 'public' THEN places ELSE 0 END AS public_places
                  FROM sitting
                  UNION ALL
                  SELECT old_slot_id, -places, CASE old_pool WHEN 'public' THEN -places ELSE 0 END FROM sitting) taken
            GROUP BY slot_id
        ), fitted AS (
            UPDATE recording_slot s
            SET booked = s.booked + change.places, booked_public = s.booked_public + change.public_places
            FROM change
            WHERE s.id = change.slot_id
              AND (change.places <= 0 OR (s.open AND s.starts_at > %(now)s AND s.booked + change.places <= s.capacity))
              AND (change.public_places <= 0 OR s.booked_public + change.public_places <= s.public_capacity)
            RETURNING s.id
        ), moved AS (
            UPDATE recording_appointment a
            SET slot_id = sitting.slot_id, office_id = s.office_id, day = s.day, pool = sitting.pool
            FROM sitting JOIN recording_slot s ON s.id = sitting.slot_id
            WHERE a.id = sitting.id
            RETURNING a.id, sitting.old_slot_id
        )
        SELECT moved.id, moved.old_slot_id, (SELECT count(*) FROM fitted) = (SELECT count(*) FROM change)
        FROM moved ORDER BY moved.id
    """
    if not moves:
        return []
    appointments, slots, pools = (list(column) for column in zip(*moves, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"appointments": appointments, "slots": slots, "pools": pools, "now": now})
        rows = cursor.fetchall()
    if not all(fits for *_ids, fits in rows):
        raise SlotFull
    return [(appointment_id, old_slot_id) for appointment_id, old_slot_id, _fits in rows]


def return_many(*, returns: Sequence[tuple[int, int]], now: datetime) -> list[int]:
    """Make cancelled appointments booked again in the slot they had: (appointment id, places), all or none.

    The caller holds the rows of appointments and slots and knows of no other live appointment of these people. Returns
    the ids. Raises SlotFull (roll back); IntegrityError when somebody has booked meanwhile.
    """
    statement = """
        WITH wanted AS (
            SELECT a.id, a.slot_id, a.pool, wanted.places
            FROM unnest(%(appointments)s::bigint[], %(places)s::int[]) AS wanted (appointment_id, places)
            JOIN recording_appointment a ON a.id = wanted.appointment_id
            WHERE a.status = 'cancelled' AND a.places_held = 0
        ), change AS (
            SELECT slot_id, sum(places) AS places,
                   coalesce(sum(places) FILTER (WHERE pool = 'public'), 0) AS public_places
            FROM wanted GROUP BY slot_id
        ), fitted AS (
            UPDATE recording_slot s
            SET booked = s.booked + change.places, booked_public = s.booked_public + change.public_places
            FROM change
            WHERE s.id = change.slot_id AND s.open AND s.starts_at > %(now)s
              AND s.booked + change.places <= s.capacity
              AND s.booked_public + change.public_places <= s.public_capacity
            RETURNING s.id
        ), returned AS (
            UPDATE recording_appointment a
            SET status = 'booked', status_at = %(now)s, status_reason = '', release_at = NULL,
                places_held = wanted.places
            FROM wanted WHERE a.id = wanted.id
            RETURNING a.id
        )
        SELECT returned.id, (SELECT count(*) FROM fitted) = (SELECT count(*) FROM change)
        FROM returned ORDER BY returned.id
    """
    if not returns:
        return []
    appointments, places = (list(column) for column in zip(*returns, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"appointments": appointments, "places": places, "now": now})
        rows = cursor.fetchall()
    if not all(fits for _id, fits in rows):
        raise SlotFull
    return [appointment_id for appointment_id, _fits in rows]
