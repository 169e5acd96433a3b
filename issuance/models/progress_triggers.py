"""The statement triggers that note which past days a change touches, as SQL for a migration.

They stand on tables of both floors and are the upper floor's: the ground floor need not know that anybody counts. A
trigger cannot be forgotten by a new writer. Today is never noted, since the job makes it anew each time.
"""

ZONE = "Asia/Jakarta"
TODAY = f"(now() AT TIME ZONE '{ZONE}')::date"

NOTE = f"""
CREATE FUNCTION issuance_note_days(days date[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO issuance_dirtyday (day, marked_at)
    SELECT DISTINCT day, now() FROM unnest(days) AS day WHERE day < {TODAY}
$$;
CREATE FUNCTION issuance_note_days_since(first date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO issuance_dirtyday (day, marked_at)
    SELECT day::date, now() FROM generate_series(first, {TODAY} - 1, interval '1 day') AS day
$$;
"""
NOTE_REVERSE = "DROP FUNCTION issuance_note_days_since(date); DROP FUNCTION issuance_note_days(date[]);"

# What a table's changed rows say of days. `changed`: the rows before and after.
DAYS = {
    "recording_appointment": "SELECT day FROM changed",
    "recording_queueticket": "SELECT day FROM changed",
    # A recording entered late may take the first place among the person's.
    "recording_recording": """
        SELECT day FROM changed
        UNION SELECT other.day FROM recording_recording other JOIN changed USING (resident_id)
    """,
    # Going back takes away what was counted on an earlier day.
    "issuance_statuschange": f"""
        SELECT (occurred_at AT TIME ZONE '{ZONE}')::date FROM changed
        UNION SELECT (earlier.occurred_at AT TIME ZONE '{ZONE}')::date
        FROM issuance_statuschange earlier JOIN changed USING (case_id)
        WHERE changed.event = 'moved' AND earlier.id < changed.id
    """,
    "issuance_interimletter": "SELECT issued_on FROM changed",
    "issuance_case": f"""
        SELECT (history.occurred_at AT TIME ZONE '{ZONE}')::date
        FROM issuance_statuschange history JOIN changed ON changed.id = history.case_id
    """,
    "recording_resident": f"""
        SELECT recording.day FROM recording_recording recording JOIN changed ON changed.id = recording.resident_id
        UNION SELECT (history.occurred_at AT TIME ZONE '{ZONE}')::date
        FROM issuance_statuschange history JOIN issuance_case ON issuance_case.id = history.case_id
        JOIN changed ON changed.id = issuance_case.resident_id
        UNION SELECT letter.issued_on FROM issuance_interimletter letter
        JOIN issuance_case ON issuance_case.id = letter.case_id JOIN changed ON changed.id = issuance_case.resident_id
    """,
}
# The stock at a day's end stands on every day from the change until yesterday.
STOCK_SINCE = {
    "issuance_statuschange": f"""
        SELECT min((changed.occurred_at AT TIME ZONE '{ZONE}')::date) FROM changed
        WHERE EXISTS (SELECT FROM issuance_statuschange flag
                      WHERE flag.case_id = changed.case_id AND flag.event = 'flagged')
    """,
    "issuance_case": f"""
        SELECT min((flag.occurred_at AT TIME ZONE '{ZONE}')::date)
        FROM issuance_statuschange flag JOIN changed ON changed.id = flag.case_id WHERE flag.event = 'flagged'
    """,
    "recording_resident": f"""
        SELECT min((flag.occurred_at AT TIME ZONE '{ZONE}')::date)
        FROM issuance_statuschange flag JOIN issuance_case ON issuance_case.id = flag.case_id
        JOIN changed ON changed.id = issuance_case.resident_id WHERE flag.event = 'flagged'
    """,
    "recording_notification": f"""
        SELECT min((told_at AT TIME ZONE '{ZONE}')::date) FROM changed WHERE kind = 'case_stalled'
    """,
}
# Only what is counted: other columns of these tables change all day.
CHANGES = {
    "recording_appointment": "(day, office_id, slot_id, status, channel)",
    "recording_queueticket": "(day, office_id, issued_at, called_at, started_at, ended_at)",
    "recording_recording": "(day, office_id, resident_id, recorded_at, outcome, before_obliged)",
    "issuance_case": "(office_id, pickup_office_id, kind, recording_id)",
    "recording_resident": "(village_id, outside_regency, recorded_before_portal)",
    "recording_notification": "(told_at)",
}
TABLES = sorted({*DAYS, *STOCK_SINCE})
APPENDED_ONLY = ("issuance_statuschange",)
UPDATED_ONLY = ("issuance_case", "recording_resident")


def create(table: str) -> str:
    """The statements that put the triggers on `table`."""
    function = f"issuance_note_{table}"
    body = ""
    if table in DAYS:
        body += f"PERFORM issuance_note_days(array(WITH changed AS ({{changed}}) {DAYS[table]}));\n"
    if table in STOCK_SINCE:
        body += f"PERFORM issuance_note_days_since((WITH changed AS ({{changed}}) {STOCK_SINCE[table]}));\n"
    statements = []
    if table not in UPDATED_ONLY:
        statements.append(_trigger(table, f"{function}_insert", "INSERT", "NEW TABLE AS fresh", body, "TABLE fresh"))
    if table not in APPENDED_ONLY:
        columns = CHANGES.get(table)
        both = "TABLE fresh UNION ALL TABLE stale"
        if columns:
            ours = ", ".join(f"{{side}}.{name.strip()}" for name in columns.strip("()").split(","))
            differ = f"({ours.format(side='fresh')}) IS DISTINCT FROM ({ours.format(side='stale')})"
            if "," not in columns:
                differ = f"{ours.format(side='fresh')} IS DISTINCT FROM {ours.format(side='stale')}"
            both = (
                f"SELECT fresh.* FROM fresh JOIN stale USING (id) WHERE {differ} "
                f"UNION ALL SELECT stale.* FROM fresh JOIN stale USING (id) WHERE {differ}"
            )
        tables = "NEW TABLE AS fresh OLD TABLE AS stale"
        statements.append(_trigger(table, f"{function}_update", "UPDATE", tables, body, both))
    return "\n".join(statements)


def drop(table: str) -> str:
    names = [f"issuance_note_{table}_{verb}" for verb in ("insert", "update")]
    return "".join(f"DROP TRIGGER IF EXISTS {name} ON {table}; DROP FUNCTION IF EXISTS {name}();\n" for name in names)


def _trigger(table: str, name: str, verb: str, tables: str, body: str, changed: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body.format(changed=changed)}
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {verb} ON {table} REFERENCING {tables}
FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
