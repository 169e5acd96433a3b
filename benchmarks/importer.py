"""Taking in the register: our import against a raw COPY of the rows it makes, and against the ORM's bulk_create.

All three fill the same tables with all their indexes. The import reads CSV, checks, seals and looks for known NIKs;
the raw COPY is handed the finished rows in a file.
"""

import io
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.report import Figure
from ektp_portal.embedded.postgres import PostgresServer

ROWS = 40_000
BULK_ROWS = 10_000
ROUNDS = 3
TABLES = ("recording_resident", "recording_residentidentity")
FIRST_BIRTH = date(1940, 1, 1)


def run(server: PostgresServer) -> list[Figure]:
    """About 30 s."""
    from django.utils import timezone

    from recording.services import reference

    reference.load(today=timezone.localdate())
    _empty()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        path.write_text(_register(ROWS))
        ours, raw, bulk = [], [], []
        for _ in range(ROUNDS):
            ours.append(ROWS / _import(path))
            finished = _take_out()
            raw.append(ROWS / _copy_back(finished))
            _empty()
            bulk.append(BULK_ROWS / _bulk_create(path))
            _empty()
    return [
        Figure("resident_import.import_file, rows/s against raw COPY", ours, raw, floor=1 / 3.0),
        Figure("resident_import.import_file, rows/s against bulk_create", ours, bulk, floor=2.5),
    ]


def _register(count: int) -> str:
    """Synthetic people, each NIK once; serials of 9001 and above belong to nobody."""
    from recording.models import Village
    from recording.policy.resident_row import COLUMNS

    villages = list(Village.objects.values_list("code", flat=True))
    lines = [",".join(COLUMNS)]
    for number in range(count):
        born, area = FIRST_BIRTH + timedelta(days=number % 24_000), number // 24_000 % 9 + 1
        lines.append(
            f"33190{area}{born:%d%m%y}{9001 + number // 216_000},33190{area}{born:%d%m}08{9001 + number % 999},"
            f"Sutrisno {number % 977},L,Kudus,{born},{villages[number % len(villages)]},ya,"
            f"{'ya' if number % 10 else 'tidak'},tidak,{f'0860{number:08}' if number % 2 else ''}"
        )
    return "\n".join(lines)


def _import(path: Path) -> float:
    from recording.services.resident_import import import_file

    began = time.perf_counter()
    report = import_file(path=path, rejects=path.with_suffix(".rejects"), today=FIRST_BIRTH + timedelta(days=36_500))
    took = time.perf_counter() - began
    assert report.taken == ROWS, report
    return took


def _take_out() -> list[io.BytesIO]:
    """The finished rows as COPY text; the tables are empty afterwards."""
    from django.db import connection

    finished = []
    with connection.cursor() as cursor:
        for table in TABLES:
            buffer = io.BytesIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT", buffer)
            buffer.seek(0)
            finished.append(buffer)
    _empty()
    return finished


def _copy_back(finished: list[io.BytesIO]) -> float:
    from django.db import connection, transaction

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in zip(TABLES, finished, strict=True):
            cursor.copy_expert(f"COPY {table} FROM STDIN", rows)
    return time.perf_counter() - began


def _bulk_create(path: Path) -> float:
    """The same people by the ORM in batches of 5,000, sealed the same way."""
    import csv

    from django.db import transaction

    from recording.models import Resident, ResidentIdentity, Village
    from recording.policy import resident_row

    villages = dict(Village.objects.values_list("code", "id"))
    today = FIRST_BIRTH + timedelta(days=36_500)
    began = time.perf_counter()
    with path.open(newline="") as file:
        lines = [row for _number, row in zip(range(BULK_ROWS), csv.DictReader(file), strict=False)]
    for first in range(0, BULK_ROWS, 5_000):
        with transaction.atomic():
            rows = [resident_row.parse(line, villages=villages, today=today) for line in lines[first : first + 5_000]]
            people = Resident.objects.bulk_create(
                [
                    Resident(
                        name=row.name,
                        birth_year=row.birth_date.year,
                        sex=row.sex,
                        village_id=row.village_id,
                        ever_married=row.married,
                        recorded_before_portal=row.recorded,
                        source="register",
                    )
                    for row in rows
                ]
            )
            identities = []
            for resident, row in zip(people, rows, strict=True):
                identity = ResidentIdentity(resident=resident)
                identity.nik, identity.family_card = row.nik, row.family_card
                identity.birth_date, identity.birth_place = row.birth_date.isoformat(), row.birth_place
                identity.phone = row.phone
                identities.append(identity)
            ResidentIdentity.objects.bulk_create(identities)
    return time.perf_counter() - began


def _empty() -> None:
    import pgtrigger
    from django.db import connection

    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
