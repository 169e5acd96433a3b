"""The switch "server pusat mati" of an office: recording pauses, everybody sees why, and it ends with one click."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from recording.exceptions import ChangeNotPossible, RecordingPaused
from recording.models import Office, OfficeOutage, User
from recording.services import audit


@dataclass(frozen=True, kw_only=True)
class OutageNotice:
    """What a page shows about an outage: which office, since when, the note for residents."""

    office: Office
    since: datetime
    note: str


def notices(*, office_ids: Collection[int] | None = None) -> list[OutageNotice]:
    """Outages going on, in the order of offices (None: all of them); for `recording/hours/outage_banner.html`."""
    outages = OfficeOutage.objects.going_on().select_related("office").order_by("office__code")
    if office_ids is not None:
        outages = outages.filter(office__in=office_ids)
    return [OutageNotice(office=each.office, since=each.started_at, note=each.note) for each in outages]


def require_recording(*, office_id: int | None) -> None:
    """Nothing, or RecordingPaused while the office's switch is on."""
    if OfficeOutage.objects.going_on().filter(office=office_id).exists():
        raise RecordingPaused


@transaction.atomic
def start(*, office_id: int, by: User, now: datetime, note: str = "") -> OfficeOutage:
    """Pause recording at an office. Idempotent: an outage going on is returned as it is.

    Raises ChangeNotPossible: not an active office, or not one that `by` answers for.
    """
    office = Office.objects.active().for_staff(by).filter(pk=office_id).first()
    if office is None:
        raise ChangeNotPossible("Kantor ini tidak aktif.")
    going_on = OfficeOutage.objects.going_on().filter(office=office).first()
    if going_on:
        return going_on
    try:
        with transaction.atomic():
            outage = OfficeOutage.objects.create(office=office, started_at=now, started_by=by, note=note[:200])
    except IntegrityError:  # somebody else was faster
        return OfficeOutage.objects.going_on().get(office=office)
    audit.record(
        action="outage.start", actor=by, subject=f"outage:{outage.pk}", office_id=office.pk, reason=outage.note
    )
    return outage


@transaction.atomic
def end(*, outage_id: int, by: User, now: datetime) -> OfficeOutage:
    """Recording goes on. Idempotent: an outage that has ended stays as it is. Raises OfficeOutage.DoesNotExist, also for
    an office that `by` does not answer for."""
    own = OfficeOutage.objects.for_staff(by)
    ended = own.going_on().filter(pk=outage_id).update(ended_at=now, ended_by=by)
    outage = own.get(pk=outage_id)
    if ended:
        audit.record(action="outage.end", actor=by, subject=f"outage:{outage.pk}", office_id=outage.office_id)
    return outage
