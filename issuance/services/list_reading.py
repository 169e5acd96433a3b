"""Read a national list's file into rows: who each line means, what it says, and which lines cannot be used.

The file is gone through twice. The first time counts, and finds what spoils it as a whole (NIKs that Excel has rounded,
a wrong column), so that nobody is looked up by a wrong number; the second writes the rows by COPY, in batches. Memory
holds the file and one number for each line, whatever its length.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from issuance.enums import ImportResult, ImportState
from issuance.exceptions import ListNotUsable
from issuance.gateways.spreadsheet import NotReadable, Spreadsheet
from issuance.models import CentralImport, CentralImportFile, CentralImportRow, ColumnMapping
from issuance.policy import list_row
from issuance.policy.cell import Row, as_text
from issuance.policy.column_mapping import HEADING_WITHIN, find_headings, masked, safe_title
from issuance.policy.list_row import ALL_ROUNDED, LastDigits, ListRow, RowProblem
from issuance.policy.observation import RAW_STATUS, UNREGISTERED
from issuance.services import central_import as meaning
from issuance.services import list_file
from recording.crypto import blind_index, seal
from recording.models import ResidentIdentity

BATCH = 5_000  # lines in one transaction: about half a second
SAMPLE = 5  # lines shown, masked, to whoever names the columns
LOST_AFTER = timedelta(minutes=2)  # without a sign of life another worker begins anew; no step of ours takes as long
TOUCH_EVERY = 20_000  # lines
FEWEST_TO_JUDGE = 10  # lines without one known status before we say that the column is wrong
NO_HEADINGS = (
    "Judul kolom tidak ditemukan pada 20 baris pertama. Beri satu baris judul, misalnya NIK, Nama, Status, Tanggal, tepat "
    "di atas daftarnya, lalu unggah lagi."
)
NO_LINES = "Tidak ada baris di bawah judul kolom. Periksa apakah berkasnya benar, lalu unggah lagi."
NO_STATUS = "Tidak satu pun isi kolom Status dikenal. Pilih kolom lain."
AGAIN = "NIK ini sudah ada di {place}; baris ini tidak dipakai."
CONTRADICTS = (
    "NIK ini juga ada di {place} dengan status lain; keduanya tidak dipakai. Sisakan yang benar, lalu unggah lagi."
)
KNOWN_STATUSES = {*RAW_STATUS, UNREGISTERED}

IDENTITY = f"{ResidentIdentity._meta.db_table}.nik"
TABLE = CentralImportRow._meta.db_table
COLUMNS = (
    "central_import_id, sheet, line, resident_id, raw_status, status, reported_on, result, problem, key, nik_ct, nik_bi, "
    "name_ct, message_kind, applied"
)
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class _TakenOver(Exception):
    """Somebody else reads this list now, or it was dropped."""


class _Refused(Exception):
    """The file as a whole is of no use; `str()` is a sentence."""


class _WrongColumns(Exception):
    """The columns were named wrongly."""


class _Place(NamedTuple):
    sheet: int
    line: int


@dataclass
class _Scan:
    """What going through the list once has found. `first`: NIK as a number -> its first line and status, packed."""

    total: int = 0
    known_status: int = 0
    first: dict[int, int] = field(default_factory=dict)
    contradicting: dict[int, _Place] = field(default_factory=dict)


def read_waiting(*, now: datetime) -> int:
    """Read the list that waits longest to be read, or whose reader has died. Returns how many: 1, or 0. Safe in two
    workers: each takes another."""
    waiting = CentralImport.objects.filter(_unclaimed(now), state=ImportState.READING).order_by("pk").first()
    if waiting is None:
        return 0
    read(import_id=waiting.pk)
    return 1


def read(*, import_id: int) -> ImportState:
    """Read one list until it is a preview, waits for its columns to be named, or is refused. Returns its state.

    Whatever an earlier reading left is written anew. A list that another worker reads is left to that one.
    """
    key = _claim(import_id)
    if key is not None:
        try:
            _read(_Reading(CentralImport.objects.get(pk=import_id), key))
        except _TakenOver:
            pass
        except (_Refused, NotReadable, ListNotUsable) as error:
            _refuse(import_id, key, f"{error}")
        except _WrongColumns:
            _ask_again(import_id, key)
    return ImportState(CentralImport.objects.values_list("state", flat=True).get(pk=import_id))


def _unclaimed(now: datetime) -> Q:
    return Q(touched_at__isnull=True) | Q(touched_at__lt=now - LOST_AFTER)


@transaction.atomic
def _claim(import_id: int) -> UUID | None:
    """The key of a reading that begins; None: there is nothing to read, or somebody reads."""
    now, key = timezone.now(), uuid4()
    waiting = CentralImport.objects.filter(_unclaimed(now), pk=import_id, state=ImportState.READING)
    if not waiting.update(reading_key=key, touched_at=now, done=0):
        return None
    CentralImportRow.objects.filter(central_import_id=import_id).delete()
    return key


def _update(import_id: int, key: UUID, **values: Any) -> None:
    """Write to the list while it is ours; its row stays locked until the transaction ends. Raises _TakenOver."""
    ours = CentralImport.objects.filter(pk=import_id, reading_key=key, state=ImportState.READING)
    if not ours.update(touched_at=timezone.now(), **values):
        raise _TakenOver


@transaction.atomic
def _refuse(import_id: int, key: UUID, sentence: str) -> None:
    """Nothing of a refused list stays but the reason."""
    try:
        _update(import_id, key, state=ImportState.REFUSED, problem=sentence[:300], headings=[], columns={})
    except _TakenOver:
        return
    CentralImportRow.objects.filter(central_import_id=import_id).delete()
    CentralImportFile.objects.filter(central_import_id=import_id).delete()


@transaction.atomic
def _ask_again(import_id: int, key: UUID) -> None:
    """The named columns hold no status: forget them, and let somebody name others."""
    try:
        _update(import_id, key, state=ImportState.MAPPING, problem=NO_STATUS, columns={}, reading_key=None)
    except _TakenOver:
        return
    headings = list_file.headings_of(CentralImport.objects.get(pk=import_id))
    ColumnMapping.objects.filter(headings__in=[each.digest for each in headings]).delete()


class _Reading:
    """One reading of one list."""

    def __init__(self, central_import: CentralImport, key: UUID):
        self.list, self.key, self.id = central_import, key, central_import.pk
        self.until: date = timezone.localdate(central_import.as_of)
        self.sheets = Spreadsheet(list_file.content(import_id=self.id))
        self.columns: dict[int, Mapping[str, int]] = {}
        self.titles: dict[int, tuple[str, ...]] = {}
        self.below: dict[int, int] = {}

    def name_columns(self, columns: Mapping[int, Mapping[str, int]]) -> None:
        self.columns = {sheet: given for sheet, given in columns.items() if given}
        for each in list_file.headings_of(self.list):
            self.titles[each.sheet], self.below[each.sheet] = each.titles, each.line

    def lines(self) -> Iterator[tuple[Row, ListRow | str]]:
        """Every line of the list with what it says, or with the sentence why it cannot be used."""
        for row in self.sheets.rows():
            columns = self.columns.get(row.sheet)
            if columns is None or row.line <= self.below[row.sheet]:
                continue
            try:
                yield row, list_row.read(row, columns=columns, until=self.until)
            except RowProblem as problem:
                if tuple(safe_title(as_text(cell)) for cell in row.cells) != self.titles[row.sheet]:  # printed again
                    yield row, f"{problem}"


def _read(reading: _Reading) -> None:
    if not reading.list.columns and not _look_at_headings(reading):
        return
    reading.name_columns({int(sheet): given for sheet, given in reading.list.columns.items()})
    scan = _scan(reading)
    _update(reading.id, reading.key, total=scan.total)
    done = 0
    lines = reading.lines()
    while batch := list(islice(lines, BATCH)):
        done += len(batch)
        _write(reading, scan, batch, done)
    _finish(reading)


@transaction.atomic
def _finish(reading: _Reading) -> None:
    """The lines are there: say what they mean, and let the verifier see."""
    _update(reading.id, reading.key)
    meaning.classify(import_id=reading.id)
    _update(reading.id, reading.key, state=ImportState.PREVIEW, reading_key=None)


def _look_at_headings(reading: _Reading) -> bool:
    """Find each sheet's headings. Whether somebody has named such columns before; else the list waits for it."""
    first = list(reading.sheets.rows(first=HEADING_WITHIN + SAMPLE))
    seen = [_describe(list(rows)) for _sheet, rows in groupby(first, key=lambda row: row.sheet)]
    if not any(each["titles"] for each in seen):
        raise _Refused(NO_HEADINGS if first else NO_LINES)
    reading.list.headings = seen
    columns = list_file.remembered_for_all(reading.list)
    values = {"headings": seen, "kind": reading.sheets.kind}
    if columns is None:
        _update(reading.id, reading.key, state=ImportState.MAPPING, reading_key=None, **values)
        return False
    reading.list.columns = {f"{sheet}": given for sheet, given in columns.items()}
    _update(reading.id, reading.key, columns=reading.list.columns, **values)
    return True


