"""Cases of other offices that the signed-in person found by a full NIK or code, with a reason, a short while ago.

They may be read, not worked on. Guessing ids in the address opens none.
"""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

KEY = "cases_found_elsewhere"
STAYS_OPEN = timedelta(minutes=30)
MOST = 40


def remember(request: HttpRequest, case_id: int) -> None:
    """Keep the latest MOST with the second they were found."""
    noted = {**request.session.get(KEY, {}), f"{case_id}": int(timezone.now().timestamp())}
    request.session[KEY] = dict(sorted(noted.items(), key=lambda item: item[1])[-MOST:])


def may_read(request: HttpRequest, case_id: int) -> bool:
    at = request.session.get(KEY, {}).get(f"{case_id}", 0)
    return 0 <= timezone.now().timestamp() - at <= STAYS_OPEN.total_seconds()
