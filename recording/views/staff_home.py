"""What the ground floor puts on the staff home (registered in `recording.apps`)."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from recording.dates import short_day
from recording.models import User
from recording.services import desk, slot
from recording.staff_home import Alarm, Card

DAYS_NAMED = 5


def desk_cards(*, user: User, now: datetime) -> list[Card]:
    """Today at the desk."""
    counts = desk.counts(user=user, now=now)
    url = reverse("desk")
    return [
        Card(label="Menunggu di loket", value=counts["waiting"], url=url, kind="warning" if counts["waiting"] else ""),
        Card(label="Masih akan datang hari ini", value=counts["booked"], url=url, kind="info"),
        Card(label="Sudah dilayani hari ini", value=counts["done"], url=url, kind="success"),
        Card(label="Tidak hadir hari ini", value=counts["missed"], url=url),
    ]


def days_without_hours(*, user: User, now: datetime) -> list[Alarm]:
    """One alarm for each office that should be open on some day but has no time to book."""
    missing: dict[str, list[str]] = {}
    for office, day in slot.days_without_slots(today=timezone.localdate(now)):
        if user.office_id in (None, office.pk):
            missing.setdefault(office.name, []).append(short_day(day))
    return [
        Alarm(
            kind="danger",
            title=f"{office}: {len(days)} hari tanpa jam layanan",
            text=f"{', '.join(days[:DAYS_NAMED])}{' ...' if len(days) > DAYS_NAMED else ''}. "
            "Warga tidak dapat memesan di hari itu. Administrator perlu membuat jamnya.",
        )
        for office, days in missing.items()
    ]
