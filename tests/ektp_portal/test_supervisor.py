"""`manage.py portal` for real, each with a state folder of its own."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest

from ektp_portal.embedded.errors import CannotStart
from ektp_portal.embedded.process import wait_until
from ektp_portal.supervisor import BASE_DIR, Environment, main

READY_SECONDS = 120


# -- portal.env ----------------------------------------------------------------------------------------------------------


def test_environment_is_private_and_keeps_its_keys(tmp_path):
    file = tmp_path / "portal.env"
    Environment(file, {}).write({"DATABASE_URL": "postgresql://first"}, site_url="http://127.0.0.1:8000")
    first = Environment(file, {}).kept

    Environment(file, {}).write({"DATABASE_URL": "postgresql://second"}, site_url="http://127.0.0.1:8001")
    second = Environment(file, {}).kept

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(first[key] == second[key] for key in Environment.KEYS)
    assert second["DATABASE_URL"] == "postgresql://second"
    assert second["SITE_URL"] == "http://127.0.0.1:8001"


def test_environment_keeps_lines_that_somebody_added(tmp_path):
    file = tmp_path / "portal.env"
    file.write_text("MESSAGE_CHANNEL=smtp\nSITE_URL=https://ktp.example.go.id\n")

    Environment(file, {}).write({}, site_url="http://127.0.0.1:8000")

    kept = Environment(file, {}).kept
    assert kept["MESSAGE_CHANNEL"] == "smtp"
    assert kept["SITE_URL"] == "https://ktp.example.go.id"


def test_environment_does_not_make_keys_that_are_given(tmp_path):
    file = tmp_path / "portal.env"

    Environment(file, {"SECRET_KEY": "given"}).write({}, site_url="http://127.0.0.1:8000")

    assert "SECRET_KEY" not in Environment(file, {}).kept


def test_a_database_without_its_keys_is_refused(tmp_path):
    (tmp_path / "postgres").mkdir()

    with pytest.raises(CannotStart, match="FIELD_ENCRYPTION_KEYS"):
        Environment(tmp_path / "portal.env", {}).refuse_lost_keys(tmp_path / "postgres")


# -- refusals ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_state(tmp_path, monkeypatch):
    """The environment of somebody who starts a portal: nothing of this test run but the path."""
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "BLIND_INDEX_KEY", "PORTAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PORTAL_TEST_RUN", raising=False)
    monkeypatch.setenv("PORTAL_STATE", str(tmp_path / "state with a space"))
    return tmp_path / "state with a space"


@pytest.fixture
def _signals_kept():
    """`main` takes the signals over; pytest wants them back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    mask = os.umask(0o022)
    yield
    os.umask(mask)
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_state", "_signals_kept")
def test_a_busy_port_names_another(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["--port", str(port)]) == 1

    assert f"PORT={port + 1} make run" in capsys.readouterr().err


@pytest.mark.usefixtures("own_state", "_signals_kept")
def test_a_port_that_is_no_number_is_named(capsys):
    assert main(["--port", "many"]) == 1
    assert "'many', which is no port number" in capsys.readouterr().err


@pytest.mark.usefixtures("own_state", "_signals_kept")
def test_a_given_server_that_does_not_answer_is_named_without_its_password(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "postgresql://portal:hush@127.0.0.1:1/portal")  # pragma: allowlist secret - none

    assert main(["--port", str(free_port())]) == 1

    said = capsys.readouterr().err
    assert "DATABASE_URL does not answer" in said
    assert "hush" not in said


@pytest.mark.usefixtures("own_state", "_signals_kept")
def test_wrong_settings_are_all_named_before_anything_is_started(monkeypatch, capsys):
    monkeypatch.setenv("PORTAL_ENV", "bogus")
    monkeypatch.setenv("TRUSTED_PROXIES", "many")

    assert main(["--port", str(free_port())]) == 1

    told = capsys.readouterr()
    assert "PORTAL_ENV: Must be one of" in told.err and "TRUSTED_PROXIES: " in told.err
    assert "PostgreSQL" not in told.out