def _describe(rows: Sequence[Row]) -> dict[str, Any]:
    """One sheet as the mapping page shows it; its lines are masked before they are kept."""
    headings = find_headings(rows)
    about: dict[str, Any] = {"sheet": rows[0].sheet, "title": safe_title(rows[0].title), "line": 0, "titles": []}
    if headings is None:
        return about
    below = [row for row in rows if row.line > headings.line][:SAMPLE]
    width = max([len(headings.titles), *(len(row.cells) for row in below)])
    titles = [*headings.titles, *[""] * (width - len(headings.titles))]
    sample = [[masked(cell, shown_whole=KNOWN_STATUSES) for cell in row.cells] for row in below]
    return about | {"line": headings.line, "titles": titles, "sample": sample}


def _scan(reading: _Reading) -> _Scan:
    """Raises _Refused, _WrongColumns."""
    scan = _Scan()
    digits = {sheet: LastDigits() for sheet in reading.columns}
    whole = LastDigits()
    numbers: dict[str, int] = {}
    good = 0
    for row, said in reading.lines():
        scan.total += 1
        if scan.total % TOUCH_EVERY == 0:
            _update(reading.id, reading.key)
        if isinstance(said, str):
            continue
        good += 1
        scan.known_status += said.status in KNOWN_STATUSES
        digits[row.sheet].add(said.nik)
        whole.add(said.nik)
        number = numbers.setdefault(RAW_STATUS.get(said.status, said.status), len(numbers))
        _note_first(scan, int(said.nik), _Place(row.sheet, row.line), number)
    if whole.are_rounded or any(each.are_rounded for each in digits.values()):
        raise _Refused(ALL_ROUNDED)
    if not scan.total:
        raise _Refused(NO_LINES)
    if good >= FEWEST_TO_JUDGE and not scan.known_status:
        raise _WrongColumns
    return scan


