"""Taking places: our one guarded statement against pgbench running the same text, and the whole booking service.

Each of `CLIENTS` is a process with a connection of its own. Spread: every client has a slot of its own; hot: all want
the same one, as when the last days before a deadline open.
"""

import itertools
import multiprocessing
import re
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from benchmarks.report import Figure
from ektp_portal.embedded.postgres import PostgresServer

CLIENTS = 8
SECONDS = 1.5
ROUNDS = 3
RESIDENTS_PER_CLIENT = 20_000
# Values that mark, in the captured statement, what differs from one booking to the next.
SENTINEL_RESIDENT = 987_654_321
SENTINEL_SLOT = 987_654_322
SENTINEL_ID = 987_654_323
SENTINEL_KEY = uuid.UUID("00000000-1111-4222-8333-444455556666")
CAPACITY = 32_000


@dataclass(frozen=True)
class Stage:
    """Slots (one per client) and how many residents wait for one."""

    slots: list[int]
    first_resident: int


def run(server: PostgresServer) -> list[Figure]:
    """About 40 s."""
    stage = _prepare_stage()
    script = _pgbench_script(server.home)
    found = {name: ([], []) for name in ("spread", "hot", "service")}
    for _ in range(ROUNDS):
        for name, is_hot in (("spread", False), ("hot", True)):
            found[name][1].append(_pgbench(server, script, stage, is_hot))
            found[name][0].append(_clients(_take_places, stage, is_hot))
        found["service"][1].append(found["spread"][1][-1])
        found["service"][0].append(_clients(_book, stage, False))
    _assert_counters_are_true()
    return [
        Figure(f"place.take_and_insert, {CLIENTS} spread", *found["spread"], floor=0.5),
        Figure(f"place.take_and_insert, {CLIENTS} on one slot", *found["hot"], floor=0.4),
        Figure(f"appointment.book, {CLIENTS} spread", *found["service"], floor=0.01),
    ]


def _prepare_stage() -> Stage:
    """Residents by one statement, one roomy slot for each client."""
    from django.db import connection
    from django.utils import timezone

    from tests.factories import ResidentFactory, SlotFactory, VillageFactory

    VillageFactory()
    starts_at = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    slots = [
        SlotFactory(
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30), capacity=CAPACITY, public_capacity=CAPACITY
        ).pk
        for _ in range(CLIENTS)
    ]
    pattern = ResidentFactory()
    columns = [field.column for field in pattern._meta.concrete_fields if not field.primary_key]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO recording_resident ({names}) SELECT {names} FROM recording_resident, generate_series(1, %s) "
            "WHERE recording_resident.id = %s RETURNING id",
            [CLIENTS * RESIDENTS_PER_CLIENT, pattern.pk],
        )
        first = min(row[0] for row in cursor.fetchall())
        cursor.execute("VACUUM ANALYZE recording_resident")
    return Stage(slots, first)


def _appointment(*, resident_id: int, slot_id: int, key: uuid.UUID):
    from django.utils import timezone

    from recording.models import Appointment

    now = timezone.now()
    return Appointment(
        resident_id=resident_id,
        slot_id=slot_id,
        idempotency_key=key,
        body_hash=bytes(32),
        pool="public",
        channel="online",
        places_held=1,
        booked_at=now,
        status_at=now,
    )


def _pgbench_script(folder: Path) -> Path:
    """The statement that `take_and_insert` sends, captured, with pgbench's variables in place of the sentinels."""
    from django.db import connection
    from django.utils import timezone

    from recording.services import place

    sent = []

    def capture(_execute, sql, params, _many, context):
        sent.append(context["cursor"].mogrify(sql, params).decode())
        raise _Captured

    appointment = _appointment(resident_id=SENTINEL_RESIDENT, slot_id=SENTINEL_SLOT, key=SENTINEL_KEY)
    appointment.pk = SENTINEL_ID
    try:
        with connection.execute_wrapper(capture):
            place.take_and_insert(appointment=appointment, now=timezone.now())
    except _Captured:
        pass
    statement = re.sub(r"\s+", " ", sent[0])
    for sentinel, variable in (
        (str(SENTINEL_RESIDENT), ":resident"),
        (str(SENTINEL_SLOT), ":slot"),
        (str(SENTINEL_ID), "nextval('recording_appointment_id_seq')"),
        (f"'{SENTINEL_KEY}'", "gen_random_uuid()"),
    ):
        if sentinel not in statement:
            raise LookupError(f"the captured statement lacks {sentinel}: {statement}")
        statement = statement.replace(sentinel, variable)
    script = folder / "booking.sql"
    script.write_text(
        "\\set resident :first + :client_id * :residents + :turn\n\\set turn :turn + 1\n"
        "\\set slot CASE WHEN :hot = 1 THEN :first_slot ELSE :first_slot + :client_id END\n"
        f"BEGIN;\n{statement};\nCOMMIT;\n"
    )
    return script


