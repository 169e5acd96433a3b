"""Names as people of Kudus bear them, by year of birth: one Javanese word for the old, three for the young."""

import csv
from bisect import bisect_left
from functools import cache
from random import Random

from recording.services.reference import DATA

# Share of people with a name of one word, and of those with a third word, by cohort. Basis: domain notes; estimate.
ONE_WORD = {1965: 0.8, 1985: 0.4, 2030: 0.06}
THIRD_WORD = {1965: 0.0, 1985: 0.0, 2030: 0.55}


@cache
def _lists() -> dict[tuple[int, str, str], list[str]]:
    lists: dict[tuple[int, str, str], list[str]] = {}
    with (DATA / "names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lists.setdefault((int(row["born_until"]), row["sex"], row["part"]), []).append(row["name"])
    return lists


@cache
def _cohort(birth_year: int) -> int:
    cohorts = sorted(ONE_WORD)
    return cohorts[bisect_left(cohorts, birth_year)]


def name(random: Random, *, birth_year: int, sex: str) -> str:
    """A name for somebody of `sex` (L or P) born in `birth_year`."""
    lists, cohort = _lists(), _cohort(birth_year)
    if random.random() < ONE_WORD[cohort]:
        return random.choice(lists[cohort, sex, "single"])
    words = [random.choice(lists[cohort, sex, "first"])]
    if random.random() < THIRD_WORD[cohort]:
        words.append(random.choice(lists[cohort, sex, "middle"]))
    words.append(random.choice(lists[cohort, sex, "last"]))
    return " ".join(dict.fromkeys(words))
