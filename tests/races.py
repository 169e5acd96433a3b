"""Calls at the same moment, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

from django.db import connection


def at_once(count: int, call: Callable[[], Any]) -> list[Any]:
    """Run `call` in `count` threads that start together; returns what each returned or raised."""
    start = Barrier(count)

    def run(_number):
        with closing(connection):
            start.wait()
            try:
                return call()
            except Exception as error:
                return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
