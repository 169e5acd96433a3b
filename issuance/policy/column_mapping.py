"""Which column of somebody else's list is which. Pure; a guess is shown to a person before it counts."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from issuance.policy.cell import Cell, Row, as_text
from recording.policy.mask import DOTS

FIELDS = {"nik": "NIK", "status": "Status", "name": "Nama", "reported_on": "Tanggal status"}
REQUIRED = ("nik", "status")
HEADING_WITHIN = 20  # rows: letterheads and titles above the headings are common
LONGEST_TITLE = 60
SAMPLE_ROWS = 5

# Field -> what its heading says, the surest first; and what it then must not say.
_SAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "nik": (
        (
            r"nik",
            r"nomor induk kependudukan|no induk kependudukan|national id( number)?|population id",
            r"(no|nomor|nmr) (nik|ktp|ktp el|e ktp|penduduk)",
            r".*\bnik\b.*",
        ),
        r"\b(ayah|ibu|bapak|pelapor|petugas|operator|kepala|father|mother|lama|old|pasangan|suami|istri)\b",
    ),
    "status": (
        (
            r"status|current status( code)?|status code|kode status|status (ktp|ktp el|e ktp|ektp|rekam|perekaman|pusat)",
            r"status (data|proses|terakhir|biometri\w*|enroll?ment|pencetakan|cetak|card|kartu|record)( \w+)*",
            r"(proses|process|biometric|enroll?ment|record|rekam|perekaman|ktp|ktp el) status|posisi|tahap\w*",
            r".*\bstatus\b.*",
        ),
        r"kawin|nikah|hubungan|keluarga|\bkk\b|pekerjaan|tinggal|marital|family|tgl|tanggal|date|hidup|domisili|lama|old",
    ),
    "name": (
        (
            r"nama|nama lengkap|nama lgkp|nama penduduk|nama warga|full ?name|name|nama wajib ktp",
            r"nm( lengkap| lgkp)?|.*\bnama lengkap\b.*",
        ),
        r"ayah|ibu|desa|kel|kec|kab|petugas|operator|kepala|father|mother|user",
    ),
    "reported_on": (
        (
            r"(tgl|tanggal|tggl|date|last|waktu|tg) (status|update|updated|perubahan|berubah|proses|pemutakhiran)( \w+)*",
            r"(status|update|updated|last updated?|modified) (date|at|on|time|tgl|tanggal)|terakhir (update|diperbarui)",
            r"(tgl|tanggal|date) (rekam|perekaman|enroll?ment|data|cetak|pencetakan)|(enroll?ment|recording) date",
            r"tgl|tanggal|date",
        ),
        r"lahir|birth|kawin|nikah|mati|lapor",
    ),
}
_PATTERNS = {
    field: (tuple(re.compile(pattern) for pattern in patterns), re.compile(forbidden))
    for field, (patterns, forbidden) in _SAYS.items()
}
_LONG_NUMBER = re.compile(r"[0-9][0-9 .\-]{6,}[0-9]|[0-9]{5,}")


@dataclass(frozen=True, slots=True)
class Headings:
    """The row of one sheet that names its columns. `titles`: by column, "" where nothing stands."""

    sheet: int
    title: str
    line: int
    titles: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        """32 bytes that the same headings in the same order share, whatever their case and punctuation."""
        return hashlib.sha256("\x1f".join(map(plain, self.titles)).encode()).digest()


def plain(heading: str) -> str:
    """ "Tgl. Status*" -> "tgl status", "N.I.K." -> "nik"."""
    return " ".join(re.sub(r"[\W_]+", " ", heading.lower()).split()).replace("n i k", "nik")


def guess(titles: Sequence[str]) -> dict[str, int]:
    """Field -> column (from 0) for those that some heading names; the surest and then the leftmost wins."""
    headings = [plain(title) for title in titles]
    found: dict[str, int] = {}
    for field, (patterns, forbidden) in _PATTERNS.items():
        ranks = (
            (rank, column)
            for column, heading in enumerate(headings)
            if heading and not forbidden.search(heading)
            for rank, pattern in enumerate(patterns)
            if pattern.fullmatch(heading)
        )
        best = min(ranks, default=None)
        if best is not None:
            found[field] = best[1]
    return found


def find_headings(rows: Sequence[Row]) -> Headings | None:
    """The heading row among the first rows of one sheet; None: there is none.

    The row that names most of our fields, NIK among them; else the row of texts right above the first row with a NIK.
    """
    near = rows[:HEADING_WITHIN]
    named = [(len(guess(_titles(row))), -row.line, row) for row in near if _is_textual(row)]
    known = [(count, place, row) for count, place, row in named if "nik" in guess(_titles(row))]
    if known:
        return _headings(max(known, key=lambda each: each[:2])[2])
    for above, row in pairwise(near):
        if _is_textual(above) and any(map(_is_nik_like, row.cells)):
            return _headings(above)
    return None


def problem_with(columns: Mapping[str, int], *, width: int) -> str:
    """Why `columns` cannot be used, as a sentence; "" when it can. `width`: number of columns."""
    missing = [FIELDS[field] for field in REQUIRED if field not in columns]
    if missing:
        return f"Pilih kolom untuk {' dan '.join(missing)}."
    if len(set(columns.values())) < len(columns):
        return "Satu kolom dipilih untuk dua hal. Pilih kolom yang berbeda."
    if not set(columns) <= set(FIELDS) or not all(0 <= column < width for column in columns.values()):
        return "Pilih kolom yang ada di daftar ini."
    return ""


def masked(cell: Cell, *, shown_whole: frozenset[str] | set[str] = frozenset()) -> str:
    """A cell for the mapping page: enough to see what the column holds, too little to know of whom.

    Long numbers keep their first four digits, dates their year, words their first letter; the texts in `shown_whole` (upper
    case, underscores) are no secret.
    """
    text = as_text(cell)
    if not text:
        return ""
    if re.fullmatch(r"\d{1,4}", text) or re.sub(r"\W+", "_", text).upper() in shown_whole:
        return text[:LONGEST_TITLE]
    if year := re.fullmatch(r"(\d{4})-\d\d-\d\d.*|\d{1,2}[/.\-]\d{1,2}[/.\-](\d{4}).*", text):
        return f"••/••/{year[1] or year[2]}"
    if digits := re.match(r"\D{0,2}(\d{5,})", text):
        return f"{digits[1][:4]}{DOTS}"
    return " ".join(f"{word[0]}{DOTS}" for word in text.split()[:3])


def safe_title(text: str) -> str:
    """A heading as it may be stored: short, without anything that looks like a number of a person."""
    return _LONG_NUMBER.sub(DOTS, text)[:LONGEST_TITLE]


def _titles(row: Row) -> tuple[str, ...]:
    return tuple(map(as_text, row.cells))


def _headings(row: Row) -> Headings:
    return Headings(row.sheet, row.title, row.line, tuple(map(safe_title, _titles(row))))


def _is_textual(row: Row) -> bool:
    """Two texts or more, and nothing that is a long number, a date or computed."""
    values = [cell for cell in row.cells if cell is not None]
    return len(values) > 1 and all(isinstance(cell, str) and not re.search(r"\d{5}|\dE\+", cell) for cell in values)


def _is_nik_like(cell: Cell) -> bool:
    return bool(re.fullmatch(r"'?[\d .\-]{16,24}|\d[.,]\d+E\+?15", as_text(cell), re.IGNORECASE))
