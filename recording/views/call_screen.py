"""`/antrean/<office>/`: the screen in the waiting room. Numbers and stations only; nobody is named."""

import logging

from django.core.cache import cache
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from recording.dates import clock, day_in_words
from recording.models import Office
from recording.services import line, outage
from recording.views.chooser import office_from

logger = logging.getLogger(__name__)
REMEMBERED_FOR = 2  # seconds
STATIONS_SHOWN, NEXT_SHOWN = 5, 5


@require_safe
def call_screen(request, office_code: str):
    office, now = office_from(office_code), timezone.now()
    context = {
        "office": office,
        "board": board(office=office, now=now),
        "time": clock(now),
        "day": day_in_words(timezone.localdate(now)),
        "here": request.path,
    }
    name = "recording/queue/call_screen_board.html" if request.htmx else "recording/queue/call_screen.html"
    response = render(request, name, context)
    patch_cache_control(response, max_age=REMEMBERED_FOR)
    return response


def board(*, office: Office, now) -> dict:
    """What the screen shows, at most two seconds old. Works without the cache."""
    key = f"call_screen.{office.pk}"
    try:
        shown = cache.get(key)
        if shown is None:
            shown = _board(office, now)
            cache.set(key, shown, REMEMBERED_FOR)
        return shown
    except (RedisError, OSError):
        logger.warning("call screen: the cache cannot be reached, reading anew")
        return _board(office, now)


def _board(office: Office, now) -> dict:
    today = line.today(office=office, now=now)
    announced = [
        {"label": f"{each}", "spoken": " ".join(f"{each}"), "station": each.station} for each in today.announced
    ]
    latest = today.announced[0] if today.announced else None
    return {
        "latest": announced[0] if announced else None,
        "stations": sorted(announced[1:STATIONS_SHOWN], key=lambda each: each["station"]),
        "next": [f"{each}" for each in today.waiting[:NEXT_SHOWN]],
        "waiting": len(today.order),
        "bell": f"{latest}-{latest.station}-{latest.announced_at.timestamp()}" if latest else "",
        "paused": bool(outage.notices(office_ids=[office.pk])),
    }
