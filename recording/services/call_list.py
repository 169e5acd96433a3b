"""People whom no message reaches: called by a clerk, or told by their village office, which returns its list signed."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from recording.enums import CallOutcome, NotificationState
from recording.exceptions import NotOnCallList, SheetNotOut
from recording.models import CallAttempt, CallSheet, Notification, User, Village
from recording.services import audit, contact

TRIES = 3  # unanswered, it is the village's turn: office standard
ACTIONS = {
    CallOutcome.REACHED: "call.reached",
    CallOutcome.NO_ANSWER: "call.no_answer",
    CallOutcome.WRONG_NUMBER: "call.wrong_number",
}
OF_A_DAY = time(16)  # when a village office is taken to have told people on the day it signed

HAS_NUMBER = Q(
    appointment__declaration__phone_ct__isnull=False, appointment__declaration__phone_bad_at__isnull=True
) | Q(resident__identity__phone_ct__isnull=False, resident__identity__phone_bad_at__isnull=True)


def waiting(*, by: User) -> QuerySet[Notification]:
    """What people of `by`'s office have to be told by a call; one person may have several."""
    return Notification.objects.to_call().for_staff(by).filter(resident__identity__isnull=False)


def people(*, by: User) -> QuerySet:
    """One row (a dict) for each person to call: resident_id, resident__name, resident__village__name, since, kinds,
    has_number, on_sheet (of a village, not back yet), tries, last_try. Never tried first, then the longest ago."""
    return (
        waiting(by=by)
        .values("resident_id", "resident__name", "resident__village__name")
        .annotate(
            since=Min("created_at"),
            kinds=ArrayAgg("kind", distinct=True, default=[]),
            has_number=BoolOr(HAS_NUMBER),
            on_sheet=BoolOr(Q(call_sheet__isnull=False, call_sheet__returned_at__isnull=True)),
            tries=Count("call_attempts", distinct=True),
            last_try=Max("call_attempts__made_at"),
        )
        .order_by(F("last_try").asc(nulls_first=True), "since", "resident_id")
    )


def about(*, resident_id: int, by: User) -> list[Notification]:
    """What one person has to be told, the oldest first; empty: not on the list, or another office's."""
    rows = (
        waiting(by=by)
        .filter(resident_id=resident_id)
        .select_related(
            "resident__village",
            "resident__identity",
            "appointment__declaration",
            "appointment__office",
            "appointment__slot",
        )
    )
    return list(rows.order_by("created_at", "pk"))


def number_for(rows: Sequence[Notification]) -> str:
    """The telephone number (E.164) at which to try; "": none that is right."""
    return next((number for row in rows if (number := contact.usable(notification=row, name="phone"))), "")


def attempts(*, resident_id: int) -> QuerySet[CallAttempt]:
    """Every try to tell this person something, newest first; several at once count once."""
    newest = CallAttempt.objects.filter(notification__resident_id=resident_id).select_related("made_by")
    return newest.order_by("-made_at", "-pk").distinct("made_at")


@transaction.atomic
def log(*, resident_id: int, outcome: CallOutcome, by: User, now: datetime) -> None:
    """Note what came of a call to this person. Reached: told, and off the list; a wrong number is not called again.

    Raises NotOnCallList: somebody was faster, or the person is another office's. Locks the person's rows on the list.
    """
    rows = _lock(waiting(by=by).filter(resident_id=resident_id))
    if not rows:
        raise NotOnCallList
    CallAttempt.objects.bulk_create(
        [CallAttempt(notification=row, outcome=outcome, made_at=now, made_by=by) for row in rows]
    )
    if outcome == CallOutcome.WRONG_NUMBER and (number := number_for(rows)):
        for row in rows:
            contact.mark_bad(notification=row, address=number, now=now)
    if outcome == CallOutcome.REACHED:
        _told(rows, at=now)
    audit.record(
        action=ACTIONS[outcome],
        actor=by,
        resident_id=resident_id,
        subject=f"notification:{rows[0].pk}",
        office_id=rows[0].office_id,
    )


