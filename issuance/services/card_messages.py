"""What the messages about printing and collecting a card need beyond `services.messages`."""

from datetime import date
from typing import Any

from django.utils import timezone

from issuance.models import Case
from recording.dates import day_in_words, plain_date
from recording.models import Notification


def about_invitation(notification: Notification) -> dict[str, Any]:
    """`office`: where a blank is kept; `until`: its last day, in words."""
    return {
        "office": _case(notification).pickup_office,
        "until": day_in_words(date.fromisoformat(notification.context["until"])),
    }


def about_collecting(notification: Notification) -> dict[str, Any]:
    """`office`: where the card lies; `since`: the day it came there, in words."""
    case = _case(notification)
    return {"office": case.pickup_office, "since": plain_date(timezone.localdate(case.status_since))}


def _case(notification: Notification) -> Case:
    return Case.objects.select_related("pickup_office").get(pk=notification.context["case"])
