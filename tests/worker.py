"""A Celery worker of its own process, as in production."""

import contextlib
import os
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection


@contextlib.contextmanager
def real_worker(**variables):
    """A Celery worker of its own process on the test's database and broker."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    environment = os.environ | {"DATABASE_URL": database} | variables
    command = [sys.executable, "-m", "celery", "-A", "ektp_portal", "worker", "--pool=solo", "--loglevel=WARNING"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def eventually(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.2)
