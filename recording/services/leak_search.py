"""Look for personal values in clear where none may be: every table, the cache and queue, log and state files.

Known values are searched for, not patterns: ciphertext in hexadecimal is full of runs of sixteen digits.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from recording.models import ResidentIdentity

CHUNK_BYTES = 1 << 20  # looked at together
LONGEST_VALUE = 40  # bytes kept between two chunks, so that a value cut in two is still seen
# What stands between known values: a chunk is only looked at where such a run is.
_CANDIDATE = re.compile(rb"[0-9]{10,}|(?:1[89]|20)[0-9]{2}-[01][0-9]-[0-3][0-9]")
# Meant to hold addresses or demo numbers, or never written by the portal's own code.
NOT_SEARCHED = frozenset({"messages", "static", "postgres", "demo_people.txt"})


def seeded_values(*, sample: int) -> set[bytes]:
    """NIKs, family cards, telephones and birth dates of up to `sample` residents, as they would stand in clear."""
    values: set[bytes] = set()
    for identity in ResidentIdentity.objects.order_by("nik_bi")[:sample]:
        texts = (identity.nik, identity.family_card, identity.phone.lstrip("+"), identity.birth_date)
        values.update(text.encode() for text in texts if text)
    return values


def found_in_database(values: set[bytes]) -> Iterator[str]:
    """Tables whose rows, written out as a dump writes them, hold a value in clear."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            sink = _Sink(values)
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', sink)
            if count := sink.count():
                yield f"tabel {table}: {count} nilai pribadi terbaca"


def found_in_files(values: set[bytes], *, folder: Path) -> Iterator[str]:
    """Files under `folder` that hold a value in clear: logs, the cache's and queue's files."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not NOT_SEARCHED.isdisjoint(relative.parts) or path.is_symlink() or not path.is_file():
            continue
        sink = _Sink(values)
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:  # rotated away meanwhile
            while chunk := file.read(CHUNK_BYTES):
                sink.write(chunk)
        if count := sink.count():
            yield f"berkas {relative}: {count} nilai pribadi terbaca"


def found_in_valkey(values: set[bytes]) -> Iterator[str]:
    """Entries of the cache and the queue that hold a value in clear. Raises redis.RedisError: not reachable."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        count = 0
        for key in client.scan_iter(count=1000):
            sink = _Sink(values)
            sink.write(key + b" " + b" ".join(_entries(client, key)))
            count += sink.count()
    if count:
        yield f"Valkey: {count} nilai pribadi terbaca"


def _entries(client: Any, key: bytes) -> Iterable[bytes]:
    match client.type(key):
        case b"string":
            return [client.get(key) or b""]
        case b"list":
            return client.lrange(key, 0, -1)
        case b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1)
    return []


class _Sink:
    """Counts the values in what is written to it, whatever its pieces."""

    def __init__(self, values: set[bytes]):
        self.values, self.found = values, 0
        self.lengths = sorted({len(value) for value in values if value.isdigit()})
        self.seen, self.size = b"", 0
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(data)
        self.size += len(data)
        if self.size >= CHUNK_BYTES:
            self._look()
        return len(data)

    def count(self) -> int:
        """How many so far."""
        self._look()
        return self.found

    def _look(self) -> None:
        text = b"".join([self.seen, *self.pieces])
        self.found += self._known(text) - self._known(self.seen)
        self.seen, self.pieces, self.size = text[-LONGEST_VALUE:], [], 0

    def _known(self, text: bytes) -> int:
        return sum(self._is_known(candidate) for candidate in _CANDIDATE.findall(text))

    def _is_known(self, candidate: bytes) -> bool:
        if candidate in self.values:
            return True
        return any(
            candidate[start : start + length] in self.values
            for length in self.lengths
            for start in range(len(candidate) - length + 1)
        )
