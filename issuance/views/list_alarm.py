"""What the verifier's home says of the national lists."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from issuance.policy.observation import is_stale
from issuance.services.central_import import freshness
from recording.dates import day_in_words
from recording.models import User
from recording.staff_home import Alarm

ADVICE = 'Tanpa daftar baru, berkas yang menunggu pusat berbunyi "status belum diperbarui" dan tidak ada yang dikabari.'


def list_alarms(*, user: User, now: datetime) -> Iterator[Alarm]:
    """No list in force that is newer than three days."""
    latest = freshness(now)
    if is_stale(latest, now=now):
        last = "Belum ada daftar pusat"
        if latest:
            last = f"Daftar pusat terakhir per {day_in_words(timezone.localdate(latest))}"
        yield Alarm(title=last, text=ADVICE, url=reverse("central_import_new"), link_text="Unggah daftar")
