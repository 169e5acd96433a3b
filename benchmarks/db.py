"""A throw-away PostgreSQL with durability on, and the portal's tables in it."""

import base64
import contextlib
import os
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ektp_portal.embedded.place import SHORT_ROOT, private_directory, server_account
from ektp_portal.embedded.postgres import PostgresServer

FLUSHES = 200


@contextlib.contextmanager
def throw_away() -> Iterator[PostgresServer]:
    """Start the server, load Django on it, migrate; stop and remove all at the end. Nothing has a fixed address."""
    account = server_account()
    home = private_directory(Path(tempfile.mkdtemp(prefix="ektp-bench-", dir=SHORT_ROOT)), account)
    server = PostgresServer(home, home, home / "log", account, settings={"max_connections": "100"})
    try:
        server.start()
        _load_django(server)
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def describe(server: PostgresServer) -> dict[str, str]:
    """What the figures depend on: PostgreSQL, driver, durability, the disk's flush in microseconds, processors, load."""
    import psycopg2
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('synchronous_commit')")
        version, commit = cursor.fetchone()
    driver = type(connection.connection).__module__.split(".")[0]
    return {
        "postgresql": version,
        "driver": f"{driver} {psycopg2.__version__.split()[0]}",
        "synchronous_commit": commit,
        "fdatasync_us": f"{_flush_microseconds(server.home):.0f}",
        "processors": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.2f}",
    }


def _load_django(server: PostgresServer) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "ektp_portal.settings",
            "PORTAL_ENV": "test",
            "PORTAL_STATE": str(server.home),
            "DATABASE_URL": server.url,
            "REDIS_URL": "unix:///nowhere/valkey.sock",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_ENCRYPTION_KEYS": f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "BLIND_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _flush_microseconds(folder: Path) -> float:
    """The median time of writing a page and flushing it, on the disk that holds the data."""
    took = []
    with (folder / "flush").open("wb") as file:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            file.write(bytes(8192))
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6
