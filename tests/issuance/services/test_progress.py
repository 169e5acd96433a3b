import datetime as dt
from collections import Counter
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from issuance.enums import CaseStatus, ChangeEvent
from issuance.models import Case, DirtyDay, InterimLetter, OfficeHour, ProgressDay, StatusChange
from issuance.services import progress
from recording.enums import TicketStatus
from recording.models import Notification, Recording, Resident
from tests.factories import (
    AppointmentFactory,
    CaseFactory,
    NotificationFactory,
    OfficeFactory,
    QueueTicketFactory,
    RecordingFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
    VillageFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LEVEL = {"print_ready": 2, "printed": 3, "shipped": 3, "ready": 3, "issued": 4}
NAMES = {2: "print_ready", 3: "printed", 4: "handed_over"}


def at(days_ago, hour=9, minute=0):
    day = timezone.localdate() - days_ago * DAY
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


def totals(**where):
    counts = Counter()
    for row in ProgressDay.objects.filter(**where):
        counts.update({measure: getattr(row, measure) for measure in progress.MEASURES})
    return +counts


def recorded(days_ago, *, resident=None, **values):
    return RecordingFactory(
        resident=resident or ResidentFactory(village=VillageFactory()),
        recorded_at=at(days_ago),
        day=at(days_ago).date(),
        **values,
    )


def moved(case, to, days_ago, event=ChangeEvent.MOVED):
    change = StatusChange.objects.create(
        case=case,
        event=event,
        from_status=case.status,
        to_status=to,
        attempt=case.attempt,
        occurred_at=at(days_ago, 12),
    )
    values = {"status": to, "clock_from": None}
    if event == ChangeEvent.FLAGGED:
        values["stalled_since"] = at(days_ago, 12)
    elif event == ChangeEvent.MOVED:
        values["stalled_since"] = None
    Case.objects.filter(pk=case.pk).update(**values, closed_reason="selesai" if to == "closed" else "")
    case.refresh_from_db()
    return change


def refresh():
    return progress.refresh_due(now=timezone.now())


def test_a_resident_counts_once_on_the_first_day():
    resident = ResidentFactory(village=VillageFactory())
    recorded(5, resident=resident, attempt=1)
    recorded(3, resident=resident, attempt=2)
    refresh()
    assert totals(day=at(5).date()) == {"first_recorded": 1}
    assert totals(day=at(3).date()) == {"re_recorded": 1}


def test_a_recording_entered_late_takes_the_first_place_on_its_own_day():
    resident = ResidentFactory(village=VillageFactory())
    recorded(3, resident=resident, attempt=1)
    refresh()
    recorded(6, resident=resident, attempt=2)
    refresh()
    assert totals(day=at(6).date()) == {"first_recorded": 1}
    assert totals(day=at(3).date()) == {"re_recorded": 1}


@pytest.mark.parametrize(
    ("who", "what", "counted"),
    [
        ({"village": None, "outside_regency": True}, {}, "outside"),
        ({}, {"before_obliged": True}, "young"),
        ({"recorded_before_portal": True}, {}, "obliged"),
    ],
)
def test_outsiders_the_young_and_those_recorded_before_do_not_move_the_figure(who, what, counted):
    resident = ResidentFactory(**{"village": VillageFactory(), **who})
    recorded(2, resident=resident, **what)
    refresh()
    assert not totals(counted="obliged").get("first_recorded")
    assert sum(totals(counted=counted).values()) == 1


def test_going_back_takes_away_what_was_counted_on_an_earlier_day():
    case = CaseFactory(recording=recorded(6), status="sent", history__occurred_at=at(6))
    moved(case, "print_ready", 4)
    refresh()
    assert totals(day=at(4).date()) == {"print_ready": 1}
    moved(case, "sent", 0)
    refresh()
    assert totals(day=at(4).date()) == {}
    moved(case, "printed", 0)
    refresh()
    assert totals(day=at(0).date()) == {"print_ready": 1, "printed": 1}


def test_the_stock_of_stalled_stands_on_every_day_until_the_case_moves():
    case = CaseFactory(recording=recorded(6), history__occurred_at=at(6))
    moved(case, "captured", 4, event=ChangeEvent.FLAGGED)
    NotificationFactory(resident=case.resident, kind="case_stalled", told_at=at(3))
    moved(case, "sent", 1)
    for ago in range(6):
        progress.refresh_day(day=at(ago).date())
    assert [totals(day=at(ago).date())["stalled"] for ago in (5, 4, 3, 2, 1)] == [0, 1, 1, 1, 0]
    assert [totals(day=at(ago).date())["told"] for ago in (5, 4, 3, 2, 1)] == [0, 0, 1, 1, 0]
    assert totals(day=at(4).date())["newly_stalled"] == 1


def test_today_is_never_noted_and_a_past_day_is_noted_by_any_writer():
    DirtyDay.objects.all().delete()
    recording = recorded(0)
    assert not DirtyDay.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE recording_recording SET day = %s WHERE id = %s", [at(3).date(), recording.pk])
    assert set(DirtyDay.objects.values_list("day", flat=True)) == {at(3).date()}


def test_refreshing_twice_changes_nothing():
    recorded(1)
    refresh()
    before = list(ProgressDay.objects.values_list("day", *progress.MEASURES))
    assert refresh() == 2
    assert list(ProgressDay.objects.values_list("day", *progress.MEASURES)) == before


def test_hours_hold_what_happened_in_them():
    office = OfficeFactory()
    slot = SlotFactory(office=office, starts_at=at(1, 19), ends_at=at(1, 19, 30))
    came = AppointmentFactory(slot=slot, office=office, day=at(1).date(), status="done")
    AppointmentFactory(slot=slot, office=office, day=at(1).date(), status="no_show", places_held=0)
    AppointmentFactory(slot=slot, office=office, day=at(1).date(), status="cancelled", places_held=0)
    QueueTicketFactory(
        appointment=came,
        office=office,
        day=at(1).date(),
        status=TicketStatus.CLOSED,
        station=1,
        issued_at=at(1, 18, 50),
        called_at=at(1, 19, 5),
        started_at=at(1, 19, 6),
        ended_at=at(1, 19, 16),
    )
    refresh()
    before, evening = OfficeHour.objects.filter(day=at(1).date()).order_by("hour")
    assert (before.hour, before.arrived, before.waits) == (18, 1, [900])
    assert (evening.hour, evening.booked, evening.no_show, evening.services) == (19, 2, 1, [600])


class History:
    """A made-up regency of a few people, to whom anything may happen on any of the last days, in any order."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.villages, self.offices = VillageFactory.create_batch(2), OfficeFactory.create_batch(2)
        self.clerk = UserFactory(office=self.offices[0])

    def ago(self):
        return self.random.randint(0, 7)

    def step(self):
        cases, residents = list(Case.objects.open()), list(Resident.objects.all())
        choices = [self.record, self.record_new, self.record_new]
        if cases:
            choices += [self.move] * 4 + [self.flag, self.close, self.letter, self.tell]
        if residents:
            choices += [self.correct]
        self.random.choice(choices)()

    def record_new(self):
        who = self.random.choice([{}, {}, {"outside_regency": True, "village": None}, {"recorded_before_portal": True}])
        resident = ResidentFactory(**{"village": self.random.choice(self.villages), **who})
        self.record(resident)

    def record(self, resident=None):
        resident = resident or self.random.choice(list(Resident.objects.all()) or [ResidentFactory()])
        ago, accepted = self.ago(), self.random.random() < 0.8
        outcome = {} if accepted else {"outcome": "failed", "failure_reason": "photo", "captured": []}
        recording = RecordingFactory(
            resident=resident,
            attempt=resident.recordings.count() + 1,
            office=self.random.choice(self.offices),
            operator=self.clerk,
            recorded_at=at(ago, self.random.randint(8, 20)),
            day=at(ago).date(),
            before_obliged=self.random.random() < 0.1,
            **outcome,
        )
        if not resident.cases.open().exists():
            status = "captured" if accepted else "rerecord"
            CaseFactory(recording=recording, status=status, history__occurred_at=recording.recorded_at)

    def case(self):
        return self.random.choice(list(Case.objects.open()))

    def move(self):
        moved(self.case(), self.random.choice([s for s in CaseStatus.values if s != "closed"]), self.ago())

    def close(self):
        if self.random.random() < 0.3:
            moved(self.case(), "closed", self.ago())

    def flag(self):
        case = self.case()
        moved(case, case.status, self.ago(), event=ChangeEvent.FLAGGED)

    def letter(self):
        case = self.case()
        if not case.letters.exists():
            InterimLetter.objects.create(
                case=case,
                kind="biodata_wni",
                number=f"470/{case.pk}",
                office=case.office,
                token=f"{case.pk}",
                issued_on=at(self.ago()).date(),
                valid_until=at(0).date() + 90 * DAY,
                issued_at=at(0),
            )

    def tell(self):
        NotificationFactory(resident=self.case().resident, kind="case_stalled", told_at=at(self.ago()))

    def correct(self):
        resident = self.random.choice(list(Resident.objects.all()))
        Resident.objects.filter(pk=resident.pk).update(village=self.random.choice(self.villages), outside_regency=False)


class ByHand:
    """The same counts, straight from the definitions and one row at a time."""

    def __init__(self):
        self.counts = Counter()
        self.recordings()
        carded = set()
        for case in Case.objects.select_related("resident", "recording").order_by("pk"):
            history = list(case.history.order_by("pk"))
            if case.resident_id not in carded:
                self.levels(case, [row for row in history if row.event in ("opened", "moved")])
            if case.status == "issued":
                carded.add(case.resident_id)
            for letter in case.letters.all():
                self.count("letters", letter.issued_on, letter.office_id, case.resident, case.recording)
            for index, row in enumerate(history):
                if row.event == "flagged":
                    self.stall(case, row, [later for later in history[index + 1 :] if later.event != "noted"])

    def count(self, measure, day, office_id, resident, recording):
        outside = resident.village_id is None or resident.outside_regency
        young = recording is not None and recording.before_obliged
        group = "outside" if outside else "young" if young else "obliged"
        self.counts[day, office_id, None if outside else resident.village_id, group, measure] += 1

    def recordings(self):
        before = set(Resident.objects.filter(recorded_before_portal=True).values_list("pk", flat=True))
        for one in Recording.objects.select_related("resident").order_by("recorded_at", "pk"):
            measure = "failed"
            if one.outcome == "accepted":
                measure = "re_recorded" if one.resident_id in before else "first_recorded"
                before.add(one.resident_id)
            self.count(measure, one.day, one.office_id, one.resident, one)

    def levels(self, case, moves):
        for level, measure in NAMES.items():
            rose = None
            for row in moves:
                rose = (rose or row) if LEVEL.get(row.to_status, 0) >= level else None
            if rose:
                office_id = case.office_id if level == 2 else case.pickup_office_id
                self.count(measure, timezone.localdate(rose.occurred_at), office_id, case.resident, case.recording)

    def stall(self, case, flag, after):
        day, over = timezone.localdate(flag.occurred_at), [timezone.localdate(row.occurred_at) for row in after]
        owed = Notification.objects.filter(resident=case.resident, kind="case_stalled", told_at__gte=flag.occurred_at)
        told = [timezone.localdate(moment) for moment in owed.values_list("told_at", flat=True)]
        where = (case.office_id, case.resident, case.recording)
        self.count("newly_stalled", day, *where)
        while day <= timezone.localdate() and not any(end <= day for end in over):
            self.count("stalled", day, *where)
            if told and min(told) <= day:
                self.count("told", day, *where)
            day += DAY


def rolled_up():
    return +Counter(
        {
            (row.day, row.office_id, row.village_id, row.counted, measure): getattr(row, measure)
            for row in ProgressDay.objects.all()
            for measure in progress.MEASURES
        }
    )


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.deep) for n in range(6, 60))])
def test_the_rollup_equals_the_rows_whatever_happened_in_whatever_order(seed):
    """Late entries, steps back, corrections: only noted days are made again, and all days are right."""
    history = History(seed)
    for _round in range(6):
        for _step in range(8):
            history.step()
        refresh()
        assert rolled_up() == +ByHand().counts
    assert not DirtyDay.objects.exists()