# -- the whole portal ----------------------------------------------------------------------------------------------------


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Portal:
    """One `manage.py portal` in a process of its own."""

    def __init__(self, state):
        self.state, self.port = state, free_port()
        self.family = []
        self.output = state.with_name("output")
        self.process = None

    def start(self):
        argv = [sys.executable, str(BASE_DIR / "manage.py"), "portal", "--port", str(self.port)]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                argv, stdout=output, stderr=output, env=os.environ | {"DEMO_RESIDENTS": "0"}
            )
        ready = wait_until(lambda: self.has_ended() or self.is_ready(), seconds=READY_SECONDS, every=0.2)
        assert ready, self.output.read_text()
        assert not self.has_ended(), self.output.read_text()
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def has_ended(self):
        return self.process is None or self.process.poll() is not None

    def is_ready(self):
        return "Ctrl-C stops everything" in self.output.read_text()

    def readiness(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as response:
            return json.load(response)

    def shell(self, code):
        argv = [sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v", "0", "-c", code]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    def child(self, words):
        return next(found for found in self.family if words in " ".join(found.cmdline()))

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(60)

    def left(self):
        """Those of the family that still run a moment after the runner ended."""
        return psutil.wait_procs(self.family, timeout=10)[1]


@pytest.fixture
def portal(own_state):
    made = Portal(own_state)
    yield made
    if not made.has_ended():
        made.process.kill()
        made.process.wait()
    made.left()
    shutil.rmtree((own_state / "servers").resolve(), ignore_errors=True)  # may lie outside


@pytest.mark.deep
def test_data_and_keys_survive_a_stop_and_a_kill(portal):
    portal.start()
    assert portal.readiness()["status"] == "ok"
    count = "from recording.models import Office; Office.objects.filter(code='33.19.00').update(stations=7);"
    portal.shell(count)
    sockets = (portal.state / "sockets").resolve()
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700

    assert portal.stop(signal.SIGTERM) == 0
    assert portal.left() == []
    assert not sockets.exists()

    began = time.monotonic()
    portal.start()
    assert time.monotonic() - began < 30  # under 10 s on an idle machine
    assert (
        portal.shell("from recording.models import Office; print(Office.objects.get(code='33.19.00').stations)") == "7"
    )

    portal.process.kill()
    portal.process.wait()
    assert portal.left() == []

    portal.start()
    assert (
        portal.shell("from recording.models import Office; print(Office.objects.get(code='33.19.00').stations)") == "7"
    )
    assert portal.stop(signal.SIGINT) == 0
    assert portal.left() == []


@pytest.mark.deep
def test_a_second_portal_over_the_same_data_is_refused(portal):
    portal.start()
    argv = [sys.executable, str(BASE_DIR / "manage.py"), "portal", "--port", str(free_port())]

    second = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    assert second.returncode == 1
    assert f"already runs with the data in {portal.state}" in second.stderr
    assert portal.readiness()["database"] == "ok"


@pytest.mark.deep
@pytest.mark.parametrize("words", ["celery -A ektp_portal.celery worker", "valkey-server", "gunicorn"])
def test_the_death_of_a_part_stops_the_portal_and_is_named(portal, words):
    portal.start()

    portal.child(words).kill()

    assert portal.process.wait(60) == 1
    assert "ended by itself" in portal.output.read_text()
    assert portal.left() == []


@pytest.mark.deep
def test_the_portal_serves_without_valkey(portal):
    portal.start()
    valkey = portal.child("valkey-server")
    valkey.suspend()
    began = time.monotonic()

    found = portal.readiness()

    assert time.monotonic() - began < 2
    assert found["database"] == "ok"
    assert found["broker"] == "no answer"
    valkey.resume()


@pytest.mark.deep
def test_without_the_database_readyz_is_503(portal):
    portal.start()
    postgres = portal.child("pginstall18/bin/postgres -D")
    os.kill(portal.process.pid, signal.SIGSTOP)  # else it would stop everything at once
    postgres.send_signal(signal.SIGINT)

    def is_unavailable():
        try:
            portal.readiness()
        except urllib.error.HTTPError as error:
            return error.code == 503
        return False

    assert wait_until(is_unavailable, seconds=20, every=0.5)
    os.kill(portal.process.pid, signal.SIGCONT)
