"""The week of an office as a table: what the hours editor and its previews show."""

from datetime import date, timedelta
from typing import Any

from recording import dates
from recording.models import Office, ServiceHours
from recording.policy.arrangement import Arrangement, Block, Defeat, defeats, week
from recording.weekdays import clock, in_words, sentence_case, span


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def grid(
    *, office: Office, monday: date, arrangement: Arrangement, today: date, before: Arrangement | None = None
) -> dict[str, Any]:
    """What `recording/hours/week.html` draws."""
    shown = week(office=office, monday=monday, arrangement=arrangement, before=before)
    return {
        "caption": f"{office.name}, {dates.plain_date(shown.days[0])} sampai {dates.plain_date(shown.days[6])}",
        "days": [
            {"weekday": dates.weekday_short(day), "day": dates.day_short(day), "is_today": day == today}
            for day in shown.days
        ],
        "rows": [
            {
                "label": clock(starts) if not starts.minute else "",
                "hour": clock(starts),
                "blocks": [_cell(block) for block in blocks],
            }
            for starts, blocks in shown.rows
        ],
        "has_changes": any(block.changed for column in shown.columns for block in column),
    }


def _cell(block: Block) -> dict[str, Any]:
    return {
        "rows": block.rows,
        "kind": block.kind,
        "level": min(block.stations, 4),
        "stations": block.stations,
        "places": f"{block.places} tempat tiap {block.slot_minutes} menit",
        "note": block.note or _nothing_here(block),
        "changed": block.changed,
        "span": span(block.starts, block.ends),
    }


def _nothing_here(block: Block) -> str:
    if block.kind == "outside":
        return "tidak buka" if block.changed else ""
    return {"break": "istirahat", "closed": "tutup"}.get(block.kind, "")


def rule_card(rule: ServiceHours, *, rules: list[ServiceHours], today: date) -> dict[str, Any]:
    """One rule in words, with what it loses to."""
    ended = rule.valid_until is not None and rule.valid_until < today
    lost = [] if ended else defeats(rule=rule, rules=rules, today=today)
    return {
        "rule": rule,
        "scope": rule.office.name if rule.office else "Semua kantor",
        "when": f"{sentence_case(in_words(rule.weekdays))}, {span(rule.opens, rule.closes)}",
        "valid": validity(rule.valid_from, rule.valid_until),
        "state": _state(rule, lost, ended=ended, today=today),
        "ended": ended,
        "measure": f"Satu jam janji {rule.slot_minutes} menit, melayani {rule.service_minutes} menit per warga, "
        f"{rule.public_share * 100:.0f} % untuk pesanan daring",
        "plan": [plan_words(entry) for entry in rule.station_plan],
        "defeats": [defeat_words(each) for each in lost],
    }


def _state(rule: ServiceHours, lost: list[Defeat], *, ended: bool, today: date) -> tuple[str, str]:
    """What the badge says, and its kind."""
    if ended:
        return "Sudah berakhir", ""
    if rule.valid_from > today:
        return "Belum mulai", "info"
    wholly = [
        each for each in lost if each.everywhere and each.first <= today and each.weekdays == sorted(rule.weekdays)
    ]
    return ("Sedang kalah", "warning") if wholly else ("Berlaku", "success")


def validity(first: date, last: date | None) -> str:
    begins = f"Mulai {dates.plain_date(first)}"
    return f"{begins} sampai {dates.plain_date(last)}" if last else f"{begins}, tanpa akhir"


def plan_words(entry: dict[str, Any]) -> str:
    """ "Jumat 11.30 sampai 13.00: istirahat (Salat Jumat)"."""
    days = sentence_case(in_words(entry.get("weekdays", range(7))))
    times = f"{entry['from']} sampai {entry['until']}".replace(":", ".")
    what = f"{entry['stations']} loket" if entry["stations"] else "istirahat"
    why = f" ({entry['reason']})" if entry.get("reason") else ""
    return f"{days} {times}: {what}{why}"


def defeat_words(defeat: Defeat) -> str:
    """Why and when a rule does not hold, in one sentence."""
    winner = defeat.winner
    where = "" if defeat.everywhere or winner.office is None else f" di {winner.office.name}"
    until = f" sampai {dates.plain_date(defeat.last)}" if defeat.last else ""
    because = "aturan satu kantor menang" if winner.office_id and not defeat.everywhere else "yang lebih baru menang"
    return (
        f"Kalah oleh “{winner.name}”{where}, {in_words(defeat.weekdays)}, "
        f"mulai {dates.plain_date(defeat.first)}{until} ({because})."
    )
