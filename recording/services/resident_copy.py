"""Write many residents at once: sealed here, sent by COPY to a staging table, moved in by one statement.

A NIK that is known already keeps its resident; the identity goes in first and decides, which two loaders and a
visitor who declares the same NIK at the same moment cannot get wrong (its foreign key is checked at the commit).
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from recording.crypto import blind_index, seal
from recording.enums import Entitlement, ResidentSource
from recording.models import ResidentIdentity
from recording.policy.resident_row import ResidentRow

IDENTITY = ResidentIdentity._meta.db_table
RECORDED_BEFORE = "recorded_before_portal"

STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS resident_staging (
    id bigint, name text, birth_year smallint, sex text, village_id bigint, ever_married boolean, recorded boolean,
    card_held boolean, nik_ct bytea, nik_bi bytea, family_card_ct bytea, family_card_bi bytea, birth_date_ct bytea,
    birth_place_ct bytea, phone_ct bytea, phone_bi bytea
) ON COMMIT DELETE ROWS;
TRUNCATE resident_staging
"""
SEALED = """
nik_ct, nik_bi, family_card_ct, family_card_bi, birth_date_ct, birth_place_ct, phone_ct, phone_bi
"""
MOVE_IN = f"""
WITH new AS (
    INSERT INTO {IDENTITY} (resident_id, {SEALED})
    SELECT id, {SEALED} FROM resident_staging ORDER BY id
    ON CONFLICT (nik_bi) DO NOTHING
    RETURNING resident_id
)
INSERT INTO recording_resident (
    id, name, birth_year, sex, village_id, ever_married, recorded_before_portal, card_held, entitlement,
    entitlement_reason, source, outside_regency, created_at
)
SELECT id, name, birth_year, sex, village_id, ever_married, recorded, card_held,
       CASE WHEN recorded THEN '{Entitlement.NONE}' ELSE '{Entitlement.FIRST}' END,
       CASE WHEN recorded THEN '{RECORDED_BEFORE}' ELSE '' END,
       '{ResidentSource.REGISTER}', false, %s
FROM resident_staging JOIN new ON new.resident_id = resident_staging.id
"""  # noqa: S608 - every part is a constant
OWNERS = f"""
SELECT id, owner_id
FROM (SELECT id, (SELECT resident_id FROM {IDENTITY} known WHERE known.nik_bi = staged.nik_bi) AS owner_id
      FROM resident_staging staged) owners
WHERE owner_id <> id
"""  # noqa: S608
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Chunk(Protocol):
    """Some residents to be written together, and whatever else the caller wants back with the result."""

    rows: Sequence[ResidentRow]


C = TypeVar("C", bound=Chunk)


@dataclass(frozen=True)
class Written:
    """`ids`: of the rows in the order given; `count`: how many of them are new residents; `owned_by_others`: position
    of a row whose NIK was known already -> the resident who has it."""

    ids: list[int]
    count: int
    owned_by_others: dict[int, int]


def next_id() -> int:
    """An id that no resident will get and every later resident's id exceeds."""
    return _reserve_ids(1)[0]


def write_all(chunks: Iterable[C]) -> Iterator[tuple[C, Written]]:
    """Write the residents of each chunk in a transaction of its own; yields the chunk with what came of it.

    Residents of the register are entitled to a first recording unless recorded before the portal. Idempotent by NIK:
    of equal ones the first stays, and nothing that is known is changed. While the database takes in one chunk, a
    thread makes and seals the next, so `chunks` must not use the database.
    """
    remaining = iter(chunks)
    with ThreadPoolExecutor(max_workers=1) as thread:
        sealing: tuple[C, list[int], Future[io.BytesIO]] | None = None
        chunk = next(remaining, None)
        while chunk is not None or sealing is not None:
            ready, sealing = sealing, None
            if chunk is not None:
                ids = _reserve_ids(len(chunk.rows))
                sealing = chunk, ids, thread.submit(_as_copy_text, chunk.rows, ids)
            following = thread.submit(next, remaining, None)
            if ready is not None:
                made, ids, text = ready
                yield made, _write(ids, text.result())
            chunk = following.result()


@transaction.atomic
def _write(ids: list[int], sealed_rows: io.BytesIO) -> Written:
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        cursor.copy_expert("COPY resident_staging FROM STDIN", sealed_rows)
        cursor.execute(MOVE_IN, [timezone.now()])
        count = cursor.rowcount
        owners = {}
        if count < len(ids):
            cursor.execute(OWNERS)
            owners = dict(cursor.fetchall())
    others = {place: owners[resident_id] for place, resident_id in enumerate(ids) if resident_id in owners}
    return Written(ids, count, others)


def _reserve_ids(count: int) -> list[int]:
    """Ids for `count` residents, ascending. They bind the sealed values, so they are needed before the rows exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('recording_resident', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [resident_id for (resident_id,) in cursor.fetchall()]


def _as_copy_text(rows: Sequence[ResidentRow], ids: Sequence[int]) -> io.BytesIO:
    lines = (_copy_line(resident_id, row).encode() for resident_id, row in zip(ids, rows, strict=True))
    return io.BytesIO(b"".join(lines))


def _copy_line(resident_id: int, row: ResidentRow) -> str:
    def sealed(column: str, value: str) -> str:
        if not value:
            return r"\N"
        return r"\\x" + seal(value, bound_to=f"{IDENTITY}.{column}.{resident_id}").hex()

    def index(column: str, value: str) -> str:
        return r"\\x" + blind_index(value, purpose=f"{IDENTITY}.{column}").hex() if value else r"\N"

    return (
        "\t".join(
            (
                str(resident_id),
                row.name.translate(_ESCAPES),
                str(row.birth_date.year),
                row.sex,
                str(row.village_id),
                "t" if row.married else "f",
                "t" if row.recorded else "f",
                "t" if row.card_held else "f",
                sealed("nik", row.nik),
                index("nik", row.nik),
                sealed("family_card", row.family_card),
                index("family_card", row.family_card),
                sealed("birth_date", row.birth_date.isoformat()),
                sealed("birth_place", row.birth_place),
                sealed("phone", row.phone),
                index("phone", row.phone),
            )
        )
        + "\n"
    )
