"""When beat last sent and a worker last ran: two timestamps in Valkey, read by `/readyz`."""

import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

FRESH_SECONDS = 60.0  # four missed beats
TIMEOUT_SECONDS = 0.5  # `/readyz` answers within two seconds, Valkey or no Valkey


class Heartbeat(StrEnum):
    BEAT = "portal:heartbeat:beat"
    WORKER = "portal:heartbeat:worker"


@dataclass(frozen=True)
class Pulse:
    """What Valkey tells: does it answer, and how many seconds ago did each last beat (None: never, or no answer)."""

    broker_answers: bool
    worker_age: float | None = None
    beat_age: float | None = None


def beat(whose: Heartbeat) -> None:
    """Note that `whose` process lives now. Raises redis.RedisError when Valkey does not answer."""
    _client().set(whose, time.time())


def pulse() -> Pulse:
    """How the worker and beat are, in at most a second."""
    try:
        worker, scheduler = _client().mget(Heartbeat.WORKER, Heartbeat.BEAT)
    except redis.RedisError:
        return Pulse(broker_answers=False)
    return Pulse(broker_answers=True, worker_age=_age(worker), beat_age=_age(scheduler))


def _age(noted: bytes | str | None) -> float | None:
    return None if noted is None else round(max(0.0, time.time() - float(noted)), 1)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
