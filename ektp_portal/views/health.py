"""Is the process up, and is everything it needs: for supervisors and load balancers. Nothing personal, no session."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ektp_portal.heartbeat import FRESH_SECONDS, pulse

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nothing of anybody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 only without the database: booking works without Valkey, messages then wait in the outbox."""
    has_database, found = _database_answers(), pulse()
    is_complete = has_database and _is_fresh(found.worker_age) and _is_fresh(found.beat_age)
    return JsonResponse(
        {
            "status": "ok" if is_complete else "degraded" if has_database else "unavailable",
            "database": "ok" if has_database else "no answer",
            "broker": "ok" if found.broker_answers else "no answer",
            "worker_age_seconds": found.worker_age,
            "beat_age_seconds": found.beat_age,
        },
        status=200 if has_database else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError as error:
        logger.error("the database does not answer: %s", error)
        return False


def _is_fresh(age: float | None) -> bool:
    return age is not None and age < FRESH_SECONDS
