"""Propose closures, and decide on proposed holidays. `services.hours_change` shows and applies what is proposed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from recording.dates import plain_date
from recording.enums import ChangeKind, ClosureKind, ClosureStatus
from recording.exceptions import ChangeNotPossible
from recording.models import Closure, HoursChange, Office, OfficeOutage, User
from recording.services.hours_change import CLOSURE, Edit, edit, propose, values_of

END_OF_DAY = time(23, 59)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Which part of a day: both None for the whole."""

    closed_from: time | None = None
    closed_until: time | None = None


WHOLE_DAY = Stretch()


def propose_closures(
    *,
    first: date,
    last: date,
    reason: str,
    by: User,
    now: datetime,
    office_id: int | None = None,
    stretch: Stretch = WHOLE_DAY,
) -> HoursChange:
    """Close one office, or all, on each day from `first` to `last`, wholly or for a part."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    known = _known(days)
    edits = [_close(known, day=day, office_id=office_id, stretch=stretch, reason=reason) for day in days]
    when = plain_date(first) if first == last else f"{plain_date(first)} sampai {plain_date(last)}"
    return _propose(edits, title=f"Tutup {when}: {reason}", reason=reason, by=by, now=now, office_id=office_id)


def propose_decision(
    *,
    closure_ids: Collection[int],
    closes: bool,
    by: User,
    now: datetime,
    stretch: Stretch = WHOLE_DAY,
    open_offices: Collection[int] = (),
) -> HoursChange:
    """Decide on holidays: close (wholly or for a part of the day) all offices but `open_offices`, or stay open."""
    closures = list(Closure.objects.filter(pk__in=closure_ids).order_by("day", "pk"))
    if len(closures) != len(set(closure_ids)) or not closures:
        raise ChangeNotPossible
    known = _known([closure.day for closure in closures])
    edits: list[Edit] = []
    for closure in closures:
        edits += _decide(closure, known, closes=closes, stretch=stretch, open_offices=set(open_offices))
    named = (
        f"{plain_date(closures[0].day)}: {closures[0].reason}" if len(closures) == 1 else f"{len(closures)} hari libur"
    )
    verb = "Tutup" if closes else "Tetap buka"
    return _propose(
        edits,
        title=f"{verb} {named}",
        reason=closures[0].reason if len(closures) == 1 else "Hari libur",
        by=by,
        now=now,
        office_id=closures[0].office_id if len(closures) == 1 else None,
    )


def propose_removal(*, closure_id: int, by: User, now: datetime) -> HoursChange:
    """Open again on a day that was closed; a holiday is remembered as "tetap buka"."""
    closure = Closure.objects.filter(pk=closure_id).first()
    if closure is None:
        raise ChangeNotPossible
    if closure.kind == ClosureKind.HOLIDAY:
        return propose_decision(closure_ids=[closure_id], closes=False, by=by, now=now)
    return _propose(
        [edit(CLOSURE, row=closure, after=None)],
        title=f"Buka lagi {plain_date(closure.day)}: {closure.reason}",
        reason=f"Kantor buka lagi: {closure.reason}",
        by=by,
        now=now,
        office_id=closure.office_id,
    )


def propose_new_times(*, outage: OfficeOutage, by: User, now: datetime) -> HoursChange:
    """While the centre is down: the rest of today is closed at the office, so that everybody booked today gets a new time
    or a message. Taken back like every other change when the centre returns."""
    today = timezone.localdate(now)
    begins = timezone.localtime(now).time().replace(second=0, microsecond=0)
    reason = "Server pusat mati"
    edits = [
        _close(
            _known([today]),
            day=today,
            office_id=outage.office_id,
            stretch=Stretch(closed_from=begins, closed_until=END_OF_DAY),
            reason=reason,
        )
    ]
    title = f"Server pusat mati: waktu baru untuk janji {plain_date(today)}"
    return _propose(edits, title=title, reason=reason, by=by, now=now, office_id=outage.office_id)


Known = dict[tuple[int | None, date, time | None], Closure]


def _known(days: Iterable[date]) -> Known:
    """What is written down for these days already: a second row for the same start would be refused."""
    rows = Closure.objects.filter(day__in=set(days))
    return {(row.office_id, row.day, row.closed_from): row for row in rows}


def _close(known: Known, *, day: date, office_id: int | None, stretch: Stretch, reason: str) -> Edit:
    row = known.get((office_id, day, stretch.closed_from))
    after = {
        "office_id": office_id,
        "day": day,
        "closed_from": stretch.closed_from,
        "closed_until": stretch.closed_until,
        "kind": row.kind if row else ClosureKind.CLOSURE,
        "status": ClosureStatus.CONFIRMED,
        "reason": reason,
    }
    return edit(CLOSURE, row=row, after=after)


def _decide(closure: Closure, known: Known, *, closes: bool, stretch: Stretch, open_offices: set[int]) -> list[Edit]:
    """The edits of one decision. With offices that stay open, the others are closed one by one: closures only add up."""
    if closes and not (open_offices and closure.office_id is None):
        return [_with_status(closure, ClosureStatus.CONFIRMED, stretch)]
    edits = [_with_status(closure, ClosureStatus.DISMISSED, WHOLE_DAY)]
    if closes:
        others = Office.objects.active().exclude(pk__in=open_offices).order_by("code")
        edits += [
            _close(known, day=closure.day, office_id=office.pk, stretch=stretch, reason=closure.reason)
            for office in others
        ]
    return edits


def _with_status(closure: Closure, status: ClosureStatus, stretch: Stretch) -> Edit:
    after: dict[str, Any] = values_of(CLOSURE, closure)
    after |= {"status": status, "closed_from": stretch.closed_from, "closed_until": stretch.closed_until}
    return edit(CLOSURE, row=closure, after=after)


def _propose(
    edits: list[Edit], *, title: str, reason: str, by: User, now: datetime, office_id: int | None
) -> HoursChange:
    return propose(
        kind=ChangeKind.CLOSURE, edits=edits, title=title, reason=reason, by=by, now=now, office_id=office_id
    )
