"""Take in the population register: read a CSV file, seal each line, write by COPY, and tell what could not be taken.

The work is done in chunks, each its own transaction: what was good stays when a later line is bad or the power fails,
and loading the same file again changes nothing. Memory does not grow with the file.
"""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any

from recording.models import Village
from recording.policy import resident_row
from recording.policy.resident_row import COLUMNS, ResidentRow, RowError
from recording.services import resident_copy

CHUNK_LINES = 5_000
MAX_LINE = 4_000  # characters; a real line has about 150
TOO_LONG_SHOWN = 200
SHOWN_REJECTS = 20
DELIMITERS = ",;\t"
MOST_REJECT_FILES = 1000
FORMULA_STARTS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"[+-]?[0-9 .,-]+")
IN_FILE = "NIK yang sama sudah ada di baris sebelumnya dalam berkas ini."
IN_REGISTER = "NIK ini sudah terdaftar; data yang ada tidak diubah."


class NotARegister(Exception):
    """The file as a whole cannot be read; `str()` says why and what to do."""


@dataclass
class ImportReport:
    """What became of the lines: `rejects` is the file of those not taken, if any; `reasons` counts them by sentence,
    `first_rejects` keeps a few to show."""

    lines: int = 0
    taken: int = 0
    mismatches: int = 0
    rejected: int = 0
    rejects: Path | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    first_rejects: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    number: int
    text: str
    is_cut: bool = False

    def cells(self, delimiter: str) -> list[str]:
        """Its cells; none when it cannot be read. A line by itself: one stray quotation mark spoils one line."""
        if self.is_cut:
            return []
        try:
            return next(csv.reader([self.text], delimiter=delimiter, strict=True))
        except csv.Error:
            return []


@dataclass
class _Chunk:
    """Good rows with the lines they came from, bad lines with the reason, and how far the file was read (bytes)."""

    rows: list[ResidentRow] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    bad: list[tuple[_Line, str]] = field(default_factory=list)
    read_to: int = 0


class _Rejects:
    """The lines that could not be taken, with number and reason, in a file that only its owner can read.

    Mended, it can be loaded again as it is: the two extra columns are ignored.
    """

    def __init__(self, path: Path, header: list[str], delimiter: str, report: ImportReport):
        self.path, self.header, self.delimiter, self.report = path, header, delimiter, report
        self.file: IO[str] | None = None

    def add(self, lines: list[tuple[_Line, str]]) -> None:
        if lines and self.file is None:
            self.file = self._open()
            self.writer = csv.writer(self.file)
            self.writer.writerow(["line", "reason", *self.header])
        for line, reason in lines:
            self.report.rejected += 1
            self.report.reasons[reason] += 1
            if len(self.report.first_rejects) < SHOWN_REJECTS:
                self.report.first_rejects.append((line.number, reason))
            cells = line.cells(self.delimiter) or [line.text.rstrip("\n")]
            self.writer.writerow([line.number, reason, *(_plain(cell) for cell in cells)])

    def _open(self) -> IO[str]:
        handle = self._create()
        self.report.rejects = self.path
        return os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="")

    def _create(self) -> int:
        """A file that was not there before: what an earlier run kept stays, and this one gets a name beside it."""
        wanted = self.path
        for number in range(2, MOST_REJECT_FILES):
            with suppress(FileExistsError):
                return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            self.path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        raise NotARegister(f"Terlalu banyak berkas penolakan bernama {wanted.name}. Pindahkan yang lama dulu.")

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers and telephones stay as they were."""
    return f"'{cell}" if cell.lstrip().startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(cell) else cell


def import_file(
    *, path: Path, rejects: Path, today: date, progress: Callable[[int], Any] = lambda bytes_read: None
) -> ImportReport:
    """Take in the CSV file at `path`; lines that cannot be taken go to `rejects`, or to a name beside it
    when there is such a file already (made only when there are any).

    `progress` is called with the number of bytes read since the last call. Raises NotARegister (nothing was written),
    OSError. Idempotent by NIK.
    """
    report = ImportReport()
    villages = dict(Village.objects.values_list("code", "id"))
    with path.open("rb") as raw:
        if raw.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise NotARegister("Berkas ini UTF-16. Simpan sebagai CSV UTF-8, lalu muat lagi.")
        raw.seek(0)
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape")
        header, delimiter = _header(text)
        kept = _Rejects(rejects, header, delimiter, report)
        chunks = _chunks(text, header, delimiter, villages=villages, today=today)
        position, first_id = 0, resident_copy.next_id()
        try:
            for chunk, written in resident_copy.write_all(chunks):
                repeated = [
                    (chunk.lines[place], IN_FILE if owner_id >= first_id else IN_REGISTER)
                    for place, owner_id in written.owned_by_others.items()
                ]
                kept.add(sorted([*chunk.bad, *repeated], key=lambda reject: reject[0].number))
                report.lines += len(chunk.rows) + len(chunk.bad)
                report.taken += written.count
                report.mismatches += sum(bool(row.mismatches) for row in chunk.rows)
                progress(chunk.read_to - position)
                position = chunk.read_to
        finally:
            kept.close()
    return report


def _header(text: IO[str]) -> tuple[list[str], str]:
    """The column names in order, and the delimiter. Raises NotARegister."""
    first = text.readline(MAX_LINE)
    delimiter = max(DELIMITERS, key=first.count)
    try:
        names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    except csv.Error:
        names = []
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise NotARegister(
            f"Baris pertama harus memuat nama kolom {', '.join(COLUMNS)}. Tidak ada: {', '.join(missing)}."
        )
    if len(names) != len(set(names)):
        raise NotARegister("Ada nama kolom yang muncul dua kali di baris pertama.")
    return names, delimiter


def _chunks(
    text: io.TextIOWrapper, header: list[str], delimiter: str, *, villages: dict[str, int], today: date
) -> Iterator[_Chunk]:
    remaining = _lines(text)
    while lines := list(islice(remaining, CHUNK_LINES)):
        chunk = _Chunk()
        for line in lines:
            try:
                values = _by_column(line.cells(delimiter), header)
                chunk.rows.append(resident_row.parse(values, villages=villages, today=today))
                chunk.lines.append(line)
            except RowError as error:
                chunk.bad.append((line, str(error)))
        chunk.read_to = text.buffer.tell()
        yield chunk


def _lines(text: IO[str]) -> Iterator[_Line]:
    """Each line that is not empty. One that is far too long is cut, its rest passed over."""
    number = 1
    while line := text.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            while (rest := text.readline(MAX_LINE)) and not rest.endswith("\n"):
                pass
            yield _Line(number, line[:TOO_LONG_SHOWN], is_cut=True)
        elif not line.isspace():
            yield _Line(number, line)


def _by_column(cells: list[str], header: list[str]) -> dict[str, str]:
    """Raises RowError."""
    if len(cells) != len(header):
        raise RowError(f"Baris ini harus memuat {len(header)} kolom; periksa tanda kutip dan pemisah.")
    return dict(zip(header, cells, strict=True))
