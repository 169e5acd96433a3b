"""What the sixteen digits of a NIK or of a family-card number say, and what they cannot say.

A NIK is province, regency and district of *first registration* (2 digits each), birth day (women + 40), month, year (2
digits each) and a serial (4). It is never re-issued when a birth date was wrong, nor when its holder moves, so what
differs from a declared date, sex or domicile is a question for the officer, never a reason to refuse.
Basis: PP 37/2007 art. 37 and PP 40/2019 arts. 30 and 37; province codes of Kepmendagri 300.2.2-2138/2025.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

PROVINCES = frozenset(
    f"{code}"
    for code in (
        *range(11, 20),
        21,
        *range(31, 37),
        *range(51, 54),
        *range(61, 66),
        *range(71, 77),
        81,
        82,
        *range(91, 97),
    )
)
KUDUS = "3319"
KUDUS_DISTRICTS = frozenset(f"{KUDUS}{number:02}" for number in range(1, 10))
WOMAN_DAY_OFFSET = 40
# Years of age at which somebody plausibly asks for a KTP-el; chooses between two centuries. Office standard, not law.
PLAUSIBLE_AGES = range(16, 111)

_SEPARATORS = re.compile(r"[\s.\-‐-―]+")
_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")


class NikProblem(StrEnum):
    """Which rule a number breaks; forms have a sentence for each."""

    FORMAT = "format"
    AREA = "area"
    DAY = "day"
    MONTH = "month"
    DATE = "date"
    SERIAL = "serial"


class NikMismatch(StrEnum):
    """What in a NIK differs from what was declared; a warning, never a refusal."""

    BIRTH_DATE = "birth_date"
    SEX = "sex"


class NikError(ValueError):
    """The number cannot be a NIK (or family-card number). `code`: NikProblem."""

    def __init__(self, code: NikProblem):
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True)
class Nik:
    """A well-formed NIK taken apart. Well-formed does not mean that it exists.

    `birth_dates`: the one or two real dates its six digits may mean, 19YY first. `sex`: "L" or "P".
    """

    number: str
    province: str
    regency: str
    district: str
    day: int
    month: int
    birth_dates: tuple[date, ...]
    sex: str
    serial: int

    def __repr__(self) -> str:
        return f"Nik({self.number[:4]}…)"


@dataclass(frozen=True)
class FamilyCard:
    """A well-formed family-card number taken apart; the date in it is that of registration."""

    number: str
    district: str
    registered_dates: tuple[date, ...]
    serial: int

    def __repr__(self) -> str:
        return f"FamilyCard({self.number[:4]}…)"


def parse(text: str) -> Nik:
    """`text` as typed (spaces, dots and dashes allowed) -> Nik. Raises NikError."""
    number = sixteen_digits(text)
    _require_province(number)
    typed_day = int(number[6:8])
    is_woman = typed_day > WOMAN_DAY_OFFSET
    day = typed_day - WOMAN_DAY_OFFSET if is_woman else typed_day
    dates = _dates(day, number)
    return Nik(
        number=number,
        province=number[:2],
        regency=number[:4],
        district=number[:6],
        day=day,
        month=int(number[8:10]),
        birth_dates=dates,
        sex="P" if is_woman else "L",
        serial=_serial(number),
    )


def parse_family_card(text: str) -> FamilyCard:
    """`text` as typed -> FamilyCard. Raises NikError."""
    number = sixteen_digits(text)
    _require_province(number)
    dates = _dates(int(number[6:8]), number)
    return FamilyCard(number=number, district=number[:6], registered_dates=dates, serial=_serial(number))


def sixteen_digits(text: str) -> str:
    """`text` without spaces, dots and dashes. Raises NikError(FORMAT) unless that is sixteen ASCII digits."""
    number = _SEPARATORS.sub("", text)
    if not _SIXTEEN_DIGITS.fullmatch(number):
        raise NikError(NikProblem.FORMAT)
    return number


def likely_birth_dates(nik: Nik, *, on: date) -> tuple[date, ...]:
    """The birth dates `nik` may mean for somebody who stands at the counter on `on`.

    Never in the future. One that gives a plausible age is preferred over one that does not; two plausible ones
    stay two, and the person has to be asked.
    """
    past = tuple(birth for birth in nik.birth_dates if birth <= on)
    plausible = tuple(birth for birth in past if age(birth, on=on) in PLAUSIBLE_AGES)
    return plausible or past


def mismatches(nik: Nik, *, birth_date: date | None = None, sex: str | None = None) -> list[NikMismatch]:
    """What was declared and differs from `nik`. Warn and let the officer compare with the family card."""
    differing = []
    if birth_date is not None and birth_date not in nik.birth_dates:
        differing.append(NikMismatch.BIRTH_DATE)
    if sex is not None and sex != nik.sex:
        differing.append(NikMismatch.SEX)
    return differing


def is_outside_kudus(nik: Nik) -> bool:
    """First registered in another regency: accepted and flagged; newcomers keep their NIK."""
    return nik.regency != KUDUS


def has_unknown_district(nik: Nik) -> bool:
    """Registered in Kudus under a district code that is not in use today: worth a look, never a refusal."""
    return nik.regency == KUDUS and nik.district not in KUDUS_DISTRICTS


def age(birth: date, *, on: date) -> int:
    """Completed years on the day `on`; somebody born on 29 February turns on 1 March in common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _require_province(number: str) -> None:
    if number[:2] not in PROVINCES:
        raise NikError(NikProblem.AREA)


def _dates(day: int, number: str) -> tuple[date, ...]:
    """The real dates among `day`.MM.19YY and `day`.MM.20YY."""
    month, year = int(number[8:10]), int(number[10:12])
    if not 1 <= day <= 31:
        raise NikError(NikProblem.DAY)
    if not 1 <= month <= 12:
        raise NikError(NikProblem.MONTH)
    dates = []
    for century in (1900, 2000):
        try:
            dates.append(date(century + year, month, day))
        except ValueError:
            continue
    if not dates:
        raise NikError(NikProblem.DATE)
    return tuple(dates)


def _serial(number: str) -> int:
    serial = int(number[12:])
    if serial == 0:
        raise NikError(NikProblem.SERIAL)
    return serial
