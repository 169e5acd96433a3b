"""A table that somebody saved from a spreadsheet or pasted, as lines and cells. Pure; nothing about its content is
believed. One bad line spoils only itself."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_BYTES = 1_000_000
MAX_ROWS = 2_000  # a school has some hundreds; above that it is the wrong file
MAX_LINE = 4_000  # characters; a real line has about 100
SHOWN_OF_TOO_LONG = 200
DELIMITERS = ";\t,|"
_SPREADSHEET_NUMBER = re.compile(r"\d[.,]?\d*E\+?\d+", re.IGNORECASE)
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class NotASheet(ValueError):
    """The file as a whole cannot be used; `str()` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stood in the file, and its cells by column; no cells: it cannot be taken apart."""

    number: int
    text: str
    cells: Mapping[str, str] | None


def decode(content: bytes) -> str:
    """The text of an uploaded file, UTF-8 or what old spreadsheets write. Raises NotASheet."""
    if len(content) > MAX_BYTES:
        raise NotASheet("Berkas ini lebih dari 1 MB. Pisah menjadi beberapa berkas.")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise NotASheet("Berkas ini bukan CSV. Di lembar kerja pilih Simpan sebagai, lalu CSV UTF-8.")
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), "")
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    if marked:
        raise NotASheet("Huruf dalam berkas ini tidak terbaca. Simpan sebagai CSV UTF-8, lalu unggah lagi.")
    return content.decode("latin-1")  # every byte is a letter there


def lines(text: str, *, names: Mapping[str, str], order: Sequence[str], required: Sequence[str]) -> list[Line]:
    """The lines below the header. `names`: what a column may be called -> our name; others are ignored. A first line
    that holds a long number is no header: its columns are then `order`. Raises NotASheet."""
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not numbered:
        raise NotASheet("Berkas ini kosong.")
    if len(numbered) > MAX_ROWS:
        raise NotASheet(f"Berkas ini lebih dari {MAX_ROWS} baris. Pisah menjadi beberapa daftar.")
    first = numbered[0][1][:MAX_LINE]
    delimiter = max(DELIMITERS, key=first.count)
    cells = _cells(first, delimiter) or []
    if re.search(r"\d{8}|\dE\+", first.replace(" ", ""), re.IGNORECASE):
        columns: list[str] = list(order[: len(cells)])
    else:
        columns = [names.get(re.sub(r"[\s_]+", "_", cell.strip().lower()), "") for cell in cells]
        numbered = numbered[1:]
    _require_columns(columns, required)
    return list(_taken_apart(numbered, columns, delimiter))


def _require_columns(columns: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in columns]
    if missing:
        raise NotASheet(f"Kolom {', '.join(missing)} tidak ada. Baris pertama harus memuat nama kolom.")
    named = [name for name in columns if name]
    if len(named) != len(set(named)):
        raise NotASheet("Ada nama kolom yang muncul dua kali di baris pertama.")


def _taken_apart(numbered: list[tuple[int, str]], columns: list[str], delimiter: str) -> Iterator[Line]:
    for number, text in numbered:
        cells = _cells(text, delimiter) if len(text) <= MAX_LINE else None
        if cells is not None and not any(cell.strip() for cell in cells):
            continue  # a spreadsheet's empty row
        yield Line(number, text[:SHOWN_OF_TOO_LONG] if cells is None else text, _by_column(cells, columns))


def _by_column(cells: list[str] | None, columns: list[str]) -> dict[str, str] | None:
    """Cells by name; short lines are filled up, as spreadsheets leave out empty cells at the end."""
    if cells is None or any(cell.strip() for cell in cells[len(columns) :]):
        return None
    filled = [*cells, *[""] * (len(columns) - len(cells))]
    return {name: filled[place].strip() for place, name in enumerate(columns) if name}


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None


def is_spreadsheet_number(text: str) -> bool:
    """Whether a spreadsheet has rounded a long number: 3.3E+15. The digits are lost."""
    return bool(_SPREADSHEET_NUMBER.fullmatch(text.strip().lstrip("'")))
