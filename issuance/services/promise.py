"""What we promise one resident, from the campaign, the calendar and the sealed birth date."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone

from issuance.policy.promise import DEFAULT_DAYS, Promise, expect
from issuance.services.calendar import service_days
from recording.models import Campaign, Resident


def birth_date_of(resident: Resident) -> date | None:
    """The unsealed birth date; None for an erased person."""
    identity = getattr(resident, "identity", None)
    return date.fromisoformat(identity.birth_date) if identity and identity.birth_date else None


def promise(*, resident: Resident, recorded_at: datetime, is_open: Callable[[date], bool] | None = None) -> Promise:
    """When the card of a recording of that moment is to be expected: the days of the campaign that ran then."""
    recorded_on = timezone.localdate(recorded_at)
    campaign = Campaign.objects.running_on(recorded_on).first()
    return expect(
        recorded_on=recorded_on,
        days=(campaign.promised_days_min, campaign.promised_days_max) if campaign else DEFAULT_DAYS,
        birth_date=birth_date_of(resident),
        married=resident.ever_married,
        is_open=is_open or service_days(),
    )
