import time

import pytest

from ektp_portal import heartbeat
from ektp_portal.celery import app
from ektp_portal.heartbeat import Heartbeat, Pulse, beat, pulse
from ektp_portal.tasks import heartbeat_task


@pytest.fixture(autouse=True)
def _no_beats_yet():
    heartbeat._client().delete(*Heartbeat)


def test_nobody_has_beaten_before_the_first_beat():
    assert pulse() == Pulse(broker_answers=True)


def test_pulse_tells_how_long_ago_each_beat():
    beat(Heartbeat.BEAT)
    heartbeat_task()

    found = pulse()

    assert found.worker_age < 2
    assert found.beat_age < 2


def test_sending_the_heartbeat_task_is_the_beat_of_beat():
    app.send_task("portal.heartbeat", expires=1)

    found = pulse()

    assert found.beat_age < 2
    assert found.worker_age is None


def test_pulse_does_not_wait_for_a_valkey_that_is_away(settings):
    settings.REDIS_URL = "redis://192.0.2.1:6379/0"  # an address that nobody has
    heartbeat._client.cache_clear()
    began = time.monotonic()

    try:
        found = pulse()
    finally:
        heartbeat._client.cache_clear()

    assert found == Pulse(broker_answers=False)
    assert time.monotonic() - began < 1.5
