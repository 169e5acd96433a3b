"""Where people go whose time falls away: the nearest free time of the same office. Pure: people and seats in, moves out.

Never an earlier day: whoever turns 16 on the booked day would be too young, and nobody can be told to have been there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from operator import itemgetter

# Days that somebody waits rather than come at another part of the day (who took an evening works by day).
PART_IS_WORTH_DAYS = 3  # office standard
NOTICE = timedelta(hours=3)  # office standard: the least time between the message and the new appointment
PARTS = ((11, "pagi"), (15, "siang"), (18, "sore"), (24, "malam"))  # until this hour; office standard


SeatKey = tuple[int, datetime, datetime]  # office id, start, end


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """An appointment that needs another time."""

    appointment_id: int
    office_id: int
    starts_at: datetime
    places: int
    is_public: bool


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A slot that could take people: `room` places in all, `public_room` of them for the public. `key` names it."""

    key: SeatKey
    office_id: int
    starts_at: datetime
    room: int
    public_room: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """The seat for one sitter, None when there is none; `uses_reserve`: a place of the office's own share."""

    sitter: Sitter
    seat: Seat | None
    uses_reserve: bool = False


def part_of_day(moment: datetime) -> str:
    """ "pagi", "siang", "sore" or "malam", of a local time."""
    return next(name for until, name in PARTS if moment.hour < until)


def find_seats(*, sitters: Iterable[Sitter], seats: Iterable[Seat], now: datetime, zone: tzinfo) -> list[Found]:
    """A seat for each sitter, first come first served by time: the same part of the day, on the same day or up to
    PART_IS_WORTH_DAYS later, else the nearest day. Public people get a reserved place before none."""
    rooms = _Rooms(seats, now=now, zone=zone)
    in_order = sorted(sitters, key=lambda sitter: (sitter.starts_at, sitter.appointment_id))
    return [rooms.seat(sitter) for sitter in in_order]


_Place = tuple[int, int, str]  # ordinal of the local day, minute of the day, part of the day


def _place(moment: datetime, zone: tzinfo) -> _Place:
    local = moment.astimezone(zone)
    return local.toordinal(), local.hour * 60 + local.minute, part_of_day(local)


class _Rooms:
    """Seats with what is left in them while they are given away."""

    def __init__(self, seats: Iterable[Seat], *, now: datetime, zone: tzinfo):
        self.zone, self.earliest = zone, now + NOTICE
        self.of_office: dict[int, list[tuple[_Place, Seat]]] = {}
        self.left: dict[SeatKey, list[int]] = {}
        self.ranked: dict[tuple[int, datetime], list[Seat]] = {}
        for seat in seats:
            if seat.starts_at >= self.earliest:
                self.of_office.setdefault(seat.office_id, []).append((_place(seat.starts_at, zone), seat))
                self.left[seat.key] = [seat.room, seat.public_room]

    def seat(self, sitter: Sitter) -> Found:
        ranked = self._ranked(sitter)
        for uses_reserve in (False, True) if sitter.is_public else (True,):
            for seat in ranked:
                if self._fits(sitter, seat, uses_reserve):
                    self._take(sitter, seat, uses_reserve)
                    return Found(sitter=sitter, seat=seat, uses_reserve=uses_reserve)
        return Found(sitter=sitter, seat=None)

    def _fits(self, sitter: Sitter, seat: Seat, uses_reserve: bool) -> bool:
        room, public_room = self.left[seat.key]
        return room >= sitter.places and (uses_reserve or public_room >= sitter.places)

    def _take(self, sitter: Sitter, seat: Seat, uses_reserve: bool) -> None:
        left = self.left[seat.key]
        left[0] -= sitter.places
        if not uses_reserve:
            left[1] -= sitter.places

    def _ranked(self, sitter: Sitter) -> list[Seat]:
        """The office's seats from the sitter's day on, best first."""
        key = (sitter.office_id, sitter.starts_at)
        if key not in self.ranked:
            day, minute, part = _place(sitter.starts_at, self.zone)
            candidates = []
            for (its_day, its_minute, its_part), seat in self.of_office.get(sitter.office_id, []):
                if its_day >= day:
                    other_part = its_part != part
                    waits = its_day - day + other_part * PART_IS_WORTH_DAYS
                    candidates.append(((waits, other_part, abs(its_minute - minute), its_minute), seat))
            self.ranked[key] = [seat for _rank, seat in sorted(candidates, key=itemgetter(0))]
        return self.ranked[key]
