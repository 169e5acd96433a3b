"""Fill an empty portal with a synthetic Kudus: its people, and some weeks of what happened to them.

The same numbers, seed and moment give the same demo (but for the nonces of encryption). One transaction: a demo that
was interrupted leaves nothing behind.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from issuance.enums import CaseStatus
from issuance.policy.entitlement import entitlement_for
from issuance.services import progress as counts
from issuance.services.demo.cards import RAW, Cards
from issuance.services.demo.closings import close_days
from issuance.services.demo.desk import Desk
from issuance.services.demo.letters import Letters
from issuance.services.demo.lists import Lists
from issuance.services.demo.outbox import Outbox
from issuance.services.demo.people import Person, Population
from issuance.services.demo.rosters import make_rosters, set_aside
from issuance.services.demo.schedule import Half, Schedule
from issuance.services.demo.staff import make_logins, operators_by_office
from issuance.services.demo.supplies import Supplies, out_of_blanks
from issuance.services.demo.visits import Visits
from recording.models import Appointment, Campaign, Resident, User
from recording.policy.resident_row import ResidentRow
from recording.services import resident_copy
from recording.services.reference import CAMPAIGN_NAME

CHUNK = 5_000
RECORDED_SHARE = 0.35  # of a small population, during the history
NEVER_RECORDED = 0.08
SUCCESS = 0.6  # of appointments that end in a recording
BUSIEST = 0.85  # of the demand that the places can take
Progress = Callable[[str, int, int], Any]

ENTITLE = """
UPDATE recording_resident SET entitlement = decided.entitlement, entitlement_reason = decided.reason
FROM issuance_case
JOIN unnest(%s::text[], %s::text[], %s::text[]) AS decided (status, entitlement, reason) USING (status)
WHERE issuance_case.resident_id = recording_resident.id
"""
COUNT_PLACES = """
UPDATE recording_slot SET booked = held.places, booked_public = held.public_places
FROM (SELECT slot_id, sum(places_held) AS places,
             coalesce(sum(places_held) FILTER (WHERE pool = 'public'), 0) AS public_places
      FROM recording_appointment WHERE places_held > 0 GROUP BY slot_id) held
WHERE recording_slot.id = held.slot_id
"""


class NotNow(Exception):
    """The demo must not be made here; `str()` says why."""


@dataclass(frozen=True)
class DemoReport:
    residents: int
    appointments: int
    recordings: int
    cases: int
    target: int
    logins: list[str]


@dataclass
class _Chunk:
    rows: list[ResidentRow]


@transaction.atomic
def seed(
    *,
    residents: int,
    history_days: int,
    seed: int,
    now: datetime,
    progress: Progress = lambda stage, done, total: None,
) -> DemoReport:
    """Make `residents` people and `history_days` days of history up to `now`. `progress(stage, done, total)`.

    Raises NotNow: in production, without reference data, or where there are residents already.
    """
    _require_an_empty_portal()
    random = Random(f"history:{seed}")
    logins = make_logins()
    schedule = Schedule(random=random, now=now, history_days=history_days)
    wanted = _scale_demand(schedule, residents)
    not_recorded = min(0.75, wanted / max(residents, 1) + NEVER_RECORDED)
    population = Population(seed=seed, today=schedule.today, not_recorded=not_recorded)
    people = _make_people(population, residents=residents, wanted=wanted, progress=progress)
    must_hold = population.write_register(taken_on=schedule.today - timedelta(days=history_days))
    random.shuffle(people)
    away, people = set_aside(people, today=schedule.today)
    outbox = Outbox(random=random, now=now)
    verifier_id = User.objects.get(username="verifikator").pk
    lists = Lists(seed=seed, now=now, history_days=history_days, verifier_id=verifier_id, raw=RAW)
    cards = Cards(
        random=random,
        now=now,
        outbox=outbox,
        verifier_id=verifier_id,
        lists=lists,
        out_of_blanks=out_of_blanks(now=now),
    )
    desk = Desk(random=random, outbox=outbox, operators=operators_by_office(), halves=_by_office(schedule.halves))
    visits = Visits(random=random, schedule=schedule, people=people, desk=desk, cards=cards)
    days = list(schedule.days())
    for done, (day, halves) in enumerate(days, start=1):
        visits.day(day, halves)
        progress("hari", done, len(days))
    for part in (desk, cards, outbox, lists):
        part.finish()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what follows joins tables that were empty a moment ago
    Supplies(seed=seed, now=now, history_days=history_days, verifier_id=verifier_id).make()
    brought_along = Letters(seed=seed, now=now, verifier_id=verifier_id).make()
    close_days(today=schedule.today)
    _draw_conclusions()
    in_field = make_rosters(away, random=random, now=now)
    counts.refresh_all(days=[schedule.today - timedelta(days=ago) for ago in range(history_days, -1, -1)])
    Campaign.objects.filter(name=CAMPAIGN_NAME).update(target=must_hold)
    return DemoReport(
        residents=residents,
        appointments=desk.appointments.count + in_field,
        recordings=desk.recordings.count + in_field,
        cases=cards.cases.count + in_field + brought_along,
        target=must_hold,
        logins=logins,
    )


def _require_an_empty_portal() -> None:
    if settings.IS_PRODUCTION:
        raise NotNow("PORTAL_ENV=production: penduduk contoh tidak pernah dibuat di sini.")
    if Resident.objects.exists() or Appointment.objects.exists():
        raise NotNow("Sudah ada warga; penduduk contoh hanya dibuat di portal yang kosong.")
    if not Campaign.objects.filter(name=CAMPAIGN_NAME).exists():
        raise NotNow("Jalankan load_reference dulu.")


def _scale_demand(schedule: Schedule, residents: int) -> int:
    """Let as many want to come as the population and the places allow. Returns how many people that takes."""
    past, ahead = schedule.demand(past=True), schedule.demand(past=False)
    factor = min(BUSIEST, RECORDED_SHARE * residents / SUCCESS / max(past, 1.0))
    schedule.scale(factor)
    return round(factor * (past + ahead))


def _make_people(population: Population, *, residents: int, wanted: int, progress: Progress) -> list[Person]:
    """Write the population the way an import does. Returns those who may come: `wanted` of the never recorded."""
    may_come: list[Person] = []
    done = 0
    for chunk, written in resident_copy.write_all(_chunks(population.rows(residents))):
        done += len(chunk.rows)
        may_come += [
            Person(resident_id, row)
            for resident_id, row in zip(written.ids, chunk.rows, strict=True)
            if not row.recorded and len(may_come) < wanted * 1.2 + 100
        ]
        progress("warga", done, residents)
    return may_come


def _chunks(rows: Iterator[ResidentRow]) -> Iterator[_Chunk]:
    while chunk := list(islice(rows, CHUNK)):
        yield _Chunk(chunk)


def _by_office(halves: list[Half]) -> dict[int, list[Half]]:
    offices: dict[int, list[Half]] = {}
    for half in halves:
        offices.setdefault(half.office_id, []).append(half)
    return offices


def _draw_conclusions() -> None:
    """Set what follows from the written rows: places taken, and who may be recorded again."""
    entitled = [(status.value, *entitlement_for(status)) for status in CaseStatus]
    statuses, entitlements, reasons = (list(column) for column in zip(*entitled, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(COUNT_PLACES)
        cursor.execute(ENTITLE, [statuses, [str(entitlement) for entitlement in entitlements], reasons])
        cursor.execute("ANALYZE")  # the first pages must not wait for the database to learn its tables
