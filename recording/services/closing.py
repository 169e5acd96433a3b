"""Closing an office's day: nobody is left waiting, no row is left open, and what the stations have not sent is known by
name. The only writer of `DayClosing`, `StationTally` and `Recording.sent_locally_at`.

A recording that nobody sends is how records settle: it is the first thing of the next morning.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from recording.enums import AppointmentStatus, Channel, Entitlement, Pool, Purpose, RecordingOutcome
from recording.exceptions import (
    CountsDiffer,
    DayAlreadyClosed,
    DayNotSettled,
    NothingUnsent,
    SlotFull,
    SlotNotBookable,
    WrongState,
)
from recording.models import Appointment, DayClosing, Office, Recording, Slot, StationTally, User
from recording.policy.booking import places_needed
from recording.services import attendance, audit, day_lock, place, tracking_code
from recording.services.appointment import next_appointment_id
from recording.services.slot import booking_window_days
from recording.signals import recordings_sent, recordings_unsent

WAITING = (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)
CLOSED_LATE = timedelta(days=7)  # how long a forgotten day can still be closed; office standard, not law
AT_ONCE = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Station:
    """One recording station's accepted recordings of the day, in the order they were made."""

    number: int
    recordings: Sequence[Recording]

    @property
    def unsent(self) -> list[Recording]:
        return [recording for recording in self.recordings if recording.sent_locally_at is None]


@dataclass(frozen=True, kw_only=True)
class Day:
    """What stands between an office and closing `day`.

    `waiting`: to be sent home with a new time. `at_station`: to be recorded or refused. `missed`: booked, and their
    time is over. `expected`: booked, and may still come.
    """

    office: Office
    day: date
    waiting: Sequence[Appointment]
    at_station: Sequence[Appointment]
    missed: Sequence[Appointment]
    expected: Sequence[Appointment]
    stations: Sequence[Station]
    closing: DayClosing | None

    @property
    def is_settled(self) -> bool:
        return not (self.waiting or self.at_station or self.missed or self.expected)


@dataclass(frozen=True, kw_only=True)
class SentHome:
    """Who has a new appointment, and the names of those for whom no place was found."""

    placed: list[Appointment] = field(default_factory=list)
    without_place: list[Appointment] = field(default_factory=list)


def may_be_closed(*, day: date, today: date) -> bool:
    """Today, and a forgotten day of the last week."""
    return today - CLOSED_LATE <= day <= today


def day_of(*, office: Office, day: date, now: datetime) -> Day:
    """Everything the closing page shows, in four queries."""
    return _day(office=office, day=day, now=now, rows=_open_rows(office, day))


def _open_rows(office: Office, day: date) -> QuerySet[Appointment]:
    return _open(office, day).select_related("resident", "slot", "ticket").order_by("slot__starts_at", "pk")


def _open(office: Office, day: date) -> QuerySet[Appointment]:
    """Rows that a closed day does not have. Those on a roster have no time of their own and are not the desk's."""
    rows = Appointment.objects.live().filter(office=office, day=day)
    return rows.exclude(status=AppointmentStatus.BOOKED, slot=None)


def _day(*, office: Office, day: date, now: datetime, rows: Iterable[Appointment]) -> Day:
    waiting: list[Appointment] = []
    at_station: list[Appointment] = []
    missed: list[Appointment] = []
    expected: list[Appointment] = []
    for row in rows:
        if row.status == AppointmentStatus.BOOKED:
            (missed if row.slot.ends_at <= now else expected).append(row)
        elif row.status == AppointmentStatus.SERVING or not _may_come_back(row):
            at_station.append(row)
        else:
            waiting.append(row)
    return Day(
        office=office,
        day=day,
        waiting=sorted(waiting, key=_queue_order),
        at_station=at_station,
        missed=missed,
        expected=expected,
        stations=_stations(office, day),
        closing=closing_of(office=office, day=day),
    )


def _queue_order(row: Appointment) -> datetime:
    ticket = getattr(row, "ticket", None)
    return ticket.issued_at if ticket else row.status_at


def _may_come_back(row: Appointment) -> bool:
    """Whoever is recorded already needs no new time but an answer at the desk."""
    return row.purpose == Purpose.COLLECT or row.resident.entitlement != Entitlement.NONE


