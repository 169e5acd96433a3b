"""Sessions away from the office: take in the list of people, say of each what may be done on that day, plan, close.

Sole writer of `Roster.status`; results come by `services.roster_import`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from recording.enums import Eligibility, RosterOutcome, RosterSource, RosterStatus, VisitStatus
from recording.exceptions import RosterNotOpen
from recording.models import (
    Appointment,
    HomeVisit,
    Office,
    Resident,
    ResidentIdentity,
    Roster,
    RosterEntry,
    RosterReject,
    User,
    Village,
)
from recording.policy import roster as rules
from recording.policy import sheet
from recording.policy.resident_row import RowError
from recording.policy.roster import Person
from recording.policy.sheet import Line
from recording.services import audit

IN_FILE = "NIK yang sama sudah ada di baris {line}."
OPEN = (RosterStatus.PLANNED, RosterStatus.RECORDED)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where, when and with what a session is held."""

    office: Office
    place: str
    held_on: date
    village: Village | None = None
    device: str = ""
    batch: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the register holds of one NIK."""

    resident: Resident
    birth_date: date | None
    booked: bool


@transaction.atomic
def create(*, plan: Plan, content: bytes, by: User, now: datetime) -> Roster:
    """A draft with the people of the uploaded list (`content`, empty: nobody yet), each with an eligibility.

    Lines that cannot be used are kept with the reason. Raises NotASheet: nothing was written.
    """
    lines = _lines(content)
    roster = Roster.objects.create(**vars(plan), status=RosterStatus.DRAFT, created_by=by, created_at=now)
    _take_in(roster, lines, today=timezone.localdate(now))
    _note(roster, "roster.create", by)
    return roster


@transaction.atomic
def confirm(*, roster_id: int, by: User) -> Roster:
    """The draft becomes the plan; who may be recorded is looked up once more. Raises RosterNotOpen."""
    roster = _locked(roster_id, by, RosterStatus.DRAFT)
    check_again(roster)
    return _set(roster, RosterStatus.PLANNED, "roster.confirm", by)


@transaction.atomic
def discard(*, roster_id: int, by: User) -> None:
    """Throw a draft away with everything typed in it. Raises RosterNotOpen."""
    roster = _locked(roster_id, by, RosterStatus.DRAFT)
    _note(roster, "roster.discard", by)
    roster.delete()


@transaction.atomic
def close(*, roster_id: int, by: User) -> Roster:
    """Nothing more comes: people without a result were absent, lines that could not be used are deleted.

    Raises RosterNotOpen: no result yet, or closed already.
    """
    roster = _locked(roster_id, by, RosterStatus.RECORDED)
    roster.entries.filter(outcome="").update(outcome=RosterOutcome.ABSENT)
    settle_visits(roster)
    roster.rejects.all().delete()
    return _set(roster, RosterStatus.CLOSED, "roster.close", by)


@transaction.atomic
def check_again(roster: Roster) -> None:
    """Bring each person's eligibility up to date; who has a result keeps theirs."""
    entries = list(roster.entries.filter(recording=None))
    known = _known(entry.nik for entry in entries)
    for entry in entries:
        _judge(entry, known.get(entry.nik), roster.held_on)
    RosterEntry.objects.bulk_update(entries, ["resident", "eligibility"])


def add(*, roster: Roster, people: Sequence[Person], walk_up: bool = False) -> list[RosterEntry]:
    """More people for `roster`, in the caller's transaction; the caller holds the roster's row and knows that none of
    them is on it."""
    known = _known(person.nik for person in people)
    last = roster.entries.aggregate(last=Max("number"))["last"] or 0
    entries = []
    for number, person in enumerate(people, start=last + 1):
        entry = _entry(roster, person, number=number, walk_up=walk_up)
        _judge(entry, known.get(person.nik), roster.held_on)
        entries.append(entry)
    return RosterEntry.objects.bulk_create(entries)


def settle_visits(roster: Roster, **entries) -> None:
    """Requests to be visited at home follow the results of `entries` (lookups on RosterEntry): recorded, the request is
    done; absent or failed, it waits for another day."""
    chosen = roster.entries.filter(**entries)
    visits = HomeVisit.objects.filter(status=VisitStatus.PLANNED)
    visits.filter(entry__in=chosen.filter(outcome=RosterOutcome.ACCEPTED)).update(status=VisitStatus.DONE)
    again = chosen.filter(outcome__in=[RosterOutcome.FAILED, RosterOutcome.ABSENT])
    visits.filter(entry__in=again).update(status=VisitStatus.NEW, entry=None)


def locked(roster_id: int, by: User) -> Roster:
    """An open roster of `by`'s office, locked. Raises RosterNotOpen."""
    return _locked(roster_id, by, *OPEN)


def with_counts(rosters: QuerySet[Roster]) -> QuerySet[Roster]:
    """Each with `people`, `accepted`, `failed`, `absent` and `unknown` (no result yet)."""
    return rosters.annotate(
        people=Count("entries"),
        accepted=Count("entries", filter=Q(entries__outcome=RosterOutcome.ACCEPTED)),
        failed=Count("entries", filter=Q(entries__outcome=RosterOutcome.FAILED)),
        absent=Count("entries", filter=Q(entries__outcome=RosterOutcome.ABSENT)),
        unknown=Count("entries", filter=Q(entries__outcome="")),
    )


