import pytest
from django.db import OperationalError

from ektp_portal import heartbeat
from ektp_portal.heartbeat import Heartbeat, beat
from ektp_portal.views import health


@pytest.fixture(autouse=True)
def _no_beats_yet():
    heartbeat._client().delete(*Heartbeat)


def test_healthz_asks_nothing_of_the_database(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.content == b"ok\n"


@pytest.mark.django_db
def test_readyz_is_ok_when_everybody_beats(client):
    beat(Heartbeat.BEAT)
    beat(Heartbeat.WORKER)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["worker_age_seconds"] < 2
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_degraded_without_a_worker_but_still_serves(client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "database": "ok",
        "broker": "ok",
        "worker_age_seconds": None,
        "beat_age_seconds": None,
    }


@pytest.mark.django_db
def test_readyz_is_degraded_without_valkey_but_still_serves(client, settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    heartbeat._client.cache_clear()

    try:
        response = client.get("/readyz")
    finally:
        heartbeat._client.cache_clear()

    assert response.status_code == 200
    assert response.json()["broker"] == "no answer"


def test_readyz_is_503_without_the_database(client, monkeypatch):
    class Away:
        def cursor(self):
            raise OperationalError("connection refused")

    monkeypatch.setattr(health, "connection", Away())

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_only(client, path):
    assert client.post(path).status_code == 405