def _stations(office: Office, day: date) -> list[Station]:
    accepted = Recording.objects.filter(office=office, day=day, outcome=RecordingOutcome.ACCEPTED)
    by_number: dict[int, list[Recording]] = {}
    for recording in accepted.select_related("resident").order_by("station", "recorded_at", "pk"):
        by_number.setdefault(recording.station, []).append(recording)
    return [Station(number=number, recordings=rows) for number, rows in by_number.items()]


def closing_of(*, office: Office, day: date) -> DayClosing | None:
    """The closing of `day` with `closed_by`, if there is one; its tallies in the order of the stations."""
    return DayClosing.objects.select_related("closed_by").filter(office=office, day=day).first()


@transaction.atomic
def send_home(*, office: Office, day: date, by: User, now: datetime) -> SentHome:
    """Everybody who still waits leaves with the next free time of this office from the day after `now` on.

    Places are taken whatever the public share. Whoever finds none stays in the list. Raises WrongState: another office,
    or a time of that day is still to begin, so that they can be served.
    Idempotent: whoever has a new time does not wait any more. Locks the appointments, then their slots.
    """
    _require_own(office, by)
    if last_time_ahead(office=office, day=day, now=now):
        raise WrongState("Jam layanan belum sampai yang terakhir. Layani dulu yang menunggu.")
    rows = Appointment.objects.filter(office=office, day=day, status=AppointmentStatus.ARRIVED).order_by("pk")
    locked = list(rows.select_for_update(of=("self",), no_key=True).select_related("resident__identity", "ticket"))
    waiting = sorted((row for row in locked if _may_come_back(row)), key=_queue_order)
    slots = _slots_ahead(office, now)
    done = SentHome()
    for row in waiting:
        new = _place(row, slots, by=by, now=now)
        (done.placed if new else done.without_place).append(new or row)
    return done


def last_time_ahead(*, office: Office, day: date, now: datetime) -> datetime | None:
    """When the last time of `day` begins, if that is still to come."""
    ahead = Slot.objects.filter(office=office, day=day, open=True, starts_at__gt=now)
    return ahead.order_by("-starts_at").values_list("starts_at", flat=True).first()


def _slots_ahead(office: Office, now: datetime) -> list[Slot]:
    today = timezone.localdate(now)
    until = today + timedelta(days=booking_window_days(today=today))
    ahead = Slot.objects.filter(office=office, open=True, day__gt=today, day__lte=until, booked__lt=F("capacity"))
    return list(ahead.order_by("starts_at"))


def _place(row: Appointment, slots: list[Slot], *, by: User, now: datetime) -> Appointment | None:
    """The new appointment of `row`'s person; None: no room. `slots` lose what is taken or found full."""
    places = places_needed(special_needs=row.special_needs)
    for slot in slots:
        if slot.capacity - slot.booked < places:
            continue
        try:
            with transaction.atomic():
                place.free_all_of([row.pk])
                row.refresh_from_db(fields=["places_held", "release_at"])
                attendance.send_home(appointment=row, by=by, now=now)
                new = _again(row, slot, places, by=by, now=now)
                place.take_and_insert(appointment=new, now=now)
        except (SlotFull, SlotNotBookable):
            slot.booked = slot.capacity  # somebody else was faster
            row.refresh_from_db(fields=["status", "status_at", "status_reason", "places_held", "release_at"])
            continue
        slot.booked += places
        new.slot, new.office = slot, row.office
        tracking_code.ensure(resident=row.resident, nik=row.resident.identity.nik, now=now)
        return new
    return None


def _again(row: Appointment, slot: Slot, places: int, *, by: User, now: datetime) -> Appointment:
    kept = (
        "resident",
        "purpose",
        "special_needs",
        "special_needs_note",
        "guardian_name",
        "guardian_relation",
        "guardian_consent_at",
        "outside_regency",
        "language",
    )
    return Appointment(
        pk=next_appointment_id(),
        **{name: getattr(row, name) for name in kept},
        slot_id=slot.pk,
        pool=Pool.RESERVED,
        places_held=places,
        channel=Channel.DESK,
        idempotency_key=uuid4(),
        body_hash=bytes(32),
        booked_at=now,
        booked_by=by,
        status_at=now,
    )


