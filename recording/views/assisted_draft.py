"""The people a clerk is booking for, and what was booked last: kept in the encrypted session and nowhere else."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from django.http import HttpRequest
from django.utils import timezone

from recording.declared import Declared
from recording.models import Resident, Village
from recording.policy import booking as rules
from recording.policy.household import MOST_PEOPLE
from recording.services.household import Member, registered

KEPT_FOR = timedelta(minutes=30)  # counters are shared
SESSION_KEY, DONE_KEY = "assisted", "assisted_done"


@dataclass(frozen=True)
class Person:
    """One of the list. `resident_id` None: not known here yet."""

    member: Member
    resident_id: int | None

    @property
    def name(self) -> str:
        return self.member.declared.name

    @property
    def not_before(self) -> date:
        declared = self.member.declared
        return rules.recordable_from(declared.birth_date, married=declared.married)


class AssistedDraft:
    def __init__(self, request: HttpRequest):
        self.session = request.session
        kept = request.session.get(SESSION_KEY) or {}
        fresh = timezone.now().timestamp() - kept.get("at", 0) <= KEPT_FOR.total_seconds()
        self.content: dict = kept if fresh else {}

    @property
    def rows(self) -> list[dict]:
        return self.content.get("people", [])

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= MOST_PEOPLE

    @property
    def key(self) -> str:
        """The idempotency key; another as soon as the people change."""
        return self.content.get("key", "")

    def holds(self, nik: str) -> bool:
        return any(row["nik"] == nik for row in self.rows)

    def add(self, row: dict) -> None:
        """`row`: nik, special_needs, who agreed for a child, and either `resident` (id) or what `PersonForm.typed` gives."""
        self._save([*self.rows, row])

    def remove(self, position: int) -> None:
        self._save([row for place, row in enumerate(self.rows) if place != position])

    def clear(self) -> None:
        self.content = {}
        self.session.pop(SESSION_KEY, None)

    def people(self) -> list[Person]:
        """Everybody in order, with the register's particulars as they are now; two queries for any number."""
        today = timezone.localdate()
        ids = [row["resident"] for row in self.rows if row.get("resident")]
        known = Resident.objects.select_related("identity", "village__district").in_bulk(ids) if ids else {}
        codes = [row["village"] for row in self.rows if row.get("village")]
        villages = {village.code: village for village in Village.objects.filter(code__in=codes)} if codes else {}
        return [_person(row, known, villages, today) for row in self.rows]

    def _save(self, rows: list[dict]) -> None:
        self.content = {"people": rows, "key": f"{uuid4()}", "at": int(timezone.now().timestamp())}
        self.session[SESSION_KEY] = self.content


def _person(row: dict, known: dict[int, Resident], villages: dict[str, Village], today: date) -> Person:
    resident = known.get(row.get("resident", 0))
    declared = registered(resident, today=today) if resident else _declared(row, villages)
    member = Member(
        declared=declared,
        special_needs=row["special_needs"],
        guardian_name=row.get("guardian_name", ""),
        guardian_relation=row.get("guardian_relation", ""),
    )
    return Person(member, resident.pk if resident else None)


def _declared(row: dict, villages: dict[str, Village]) -> Declared:
    return Declared(
        nik=row["nik"],
        name=row["name"],
        birth_date=date.fromisoformat(row["birth_date"]),
        sex=row["sex"],
        village=villages.get(row["village"]),
        married=row["married"],
        phone=row["phone"],
    )
