"""Find people and appointments from what is typed or scanned at the desk.

A name finds only appointments of one's own office; a full NIK or a tracking code opens a person wherever they booked.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, Func, IntegerField, Value
from django.utils import timezone

from recording.enums import AppointmentStatus
from recording.models import Appointment, Resident, User
from recording.policy import code as code_policy
from recording.policy import nik as nik_policy
from recording.services import audit, resident, tracking_code

NAME_WINDOW = timedelta(days=45)
NAME_LIMIT = 50
_TICKET = re.compile(r"([BW])\s*0*(\d{1,4})", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+")


class Sought(StrEnum):
    """What the text turned out to be."""

    NIK = "nik"
    CODE = "code"
    TICKET = "ticket"
    NAME = "name"
    WRONG_NIK = "wrong_nik"
    WRONG_CODE = "wrong_code"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, kw_only=True)
class Found:
    """`person` for a NIK or code, `appointments` for a ticket or name; both may be empty."""

    sought: Sought
    person: Resident | None = None
    appointments: list[Appointment] = field(default_factory=list)


def find(*, text: str, by: User, now: datetime) -> Found:
    """Look up `text` for `by` and note in the audit trail who looked for whom.

    `text`: tracking code, scanned address that ends in `#CODE`, NIK, queue number of today, or two letters of a name.
    """
    found = _find(text.replace("\0", "").strip(), by, timezone.localdate(now))
    audit.record(
        action=f"search.{found.sought}",
        actor=by,
        resident_id=found.person.pk if found.person else None,
        subject=f"appointments:{len(found.appointments)}" if found.appointments else "",
        office_id=by.office_id,
    )
    return found


def appointment_to_open(person: Resident, *, by: User, now: datetime) -> Appointment | None:
    """The appointment a clerk of `by`'s office wants when `person` stands there: today's, the live one first."""
    today = Appointment.objects.for_staff(by).filter(resident=person, day=timezone.localdate(now))
    return today.live().first() or today.exclude(status=AppointmentStatus.CANCELLED).order_by("-status_at").first()


def _find(text: str, by: User, today) -> Found:
    scanned = text.rpartition("#")[2] if "#" in text else text
    if re.fullmatch(r"[\d\s.\-]{10,}", text) and not _is_code(scanned):
        return _by_nik(text)
    if ticket := _TICKET.fullmatch(text):
        rows = _own(by).filter(ticket__day=today, ticket__series=ticket[1].upper(), ticket__number=int(ticket[2]))
        return Found(sought=Sought.TICKET, appointments=list(rows[:NAME_LIMIT]))
    if _is_code(scanned):
        person = tracking_code.find_at_desk(code_policy.normalise(scanned))
        if person or any(character.isdigit() for character in scanned):
            return Found(sought=Sought.CODE, person=person)
    elif "#" in text or _looks_like_code(text):
        return Found(sought=Sought.WRONG_CODE)
    return _by_name(text, by, today)


def _by_nik(text: str) -> Found:
    try:
        nik = nik_policy.sixteen_digits(text)
    except nik_policy.NikError:
        return Found(sought=Sought.WRONG_NIK)
    return Found(sought=Sought.NIK, person=resident.find_by_nik(nik))


def _by_name(text: str, by: User, today) -> Found:
    words = _WORDS.findall(text)
    if sum(map(len, words)) < 2:
        return Found(sought=Sought.TOO_SHORT)
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    named = Resident.objects.annotate(words=SearchVector("name", config="simple")).filter(words=query)
    rows = (
        _own(by)
        .filter(resident__in=named, day__range=(today - NAME_WINDOW, today + NAME_WINDOW))
        .annotate(days_away=_days_away(today))
        .order_by("days_away", "-day", "slot__starts_at", "pk")
    )
    return Found(sought=Sought.NAME, appointments=list(rows[:NAME_LIMIT]))


def _days_away(today: date) -> Func:
    """Days between an appointment and today, whichever comes first."""
    return Func(F("day"), Value(today), template="abs(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())


def _own(by: User):
    return (
        Appointment.objects.for_staff(by)
        .select_related("resident__village", "slot", "office", "ticket")
        .annotate(outcome=F("recording__outcome"))
    )


def _is_code(text: str) -> bool:
    try:
        code_policy.normalise(text)
    except ValueError:
        return False
    return True


def _looks_like_code(text: str) -> bool:
    """Eleven letters and digits, some of each, that fail the check character: a slip of the finger."""
    plain = re.sub(r"[\s\-]", "", text)
    return len(plain) in (10, 11, 12) and any(c.isdigit() for c in plain) and any(c.isalpha() for c in plain)