def villages_by_code() -> dict[str, int]:
    return dict(Village.objects.values_list("code", "id"))


def keep_reject(*, roster: Roster, source: RosterSource, line: Line, reason: str, nik: str = "") -> bool:
    """Keep a line that could not be used; False when the same line is kept already (its reason is renewed)."""
    text_bi = RosterReject.text.index(RosterReject, line.text)
    same = roster.rejects.filter(source=source, text_bi=text_bi)
    if same.update(line=line.number, reason=reason):
        return False
    reject = RosterReject(roster=roster, source=source, line=line.number, reason=reason)
    reject.text = line.text
    reject.nik_bi = RosterEntry.nik.index(RosterEntry, nik) if nik else None
    reject.save(force_insert=True)
    return True


def _lines(content: bytes) -> list[Line]:
    text = sheet.decode(content)
    if not text.strip():
        return []
    return sheet.lines(text, names=rules.LIST_NAMES, order=rules.LIST_ORDER, required=("nik", "name", "birth_date"))


def _take_in(roster: Roster, lines: Iterable[Line], *, today: date) -> None:
    villages = villages_by_code()
    people: dict[str, tuple[Person, int]] = {}
    for line in lines:
        try:
            person = rules.read_person(line, villages=villages, today=today)
            if person.nik in people:
                reason = IN_FILE.format(line=people[person.nik][1])
                keep_reject(roster=roster, source=RosterSource.LIST, line=line, reason=reason, nik=person.nik)
                continue
        except RowError as error:
            keep_reject(roster=roster, source=RosterSource.LIST, line=line, reason=f"{error}")
        else:
            people[person.nik] = (person, line.number)
    known = _known(people)
    entries = []
    for number, (person, line_number) in enumerate(people.values(), start=1):
        entry = _entry(roster, person, number=number, line=line_number)
        _judge(entry, known.get(person.nik), roster.held_on)
        entries.append(entry)
    RosterEntry.objects.bulk_create(entries)


def _entry(roster: Roster, person: Person, **values) -> RosterEntry:
    entry = RosterEntry(
        roster=roster,
        sex=person.sex,
        village_id=person.village_id or (None if person.outside else roster.village_id),
        married=person.married,
        **values,
    )
    entry.nik, entry.name, entry.phone = person.nik, person.name, person.phone
    entry.birth_date = person.birth_date.isoformat() if person.birth_date else ""
    return entry


def _known(niks: Iterable[str]) -> dict[str, _Known]:
    """What the register says of these NIKs, in two queries whatever their number."""
    by_index = {ResidentIdentity.nik.index(ResidentIdentity, nik): nik for nik in niks}
    identities = ResidentIdentity.objects.filter(nik_bi__in=list(by_index)).select_related("resident")
    found = {by_index[bytes(identity.nik_bi)]: identity for identity in identities}
    residents = [identity.resident_id for identity in found.values()]
    booked = set(Appointment.objects.live().filter(resident__in=residents).values_list("resident_id", flat=True))
    return {
        nik: _Known(
            identity.resident,
            date.fromisoformat(identity.birth_date) if identity.birth_date else None,
            identity.resident_id in booked,
        )
        for nik, identity in found.items()
    }


def _judge(entry: RosterEntry, known: _Known | None, on: date) -> None:
    """Fill in the resident and what may be done. The register's birth date counts before that of the list."""
    declared = date.fromisoformat(entry.birth_date) if entry.birth_date else None
    entry.resident = known.resident if known else None
    entry.eligibility = rules.eligibility(
        entitlement=known.resident.entitlement if known else None,
        birth_date=(known.birth_date if known else None) or declared,
        married=entry.married or bool(known and known.resident.ever_married),
        on=on,
        booked_elsewhere=bool(known and known.booked),
    )


def _locked(roster_id: int, by: User, *statuses: RosterStatus) -> Roster:
    roster = Roster.objects.for_staff(by).select_for_update().filter(pk=roster_id, status__in=statuses).first()
    if roster is None:
        raise RosterNotOpen
    return roster


def _set(roster: Roster, status: RosterStatus, action: str, by: User) -> Roster:
    roster.status = status
    roster.save(update_fields=["status"])
    _note(roster, action, by)
    return roster


def _note(roster: Roster, action: str, by: User) -> None:
    audit.record(action=action, actor=by, subject=f"roster:{roster.pk}", office_id=roster.office_id)


def forget(*, before: date) -> int:
    """Lists of sessions held before that day keep that somebody was there, and no longer who. Returns how many people.

    Lines that could not be used are deleted with them; so are drafts that nobody confirmed.
    """
    old = Roster.objects.filter(held_on__lt=before)
    RosterReject.objects.filter(roster__in=old).delete()
    old.filter(status=RosterStatus.DRAFT).delete()
    nobody = dict.fromkeys(("nik_ct", "nik_bi", "name_ct", "birth_date_ct", "phone_ct"))
    return RosterEntry.objects.filter(roster__in=old).exclude(nik_ct=None, name_ct=None).update(**nobody)


def to_check(entries: QuerySet[RosterEntry]) -> QuerySet[RosterEntry]:
    """People whom the team must look at twice: not simply fit to be recorded."""
    return entries.exclude(eligibility__in=[Eligibility.FIRST, Eligibility.RERECORD, Eligibility.REPLACEMENT])
