"""What becomes of each recording of the demo: the case, its history, the stalls and the messages owed for them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from issuance.enums import ENDED_STATUSES, CaseStatus, ChangeEvent, NextStep, OpenedBy, WaitingFor
from issuance.models import Case, StallRule, StatusChange
from issuance.services.calendar import service_days
from issuance.services.case import STALLED_KIND
from issuance.services.demo.copying import CopyTable, Ids
from issuance.services.demo.lists import ANSWERS, ON_THE_LIST, Lists
from issuance.services.demo.outbox import Outbox
from issuance.services.demo.people import Person
from recording.enums import FailureReason
from recording.models import Office
from recording.policy.booking import card_from
from recording.services.reference import DISDUKCAPIL_CODE

S = CaseStatus
RAW = {
    S.SENT: "SENT_FOR_ENROLLMENT",
    S.ADJUDICATION: "ADJUDICATE_RECORD",
    S.DUPLICATE: "DUPLICATE_RECORD",
    S.FAILED: "ENROLL_FAILURE_AT_CENTRAL",
    S.PRINT_READY: "PRINT_READY_RECORD",
}
# Of a thousand accepted recordings. Most flow; the rest are the portal's reason to exist.
FATES = {"flows": 905, "unsent": 36, "unanswered": 20, "similar": 11, "duplicate": 10, "unreadable": 18}
WORKING_HOURS = (time(8), time(20, 30))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPOILED, SPOILED_BEFORE = 0.036, timedelta(minutes=12)  # of the prints; another one follows at once
SPOILED_NOTE = "Kartu rusak; dicetak lagi."
CHECKED = "Sudah dicek di pusat; data lama dihapus."

Step = tuple[CaseStatus, datetime]


@dataclass(slots=True)
class Sitting:
    """A recording as the case needs it."""

    recording_id: int
    appointment_id: int
    office_id: int
    operator_id: int
    at: datetime
    channel: str
    failure: str


@dataclass(slots=True)
class Draft:
    """A case while its story is told."""

    id: int
    person: Person
    sitting: Sitting
    opened_at: datetime
    status: CaseStatus
    since: datetime
    attempt: int = 1
    reason: str = ""
    observed: Step | None = None
    known_at: datetime | None = None
    waiting_for: WaitingFor = WaitingFor.NONE
    stalled_since: datetime | None = None
    remedy: str = NextStep.NONE
    history: list[dict] = field(default_factory=list)


class Cards:
    """Give it the recordings of each person in order; `finish` writes the cases that still wait for a new one."""

    def __init__(
        self,
        *,
        random: Random,
        now: datetime,
        outbox: Outbox,
        verifier_id: int,
        lists: Lists,
        out_of_blanks: dict[int, datetime] | None = None,
    ):
        self.random, self.now, self.outbox, self.verifier_id = random, now, outbox, verifier_id
        self.out_of_blanks, self.lists = out_of_blanks or {}, lists
        self.central_id = Office.objects.filter(code=DISDUKCAPIL_CODE).values_list("pk", flat=True).first()
        self.cases, self.changes, self.ids = CopyTable(Case, with_id=True), CopyTable(StatusChange), Ids(Case)
        self.rules = {rule.status: rule for rule in StallRule.objects.filter(active=True)}
        self.is_open = service_days()
        self.to_record_again: dict[int, Draft] = {}

    def recorded(self, person: Person, sitting: Sitting) -> Draft:
        """The person was recorded, well or not: the case opens, or goes on with another attempt."""
        status = S.RERECORD if sitting.failure else S.CAPTURED
        draft = self.to_record_again.pop(person.resident_id, None)
        if draft is None:
            draft = Draft(self.ids.take(), person, sitting, sitting.at, status, sitting.at)
            self._note(draft, ChangeEvent.OPENED, sitting.at, actor_id=sitting.operator_id, from_status="")
        else:
            self._rest(draft, until=sitting.at)
            draft.attempt, draft.sitting = draft.attempt + 1, sitting
            self._move(draft, status, sitting.at, actor_id=sitting.operator_id)
        draft.reason = str(FailureReason(sitting.failure).label) if sitting.failure else ""
        self._tell(draft, "recording_failed" if sitting.failure else "recorded")
        if sitting.failure:
            self.to_record_again[person.resident_id] = draft
        else:
            for step, at in self._life(draft):
                if at > self.now or (self._is_answer(draft, step) and self.lists.telling(at) is None):
                    break
                self._rest(draft, until=at)
                self._enter(draft, step, at)
            self._end(draft)
        return draft

    def finish(self) -> None:
        for draft in self.to_record_again.values():
            self._end(draft)
        self.cases.flush()
        self.changes.flush()

    def _end(self, draft: Draft) -> None:
        """Whatever the status has been since, it is up to now; then the case is written."""
        self._see(draft, self.now)
        self._rest(draft, until=self.now)
        self._write(draft)

    # The course of a case.

    def _life(self, draft: Draft) -> Iterator[Step]:
        random, at = self.random, draft.since
        fate = random.choices(list(FATES), weights=list(FATES.values()))[0]
        if fate == "unsent" and random.random() < 0.6:
            return
        at = self._later(at, hours=(80, 260) if fate == "unsent" else (1, 22))
        yield S.SENT, at
        if fate == "unanswered" and random.random() < 0.6:
            return
        if fate == "unreadable":
            at = self._later(at, hours=(20, 90))
            yield S.FAILED, at
            at = self._known(at)
            if random.random() < 0.6:
                at = self._later(at, hours=(10, 60), at_work=True)
                yield S.RERECORD, at
            return
        if fate in ("similar", "duplicate"):
            at = self._later(at, hours=(20, 90))
            yield (S.ADJUDICATION if fate == "similar" else S.DUPLICATE), at
            return
        at = self._later(at, hours=(350, 600) if fate == "unanswered" else (4, 70))
        yield S.PRINT_READY, at
        at = self._known(at)
        seventeen = self._seventeen(draft.person, at)
        if seventeen:
            at = max(at, seventeen)
        slow = random.random() < 0.06
        at = self._later(at, hours=(100, 300) if slow else (6, 40), at_work=True)
        yield from self._printed(draft, at, of_age=not seventeen or seventeen <= self.now)

    def _printed(self, draft: Draft, at: datetime, *, of_age: bool) -> Iterator[Step]:
        """From the printer into the hand; an office without blanks keeps people waiting."""
        random = self.random
        shipped = random.random() < 0.2 and draft.sitting.office_id != self.central_id
        empty_since = self.out_of_blanks.get(draft.sitting.office_id)
        if empty_since and at > empty_since and not shipped:  # what Disdukcapil prints does not wait for this office
            draft.waiting_for = WaitingFor.BLANK if of_age else draft.waiting_for
            return
        if random.random() < SPOILED:
            yield S.PRINTED, at - SPOILED_BEFORE
            yield S.PRINT_READY, at - SPOILED_BEFORE / 2
        yield S.PRINTED, at
        if shipped:
            at = self._later(at, hours=(4, 24), at_work=True)
            yield S.SHIPPED, at
        at = self._later(at, hours=(1, 24), at_work=True)
        yield S.READY, at
        if random.random() < 0.93:
            yield S.ISSUED, self._later(at, hours=(4, 200), at_work=True)

    def _known(self, at: datetime) -> datetime:
        """When we hear of what the centre did then; asked only where we do."""
        number = self.lists.telling(at)
        return at if number is None else self.lists.applied_at[number]

    @staticmethod
    def _is_answer(draft: Draft, status: CaseStatus) -> bool:
        """Whether only a list can tell that the case is in `status` now: a spoiled card is ours."""
        return status in ANSWERS and draft.status != S.PRINTED

    def _later(self, at: datetime, *, hours: tuple[int, int], at_work: bool = False) -> datetime:
        """Some `hours` after `at`; what people do happens while the office is open."""
        at += timedelta(seconds=round(self.random.uniform(*hours) * 3600))
        if not at_work:
            return at
        opens, closes = WORKING_HOURS
        local = timezone.localtime(at)
        if local.time() >= closes:
            local += DAY
        if not opens <= local.time() < closes:
            at = local.replace(hour=8, minute=self.random.randrange(60))
        return at

    def _seventeen(self, person: Person, at: datetime) -> datetime | None:
        """The morning from which the card may be printed, when that is later than `at`."""
        row = person.row
        day = card_from(row.birth_date, married=row.married, recorded_on=timezone.localdate(at))
        return None if day is None else _at_hour(day, 8)

    # What each step leaves behind.

    def _enter(self, draft: Draft, status: CaseStatus, at: datetime) -> None:
        spoiled = status == S.PRINT_READY and draft.status == S.PRINTED
        decided = spoiled or status in (S.RERECORD, S.PRINTED, S.SHIPPED, S.READY, S.ISSUED)
        by_verifier = status == S.RERECORD
        actor_id = self.verifier_id if by_verifier else draft.sitting.operator_id if decided else None
        self._move(
            draft, status, at, actor_id=actor_id, note=CHECKED if by_verifier else SPOILED_NOTE if spoiled else ""
        )
        if spoiled:
            return
        if status in ANSWERS:
            self._follow_list(draft, status, at)
        if status == S.PRINT_READY and self._seventeen(draft.person, at):
            draft.waiting_for = WaitingFor.AGE
        if by_verifier:
            draft.reason = "Perekaman gagal di pusat"
            self._tell(draft, "rerecord")
        if status == S.READY:
            self._tell(draft, "card_ready")

    def _follow_list(self, draft: Draft, status: CaseStatus, at: datetime) -> None:
        """The line of history that a list wrote, and the message it caused."""
        number = self.lists.telling(at)
        if number is None:
            return
        pk, draft.known_at = self.lists.ids[number], self.lists.applied_at[number]
        draft.history[-1] |= {
            "central_import_id": pk,
            "entered_at": self.lists.applied_at[number],
            "actor_id": self.verifier_id,
        }
        kind, told_at = self.lists.note(number, status)
        self._tell(draft, kind, at=told_at, because=f":{pk}")

    def _see(self, draft: Draft, until: datetime) -> None:
        """What the lists said of the case while it was as it is."""
        as_of = self.lists.last_of(draft.since, until) if draft.status in ON_THE_LIST else None
        if as_of is not None:
            draft.observed = draft.status, as_of

    def _move(self, draft: Draft, status: CaseStatus, at: datetime, *, actor_id: int | None, note: str = "") -> None:
        self._see(draft, at)
        old, draft.status, draft.since = draft.status, status, at
        draft.known_at = None
        draft.waiting_for, draft.stalled_since, draft.remedy = WaitingFor.NONE, None, NextStep.NONE
        self._note(draft, ChangeEvent.MOVED, at, actor_id=actor_id, from_status=old, note=note)

    def _rest(self, draft: Draft, *, until: datetime) -> None:
        """The case stays as it is until then: long enough, and the sweep flags it and owes the message."""
        rule = self.rules.get(draft.status)
        if rule is None or draft.waiting_for != WaitingFor.NONE:
            return
        if draft.since + timedelta(days=rule.stalled_after) > until:  # not even if every day were a service day
            return
        flagged_at = _next_hour(rested(draft.since, days=rule.stalled_after, is_open=self.is_open))
        if draft.known_at:  # nobody flags what no list has told yet
            flagged_at = max(flagged_at, _next_hour(draft.known_at))
        if flagged_at > until:
            return
        draft.stalled_since, draft.remedy = flagged_at, rule.remedy
        self._note(draft, ChangeEvent.FLAGGED, flagged_at, actor_id=None, from_status=draft.status)
        self._tell(draft, STALLED_KIND, at=flagged_at, status=draft.status.value)

    def _note(self, draft: Draft, event: str, at: datetime, *, actor_id, from_status: str, note: str = "") -> None:
        draft.history.append(
            {
                "event": event,
                "from_status": from_status,
                "to_status": draft.status,
                "attempt": draft.attempt,
                "occurred_at": at,
                "entered_at": at,
                "actor_id": actor_id,
                "note": note,
            }
        )

    def _tell(self, draft: Draft, kind: str, *, at: datetime | None = None, because: str = "", **context: str) -> None:
        self.outbox.owe(
            kind=kind,
            resident_id=draft.person.resident_id,
            appointment_id=draft.sitting.appointment_id,
            dedup_key=f"{kind}:{draft.id}:{draft.attempt}:{int(draft.since.timestamp())}{because}",
            channel=draft.sitting.channel,
            at=at or draft.since,
            context={"case": draft.id, **context},
        )

    def _write(self, draft: Draft) -> None:
        ended = draft.status in ENDED_STATUSES
        paused = ended or draft.waiting_for != WaitingFor.NONE
        self.cases.add(
            id=draft.id,
            resident_id=draft.person.resident_id,
            opened_by=OpenedBy.RECORDING,
            opened_at=draft.opened_at,
            recording_id=draft.sitting.recording_id,
            office_id=draft.sitting.office_id,
            pickup_office_id=draft.sitting.office_id,
            attempt=draft.attempt,
            status=draft.status,
            status_since=draft.since,
            observed_raw=RAW[draft.observed[0]] if draft.observed else "",
            observed_status=draft.observed[0] if draft.observed else "",
            observed_as_of=draft.observed[1] if draft.observed else None,
            clock_from=None if paused else draft.since,
            stalled_since=None if ended else draft.stalled_since,
            next_step=draft.remedy,
            waiting_for=draft.waiting_for,
            rerecord_reason=draft.reason if draft.status == S.RERECORD else "",
        )
        for line in draft.history:
            self.changes.add(case_id=draft.id, **line)


def rested(since: datetime, *, days: int, is_open: Callable[[date], bool]) -> datetime:
    """The moment at which `days` service days have passed since then: the inverse of `policy.service_days.cut_off`."""
    moment, remaining = timezone.localtime(since), timedelta(days=days)
    while remaining:
        midnight = _at_hour(moment.date() + DAY, 0)
        counted = min(remaining, midnight - moment) if is_open(moment.date()) else timedelta()
        moment = moment + counted if counted == remaining else midnight
        remaining -= counted
    return moment


def _at_hour(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _next_hour(at: datetime) -> datetime:
    """When the hourly sweep comes by."""
    return datetime.fromtimestamp(math.ceil(at.timestamp() / 3600) * 3600, tz=at.tzinfo)
