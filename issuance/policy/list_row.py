"""One line of a national list, checked and turned into typed values. Pure.

The kind of a cell matters more than its look: Excel keeps fifteen digits of a number, so a NIK that ever was a number
is another living person's, ending in 0. It is refused, never guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from issuance.policy.cell import Cell, Formula, Number, Row, as_text
from recording.policy import nik as niks
from recording.policy.nik import NikError
from recording.policy.resident_row import MAX_NAME, NUMBER_PROBLEMS
from recording.policy.sheet import is_spreadsheet_number

LONGEST_STATUS = 60
OLDEST = date(2009, 1, 1)  # the KTP-el programme began that year: UU 23/2006 article 101 as amended
ROUNDED = (
    "NIK tersimpan sebagai angka, jadi angka terakhirnya hilang. Di sumbernya ubah format kolom NIK menjadi Teks, atau "
    "minta ekspor CSV."
)
COMPUTED = "{column} berisi rumus. Salin kolomnya, lalu Tempel Khusus sebagai Nilai."
ALL_ROUNDED = (
    "Sebagian besar NIK di daftar ini berakhir 0: kolomnya pernah menjadi angka di Excel, jadi angka terakhirnya hilang "
    "dan menunjuk orang lain. Tidak ada yang dicocokkan. Minta daftar itu lagi langsung dari sistem pusat sebagai CSV, "
    "atau ubah format kolom NIK menjadi Teks sebelum diisi."
)
ALL_ROUNDED_LINES = 3  # fewer say nothing: one serial in ten ends in 0
MANY_LINES = 100  # from here on a quarter is beyond chance (1 in a million at one in ten)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february pebruari",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu ags agt agustus aug august",
            "sep sept september",
            "okt oktober oct october",
            "nov november nopember",
            "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?:[ T]\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?)?(?: ?(?:Z|WIB|[+-]\d\d:?\d\d))?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[/.\-](\d{{1,2}})[/.\-](\d{{4}}){_TIME}")
_YEAR_FIRST = re.compile(rf"(\d{{4}})[/.\-]?(\d{{2}})[/.\-]?(\d{{2}}){_TIME}")
_IN_WORDS = re.compile(rf"(\d{{1,2}})[ \-]([A-Za-z]{{3,9}})\.?[ \-](\d{{4}}){_TIME}")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class RowProblem(ValueError):
    """The line cannot be used. `str()` is a sentence that says how to mend it; it repeats no value."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """What one line says. `status`: upper case with underscores; `name`: "" where there is none or it is no name."""

    nik: str
    status: str
    name: str
    reported_on: date | None


def read(row: Row, *, columns: Mapping[str, int], until: date) -> ListRow:
    """`columns`: field -> column from 0. `until`: the day of the list; nothing in it is later. Raises RowProblem."""
    return ListRow(
        nik=read_nik(_cell(row, columns, "nik")),
        status=read_status(_cell(row, columns, "status")),
        name=read_name(_cell(row, columns, "name")),
        reported_on=read_date(_cell(row, columns, "reported_on"), until=until),
    )


def _cell(row: Row, columns: Mapping[str, int], field: str) -> Cell:
    column = columns.get(field)
    return row.cells[column] if column is not None and column < len(row.cells) else None


def read_nik(cell: Cell) -> str:
    if isinstance(cell, Formula):
        raise RowProblem(COMPUTED.format(column="NIK"))
    text = as_text(cell).lstrip("'")
    if isinstance(cell, Number | date) or is_spreadsheet_number(text):
        raise RowProblem(ROUNDED)
    if not text:
        raise RowProblem("NIK kosong.")
    try:
        return niks.parse(text).number
    except NikError as error:
        raise RowProblem(f"NIK {NUMBER_PROBLEMS[error.code]}.") from error


def read_status(cell: Cell) -> str:
    if isinstance(cell, Formula):
        raise RowProblem(COMPUTED.format(column="Status"))
    status = re.sub(r"[\s\-./_]+", "_", as_text(cell)).strip("_").upper()
    if not status:
        raise RowProblem("Status kosong.")
    if len(status) > LONGEST_STATUS or _UNREADABLE.search(status) or re.search(r"\d{6}", status):
        raise RowProblem("Isi kolom status bukan status. Periksa apakah kolomnya bergeser.")
    return status


def read_name(cell: Cell) -> str:
    """A name only helps to recognise somebody, so what is no name is left out."""
    name = as_text(cell) if isinstance(cell, str) else ""
    is_name = any(map(str.isalpha, name)) and not re.search(r"\d{6}", name) and not _UNREADABLE.search(name)
    return name[:MAX_NAME] if is_name else ""


def read_date(cell: Cell, *, until: date) -> date | None:
    """17/08/2026, 2026-08-17, 20260817, 17 Agustus 2026, with or without a time. Raises RowProblem."""
    if isinstance(cell, Formula):
        raise RowProblem(COMPUTED.format(column="Tanggal"))
    if cell is None:
        return None
    day = cell if isinstance(cell, date) else _date(as_text(cell))
    if day is None:
        raise RowProblem("Tanggal tidak terbaca. Tulis 17/08/2026 atau 2026-08-17.")
    if day > until:
        raise RowProblem("Tanggal pada baris ini sesudah tanggal daftar.")
    if day < OLDEST:
        raise RowProblem("Tanggal pada baris ini sebelum ada KTP-el.")
    return day


def _date(text: str) -> date | None:
    try:
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if (found := _IN_WORDS.fullmatch(text)) and (month := _MONTHS.get(found[2].lower())):
            return date(int(found[3]), month, int(found[1]))
    except ValueError:
        return None
    return None


class LastDigits:
    """Counts last digits of the NIKs of one sheet, to notice that a spreadsheet has rounded them."""

    def __init__(self) -> None:
        self.count = self.zeros = 0

    def add(self, nik: str) -> None:
        self.count += 1
        self.zeros += nik.endswith("0")

    @property
    def are_rounded(self) -> bool:
        """More than half end in 0, or of many more than a quarter. Real serials: about one in ten, or fewer."""
        if self.zeros < ALL_ROUNDED_LINES:
            return False
        return self.zeros * 2 > self.count or (self.count >= MANY_LINES and self.zeros * 4 > self.count)