def sent_home(*, office: Office, day: date) -> list[Appointment]:
    """The new appointments of those who were sent home on `day` and still hold them, for the paper they take along."""
    left = Appointment.objects.filter(
        office=office, day=day, status=AppointmentStatus.CANCELLED, status_reason=attendance.SENT_HOME
    )
    same = left.filter(resident=OuterRef("resident"), status_at=OuterRef("booked_at"))
    rows = Appointment.objects.filter(Exists(same), office=office, status=AppointmentStatus.BOOKED)
    return list(rows.select_related("resident", "slot", "office").order_by("slot__starts_at", "pk"))


@transaction.atomic
def settle_missed(*, office: Office, day: date, by: User, now: datetime) -> int:
    """Whoever booked and did not come is a no-show at once, without the usual grace. Returns how many.

    Raises WrongState: another office. Idempotent.
    """
    _require_own(office, by)
    missed = 0
    while count := attendance.mark_no_shows(now=now, grace=AT_ONCE, office_id=office.pk):
        missed += count
    audit.record(action="closing.settle_missed", actor=by, subject=f"day:{day}", office_id=office.pk)
    return missed


def close(
    *, office: Office, day: date, sent: Mapping[int, int], unsent_ids: Collection[int], by: User, now: datetime
) -> DayClosing:
    """Close `day`. `sent`: station -> how many its software has sent; `unsent_ids`: the recordings it has not.

    Everything else recorded that day counts as sent, and `recordings_sent` says so. Raises DayAlreadyClosed,
    DayNotSettled, CountsDiffer, WrongState (another office, or not a day to be closed). Holds the office's day lock and
    its open rows.
    """
    _require_own(office, by)
    if not may_be_closed(day=day, today=timezone.localdate(now)):
        raise WrongState
    try:
        with transaction.atomic():
            return _close(office, day, sent, set(unsent_ids), by, now)
    except IntegrityError as error:
        if "day_closing_once_per_office" in f"{error}":
            raise DayAlreadyClosed from error
        raise


def _close(
    office: Office, day: date, sent: Mapping[int, int], unsent_ids: set[int], by: User, now: datetime
) -> DayClosing:
    day_lock.hold(office_id=office.pk)
    if closing_of(office=office, day=day):
        raise DayAlreadyClosed
    if list(_open(office, day).select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)):
        raise DayNotSettled
    stations = _stations(office, day)
    _require_agreement(stations, sent, unsent_ids)
    closing = DayClosing.objects.create(office=office, day=day, closed_by=by, closed_at=now)
    StationTally.objects.bulk_create(
        StationTally(
            closing=closing,
            station=station.number,
            recorded=len(station.recordings),
            sent=sent[station.number],
        )
        for station in stations
    )
    going = [row for station in stations for row in station.unsent if row.pk not in unsent_ids]
    _mark(going, by=by, at=now)
    audit.record(action="closing.close", actor=by, subject=f"closing:{closing.pk}", office_id=office.pk)
    return closing


def disagreements(
    *, stations: Iterable[Station], sent: Mapping[int, int], unsent_ids: Collection[int]
) -> dict[int, str]:
    """Station -> why its figures cannot be right; empty when they agree."""
    return {
        station.number: text
        for station in stations
        if (text := _disagreement(station, sent.get(station.number), set(unsent_ids)))
    }


def _disagreement(station: Station, sent: int | None, unsent_ids: set[int]) -> str:
    recorded = len(station.recordings)
    named = sum(row.pk in unsent_ids for row in station.unsent)
    if sent is None:
        return f"Tulis berapa yang terkirim menurut alat loket {station.number}. Bila tidak ada, tulis 0."
    if sent > recorded:
        return (
            f"Alat mengirim {sent}, tetapi di sini baru tercatat {recorded} perekaman. "
            "Catat dulu yang belum dicatat, atau periksa angkanya."
        )
    if sent + named != recorded:
        return (
            f"Direkam {recorded} dan terkirim {sent}, jadi {recorded - sent} nama dicentang belum terkirim. "
            f"Sekarang {named} yang dicentang."
        )
    return ""


def _require_agreement(stations: Iterable[Station], sent: Mapping[int, int], unsent_ids: set[int]) -> None:
    wrong = disagreements(stations=stations, sent=sent, unsent_ids=unsent_ids)
    if wrong:
        raise CountsDiffer(wrong)


