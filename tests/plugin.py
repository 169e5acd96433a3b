"""One throw-away PostgreSQL and one Valkey per test run, started before Django reads its settings.

Loaded by `-p tests.plugin` (pyproject.toml), so start the tests as `python -m pytest`. DATABASE_URL and REDIS_URL, when
set, are used as they are. Nothing has a fixed address: any number of runs can share a machine.
"""

import atexit
import base64
import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import psutil
import pytest

from ektp_portal.embedded.place import SHORT_ROOT, private_directory, server_account
from ektp_portal.embedded.postgres import THROW_AWAY_SETTINGS, PostgresServer
from ektp_portal.embedded.valkey import ValkeyServer
from ektp_portal.translations import compile_catalogues

PREFIX = "ektp-test-"
LOCALE = Path(__file__).resolve().parent.parent / "locale"


@pytest.hookimpl(wrapper=True)  # a wrapper comes before pytest-django's hook of this name, which reads the settings
def pytest_load_initial_conftests():
    if "PORTAL_TEST_RUN" not in os.environ:  # else a worker, or a pytest started by a test: the servers are up
        _remove_left_by_killed_runs()
        run = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=SHORT_ROOT))
        atexit.register(shutil.rmtree, run, ignore_errors=True)
        compile_catalogues(LOCALE)
        os.environ.update(_servers(run) | _identity(run))
    elif worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ.update(_of_its_own(worker))
    return (yield)


def _of_its_own(worker: str) -> dict[str, str]:
    """A worker of `pytest -n` shares the servers, but neither queue and cache (another database of Valkey) nor state."""
    number = int(worker.removeprefix("gw"))
    state = Path(os.environ["PORTAL_TEST_RUN"]) / f"state-{worker}"
    (state / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it has nowhere to look
    address, _, _query = os.environ["REDIS_URL"].partition("?")
    return {"REDIS_URL": f"{address}?db={number + 1}", "PORTAL_STATE": str(state)}


def _servers(run: Path) -> dict[str, str]:
    """Start what is not given; returns the addresses."""
    account = server_account()
    private_directory(run, account)
    place = {"home": run, "sockets": run, "account": account}
    embedded = {
        "DATABASE_URL": PostgresServer(**place, log=run / "postgres.log", settings=THROW_AWAY_SETTINGS),
        "REDIS_URL": ValkeyServer(**place, log=run / "valkey.log", keeps_data=False),
    }
    addresses = {}
    for variable, server in embedded.items():
        if not os.environ.get(variable):
            server.start()
            atexit.register(server.stop)
            addresses[variable] = server.url
    return addresses


def _identity(run: Path) -> dict[str, str]:
    """Settings that differ at each run: keys, and a state directory of its own."""
    state = run / "state"
    (state / "static").mkdir(parents=True)  # WhiteNoise warns when it has nowhere to look
    return {
        "PORTAL_TEST_RUN": str(run),
        "PORTAL_ENV": "test",
        "PORTAL_STATE": str(state),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "BLIND_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }


def _remove_left_by_killed_runs() -> None:
    """A run that was killed could not remove its directory; its servers died with it."""
    for left in SHORT_ROOT.glob(f"{PREFIX}*"):
        with contextlib.suppress(ValueError, IndexError):
            if not psutil.pid_exists(int(left.name.removeprefix(PREFIX).split("-")[0])):
                shutil.rmtree(left, ignore_errors=True)
