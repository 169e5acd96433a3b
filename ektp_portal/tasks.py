"""Tasks that belong to no app: is anybody there, and forgetting."""

from celery import shared_task
from django.utils import timezone

from .heartbeat import Heartbeat, beat
from .retention import forget_old_traces


@shared_task(name="portal.heartbeat")
def heartbeat_task() -> None:
    """Every 15 s, from beat: shows in `/readyz` that a worker takes tasks. Safe to run twice."""
    beat(Heartbeat.WORKER)


@shared_task(name="portal.forget_old_traces")
def forget_old_traces_task() -> int:
    """Daily, from beat. Returns the number of rows deleted. Safe to run twice."""
    return forget_old_traces(now=timezone.now())
