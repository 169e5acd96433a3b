"""The Celery app, and what beat sends when: the whole schedule is this file, so that it is reviewed and tested."""

import os
from collections.abc import Mapping

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, before_task_publish, setup_logging
from django.conf import settings

from .heartbeat import Heartbeat, beat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ektp_portal.settings")

MINUTE = 60.0
HOUR = 60 * MINUTE


def broker_url(redis_url: str) -> str:
    """Celery's spelling of a Redis address: sockets are named differently there."""
    if not redis_url.startswith("unix://"):
        return redis_url
    socket, _, query = redis_url.removeprefix("unix://").partition("?")
    options = dict(option.split("=", 1) for option in query.split("&") if "=" in option)
    return f"redis+socket://{socket}?virtual_host={options.get('db', '0')}"


def _every(seconds: float, task: str) -> dict:
    """A job each `seconds`; one not begun by the time of the next is dropped, so that an outage leaves no heap."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


def _daily(hour: int, minute: int, task: str) -> dict:
    """A job each day at that time in Kudus."""
    return {"task": task, "schedule": crontab(hour=hour, minute=minute), "options": {"expires": 12 * HOUR}}


BEAT_SCHEDULE = {
    "heartbeat": _every(15, "portal.heartbeat"),
    "drain the outbox": _every(15, "recording.drain_outbox"),
    "remind of appointments": _every(5 * MINUTE, "recording.remind"),
    "send invitations": _every(30, "recording.send_invitations"),
    "release places": _every(MINUTE, "recording.release_places"),
    "mark no-shows": _every(10 * MINUTE, "recording.mark_no_shows"),
    "seal the audit trail": _every(MINUTE, "recording.seal_audit"),
    "count today and what changed": _every(MINUTE, "issuance.refresh_progress"),
    "apply national lists": _every(10, "issuance.apply_lists"),
    "read national lists": _every(5, "issuance.read_list"),
    "flag stalled cases": _every(HOUR, "issuance.flag_stalled"),
    "say who may expect a card": _every(HOUR, "issuance.refresh_outlook"),
    "settle who waits for a blank": _every(2 * MINUTE, "issuance.settle_waiting"),
    "free blanks nobody came for": _daily(0, 15, "issuance.lapse_picks"),
    "resume who turned 17": _daily(0, 25, "issuance.resume_adults"),
    "remind to collect": _daily(9, 0, "issuance.remind_to_collect"),
    "end codes of collected cards": _daily(2, 40, "issuance.end_codes"),
    "measure issue times": _every(HOUR, "issuance.measure_issue_times"),
    "expire letters": _daily(0, 20, "issuance.expire_letters"),
    "top up slots": _daily(0, 10, "recording.top_up_slots"),
    "forget old traces": _daily(2, 30, "portal.forget_old_traces"),
}

app = Celery("ektp_portal")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 300},
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=290,  # below the visibility timeout: nothing is delivered again while it still runs
    task_soft_time_limit=270,
    task_publish_retry=False,  # what must not be lost is a row first, sent later
    worker_prefetch_multiplier=1,
    worker_concurrency=int(os.environ.get("WORKER_PROCESSES") or 2),
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    timezone=settings.TIME_ZONE,
    beat_schedule=BEAT_SCHEDULE,
    beat_scheduler="celery.beat:Scheduler",  # nothing on disk to go stale: every job runs once at start instead
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_kwargs) -> None:
    """Celery leaves the log as Django set it up, with personal numbers masked."""


@beat_init.connect
def run_every_job_once(**_kwargs) -> None:
    """What fell due while beat was down is caught up at once: every job is safe to run twice."""
    for entry in BEAT_SCHEDULE.values():
        app.send_task(entry["task"], **entry["options"])


@before_task_publish.connect(sender="portal.heartbeat")
def note_beat(headers: Mapping | None = None, **_kwargs) -> None:
    """Only beat sends heartbeats, so one that leaves shows that beat lives."""
    beat(Heartbeat.BEAT)