class _Captured(Exception):
    """Nothing was sent: the text is all we wanted."""


def _pgbench(server: PostgresServer, script: Path, stage: Stage, is_hot: bool) -> float:
    """Transactions per second of pgbench with the same text."""
    _empty()
    variables = {
        "first": stage.first_resident,
        "residents": RESIDENTS_PER_CLIENT,
        "turn": 0,
        "hot": int(is_hot),
        "first_slot": stage.slots[0],
    }
    options = [option for name, value in variables.items() for option in ("-D", f"{name}={value}")]
    done = subprocess.run(
        [server.programs / "pgbench", "-n", "-M", "simple", "-c", str(CLIENTS), "-j", "2", "-T", str(round(SECONDS + 0.5)),
         *options, "-f", script, server.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))


def _clients(work: Callable, stage: Stage, is_hot: bool) -> float:
    """`work` done per second by `CLIENTS` processes together."""
    from django.db import connection

    global _lap  # noqa: PLW0603 - the clients are forks, and nobody may be booked twice
    _lap = next(_laps)
    _empty()
    connection.close()  # a connection must not be shared with a forked process
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(CLIENTS), context.Queue()
    clients = [
        context.Process(target=_client, args=(work, stage, number, is_hot, start, results)) for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    rates = [results.get(timeout=60) for _ in clients]
    for client in clients:
        client.join()
    return sum(rates)


def _client(work: Callable, stage: Stage, number: int, is_hot: bool, start, results) -> None:
    from django.db import connection

    connection.ensure_connection()
    slot = stage.slots[0 if is_hot else number]
    first = stage.first_resident + number * RESIDENTS_PER_CLIENT
    start.wait()
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        work(slot_id=slot, resident_id=first + done, turn=number * RESIDENTS_PER_CLIENT + done)
        done += 1
    results.put(done / (time.perf_counter() - began))


def _take_places(*, slot_id: int, resident_id: int, turn: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from recording.services import place

    appointment = _appointment(resident_id=resident_id, slot_id=slot_id, key=uuid.uuid4())
    appointment.pk = resident_id  # unique, and no round trip that pgbench does not make
    with transaction.atomic():
        place.take_and_insert(appointment=appointment, now=timezone.now())


_laps = itertools.count(1)
_lap = 0


def _book(*, slot_id: int, resident_id: int, turn: int) -> None:
    """The whole service for somebody new: identity sealed, code issued, audit and message rows written."""
    from django.utils import timezone

    from recording.declared import Declared
    from recording.services import appointment as appointments

    born = date(1950, 1, 1) + timedelta(days=turn % 18_000)
    nik = f"33190{_lap % 9 + 1}{born:%d%m%y}{9001 + turn // 18_000}"
    declared = Declared(nik=nik, name="Sutrisno", birth_date=born, sex="L", village=_village())
    appointments.book(declared=declared, slot_id=slot_id, idempotency_key=uuid.uuid4(), now=timezone.now())


@cache
def _village():
    from recording.models import Village

    return Village.objects.first()


def _empty() -> None:
    """As before the first booking."""
    import pgtrigger
    from django.db import connection

    with connection.cursor() as cursor:
        with pgtrigger.ignore():
            cursor.execute("TRUNCATE recording_appointment CASCADE")
        cursor.execute("UPDATE recording_slot SET booked = 0, booked_public = 0")
        cursor.execute("VACUUM ANALYZE recording_slot")
        cursor.execute("CHECKPOINT")


def _assert_counters_are_true() -> None:
    from django.db.models import F, Sum
    from django.db.models.functions import Coalesce

    from recording.models import Slot

    held = Slot.objects.annotate(held=Coalesce(Sum("appointments__places_held"), 0))
    if held.exclude(booked=F("held")).exists():
        raise AssertionError("a slot counts other places than its appointments hold")