def _note_first(scan: _Scan, nik: int, place: _Place, status: int) -> None:
    packed = (status << 40) | (place.sheet << 32) | place.line
    first = scan.first.setdefault(nik, packed)
    if first >> 40 != status:
        scan.contradicting.setdefault(nik, place)


def _first_place(packed: int) -> _Place:
    return _Place(packed >> 32 & 0xFF, packed & 0xFFFFFFFF)


@transaction.atomic
def _write(reading: _Reading, scan: _Scan, batch: Sequence[tuple[Row, ListRow | str]], done: int) -> None:
    """One batch of rows. Locks the list, so that a reader who lost it writes nothing any more."""
    _update(reading.id, reading.key, done=done)
    indexes = {said.nik: blind_index(said.nik, purpose=IDENTITY) for _row, said in batch if isinstance(said, ListRow)}
    known = ResidentIdentity.objects.filter(nik_bi__in=list(indexes.values())).values_list("nik_bi", "resident_id")
    residents = {bytes(index): resident_id for index, resident_id in known}
    text = "".join(
        _copy_line(
            reading,
            row,
            said,
            None if isinstance(said, str) else residents.get(indexes[said.nik]),
            "" if isinstance(said, str) else _repeated(reading, scan, row, said),
        )
        for row, said in batch
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {TABLE} ({COLUMNS}) FROM STDIN", io.BytesIO(text.encode()))


def _repeated(reading: _Reading, scan: _Scan, row: Row, said: ListRow) -> str:
    """Why this line of a NIK that stands in the list more than once is not used; "" when it is."""
    nik, here = int(said.nik), _Place(row.sheet, row.line)
    first = _first_place(scan.first[nik])
    other = scan.contradicting.get(nik)
    if other is not None:
        return CONTRADICTS.format(place=_in_words(reading, other if here == first else first))
    return "" if here == first else AGAIN.format(place=_in_words(reading, first))


def _in_words(reading: _Reading, place: _Place) -> str:
    return f"lembar {place.sheet} baris {place.line}" if len(reading.columns) > 1 else f"baris {place.line}"


def _copy_line(reading: _Reading, row: Row, said: ListRow | str, resident_id: int | None, repeated: str) -> str:
    told: tuple[str, ...]
    if isinstance(said, str):
        told = (r"\N", "", "", r"\N", ImportResult.MALFORMED.value, said, r"\N", r"\N", r"\N", r"\N")
    else:
        result = _result(resident_id, repeated)
        told = (
            r"\N" if resident_id is None else f"{resident_id}",
            said.status,
            RAW_STATUS[said.status].value if said.status in RAW_STATUS else "",
            said.reported_on.isoformat() if said.reported_on else r"\N",
            result.value,
            repeated,
            *(_sealed(said) if result == ImportResult.UNKNOWN_NIK else [r"\N"] * 4),
        )
    values = (f"{reading.id}", f"{row.sheet}", f"{row.line}", *told[:1], *map(_escaped, told[1:3]), *told[3:])
    return "\t".join((*values, "", "f")) + "\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _result(resident_id: int | None, repeated: str) -> ImportResult:
    if repeated:
        return ImportResult.REPEATED
    return ImportResult.UNKNOWN_NIK if resident_id is None else ImportResult.OBSERVED  # until it is classified


def _sealed(said: ListRow) -> list[str]:
    """Key, NIK, its index and name of somebody we do not know, as COPY wants them."""
    key = uuid4()

    def sealed(column: str, value: str) -> str:
        return r"\\x" + seal(value, bound_to=f"{TABLE}.{column}.{key}").hex() if value else r"\N"

    index = blind_index(said.nik, purpose=f"{TABLE}.nik").hex()
    return [f"{key}", sealed("nik", said.nik), rf"\\x{index}", sealed("name", said.name)]
