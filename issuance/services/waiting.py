"""What pauses the clock of a card that could be printed: no blank, or an age below 17. The office is not late then."""

from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from issuance.enums import CaseStatus, ChangeEvent, NextStep, WaitingFor
from issuance.models import Case, StatusChange
from issuance.policy.print_run import scarcest
from issuance.services import supply
from issuance.services.print_order import IN_LINE, collected_from, values
from recording.models import Office
from recording.policy.booking import card_from
from recording.services import notification
from recording.services.notification import Owed

SEVENTEEN_KIND = "turned_seventeen"
CHUNK = 1000  # sealed birth dates opened at a time
OF_AGE_NOTE = "Umur 17 tahun tercapai; kartu boleh dicetak."

# As many as can be printed wait for the office; the rest wait for blanks. A proposal of today holds its people's blanks.
SETTLE = f"""
WITH {IN_LINE}, due AS (
    SELECT cases.id, in_line.place <= %(prints)s AS fits FROM issuance_case cases JOIN in_line ON in_line.id = cases.id
    WHERE cases.waiting_for = CASE WHEN in_line.place <= %(prints)s THEN 'blank' ELSE 'none' END
    ORDER BY cases.id FOR NO KEY UPDATE OF cases SKIP LOCKED
)
UPDATE issuance_case cases
SET waiting_for = CASE WHEN due.fits THEN 'none' ELSE 'blank' END,
    clock_from = CASE WHEN due.fits THEN %(now)s::timestamptz END
FROM due WHERE cases.id = due.id AND cases.status = 'print_ready'
"""  # noqa: S608 - made of constants


def settle_blanks(*, now: datetime, office_ids: list[int] | None = None) -> int:
    """Let the first in line wait for their office and everybody beyond its free supplies wait for blanks, with the clock
    paused; at one or every office that prints. Returns how many cases changed. One statement an office. Idempotent."""
    offices = Office.objects.active().filter(prints_here=True)
    if office_ids is not None:
        offices = offices.filter(pk__in=office_ids)
    return sum(_settle(office, now) for office in offices)


@transaction.atomic
def _settle(office: Office, now: datetime) -> int:
    prints, _item = scarcest(supply.free(office_id=office.pk))
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, values(collected_from(office), prints=prints, now=now))
        return cursor.rowcount


def resume_adults(*, now: datetime) -> int:
    """Start the clock of everybody who waited for age and is 17 by today (or has married), and tell those who are 17.

    Returns how many cases. Birth dates are opened in chunks, each one transaction. Idempotent; safe in two workers.
    """
    today, last, resumed = timezone.localdate(now), 0, 0
    while chunk := _waiting_for_age(after=last):
        last = chunk[-1].pk
        due = [case for case in chunk if _is_of_age(case, today)]
        resumed += _resume(due, now) if due else 0
    return resumed


def _waiting_for_age(*, after: int) -> list[Case]:
    waiting = Case.objects.filter(status=CaseStatus.PRINT_READY, waiting_for=WaitingFor.AGE, pk__gt=after)
    return list(waiting.select_related("resident__identity").order_by("pk")[:CHUNK])


def _is_of_age(case: Case, today: date) -> bool:
    identity = getattr(case.resident, "identity", None)
    if identity is None or not identity.birth_date:
        return False  # erased: nobody is printed under that name
    birth_date = date.fromisoformat(identity.birth_date)
    return card_from(birth_date, married=case.resident.ever_married, recorded_on=today) is None


@transaction.atomic
def _resume(due: list[Case], now: datetime) -> int:
    still = Case.objects.filter(
        pk__in=[case.pk for case in due], status=CaseStatus.PRINT_READY, waiting_for=WaitingFor.AGE
    )
    ids = list(still.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    Case.objects.filter(pk__in=ids).update(waiting_for=WaitingFor.NONE, clock_from=now)
    resumed = [case for case in due if case.pk in set(ids)]
    note_many(resumed, OF_AGE_NOTE, at=now)
    owed = [
        Owed(
            resident_id=case.resident_id,
            dedup_key=f"{SEVENTEEN_KIND}:{case.pk}:{case.attempt}",
            context={"case": case.pk},
        )
        for case in resumed
        if not case.resident.ever_married
    ]
    notification.enqueue_many(kind=SEVENTEEN_KIND, owed=owed, now=now)
    return len(ids)


def wait_for_resident(*, case_ids: list[int]) -> int:
    """The office has invited these people: its clock stands until they come, and what was late is done."""
    ready = Case.objects.filter(pk__in=case_ids, status=CaseStatus.PRINT_READY)
    return ready.update(waiting_for=WaitingFor.RESIDENT, clock_from=None, stalled_since=None, next_step=NextStep.NONE)


def wait_for_office(*, case_ids: list[int], now: datetime) -> int:
    """Nothing but the office is waited for: its clock starts at `now`, where it stood."""
    ready = Case.objects.filter(pk__in=case_ids, status=CaseStatus.PRINT_READY)
    return ready.exclude(waiting_for__in=[WaitingFor.NONE, WaitingFor.AGE]).update(
        waiting_for=WaitingFor.NONE, clock_from=now
    )


def wait_for_blank(*, case_ids: list[int]) -> int:
    """There is no blank for these people after all."""
    ready = Case.objects.filter(pk__in=case_ids, status=CaseStatus.PRINT_READY)
    return ready.exclude(waiting_for=WaitingFor.AGE).update(waiting_for=WaitingFor.BLANK, clock_from=None)


def note_many(cases: list[Case], note: str, *, at: datetime, actor_id: int | None = None) -> None:
    """A line in the history of each, which leaves the status as it is."""
    StatusChange.objects.bulk_create(
        StatusChange(
            case=case,
            event=ChangeEvent.NOTED,
            from_status=case.status,
            to_status=case.status,
            attempt=case.attempt,
            occurred_at=at,
            actor_id=actor_id,
            note=note[:200],
        )
        for case in cases
    )
