"""How the campaign stands: people of Kudus recorded, of those who have to be, in all and per kecamatan."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q
from redis.exceptions import RedisError

from recording.enums import RecordingOutcome
from recording.models import Campaign, District, Recording, Resident
from recording.policy.shares import apportion

logger = logging.getLogger(__name__)
REMEMBERED_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Share:
    """People recorded of a target. `name`: whose."""

    name: str
    recorded: int
    target: int

    @property
    def percent(self) -> float:
        """0-100, one decimal; never rounded up to 100 and never beyond it."""
        if not self.target:
            return 0.0
        return min(100.0, self.recorded * 1000 // self.target / 10)

    @property
    def remaining(self) -> int:
        return max(0, self.target - self.recorded)


@dataclass(frozen=True)
class Progress:
    """`total` of the campaign and each kecamatan's part of it, counted at `as_of` (aware)."""

    campaign: str
    starts_on: date
    ends_on: date
    total: Share
    districts: list[Share]
    as_of: datetime


def progress(*, now: datetime) -> Progress | None:
    """The campaign's standing, at most a minute old; None when no campaign is known. Works without the cache."""
    try:
        standing = cache.get("progress")
        if standing is None:
            standing = count_progress(now=now)
            cache.set("progress", standing, REMEMBERED_FOR.total_seconds())
        return standing
    except (RedisError, OSError):
        logger.warning("progress: the cache cannot be reached, counting anew")
        return count_progress(now=now)


def count_progress(*, now: datetime) -> Progress | None:
    """Count afresh. Each resident counts once: recorded before the portal, or accepted at least once here.

    People without a village in Kudus (recorded here, registered elsewhere) count for their own regency, not here.
    """
    today = now.date()
    campaign = Campaign.objects.running_on(today).first() or Campaign.objects.order_by("-ends_on").first()
    if campaign is None:
        return None
    districts = list(District.objects.order_by("code"))
    targets = apportion(campaign.target, [district.target_weight for district in districts]) if districts else []
    recorded = _recorded_by_district()
    shares = [
        Share(district.name, recorded.get(district.pk, 0), target)
        for district, target in zip(districts, targets, strict=True)
    ]
    total = Share(campaign.name, sum(share.recorded for share in shares), campaign.target)
    return Progress(campaign.name, campaign.starts_on, campaign.ends_on, total, shares, now)


def _recorded_by_district() -> dict[int, int]:
    accepted = Recording.objects.filter(resident=OuterRef("pk"), outcome=RecordingOutcome.ACCEPTED)
    counted = (
        Resident.objects.filter(Q(recorded_before_portal=True) | Exists(accepted), village__isnull=False)
        .values("village__district")
        .annotate(people=Count("pk"))
    )
    return {row["village__district"]: row["people"] for row in counted}
