"""Requests to be recorded at home: take them in without looking anybody up, plan them into a session, or decline."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from recording.enums import HelperRelation, OfficeKind, VisitReason, VisitStatus
from recording.exceptions import VisitNotOpen
from recording.models import HomeVisit, Office, RosterEntry, User, Village
from recording.policy.roster import Person
from recording.services import audit, rate_limit, roster

REQUESTS_PER_ADDRESS = {"capacity": 20, "per_seconds": 60 * 60}
REQUESTS_PER_NIK = {"capacity": 3, "per_seconds": 24 * 60 * 60}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was typed. `phone` E.164; the helper is whoever asks for somebody else."""

    nik: str
    name: str
    birth_date: date
    village: Village
    address: str
    phone: str
    reason: VisitReason | str
    note: str = ""
    helper_name: str = ""
    helper_relation: HelperRelation | str = ""


@transaction.atomic
def request(*, asked: Asked, now: datetime, by: User | None = None) -> HomeVisit:
    """Write a request down for the office of its kecamatan. Nobody is looked up, so everybody gets the same answer."""
    visit = HomeVisit(
        office=_office(asked.village),
        village=asked.village,
        reason=asked.reason,
        helper_relation=asked.helper_relation if asked.helper_name else "",
        created_by=by,
        created_at=now,
    )
    for name in ("nik", "name", "address", "phone", "helper_name", "note"):
        setattr(visit, name, getattr(asked, name))
    visit.birth_date = asked.birth_date.isoformat()
    visit.save(force_insert=True)
    _note(visit, "home_visit.request", by)
    return visit


def request_online(*, asked: Asked, address: str, now: datetime) -> None:
    """`request` by a visitor from network address `address`. Raises TooManyTries, for known and unknown NIKs alike."""
    rate_limit.take(scope="home_visit.address", key=address, now=now, **REQUESTS_PER_ADDRESS)
    rate_limit.take(scope="home_visit.nik", key=asked.nik, now=now, **REQUESTS_PER_NIK)
    request(asked=asked, now=now)


@transaction.atomic
def plan(*, visit_ids: list[int], roster_id: int, by: User) -> int:
    """Put new requests on the list of a session; who is on it already is not added twice. Returns how many were.

    Raises RosterNotOpen; VisitNotOpen: one of them is not new, or another office's. Locks the roster, then the requests.
    """
    session = roster.locked(roster_id, by)
    visits = list(waiting(user=by).filter(pk__in=visit_ids).select_for_update(of=("self",)).order_by("pk"))
    if len(visits) != len(set(visit_ids)):
        raise VisitNotOpen
    entries = {bytes(entry.nik_bi): entry for entry in session.entries.filter(nik_bi__isnull=False)}
    people = {visit.nik: _person(visit) for visit in visits if _entry_index(visit) not in entries}
    for entry in roster.add(roster=session, people=list(people.values())):
        entries[bytes(entry.nik_bi)] = entry
    for visit in visits:
        visit.entry, visit.status = entries[_entry_index(visit)], VisitStatus.PLANNED
        _note(visit, "home_visit.plan", by)
    HomeVisit.objects.bulk_update(visits, ["entry", "status"])
    return len(visits)


@transaction.atomic
def decline(*, visit_id: int, reason: str, by: User) -> None:
    """Answer a new request with no, and why. Raises VisitNotOpen."""
    if not waiting(user=by).filter(pk=visit_id).update(status=VisitStatus.DECLINED, declined_reason=reason):
        raise VisitNotOpen
    _note(HomeVisit.objects.get(pk=visit_id), "home_visit.decline", by, reason)


def waiting(*, user: User) -> QuerySet[HomeVisit]:
    """The requests that the office of `user` has not answered."""
    return HomeVisit.objects.for_staff(user).filter(status=VisitStatus.NEW)


def _office(village: Village) -> Office:
    """The kecamatan's office, else Disdukcapil, else the first there is."""
    offices = Office.objects.active()
    here = offices.filter(kind=OfficeKind.KECAMATAN, district=village.district_id).first()
    return here or offices.filter(kind=OfficeKind.DISDUKCAPIL).first() or offices[0]


def _person(visit: HomeVisit) -> Person:
    return Person(
        nik=visit.nik,
        name=visit.name,
        birth_date=date.fromisoformat(visit.birth_date),
        sex="",
        village_id=visit.village_id,
        outside=False,
        married=False,
        phone=visit.phone,
    )


def _entry_index(visit: HomeVisit) -> bytes:
    return RosterEntry.nik.index(RosterEntry, visit.nik)


def _note(visit: HomeVisit, action: str, by: User | None, reason: str = "") -> None:
    audit.record(action=action, actor=by, subject=f"home_visit:{visit.pk}", office_id=visit.office_id, reason=reason)
