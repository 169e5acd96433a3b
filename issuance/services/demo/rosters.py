"""The demo's work away from the offices: a session at a school yesterday, one in a village ahead, and people who asked to
be recorded at home. Few rows, so they go through the services that write the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random

from django.utils import timezone

from issuance.services.demo.names import name
from issuance.services.demo.people import Person
from recording.enums import FailureReason, HelperRelation, RosterOutcome, VisitReason
from recording.models import Notification, Office, Recording, Roster, TrackingCode, User, Village
from recording.policy.code import new_code
from recording.policy.nik import age
from recording.policy.roster import Result
from recording.services import home_visit, roster, roster_import
from recording.services.home_visit import Asked
from recording.services.roster import Plan
from recording.services.tracking_code import desk_index, lookup_index

SCHOOL_OFFICE, VILLAGE_OFFICE = "33.19.02", "33.19.06"
PUPILS, VILLAGERS, VISITS, ASKED_AT = 14, 10, 2, 4  # visits at each of so many offices
FEWEST_PUPILS = 4
KEYED_IN_BEFORE = timedelta(hours=2)  # so that their messages have gone out
YOUNG, GROWN_UP, OLD = range(16, 18), range(18, 65), range(65, 96)  # years of age
MINUTES_EACH = 11
NEEDS = (
    (VisitReason.SICK, "Stroke, tidak dapat turun dari tempat tidur"),
    (VisitReason.ELDERLY, "Sudah tidak kuat naik kendaraan"),
    (VisitReason.DISABILITY, "Memakai kursi roda, rumah di gang sempit"),
)


@dataclass(frozen=True, kw_only=True)
class Away:
    """Those who are not recorded at an office: `asks` holds whom to visit and the office that is asked."""

    pupils: list[Person]
    villagers: list[Person]
    asks: list[tuple[Office, Person]]


def set_aside(people: list[Person], *, today: date) -> tuple[Away, list[Person]]:
    """Choose people for the sessions and visits, at most a tenth of `people`. Returns them, and everybody else."""
    offices = {office.code: office for office in Office.objects.active().exclude(district=None)}
    districts = dict(Village.objects.values_list("pk", "district_id"))
    free, left = list(people), len(people) // 10

    def take(code: str, wanted: int, ages: range) -> list[Person]:
        nonlocal left
        fit = (
            each
            for each in free
            if districts[each.row.village_id] == offices[code].district_id
            and age(each.row.birth_date, on=today - timedelta(days=1)) in ages
        )
        chosen = list(islice(fit, min(wanted, left)))
        left -= len(chosen)
        ids = {each.resident_id for each in chosen}
        free[:] = [each for each in free if each.resident_id not in ids]
        return chosen

    codes = [VILLAGE_OFFICE, *(code for code in sorted(offices) if code != VILLAGE_OFFICE)][:ASKED_AT]
    asks = [(offices[code], each) for code in codes for each in take(code, VISITS, OLD)]
    away = Away(
        pupils=take(SCHOOL_OFFICE, PUPILS, YOUNG), villagers=take(VILLAGE_OFFICE, VILLAGERS, GROWN_UP), asks=asks
    )
    return away, free


def make_rosters(away: Away, *, random: Random, now: datetime) -> int:
    """Two sessions and some requests, as far as there are people for them. Returns how many recordings were made."""
    operators = User.objects.filter(username__startswith="operator.", office__isnull=False).select_related("office")
    clerks = {user.office_id: user for user in operators}
    by_code = {user.office.code: user for user in operators}
    made = _school(by_code[SCHOOL_OFFICE], away.pupils, random, now)
    ahead = _village(by_code[VILLAGE_OFFICE], away.villagers, now)
    _visits(away.asks, ahead, clerks, random, now)
    return made


def _school(clerk: User, pupils: list[Person], random: Random, now: datetime) -> int:
    """All have a result but the last."""
    if len(pupils) < FEWEST_PUPILS:
        return 0
    held_on = timezone.localdate(now) - timedelta(days=1)
    session = _session(clerk, "SMA Contoh Kota", held_on, pupils, now)
    results = [_result(number, held_on, len(pupils)) for number in range(1, len(pupils))]
    recorded = [pupil for pupil, result in zip(pupils, results, strict=False) if result.outcome != RosterOutcome.ABSENT]
    for pupil in recorded:
        _issue_code(pupil, random, now)
    keyed_in = now - KEYED_IN_BEFORE
    roster_import.enter_rows(roster_id=session.pk, results=results, by=clerk, now=keyed_in)
    _set_the_clock(session, keyed_in)
    return len(recorded)


def _set_the_clock(session: Roster, at: datetime) -> None:
    """What is stamped by the clock on the wall belongs to the demo's own moment."""
    made = Recording.objects.filter(roster_entry__roster=session)
    made.update(entered_at=at)
    late = Notification.objects.filter(resident__recordings__in=made, send_after__gt=at)
    late.update(send_after=at)


