"""Weekdays and times of the opening hours, as people say them (staff pages, Indonesian)."""

from collections.abc import Iterable
from datetime import time

NAMES = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
RUN = 3  # so many days in a row are said as "from to"


def in_words(weekdays: Iterable[int]) -> str:
    """[0, 1, 2, 3, 4] -> "Senin sampai Jumat"; all seven -> "setiap hari"."""
    days = sorted(set(weekdays))
    if len(days) == len(NAMES):
        return "setiap hari"
    parts: list[str] = []
    while days:
        length = next((n for n in range(1, len(days)) if days[n] != days[0] + n), len(days))
        run, days = days[:length], days[length:]
        parts += [f"{NAMES[run[0]]} sampai {NAMES[run[-1]]}"] if length >= RUN else [NAMES[day] for day in run]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} dan {parts[-1]}"


def sentence_case(text: str) -> str:
    """ "setiap hari" -> "Setiap hari"; names of days keep their capitals."""
    return text[:1].upper() + text[1:]


def clock(moment: time) -> str:
    """ "08.30"."""
    return f"{moment:%H.%M}"


def span(opens: time, closes: time) -> str:
    """ "08.00 sampai 21.00"."""
    return f"{clock(opens)} sampai {clock(closes)}"
