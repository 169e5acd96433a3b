"""The demo's closed days: what each station sent follows from its cases, and one office has forgotten yesterday."""

from datetime import date, timedelta

from django.db import connection

FORGETFUL = "33.19.05"  # so that the alarm for a day that is not closed can be seen

SEND = """
UPDATE recording_recording SET sent_locally_at = moved.at
FROM (
    SELECT recording.id, min(change.occurred_at) AS at
    FROM recording_recording recording
    JOIN issuance_case ON issuance_case.resident_id = recording.resident_id
    JOIN issuance_statuschange change ON change.case_id = issuance_case.id AND change.from_status = 'captured'
        AND change.attempt = recording.attempt
    WHERE recording.outcome = 'accepted'
    GROUP BY recording.id
) moved
WHERE moved.id = recording_recording.id
"""
CLOSE = """
INSERT INTO recording_dayclosing (office_id, day, closed_by_id, closed_at)
SELECT served.office_id, served.day, clerk.id, (served.day + time '21:10') AT TIME ZONE 'Asia/Jakarta'
FROM (SELECT DISTINCT office_id, day FROM recording_slot WHERE day < %(today)s AND open) served
JOIN recording_office office ON office.id = served.office_id
JOIN LATERAL (
    SELECT id FROM recording_user WHERE office_id = served.office_id AND role = 'operator' ORDER BY id LIMIT 1
) clerk ON true
WHERE NOT (office.code = %(forgetful)s AND served.day = %(yesterday)s)
ORDER BY served.day, served.office_id
"""
TALLY = """
INSERT INTO recording_stationtally (closing_id, station, recorded, sent)
SELECT closing.id, recording.station, count(*), count(*) FILTER (WHERE recording.sent_locally_at <= closing.closed_at)
FROM recording_dayclosing closing
JOIN recording_recording recording ON recording.office_id = closing.office_id AND recording.day = closing.day
WHERE recording.outcome = 'accepted'
GROUP BY closing.id, recording.station
"""


def close_days(*, today: date) -> None:
    """Close every day before `today`; needs recordings and cases written."""
    with connection.cursor() as cursor:
        cursor.execute(SEND)
        cursor.execute(CLOSE, {"today": today, "yesterday": today - timedelta(days=1), "forgetful": FORGETFUL})
        cursor.execute(TALLY)