@transaction.atomic
def undo(*, office: Office, day: date, by: User, now: datetime) -> None:
    """Open a day again on the date it was closed; what was counted as sent by closing counts as unsent again.

    Raises WrongState: not closed, closed on another date, or another office.
    """
    _require_own(office, by)
    day_lock.hold(office_id=office.pk)
    closing = DayClosing.objects.select_for_update().filter(office=office, day=day).first()
    if closing is None or timezone.localdate(closing.closed_at) != timezone.localdate(now):
        raise WrongState("Penutupan hanya dapat diurungkan pada hari yang sama.")
    marked = Recording.objects.filter(office=office, day=day, sent_locally_at=closing.closed_at)
    rows = list(marked.select_for_update(no_key=True).order_by("pk"))
    Recording.objects.filter(pk__in=[row.pk for row in rows]).update(sent_locally_at=None)
    recordings_unsent.send(sender=Recording, recordings=rows, by=by, at=now)
    audit.record(action="closing.undo", actor=by, subject=f"closing:{closing.pk}", office_id=office.pk)
    closing.delete()


def unsent(*, user: User) -> QuerySet[Recording]:
    """Accepted recordings of `user`'s offices that no station has sent, the oldest first."""
    rows = Recording.objects.for_staff(user).filter(outcome=RecordingOutcome.ACCEPTED, sent_locally_at=None)
    return rows.order_by("recorded_at", "pk")


@transaction.atomic
def mark_sent(*, recording_ids: Collection[int], by: User, now: datetime) -> int:
    """The station's software has sent these by now. Returns how many; those sent already, or elsewhere, are left.

    Raises NothingUnsent: none was left.
    """
    rows = list(unsent(user=by).filter(pk__in=recording_ids).select_for_update(of=("self",), no_key=True))
    if not rows:
        raise NothingUnsent
    _mark(rows, by=by, at=now)
    about = [(row.resident_id, f"recording:{row.pk}", row.office_id) for row in rows]
    audit.record_many(action="recording.sent", about=about, actor=by)
    return len(rows)


@transaction.atomic
def mark_unsent(*, recording_ids: Collection[int], by: User, now: datetime) -> int:
    """It turned out that the stations have not sent these. Returns how many."""
    sent = Recording.objects.for_staff(by).filter(pk__in=recording_ids, sent_locally_at__isnull=False)
    rows = list(sent.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if rows:
        Recording.objects.filter(pk__in=[row.pk for row in rows]).update(sent_locally_at=None)
        recordings_unsent.send(sender=Recording, recordings=rows, by=by, at=now)
        about = [(row.resident_id, f"recording:{row.pk}", row.office_id) for row in rows]
        audit.record_many(action="recording.unsent", about=about, actor=by)
    return len(rows)


def _mark(rows: list[Recording], *, by: User, at: datetime) -> None:
    if not rows:
        return
    Recording.objects.filter(pk__in=[row.pk for row in rows]).update(sent_locally_at=at)
    recordings_sent.send(sender=Recording, recordings=rows, by=by, at=at)


def not_closed(*, day: date) -> list[Office]:
    """Active offices that served on `day` (times to book, or recordings) and have not closed it, or where somebody
    was let in after closing and is still there."""
    closed = DayClosing.objects.filter(office=OuterRef("pk"), day=day)
    left_open = Appointment.objects.filter(office=OuterRef("pk"), day=day, status__in=WAITING)
    served = Slot.objects.filter(office=OuterRef("pk"), day=day, open=True)
    recorded = Recording.objects.filter(office=OuterRef("pk"), day=day)
    offices = Office.objects.active().filter(Exists(served) | Exists(recorded))
    return list(offices.filter(~Q(Exists(closed)) | Exists(left_open)))


def last_time_is_over(*, office: Office, now: datetime) -> bool:
    """Whether the last slot of today has ended, nobody waits, and the day is still to be closed."""
    today = timezone.localdate(now)
    slots = Slot.objects.filter(office=OuterRef("pk"), day=today, open=True)
    inside = Appointment.objects.filter(office=OuterRef("pk"), day=today, status__in=WAITING)
    closed = DayClosing.objects.filter(office=OuterRef("pk"), day=today)
    over = Exists(slots) & ~Exists(slots.filter(ends_at__gt=now)) & ~Exists(inside) & ~Exists(closed)
    return Office.objects.filter(over, pk=office.pk).exists()


def _require_own(office: Office, by: User) -> None:
    if by.office_id not in (None, office.pk):
        raise WrongState
