"""Queue numbers. The calling of numbers to stations belongs here too."""

from datetime import date

from django.db import connection

from recording.enums import TicketSeries

# The counter's row is locked until the caller's transaction ends, so numbers follow each other without gaps.
NEXT_NUMBER = """
INSERT INTO recording_queuecounter AS counter (office_id, day, series, last_number)
VALUES (%(office_id)s, %(day)s, %(series)s, 1)
ON CONFLICT (office_id, day, series) DO UPDATE SET last_number = counter.last_number + 1
RETURNING last_number
"""


def next_number(*, office_id: int, day: date, series: TicketSeries) -> int:
    """The next number (1, 2, 3, ...) of one series of one office on one day.

    Locks the counter of that series until the transaction ends; a rollback gives the number back.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, {"office_id": office_id, "day": day, "series": series})
        return cursor.fetchone()[0]
