"""What we promise one resident, from what the office measured, the campaign, the calendar and the sealed birth date."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone

from issuance.models import IssueTime
from issuance.policy.promise import DEFAULT_DAYS, ENOUGH, Promise, expect
from issuance.services.calendar import service_days
from recording.models import Campaign, Office, Resident


def birth_date_of(resident: Resident) -> date | None:
    """The unsealed birth date; None for an erased person."""
    identity = getattr(resident, "identity", None)
    return date.fromisoformat(identity.birth_date) if identity and identity.birth_date else None


def promise(
    *,
    resident: Resident,
    recorded_at: datetime,
    office: Office | None = None,
    is_open: Callable[[date], bool] | None = None,
) -> Promise:
    """When the card of a recording of that moment is to be expected: by what `office` (with `issue_time` loaded, else
    one query more) measured from 30 cards or more, else by the days of the campaign that ran then."""
    recorded_on = timezone.localdate(recorded_at)
    days, sample = expected_days(recorded_on=recorded_on, office=office)
    return expect(
        recorded_on=recorded_on,
        days=days,
        sample=sample,
        birth_date=birth_date_of(resident),
        married=resident.ever_married,
        is_open=is_open or service_days(),
    )


def expected_days(*, recorded_on: date, office: Office | None) -> tuple[tuple[int, int | None], int]:
    """Fewest and most service days (most None: nobody can say), and of how many cards (0: promised, not measured)."""
    campaign = Campaign.objects.running_on(recorded_on).first()
    promised = (campaign.promised_days_min, campaign.promised_days_max) if campaign else DEFAULT_DAYS
    measured = _measured(office)
    if measured is None:
        return promised, 0
    return (measured.p50_days or promised[1], measured.p90_days), measured.sample


def _measured(office: Office | None) -> IssueTime | None:
    """The office's row, when it rests on enough cards."""
    try:
        row = office.issue_time if office else None
    except IssueTime.DoesNotExist:
        return None
    return row if row and row.sample >= ENOUGH else None
