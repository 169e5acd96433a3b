import pytest

from ektp_portal.celery import BEAT_SCHEDULE, app, broker_url, run_every_job_once

PROMISED = {
    "portal.heartbeat",
    "recording.drain_outbox",
    "recording.release_places",
    "recording.mark_no_shows",
    "recording.top_up_slots",
    "issuance.flag_stalled",
}


@pytest.mark.parametrize("task", sorted(entry["task"] for entry in BEAT_SCHEDULE.values()))
def test_every_beat_entry_names_a_registered_task(task):
    app.loader.import_default_modules()

    assert task in app.tasks


def test_every_promised_job_is_on_the_schedule():
    assert not PROMISED - {entry["task"] for entry in BEAT_SCHEDULE.values()}


def test_a_job_not_begun_by_its_next_turn_is_dropped():
    too_patient = {
        name
        for name, entry in BEAT_SCHEDULE.items()
        if isinstance(entry["schedule"], float) and entry["options"]["expires"] > entry["schedule"]
    }

    assert not too_patient


def test_beat_sends_every_job_once_at_start(monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: sent.append(name))

    run_every_job_once()

    assert sorted(sent) == sorted(entry["task"] for entry in BEAT_SCHEDULE.values())


def test_a_lost_worker_loses_no_task_and_nothing_runs_twice_at_once():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]


def test_only_json_is_accepted():
    assert app.conf.accept_content == ["json"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("rediss://:secret@cache:6379/2", "rediss://:secret@cache:6379/2"),  # pragma: allowlist secret - an example
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
    ],
)
def test_broker_url_says_what_celery_understands(given, expected):
    assert broker_url(given) == expected