@transaction.atomic
def print_sheet(*, village: Village, everybody: bool, by: User, now: datetime) -> CallSheet:
    """Put the people of `village` on a sheet for its office: who has no number that works or did not answer TRIES times;
    `everybody`: all on the list. Who is on a sheet that has not come back stays on that one.

    Raises NotOnCallList: nobody is left for a sheet.
    """
    rows = waiting(by=by).filter(
        Q(call_sheet__isnull=True) | Q(call_sheet__returned_at__isnull=False), resident__village=village
    )
    if not everybody:
        silent = CallAttempt.objects.filter(notification=OuterRef("pk")).order_by().values("notification")
        rows = rows.filter(~HAS_NUMBER | Exists(silent.annotate(tries=Count("pk")).filter(tries__gte=TRIES)))
    chosen = _lock(rows)
    if not chosen:
        raise NotOnCallList("Tidak ada warga desa ini yang perlu lembar baru. Lihat lembar yang belum kembali.")
    office_id = by.office_id or chosen[0].office_id
    sheet = CallSheet.objects.create(village=village, office_id=office_id, printed_at=now, printed_by=by)
    Notification.objects.filter(pk__in=[row.pk for row in chosen]).update(call_sheet=sheet)
    about = {(row.resident_id, f"call_sheet:{sheet.pk}", office_id) for row in chosen}
    audit.record_many(action="call.sheet_print", about=sorted(about), actor=by)
    return sheet


def on_sheet(sheet: CallSheet) -> QuerySet:
    """Rows (dicts) of a sheet's people: resident_id, resident__name, and told (whether all was); by name."""
    return (
        Notification.objects.filter(call_sheet=sheet, resident__identity__isnull=False)
        .values("resident_id", "resident__name")
        .annotate(told=~BoolOr(Q(state=NotificationState.WAITING)))
        .order_by("resident__name", "resident_id")
    )


def sheets(*, by: User) -> QuerySet[CallSheet]:
    """The sheets of `by`'s office that have not come back, oldest first."""
    out = CallSheet.objects.filter(returned_at__isnull=True).select_related("village", "office")
    return (out if by.office_id is None else out.filter(office_id=by.office_id)).order_by("printed_at")


@transaction.atomic
def take_back_sheet(
    *, sheet_id: int, resident_ids: Sequence[int], signed_by: str, signed_on: date, by: User, now: datetime
) -> int:
    """The village office returned its sheet: these people were told on the day it signed. Returns how many.

    Who is not among them stays on the call list and may go on another sheet. Raises SheetNotOut: it came back before.
    """
    out = sheets(by=by).filter(pk=sheet_id)
    values = {"returned_at": now, "returned_by": by, "signed_by": signed_by, "signed_on": signed_on}
    if not CallSheet.objects.filter(pk__in=out.values("pk")).update(**values):
        raise SheetNotOut
    sheet = CallSheet.objects.get(pk=sheet_id)
    told = _lock(Notification.objects.to_call().filter(call_sheet=sheet, resident_id__in=resident_ids))
    at = min(now, max(sheet.printed_at, datetime.combine(signed_on, OF_A_DAY, timezone.get_default_timezone())))
    CallAttempt.objects.bulk_create(
        [CallAttempt(notification=row, outcome=CallOutcome.VILLAGE, made_at=at, made_by=by) for row in told]
    )
    _told(told, at=at)
    about = {(row.resident_id, f"call_sheet:{sheet.pk}", sheet.office_id) for row in told}
    audit.record_many(action="call.village", about=sorted(about), actor=by)
    return len(about)


def counts(*, by: User) -> tuple[int, int]:
    """How many people are on the list, and how many of them for more than a day."""
    found = waiting(by=by).aggregate(
        people=Count("resident", distinct=True),
        overdue=Count("resident", distinct=True, filter=Q(created_at__lte=timezone.now() - timedelta(days=1))),
    )
    return found["people"], found["overdue"]


def _lock(rows: QuerySet[Notification]) -> list[Notification]:
    ids = rows.values_list("pk", flat=True)
    held = Notification.objects.filter(pk__in=list(ids), state=NotificationState.WAITING)
    return list(
        held.select_related("resident__identity", "appointment__declaration")
        .select_for_update(of=("self",))
        .order_by("pk")
    )


def _told(rows: Sequence[Notification], *, at: datetime) -> None:
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(state=NotificationState.TOLD, told_at=at)