def _village(clerk: User, people: list[Person], now: datetime) -> Roster | None:
    held_on = timezone.localdate(now) + timedelta(days=2)
    return _session(clerk, "Balai Desa Contoh Jekulo", held_on, people, now) if people else None


def _session(clerk: User, place: str, held_on: date, people: Sequence[Person], now: datetime) -> Roster:
    office = Office.objects.get(pk=clerk.office_id)
    plan = Plan(office=office, place=place, held_on=held_on, device="KIT-07", batch=f"{held_on:%m%d}-A")
    lines = [f"{each.row.nik};{each.row.name};{each.row.birth_date};{each.row.sex}" for each in people]
    content = "\n".join(["nik;nama;tanggal_lahir;jk", *lines]).encode()
    draft = roster.create(plan=plan, content=content, by=clerk, now=now - timedelta(days=3))
    return roster.confirm(roster_id=draft.pk, by=clerk)


def _result(number: int, held_on: date, people: int) -> Result:
    """Everybody is recorded one after the other, but for one who fails and the last, who is not there."""
    outcome = RosterOutcome.ACCEPTED
    if number == people // 2:
        outcome = RosterOutcome.FAILED
    elif number == people - 1:
        outcome = RosterOutcome.ABSENT
    began = timezone.make_aware(datetime.combine(held_on, time(8, 40)))
    at = began + timedelta(minutes=MINUTES_EACH * number)
    return Result(
        number=number,
        person=None,
        outcome=outcome,
        recorded_at=None if outcome == RosterOutcome.ABSENT else at,
        failure_reason=FailureReason.FINGERPRINT if outcome == RosterOutcome.FAILED else "",
        missing={},
        papers=False,
        family_card="",
        device="",
        batch="",
    )


def _visits(
    asks: list[tuple[Office, Person]],
    ahead: Roster | None,
    clerks: dict[int | None, User],
    random: Random,
    now: datetime,
) -> None:
    """Most wait for an answer; one is planned into the session ahead, one was declined."""
    asked = [
        home_visit.request(asked=_asked(person, number, random), now=now - timedelta(hours=5 + 9 * number))
        for number, (_office, person) in enumerate(asks)
    ]
    own = [visit for visit in asked if ahead and visit.office_id == ahead.office_id]
    elsewhere = [visit for visit in asked if visit not in own]
    if ahead and own:
        home_visit.plan(visit_ids=[own[-1].pk], roster_id=ahead.pk, by=ahead.created_by)
    if elsewhere:
        last = elsewhere[-1]
        reason = "Sudah dapat datang sendiri ke kantor."
        home_visit.decline(visit_id=last.pk, reason=reason, by=clerks[last.office_id])


def _asked(person: Person, number: int, random: Random) -> Asked:
    reason, note = NEEDS[number % len(NEEDS)]
    row = person.row
    return Asked(
        nik=row.nik,
        name=row.name,
        birth_date=row.birth_date,
        village=Village.objects.get(pk=row.village_id),
        address=f"RT {random.randrange(1, 9):02} RW {random.randrange(1, 6):02}",
        phone=row.phone or "+6286000000000",
        reason=reason,
        note=note,
        helper_name=name(random, birth_year=1978, sex=random.choice("LP")),
        helper_relation=HelperRelation.CHILD,
    )


def _issue_code(person: Person, random: Random, now: datetime) -> None:
    """A code by the demo's own dice: the same seed makes the same codes."""
    code = TrackingCode(resident_id=person.resident_id, issued_at=now)
    code.code = new_code(random.choice)
    code.lookup, code.desk = lookup_index(nik=person.row.nik, code=code.code), desk_index(code.code)
    code.save(force_insert=True)
