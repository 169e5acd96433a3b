"""Who booked, who came, how long they waited and what happened at the kit: the demo's days, one after the other."""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from issuance.services.demo.cards import Cards
from issuance.services.demo.desk import Desk, Served, Visit
from issuance.services.demo.people import Person
from issuance.services.demo.schedule import WALK_INS, Half, Schedule
from recording.enums import AppointmentStatus, Channel, Pool, Purpose, RecordingOutcome
from recording.models import Office, Village
from recording.policy.booking import may_be_recorded, places_needed
from recording.services.attendance import GRACE

STAYS_HOME = 0.06  # cancels in time
MOVES = 0.05
ONLINE = 0.8  # the others are booked for by a clerk
FROM_ELSEWHERE = 0.15  # any office may be used, whatever the domicile
SPECIAL_NEEDS = 0.02
REFUSED, FAILED = 0.025, 0.05  # of those who come
COMES_BACK = {"no_show": 0.45, "cancelled": 0.4, "refused": 0.7, "failed": 0.7}
FROM_DUE = 0.7  # chance that a free place goes to somebody who wanted to come back
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(slots=True)
class Return:
    """Somebody who wants an appointment; the time before it went wrong at `since`."""

    person: Person
    purpose: str
    since: datetime | None = None


class Visits:
    """`day(day, halves)` lives through one day and writes its rows."""

    def __init__(self, *, random: Random, schedule: Schedule, people: list[Person], desk: Desk, cards: Cards):
        self.random, self.schedule, self.now = random, schedule, schedule.now
        self.desk, self.cards = desk, cards
        self.offices = {office.pk: office for office in Office.objects.active()}
        by_district = {office.district_id: office.pk for office in self.offices.values() if office.district_id}
        self.home = {village.pk: by_district[village.district_id] for village in Village.objects.all()}
        self.fresh: dict[int, list[Person]] = defaultdict(list)
        for person in people:
            self.fresh[self.home[person.row.village_id]].append(person)
        self.due: dict[date, list[Return]] = defaultdict(list)
        self.waiting: list[Return] = []

    def day(self, day: date, halves: list[Half]) -> None:
        self.waiting += self.due.pop(day, [])
        visits: list[Visit] = []
        for half in halves:
            wanted = self._whole(half.demand)
            visits += filter(None, (self._book(half) for _place in range(wanted)))
            if half.ends_at <= self.now:
                visits += filter(None, (self._walk_in(half) for _place in range(self._whole(half.demand * WALK_INS))))
        self._serve(visits)
        for visit in visits:
            self.desk.open(visit)
            self._settle(visit)
            self._record(visit)
            self.desk.write(visit)
        self.desk.end_of_day(day)

    def _whole(self, expected: float) -> int:
        return int(expected + self.random.random())

    def _next_person(self, half: Half) -> Return | None:
        if self.waiting and self.random.random() < FROM_DUE:
            place = self.random.randrange(len(self.waiting))
            self.waiting[place], self.waiting[-1] = self.waiting[-1], self.waiting[place]
            return self.waiting.pop()
        office_id = half.office_id
        if not self.fresh.get(office_id) or self.random.random() < FROM_ELSEWHERE:
            office_id = self.random.choice([pk for pk, people in self.fresh.items() if people] or [office_id])
        people = self.fresh.get(office_id)
        return Return(people.pop(), Purpose.FIRST) if people else None

    # Before the day.

    def _book(self, half: Half) -> Visit | None:
        random = self.random
        coming = self._next_person(half)
        if coming is None or not self._old_enough(coming.person, half.day):
            return None
        special_needs = random.random() < SPECIAL_NEEDS
        channel = Channel.ONLINE if random.random() < ONLINE else Channel.DESK
        public = channel == Channel.ONLINE and coming.purpose == Purpose.FIRST
        places = places_needed(special_needs=special_needs)
        if not half.take(places, public=public):
            self.waiting.append(coming)
            return None
        booked_at = self._booked_at(half, coming.since)
        visit = Visit(
            person=coming.person,
            half=half,
            office_id=half.office_id,
            day=half.day,
            purpose=coming.purpose,
            channel=channel,
            pool=Pool.PUBLIC if public else Pool.RESERVED,
            places=places,
            special_needs=special_needs,
            booked_at=booked_at,
            status_at=booked_at,
        )
        if random.random() < STAYS_HOME:
            self._cancel(visit)
        elif random.random() < self.schedule.no_show_chance(half):
            self._miss(visit)
        else:
            visit.arrives_at = half.starts_at + timedelta(seconds=random.randrange(-1200, 720))
        if random.random() < MOVES and visit.status == AppointmentStatus.BOOKED:
            visit.moved_at = self._between(visit.booked_at, min(half.starts_at, self.now))
        return visit

    def _old_enough(self, person: Person, day: date) -> bool:
        return may_be_recorded(person.row.birth_date, married=person.row.married, on=day)

    def _booked_at(self, half: Half, since: datetime | None) -> datetime:
        latest = min(half.starts_at - 20 * MINUTE, self.now)
        if since is not None:
            return self._between(since, latest)
        ahead = DAY * min(self.random.expovariate(1 / 4), self.schedule.window - 1)
        return min(
            half.starts_at - ahead, latest - 3 * DAY * self.random.random() if half.ends_at > self.now else latest
        )

    def _between(self, first: datetime, last: datetime) -> datetime:
        return max(first, first + (last - first) * self.random.random()).replace(microsecond=0)

    def _cancel(self, visit: Visit) -> None:
        at = self._between(visit.booked_at, visit.half.starts_at)
        if at <= self.now:
            visit.status, visit.status_at = AppointmentStatus.CANCELLED, at
            visit.half.booked -= visit.places
            visit.half.booked_public -= visit.places if visit.pool == Pool.PUBLIC else 0
            visit.places = 0

    def _miss(self, visit: Visit) -> None:
        at = visit.half.ends_at + GRACE + timedelta(seconds=self.random.randrange(600))
        if at <= self.now:
            visit.status, visit.status_at = AppointmentStatus.NO_SHOW, at

    def _walk_in(self, half: Half) -> Visit | None:
        coming = self._next_person(half)
        if coming is None or not self._old_enough(coming.person, half.day):
            return None
        at = self._between(max(half.starts_at, coming.since or half.starts_at), half.ends_at)
        return Visit(
            person=coming.person,
            half=half,
            office_id=half.office_id,
            day=half.day,
            purpose=coming.purpose,
            channel=Channel.WALK_IN,
            pool=Pool.PUBLIC,
            places=0,
            special_needs=False,
            booked_at=at,
            status_at=at,
            arrives_at=at,
        )

    # At the office.

    def _serve(self, visits: list[Visit]) -> None:
        """Stations take people in the order of their arrival; nobody before the time of their slot."""
        free_at: dict[int, list[tuple[datetime, int]]] = {}
        came = [visit for visit in visits if visit.has_come(self.now)]
        for visit in sorted(came, key=lambda visit: (visit.arrives_at, visit.person.resident_id)):
            stations = free_at.setdefault(
                visit.office_id,
                [(visit.half.starts_at, n) for n in range(1, self.offices[visit.office_id].stations + 1)],
            )
            free, station = heapq.heappop(stations)
            minutes = self.random.uniform(20, 28) if visit.special_needs else self.random.uniform(6.5, 13)
            started_at = max(free, visit.arrives_at + MINUTE, visit.half.starts_at).replace(microsecond=0)
            visit.served = Served(station, started_at, started_at + timedelta(seconds=round(minutes * 60)))
            heapq.heappush(stations, (visit.served.ended_at, station))

    def _settle(self, visit: Visit) -> None:
        """The status that the day leaves, and who of those without a recording comes back."""
        if visit.has_come(self.now):
            visit.status, visit.status_at = AppointmentStatus.ARRIVED, visit.arrives_at
            if visit.served and visit.served.ended_at <= self.now:
                refused = self.random.random() < REFUSED
                visit.status = AppointmentStatus.REFUSED if refused else AppointmentStatus.DONE
                visit.status_at = visit.served.ended_at
        if visit.status in COMES_BACK:
            self._come_back(visit, COMES_BACK[visit.status], visit.purpose)

    def _come_back(self, visit: Visit, chance: float, purpose: str) -> None:
        if self.random.random() < chance:
            later = max(visit.day, visit.status_at.date()) + DAY * self.random.randrange(1, 8)
            self.due[later].append(Return(visit.person, purpose, visit.status_at))

    def _record(self, visit: Visit) -> None:
        """The recording of somebody who was served, and its case."""
        if visit.status != AppointmentStatus.DONE or visit.served is None:
            return
        failed = self.random.random() < FAILED
        sitting = self.desk.record(
            visit, visit.served, RecordingOutcome.FAILED if failed else RecordingOutcome.ACCEPTED
        )
        self.cards.recorded(visit.person, sitting)
        if failed:
            self._come_back(visit, COMES_BACK["failed"], Purpose.RERECORD)
