"""Who may be recorded at a session away from the office, and what a line of its list or of its results says. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from recording.enums import (
    BiometricElement,
    Eligibility,
    Entitlement,
    FailureReason,
    MissingReason,
    RosterOutcome,
    Sex,
)
from recording.policy import booking, resident_row
from recording.policy import nik as niks
from recording.policy.nik import NikError
from recording.policy.recording import missing_is_acceptable
from recording.policy.resident_row import RowError
from recording.policy.sheet import Line, is_spreadsheet_number

OUTSIDE = "luar"
LONGEST_SESSION = timedelta(days=7)  # from the planned day; office standard
LONGEST_DEVICE = 40

LIST_ORDER = ("nik", "name", "birth_date", "sex", "village_code", "married", "phone")
LIST_NAMES = {
    **{name: name for name in LIST_ORDER},
    "nama": "name",
    "nama_lengkap": "name",
    "tanggal_lahir": "birth_date",
    "tgl_lahir": "birth_date",
    "lahir": "birth_date",
    "jenis_kelamin": "sex",
    "jk": "sex",
    "l/p": "sex",
    "desa": "village_code",
    "kode_desa": "village_code",
    "menikah": "married",
    "kawin": "married",
    "hp": "phone",
    "no_hp": "phone",
    "telepon": "phone",
}
RESULT_ORDER = ("nik", "result", "time", "reason", "missing", "kk", "name", "birth_date")
RESULT_NAMES = LIST_NAMES | {
    **{name: name for name in ("number", "result", "date", "time", "reason", "missing", "kk", "device", "batch")},
    "nomor": "number",
    "no": "number",
    "hasil": "result",
    "tanggal": "date",
    "tanggal_rekam": "date",
    "jam": "time",
    "pukul": "time",
    "alasan": "reason",
    "tidak_ada": "missing",
    "kurang": "missing",
    "no_kk": "kk",
    "alat": "device",
}
RESULTS = {
    **dict.fromkeys(("terekam", "accepted", "ok", "sudah", "berhasil", "direkam"), RosterOutcome.ACCEPTED),
    **dict.fromkeys(("gagal", "failed"), RosterOutcome.FAILED),
    **dict.fromkeys(("tidak hadir", "tidak_hadir", "absen", "absent"), RosterOutcome.ABSENT),
}
REASONS = {
    **{reason.value: reason for reason in FailureReason},
    "foto": FailureReason.PHOTO,
    "sidik jari": FailureReason.FINGERPRINT,
    "tanda tangan": FailureReason.SIGNATURE,
    "alat": FailureReason.DEVICE,
    "listrik": FailureReason.DEVICE,
    "jaringan": FailureReason.NETWORK,
    "data": FailureReason.DATA,
    "lainnya": FailureReason.OTHER,
}
ELEMENTS = {
    **{element.value: element for element in BiometricElement},
    "foto": BiometricElement.PHOTO,
    "sidik jari": BiometricElement.FINGERPRINTS,
    "iris mata": BiometricElement.IRIS,
    "tanda tangan": BiometricElement.SIGNATURE,
}
WHY_MISSING = {
    **{reason.value: reason for reason in MissingReason},
    "amputasi": MissingReason.AMPUTATION,
    "bawaan": MissingReason.AMPUTATION,
    "luka": MissingReason.INJURY,
    "sakit": MissingReason.INJURY,
    "aus": MissingReason.WORN,
    "tunanetra": MissingReason.BLIND,
    "tidak dapat menulis": MissingReason.TREMOR,
    "lainnya": MissingReason.OTHER,
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)(?:[.:][0-5]\d)?")


@dataclass(slots=True, kw_only=True)
class Person:
    """Who a line names. `village_id` None and `outside` False: not said. `birth_date` None and `sex` "": not said."""

    nik: str
    name: str
    birth_date: date | None
    sex: str
    village_id: int | None
    outside: bool
    married: bool
    phone: str


@dataclass(slots=True, kw_only=True)
class Result:
    """What a line of results says. `number`: of the printed list, else None. `person`: None when the line gives no NIK.
    `recorded_at` None: absent. `papers`: the family card was compared; `family_card`: its number, if given."""

    number: int | None
    person: Person | None
    outcome: RosterOutcome
    recorded_at: datetime | None
    failure_reason: str
    missing: dict[str, str]
    papers: bool
    family_card: str
    device: str
    batch: str


def eligibility(
    *, entitlement: str | None, birth_date: date | None, married: bool, on: date, booked_elsewhere: bool
) -> Eligibility:
    """What may be done with a person on the day `on`. `entitlement` None: the register does not know the NIK."""
    if entitlement == Entitlement.NONE:
        return Eligibility.RECORDED
    if birth_date and not booking.may_be_recorded(birth_date, married=married, on=on):
        return Eligibility.YOUNG
    if entitlement is None:
        return Eligibility.UNKNOWN
    return Eligibility.APPOINTMENT if booked_elsewhere else Eligibility(entitlement)


def read_person(line: Line, *, villages: Mapping[str, int], today: date) -> Person:
    """A line of the list. Raises RowError."""
    cells = _readable(line)
    person = _person(cells, villages=villages, today=today)
    if not person.name or person.birth_date is None:
        raise RowError("Nama dan tanggal lahir harus diisi.")
    return person


def read_result(line: Line, *, villages: Mapping[str, int], held_on: date, now: datetime, zone: tzinfo) -> Result:
    """A line of results; a time alone counts on the planned day. Raises RowError."""
    cells = _readable(line)
    number = _number(cells.get("number", ""))
    if number is None and not cells.get("nik"):
        raise RowError("Isi nomor pada daftar, atau NIK untuk orang di luar daftar.")
    outcome = _outcome(cells.get("result", ""))
    seen, family_card = _papers(cells.get("kk", ""))
    return Result(
        number=number,
        person=_person(cells, villages=villages, today=held_on) if cells.get("nik") else None,
        outcome=outcome,
        recorded_at=None if outcome == RosterOutcome.ABSENT else _moment(cells, held_on=held_on, now=now, zone=zone),
        failure_reason=_reason(cells.get("reason", "")) if outcome == RosterOutcome.FAILED else "",
        missing=_missing(cells.get("missing", "")) if outcome == RosterOutcome.ACCEPTED else {},
        papers=seen,
        family_card=family_card,
        device=_short(cells.get("device", "")),
        batch=_short(cells.get("batch", "")),
    )


def read_nik(text: str) -> str:
    """Sixteen digits. Raises RowError."""
    if is_spreadsheet_number(text):
        raise RowError("NIK dibulatkan lembar kerja (3,3E+15). Ubah kolom NIK menjadi Teks, isi lagi, lalu simpan.")
    return resident_row.read_nik(text.strip().lstrip("'")).number


def _readable(line: Line) -> Mapping[str, str]:
    if line.cells is None:
        raise RowError("Baris ini tidak terbaca: terlalu panjang, atau tanda kutip dan pemisahnya keliru.")
    if _CONTROL.search(line.text):
        raise RowError("Baris ini memuat huruf yang tidak terbaca. Simpan berkas sebagai CSV UTF-8, lalu unggah lagi.")
    return line.cells


def _person(cells: Mapping[str, str], *, villages: Mapping[str, int], today: date) -> Person:
    name, born, sex = cells.get("name", ""), cells.get("birth_date", ""), cells.get("sex", "").upper()
    village = cells.get("village_code", "")
    if sex not in ("", *Sex.values):
        raise RowError("Jenis kelamin harus L atau P.")
    outside = village.lower() == OUTSIDE
    return Person(
        nik=read_nik(cells["nik"]),
        name=resident_row.read_name(name) if name else "",
        birth_date=resident_row.read_birth_date(born, today=today) if born else None,
        sex=sex,
        village_id=resident_row.read_village(village, villages) if village and not outside else None,
        outside=outside,
        married=resident_row.read_word({"married": cells.get("married", "")}, "married"),
        phone=resident_row.read_phone(cells.get("phone", "")),
    )


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise RowError("Nomor harus angka seperti pada daftar.")
    return int(text)


def _outcome(text: str) -> RosterOutcome:
    try:
        return RESULTS[" ".join(text.lower().split())]
    except KeyError:
        raise RowError("Hasil harus terekam, gagal, atau tidak hadir.") from None


def _moment(cells: Mapping[str, str], *, held_on: date, now: datetime, zone: tzinfo) -> datetime:
    found = _CLOCK.fullmatch(cells.get("time", ""))
    if not found:
        raise RowError("Jam perekaman harus diisi, misalnya 09.15.")
    day = _day(cells["date"]) if cells.get("date") else held_on
    if not held_on <= day <= held_on + LONGEST_SESSION:
        raise RowError("Tanggal perekaman tidak cocok dengan tanggal jemput bola ini.")
    moment = datetime.combine(day, time(int(found[1]), int(found[2])), tzinfo=zone)
    if moment > now:
        raise RowError("Jam perekaman di masa depan.")
    return moment


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if "-" in text else resident_row.day_first(text)
    except ValueError as error:
        raise RowError("Tanggal perekaman tidak terbaca. Tulis 2026-12-07 atau 07/12/2026.") from error


def _reason(text: str) -> str:
    try:
        return REASONS[" ".join(text.lower().split())].value
    except KeyError:
        raise RowError(
            "Alasan gagal harus foto, sidik jari, tanda tangan, alat, jaringan, data, atau lainnya."
        ) from None


def _missing(text: str) -> dict[str, str]:
    """ "iris: tunanetra, sidik jari: aus" -> {"iris": "blind", "fingerprints": "worn"}."""
    missing: dict[str, str] = {}
    for part in filter(str.strip, re.split(r"[,;+]", text)):
        element, _, why = " ".join(part.lower().replace("=", ":").split()).partition(":")
        element, why = element.strip(), why.strip()
        if element not in ELEMENTS or why not in WHY_MISSING:
            raise RowError('Yang tidak ada ditulis seperti "iris: tunanetra" atau "sidik jari: aus".')
        missing[ELEMENTS[element].value] = WHY_MISSING[why].value
    if not missing_is_acceptable(missing):
        raise RowError("Tanpa pas foto, atau dengan alasan yang tidak cocok, hasilnya gagal, bukan terekam.")
    return missing


def _papers(text: str) -> tuple[bool, str]:
    """Whether the family card was compared, and its number where one was written."""
    bare = text.strip().lstrip("'")
    if bare.lower() in resident_row.WORDS:
        return resident_row.WORDS[bare.lower()], ""
    if is_spreadsheet_number(bare):
        raise RowError("Nomor KK dibulatkan lembar kerja. Tulis ya, atau ubah kolomnya menjadi Teks.")
    try:
        return True, niks.parse_family_card(bare).number
    except NikError:
        raise RowError("Kolom kk diisi ya, tidak, atau 16 angka nomor KK.") from None


def _short(text: str) -> str:
    return text[:LONGEST_DEVICE]
