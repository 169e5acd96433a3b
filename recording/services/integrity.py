"""What must always hold on the ground floor. Each check returns the broken cases as short texts without personal data;
an empty list means that it holds."""

from collections.abc import Callable

from django.db import connection

from recording.services.audit_seal import broken_seals

Check = Callable[[], list[str]]


def lines(statement: str, parameters: list | dict | None = None) -> list[str]:
    """The first column of every row of `statement`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [f"{row[0]}" for row in cursor.fetchall()]


def slots_count_their_places() -> list[str]:
    """`booked` and `booked_public` equal the places that appointments hold, and never exceed the capacity."""
    return lines("""
        WITH held AS (
            SELECT slot_id, sum(places_held) AS places,
                   coalesce(sum(places_held) FILTER (WHERE pool = 'public'), 0) AS public_places
            FROM recording_appointment WHERE slot_id IS NOT NULL GROUP BY slot_id
        )
        SELECT format('slot %s: %s/%s tercatat, %s/%s dipakai, kapasitas %s', slot.id, booked, booked_public,
                      coalesce(places, 0), coalesce(public_places, 0), capacity)
        FROM recording_slot slot LEFT JOIN held ON held.slot_id = slot.id
        WHERE booked <> coalesce(places, 0) OR booked_public <> coalesce(public_places, 0) OR booked > capacity
        ORDER BY slot.id
    """)


def residents_have_one_live_appointment() -> list[str]:
    return lines("""
        SELECT format('warga %s: %s janji berlaku', resident_id, count(*)) FROM recording_appointment
        WHERE status IN ('booked', 'arrived', 'serving') GROUP BY resident_id HAVING count(*) > 1 ORDER BY resident_id
    """)


def residents_have_one_active_code() -> list[str]:
    return lines("""
        SELECT format('warga %s: %s kode berlaku', resident_id, count(*)) FROM recording_trackingcode
        WHERE revoked_at IS NULL GROUP BY resident_id HAVING count(*) > 1 ORDER BY resident_id
    """)


def rosters_agree_with_their_recordings() -> list[str]:
    """Whoever a session recorded has a recording of that person, office and moment with that outcome; nobody else has
    one; and as many recordings were made in the field as its lists hold."""
    return lines("""
        SELECT format('jemput bola %s nomor %s: %s', entry.roster_id, entry.number,
                      CASE WHEN recording.id IS NULL THEN 'terekam tanpa perekaman'
                           ELSE 'tidak cocok dengan perekaman ' || recording.id END)
        FROM recording_rosterentry entry
        JOIN recording_roster roster ON roster.id = entry.roster_id
        LEFT JOIN recording_recording recording ON recording.id = entry.recording_id
        WHERE (entry.outcome IN ('accepted', 'failed') AND recording.id IS NULL)
           OR (recording.id IS NOT NULL
               AND (recording.resident_id, recording.office_id, recording.recorded_at, recording.outcome)
                   IS DISTINCT FROM (entry.resident_id, roster.office_id, entry.recorded_at, entry.outcome))
        UNION ALL
        SELECT format('perekaman %s di luar kantor tanpa baris jemput bola', recording.id)
        FROM recording_recording recording
        JOIN recording_appointment appointment ON appointment.id = recording.appointment_id
        WHERE appointment.channel = 'roster'
              AND NOT EXISTS (SELECT FROM recording_rosterentry WHERE recording_id = recording.id)
        ORDER BY 1
    """)


def audit_seals_verify() -> list[str]:
    return list(broken_seals())


CHECKS: dict[str, Check] = {
    "1 tempat di tiap jam": slots_count_their_places,
    "2 satu janji berlaku": residents_have_one_live_appointment,
    "2 satu kode berlaku": residents_have_one_active_code,
    "3 jemput bola punya perekaman": rosters_agree_with_their_recordings,
    "8 segel audit": audit_seals_verify,
}
