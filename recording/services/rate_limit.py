"""Token buckets in the database, so that limits hold across processes and while the cache is down."""

import math
from datetime import datetime
from typing import Any

from django.db import connection

from recording.crypto import blind_index
from recording.exceptions import TooManyTries

# A bucket refills steadily; from an empty one nothing is taken and no row comes back.
TAKE = """
INSERT INTO recording_ratebucket AS bucket (key, tokens, refilled_at) VALUES (%(key)s, %(capacity)s - 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    tokens = LEAST(%(capacity)s, bucket.tokens
                   + %(rate)s * GREATEST(0, EXTRACT(EPOCH FROM %(now)s - bucket.refilled_at))) - 1,
    refilled_at = GREATEST(bucket.refilled_at, %(now)s)
WHERE LEAST(%(capacity)s, bucket.tokens
            + %(rate)s * GREATEST(0, EXTRACT(EPOCH FROM %(now)s - bucket.refilled_at))) >= 1
RETURNING bucket.tokens
"""


def take(*, scope: str, key: str, capacity: int, per_seconds: int, now: datetime) -> None:
    """Use one of `capacity` tries that `key` has per `per_seconds` within `scope`. `key` is stored as a keyed hash.

    Raises TooManyTries (with `retry_after` seconds) when none is left.
    """
    rate = capacity / per_seconds
    bucket = blind_index(key, purpose=f"rate_limit.{scope}")
    row: dict[str, Any] = {"key": bucket, "capacity": capacity, "rate": rate, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, row)
        taken = cursor.fetchone()
    if taken is None:
        raise TooManyTries(retry_after=math.ceil(1 / rate))
