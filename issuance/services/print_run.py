"""Propose whom to print or invite with the supplies of an office, start it, and free what nobody came for.

A blank is held for everybody picked or invited (`supply.free`). Locks go from the office to cases to picks, everywhere
in that order, so that no two steps wait for each other in a circle.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from issuance.enums import CaseStatus, PickMode, PickState, RunState, WaitingFor
from issuance.exceptions import NobodyToPrint, NothingToPrintWith, OfficeDoesNotPrint, WrongOffice
from issuance.models import Case, PrintPick, PrintRun
from issuance.policy.print_run import (
    FEWEST_INVITATIONS,
    MEASURED_OVER,
    hold_until,
    mode_of,
    people_for,
    scarcest,
    show_up_share,
)
from issuance.services import supply, waiting
from issuance.services.calendar import service_days
from issuance.services.print_order import IN_LINE, collected_from, values
from recording.exceptions import WrongState
from recording.models import Office, User
from recording.services import audit, notification
from recording.services.notification import Owed

INVITATION_KIND = "print_invitation"
LIVE = [PickState.PICKED, PickState.INVITED]
INVITED_NOTE = "Diundang untuk dicetak; blanko disimpan sampai {until:%d-%m-%Y}."
LAPSED_NOTE = "Tidak datang; blanko yang disimpan dilepas."
UNMET_NOTE = "Datang, tetapi blanko habis; didahulukan pada undangan berikutnya."
DROPPED_NOTE = "Dikeluarkan dari daftar cetak."

PICK = f"""
WITH {IN_LINE}
INSERT INTO issuance_printpick (run_id, case_id, position, priority, state)
SELECT %(run)s, id, place, priority, 'picked' FROM in_line WHERE place <= %(people)s ORDER BY place
ON CONFLICT DO NOTHING
"""  # noqa: S608 - made of constants

WAITING_COUNT = f"WITH {IN_LINE} SELECT count(*) FROM in_line"  # noqa: S608


@dataclass(frozen=True, kw_only=True)
class Line:
    """Who could be printed at one office and what with: people in line, cards possible, the item that sets that bound,
    and the share of invited people who come (`measured`: from enough invitations)."""

    people: int
    prints: int
    scarcest: str
    free: dict[str, int]
    share: float
    measured: bool


def line_of(*, office: Office, now: datetime) -> Line:
    """The line and the free supplies of `office`. Reads only."""
    free = supply.free(office_id=office.pk)
    prints, item = scarcest(free)
    return Line(
        people=_people_in_line(office),
        prints=prints,
        scarcest=item.value,
        free={each.value: count for each, count in free.items()},
        **_measured(office, now),
    )


def _measured(office: Office, now: datetime) -> dict[str, Any]:
    """The share of people invited to `office` in the last 90 days who came; who came in vain came as well."""
    invited = PrintPick.objects.filter(run__office=office, invited_at__gte=now - MEASURED_OVER)
    counts = invited.aggregate(
        came=Count("pk", filter=Q(state__in=[PickState.PRINTED, PickState.UNMET])),
        stayed_away=Count("pk", filter=Q(state=PickState.LAPSED)),
    )
    return {"share": show_up_share(**counts), "measured": sum(counts.values()) >= FEWEST_INVITATIONS}


@transaction.atomic
def propose(*, office: Office, by: User | None, now: datetime, mode: PickMode | None = None) -> PrintRun:
    """Pick whom to print (or invite) at `office`, in the order of `PriorityRule`, as far as its free supplies go.

    `mode`: the office's policy unless said. For invitations the bound is stretched by the measured share that comes:
    invited people x share <= free supplies. A proposal that nobody has decided yet is returned as it is.
    Raises OfficeDoesNotPrint, WrongOffice, NobodyToPrint, NothingToPrintWith(item). Locks the office.
    """
    if not office.prints_here:
        raise OfficeDoesNotPrint
    _require_own(office, by)
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    undecided = PrintRun.objects.filter(office=office, state=RunState.PROPOSED).first()
    if undecided:
        return undecided
    line = line_of(office=office, now=now)
    if not line.people:
        raise NobodyToPrint
    if not line.prints:
        raise NothingToPrintWith(line.scarcest)
    mode = mode or mode_of(office.print_policy)
    share = line.share if mode == PickMode.INVITE else 1.0
    run = PrintRun.objects.create(
        office=office,
        mode=mode,
        size=0,
        supplies=line.free,
        show_up_share=share,
        proposed_at=now,
        proposed_by=by,
    )
    run.size = _pick(run, people_for(prints=line.prints, share=share))
    run.bounded_by = line.scarcest if line.people > run.size else ""
    run.save(update_fields=["size", "bounded_by"])
    audit.record(action="print_run.propose", actor=by, subject=f"print_run:{run.pk}", office_id=office.pk)
    return run


def _people_in_line(office: Office) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_COUNT, values(collected_from(office)))
        return cursor.fetchone()[0]


def _pick(run: PrintRun, people: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(PICK, values(collected_from(run.office), run=run.pk, people=people))
        return cursor.rowcount


@transaction.atomic
def start(*, run_id: int, by: User, now: datetime) -> PrintRun:
    """Invite the people of a proposal, or let their cards be printed; who found no supplies waits for a blank.

    Set-based, whatever the number of people. Raises WrongState: it is not a proposal any more. Raises WrongOffice.
    Locks the cases.
    """
    run = PrintRun.objects.select_related("office").get(pk=run_id)
    _require_own(run.office, by)
    _step(run, RunState.PROPOSED, RunState.STARTED, started_at=now, started_by=by)
    cases = _locked_cases(run)
    still = [case.pk for case in cases]
    picks = run.picks.filter(state=PickState.PICKED)
    picks.exclude(case__in=still).update(state=PickState.DROPPED)
    until = hold_until(day=timezone.localdate(now), is_open=service_days())
    if run.mode == PickMode.INVITE:
        picks.filter(case__in=still).update(state=PickState.INVITED, invited_at=now, until=until)
        _invite(run, cases, until=until, by=by, now=now)
    else:
        picks.filter(case__in=still).update(until=until)
        waiting.wait_for_office(case_ids=still, now=now)
    waiting.settle_blanks(now=now, office_ids=[run.office_id])
    audit.record_many(
        action="print_run.start",
        about=[(case.resident_id, f"case:{case.pk}", run.office_id) for case in cases],
        actor=by,
    )
    return run


def _locked_cases(run: PrintRun) -> list[Case]:
    """The cases of the live picks of `run` that can still be printed, locked in the order of their ids."""
    live = run.picks.filter(state__in=LIVE).values("case")
    ready = Case.objects.filter(pk__in=live, status=CaseStatus.PRINT_READY).exclude(waiting_for=WaitingFor.AGE)
    return list(ready.select_for_update(no_key=True).order_by("pk"))


def _invite(run: PrintRun, cases: list[Case], *, until: date, by: User, now: datetime) -> None:
    waiting.wait_for_resident(case_ids=[case.pk for case in cases])
    waiting.note_many(cases, INVITED_NOTE.format(until=until), at=now, actor_id=by.pk)
    notification.withdraw_many(resident_ids=[case.resident_id for case in cases], kinds=["case_stalled", "print_ready"])
    owed = [
        Owed(
            resident_id=case.resident_id,
            dedup_key=f"{INVITATION_KIND}:{case.pk}:{case.attempt}:{run.pk}",
            context={"case": case.pk, "until": until.isoformat()},
        )
        for case in cases
    ]
    notification.enqueue_many(kind=INVITATION_KIND, owed=owed, now=now)


@transaction.atomic
def drop(*, run_id: int, by: User, now: datetime) -> None:
    """Give up a proposal, or end a run before everybody was printed: their blanks are free, unsent invitations are
    taken back. Raises WrongState: it has ended. Raises WrongOffice. Locks the cases."""
    run = PrintRun.objects.select_related("office").get(pk=run_id)
    _require_own(run.office, by)
    if run.state == RunState.PROPOSED:
        _step(run, RunState.PROPOSED, RunState.DROPPED)
    else:
        _step(run, RunState.STARTED, RunState.FINISHED)
    _release(run.picks.all(), PickState.DROPPED, DROPPED_NOTE, by=by, now=now)
    waiting.settle_blanks(now=now, office_ids=[run.office_id])
    audit.record(action="print_run.drop", actor=by, subject=f"print_run:{run.pk}", office_id=run.office_id)


@transaction.atomic
def drop_person(*, pick_id: int, by: User, now: datetime) -> None:
    """Take one person off a list; the blank is free for the next. Raises WrongState, WrongOffice. Locks the case."""
    pick = PrintPick.objects.select_related("run__office", "case").get(pk=pick_id)
    _require_own(pick.run.office, by)
    if not _release(PrintPick.objects.filter(pk=pick_id), PickState.DROPPED, DROPPED_NOTE, by=by, now=now):
        raise WrongState
    audit.record(
        action="print_run.drop_person",
        actor=by,
        resident_id=pick.case.resident_id,
        subject=f"case:{pick.case_id}",
        office_id=pick.run.office_id,
    )


@transaction.atomic
def apologise(*, case_id: int, by: User, now: datetime) -> None:
    """Somebody invited came and no blank is left: more came than usually do, or blanks spoiled. They wait for a blank,
    first in line. Raises WrongState: nobody invited them, or they were printed. Locks the case."""
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    invited = PrintPick.objects.filter(case=case, state=PickState.INVITED)
    office_ids = list(invited.values_list("run__office", flat=True))
    if case.status != CaseStatus.PRINT_READY or not invited.update(state=PickState.UNMET):
        raise WrongState
    waiting.wait_for_blank(case_ids=[case.pk])
    waiting.note_many([case], UNMET_NOTE, at=now, actor_id=by.pk)
    audit.record(
        action="print_run.apologise",
        actor=by,
        resident_id=case.resident_id,
        subject=f"case:{case.pk}",
        office_id=office_ids[0],
    )


def lapse(*, now: datetime) -> int:
    """Free the blanks of invited people who did not come by their day, of proposals left over from earlier days, and
    of cases that cannot be printed any more; end the runs of which nothing is left. Returns how many blanks.

    Who stayed away is invited again later, at the end of the line. One transaction each office. Idempotent; safe in
    two workers at once.
    """
    today = timezone.localdate(now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    freed = 0
    for office in Office.objects.filter(print_runs__picks__state__in=LIVE).distinct():
        with transaction.atomic():
            freed += _lapse_at(office, today, midnight, now)
            waiting.settle_blanks(now=now, office_ids=[office.pk])
    _finish(PrintRun.objects.filter(state=RunState.STARTED), RunState.FINISHED)
    _finish(PrintRun.objects.filter(state=RunState.PROPOSED, proposed_at__lt=midnight), RunState.DROPPED)
    return freed


def _lapse_at(office: Office, today: date, midnight: datetime, now: datetime) -> int:
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    picks = PrintPick.objects.filter(run__office=office)
    left_over = picks.filter(run__state=RunState.PROPOSED, run__proposed_at__lt=midnight)
    gone = picks.exclude(case__status=CaseStatus.PRINT_READY).filter(state__in=LIVE)
    return (
        _release(picks.filter(state=PickState.INVITED, until__lt=today), PickState.LAPSED, LAPSED_NOTE, now=now)
        + _release(picks.filter(state=PickState.PICKED, until__lt=today), PickState.DROPPED, "", now=now)
        + _release(left_over, PickState.DROPPED, "", now=now)
        + gone.update(state=PickState.DROPPED)
    )


def _finish(runs, state: RunState) -> int:
    return runs.exclude(picks__state__in=LIVE).update(state=state)


def _release(picks, state: PickState, note: str, *, now: datetime, by: User | None = None) -> int:
    """End live `picks` as `state`; their cases wait for the office again. Returns how many. Locks the cases."""
    live = picks.filter(state__in=LIVE)
    cases = Case.objects.filter(pk__in=live.values("case"))
    locked = list(cases.select_for_update(no_key=True).order_by("pk"))
    ids = [case.pk for case in locked]
    count = PrintPick.objects.filter(pk__in=live.values("pk"), case__in=ids).update(state=state)
    invited = [case for case in locked if case.waiting_for == WaitingFor.RESIDENT]
    waiting.wait_for_office(case_ids=[case.pk for case in invited], now=now)
    if note:
        waiting.note_many(locked, note, at=now, actor_id=by.pk if by else None)
    notification.withdraw_many(resident_ids=[case.resident_id for case in invited], kinds=[INVITATION_KIND])
    return count


def _step(run: PrintRun, old: RunState, to: RunState, **columns) -> None:
    if not PrintRun.objects.filter(pk=run.pk, state=old).update(state=to, **columns):
        raise WrongState
    run.state = to


def _require_own(office: Office, by: User | None) -> None:
    if by is not None and by.office_id not in (None, office.pk):
        raise WrongOffice
