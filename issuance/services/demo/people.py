"""A synthetic population: nobody in it exists.

NIKs have serials of 9001 and above, which the register does not reach; telephone numbers begin with +62 860, which no
operator has. Ages follow the census of 2020, villages the weights of their kecamatan.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from issuance.services.demo.names import name
from recording.models import RegisterSnapshot
from recording.policy.booking import must_hold_card
from recording.policy.resident_row import ResidentRow

FIRST_SERIAL = 9001
YOUNGEST, OLDEST = 16, 95
HAS_PHONE = 0.62
# Upper age and weight of one year of age below it. Basis: census 2020 of Kudus, smoothed.
AGE_WEIGHTS = ((24, 1.15), (34, 1.1), (44, 1.05), (54, 0.95), (64, 0.75), (74, 0.38), (84, 0.14), (OLDEST, 0.03))
# How much likelier than others somebody of that age was never recorded; men and pupils lead (press figures 2016-2018).
NOT_RECORDED_WEIGHTS = ((16, 99.0), (19, 4.0), (29, 1.4), (64, 0.8), (OLDEST, 1.1))
MAN, WOMAN = 1.2, 0.8
HOLDS_CARD = 0.88  # of those recorded before the portal
BORN_ELSEWHERE = (("331801", "Pati"), ("332001", "Jepara"), ("332101", "Demak"), ("337401", "Semarang"))
MOVED_IN = 0.07
HOUSEHOLD_SIZES = (1, 2, 2, 3, 3, 3, 4, 5)


@dataclass(slots=True)
class Person:
    """Somebody of the demo who was not recorded before the portal."""

    resident_id: int
    row: ResidentRow


def _by_age(table: tuple[tuple[int, float], ...], age: int) -> float:
    return next(weight for limit, weight in table if age <= limit)


class Population:
    """`rows(count)` makes people, always the same for the same seed. `not_recorded`: their share of the whole."""

    def __init__(self, *, seed: int, today: date, not_recorded: float):
        self.random, self.today = Random(f"people:{seed}"), today
        snapshots = RegisterSnapshot.objects.select_related("village").order_by("village__code")
        self.villages = [(snapshot.village_id, snapshot.village.code) for snapshot in snapshots]
        self.village_weights = list(accumulate(snapshot.must_hold for snapshot in snapshots))
        self.ages = list(range(YOUNGEST, OLDEST + 1))
        self.age_weights = list(accumulate(_by_age(AGE_WEIGHTS, age) for age in self.ages))
        self.not_recorded = self._chances(not_recorded)
        self.families = 0
        # People of each village who must hold a card, were recorded and hold it when the history begins.
        self.register: dict[int, list[int]] = {village_id: [0, 0, 0] for village_id, _code in self.villages}
        # How many have each area, sex and birth date so far: one byte each, so that serials never repeat.
        self.areas = [*(f"3319{number:02}" for number in range(1, 10)), *(area for area, _name in BORN_ELSEWHERE)]
        self.days = 366 * (OLDEST + 2)
        self.taken = bytearray(len(self.areas) * 2 * self.days)

    def _chances(self, wanted: float) -> dict[int, float]:
        """Chance of not being recorded by age, such that `wanted` of all people are not. 16-year-olds never are."""
        shares = [weight / self.age_weights[-1] for weight in self._single(self.age_weights)]
        adults = [(age, share) for age, share in zip(self.ages, shares, strict=True) if age > YOUNGEST]
        mean = sum(share * _by_age(NOT_RECORDED_WEIGHTS, age) for age, share in adults)
        factor = max(0.0, wanted - shares[0]) / mean
        return {YOUNGEST: 1.0} | {age: factor * _by_age(NOT_RECORDED_WEIGHTS, age) for age, _share in adults}

    @staticmethod
    def _single(summed: list[float]) -> list[float]:
        return [weight - before for before, weight in zip([0.0, *summed], summed, strict=False)]

    def rows(self, count: int) -> Iterator[ResidentRow]:
        made = 0
        while made < count:
            village_id, code = self.random.choices(self.villages, cum_weights=self.village_weights)[0]
            family_card = self._family_card(code)
            for _member in range(min(self.random.choice(HOUSEHOLD_SIZES), count - made)):
                yield self._row(village_id, code, family_card)
                made += 1

    def _family_card(self, village_code: str) -> str:
        self.families += 1
        registered = date(2006, 1, 1) + timedelta(days=self.families * 7 % 7000)
        serial = FIRST_SERIAL + self.families // 7000 % 999
        return f"{village_code[:8].replace('.', '')}{registered:%d%m%y}{serial}"

    def _row(self, village_id: int, village_code: str, family_card: str) -> ResidentRow:
        random = self.random
        age = random.choices(self.ages, cum_weights=self.age_weights)[0]
        birth_date = self._birth_date(age)
        sex = "L" if random.random() < 0.497 else "P"
        chance = self.not_recorded[age] * (1 if age == YOUNGEST else MAN if sex == "L" else WOMAN)
        recorded = random.random() >= chance
        moved_in = random.random() < MOVED_IN
        area, birth_place = random.choice(BORN_ELSEWHERE) if moved_in else (village_code[:8].replace(".", ""), "Kudus")
        row = ResidentRow(
            nik=self._nik(area, birth_date, sex),
            family_card=family_card,
            name=name(random, birth_year=birth_date.year, sex=sex),
            sex=sex,
            birth_place=birth_place,
            birth_date=birth_date,
            village_id=village_id,
            married=random.random() < min(0.95, max(0.0, (age - 18) / 14)),
            recorded=recorded,
            card_held=recorded and random.random() < HOLDS_CARD,
            phone=f"+62860{random.randrange(10**7, 10**8)}" if random.random() < HAS_PHONE else "",
        )
        self._register(row)
        return row

    def _register(self, row: ResidentRow) -> None:
        """Who turns 17 during the history must hold a card by its end, so counts from its beginning."""
        if row.village_id is None or not must_hold_card(row.birth_date, married=row.married, on=self.today):
            return
        counts = self.register[row.village_id]
        for column, holds in enumerate((True, row.recorded, row.card_held)):
            counts[column] += holds

    def write_register(self, *, taken_on: date) -> int:
        """Keep the register of these people as the figures progress is measured against. Returns how many must hold."""
        RegisterSnapshot.objects.bulk_create(
            RegisterSnapshot(
                village_id=village_id,
                taken_on=taken_on,
                must_hold=must_hold,
                recorded=recorded,
                card_held=card_held,
                source="Penduduk contoh",
            )
            for village_id, (must_hold, recorded, card_held) in self.register.items()
        )
        return sum(must_hold for must_hold, _recorded, _card_held in self.register.values())

    def _birth_date(self, age: int) -> date:
        """Somebody who is `age` today, and was 16 long enough ago to have been recorded during the history."""
        earliest = self.today - timedelta(days=round((age + 1) * 365.25) - 1)
        return earliest + timedelta(days=self.random.randrange(270 if age == YOUNGEST else 365))

    def _nik(self, area: str, birth_date: date, sex: str) -> str:
        born = (self.today - birth_date).days
        place = (self.areas.index(area) * 2 + (sex == "P")) * self.days + born
        self.taken[place] += 1
        day = birth_date.day + (40 if sex == "P" else 0)
        return f"{area}{day:02}{birth_date:%m%y}{FIRST_SERIAL - 1 + self.taken[place]}"
