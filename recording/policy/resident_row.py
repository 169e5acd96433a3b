"""One line of the population register as text, checked and turned into typed values. Pure.

A difference between a NIK and the birth date or sex beside it is a warning: a NIK is never re-issued for a corrected
date (PP 40/2019 art. 30). Everything else that is wrong stops the line, with a sentence that says how to mend it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import phonenumbers

from recording.policy import nik as niks
from recording.policy.nik import NikError, NikMismatch, NikProblem

COLUMNS = (
    "nik",
    "kk",
    "name",
    "sex",
    "birth_place",
    "birth_date",
    "village_code",
    "married",
    "recorded",
    "card_held",
    "phone",
)
MAX_NAME, MAX_PLACE = 120, 80
OLDEST = date(1890, 1, 1)  # as the constraint resident_birth_year_sensible

NUMBER_PROBLEMS = {
    NikProblem.FORMAT: "harus 16 angka",
    NikProblem.AREA: "diawali kode provinsi yang tidak ada",
    NikProblem.DAY: "memuat tanggal yang tidak ada",
    NikProblem.MONTH: "memuat bulan yang tidak ada",
    NikProblem.DATE: "memuat tanggal yang tidak ada pada bulan itu",
    NikProblem.SERIAL: "berakhir 0000",
}
WORDS = {
    "1": True,
    "ya": True,
    "y": True,
    "true": True,
    "0": False,
    "tidak": False,
    "n": False,
    "false": False,
    "": False,
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MOBILE = re.compile(r"(?:\+?62|0)(8[0-9]{8,11})")
FORMULA_STARTS = ("=", "+", "-", "@")  # a spreadsheet takes what begins so for a formula
_LONG_NUMBER = re.compile(r"[0-9]{6}")


class RowError(ValueError):
    """The line cannot be taken in. `str()` is a sentence for the officer; it never repeats a personal value."""


@dataclass(slots=True, kw_only=True)
class ResidentRow:
    """A resident of the register. `village_id` is the portal's; `phone` E.164 or ""; `mismatches` only warn."""

    nik: str
    family_card: str
    name: str
    sex: str
    birth_place: str
    birth_date: date
    village_id: int
    married: bool
    recorded: bool
    card_held: bool
    phone: str
    mismatches: tuple[NikMismatch, ...] = ()


def parse(values: Mapping[str, str], *, villages: Mapping[str, int], today: date) -> ResidentRow:
    """`values` by column name -> ResidentRow. `villages`: official code -> id. Raises RowError."""
    if _CONTROL.search("".join(values.values())):
        raise RowError("Baris ini memuat huruf yang tidak terbaca. Simpan berkas sebagai CSV UTF-8, lalu muat lagi.")
    nik = read_nik(values["nik"])
    birth_date = read_birth_date(values["birth_date"], today=today)
    sex = values["sex"].strip().upper()
    if sex not in ("L", "P"):
        raise RowError("Jenis kelamin harus L atau P.")
    recorded, card_held = read_word(values, "recorded"), read_word(values, "card_held")
    if card_held and not recorded:
        raise RowError("card_held ya, tetapi recorded tidak: pemegang KTP-el pasti sudah direkam.")
    return ResidentRow(
        nik=nik.number,
        family_card=_family_card(values["kk"]),
        name=read_name(values["name"]),
        sex=sex,
        birth_place=_text(values["birth_place"], "birth_place", MAX_PLACE),
        birth_date=birth_date,
        village_id=read_village(values["village_code"], villages),
        married=read_word(values, "married"),
        recorded=recorded,
        card_held=card_held,
        phone=read_phone(values["phone"]),
        mismatches=tuple(niks.mismatches(nik, birth_date=birth_date, sex=sex)),
    )


def read_nik(text: str) -> niks.Nik:
    try:
        return niks.parse(text)
    except NikError as error:
        raise RowError(f"NIK {NUMBER_PROBLEMS[error.code]}.") from error


def _family_card(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return niks.parse_family_card(text).number
    except NikError as error:
        raise RowError(f"Nomor KK {NUMBER_PROBLEMS[error.code]}.") from error


def _text(text: str, column: str, longest: int) -> str:
    text = " ".join(text.split())
    if len(text) > longest:
        raise RowError(f"Kolom {column} lebih dari {longest} huruf.")
    return text


def read_name(text: str) -> str:
    """One word is enough; a number in a name is a column that slipped."""
    name = _text(text, "name", MAX_NAME)
    if not any(character.isalpha() for character in name):
        raise RowError("Nama kosong.")
    if name.lstrip("'").startswith(FORMULA_STARTS):
        raise RowError("Nama diawali =, +, - atau @. Hapus tanda itu.")
    if _LONG_NUMBER.search(name):
        raise RowError("Nama memuat angka panjang; periksa apakah kolom bergeser.")
    return name


def read_birth_date(text: str, *, today: date) -> date:
    text = text.strip()
    try:
        day = date.fromisoformat(text) if "-" in text else day_first(text)
    except ValueError as error:
        raise RowError("Tanggal lahir tidak terbaca. Tulis 1990-08-17 atau 17/08/1990.") from error
    if day > today:
        raise RowError("Tanggal lahir di masa depan.")
    if day < OLDEST:
        raise RowError("Tanggal lahir sebelum tahun 1890.")
    return day


def day_first(text: str) -> date:
    """17/08/1990 as people write it. Raises ValueError."""
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def read_village(text: str, villages: Mapping[str, int]) -> int:
    code = text.strip()
    if code.isdigit() and len(code) == 10:
        code = f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}"
    try:
        return villages[code]
    except KeyError:
        raise RowError("Kode desa/kelurahan tidak dikenal; contoh yang benar 33.19.02.1001.") from None


def read_word(values: Mapping[str, str], column: str) -> bool:
    try:
        return WORDS[values[column].strip().lower()]
    except KeyError:
        raise RowError(f"Kolom {column} harus ya atau tidak.") from None


def read_phone(text: str) -> str:
    """E.164. The usual mobile number is recognised without the library, which would be half of an import's time."""
    text = text.strip()
    if not text:
        return ""
    digits = re.sub(r"[\s().-]", "", text)
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return f"+62{mobile[1]}"
    try:
        number = phonenumbers.parse(f"+{digits}" if digits.startswith("62") else digits, "ID")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise RowError("Nomor telepon tidak terbaca. Perbaiki atau kosongkan.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
