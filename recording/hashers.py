"""How passwords are kept, and how many are worked on at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

from recording.exceptions import PasswordsBusy

AT_A_TIME = 8  # 46 MiB each: one process never needs more than 370 MiB for them
WAIT = 2.0  # seconds; longer, and the answer is to try again
_turns = threading.BoundedSemaphore(AT_A_TIME)


@contextmanager
def turn() -> Iterator[None]:
    """One of the process's turns to work on a password. Raises PasswordsBusy: none became free in time."""
    if not _turns.acquire(timeout=WAIT):
        raise PasswordsBusy
    try:
        yield
    finally:
        _turns.release()


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id as OWASP's password storage sheet allows: 46 MiB, one pass, one lane.

    Django's own 100 MiB and eight lanes would need 2 GB for twenty people who sign in at 08:00.
    """

    time_cost = 1
    memory_cost = 47104  # KiB
    parallelism = 1

    def encode(self, password, salt):
        with turn():
            return super().encode(password, salt)

    def verify(self, password, encoded):
        with turn():
            return super().verify(password, encoded)
