"""The process that opens a spreadsheet: nothing in the file is believed, and whatever it does happens in here.

Started by `spreadsheet.py` as a program of its own (`python -I -S`): the standard library only, no environment, hard
limits. In: one line of JSON, then the file. Out, each a line of JSON: `{"kind":..,"sheets":[..]}`, lists of rows
`[sheet, line, cells]`, at last `{"end":true}` or `{"refused":code,"at":..}`. A cell is a text, null, ["n", digits],
["d", ISO date] or ["f"]. What ends without its last line has failed.

XLSX goes through expat as a stream: memory holds the shared texts (cut) and a few hundred rows, whatever the size.
Ready-made readers build each sheet's tree, or fall over a far cell; this one also sees the kind of every cell.
"""

import codecs
import csv
import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from xml.parsers import expat

MEMORY = 512 * 2**20  # bytes of address space; 200,000 ordinary rows need about 100 MB
CPU_SECONDS = 60  # 200,000 rows of 10 columns need about 10
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_SHEETS = 30
MAX_CELL = 300  # characters kept; every text we use is shorter
MAX_LINE = 100_000  # characters of one line of CSV
MAX_PARTS = 2_000  # members of the zip
MAX_UNPACKED = 400 * 2**20  # bytes of all members; 200,000 rows of 20 columns are about 200 MB
MAX_RATIO, RATIO_FROM = 120, 5 * 2**20  # unpacked : packed of a large member; Excel's own reach about 30
MAX_TEXTS = 3_000_000
MAX_DEPTH = 40
LAST_ROW = 1_048_576  # of Excel
LAST_SERIAL = 2_957_000  # a day of the year 9995, in Excel's count
PIECE = 2**16
BATCH_CELLS = 4_000
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # ECMA-376 part 1, 18.8.30
MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "document"),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and what a password locks
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
NOT_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
DELIMITERS = ";,\t|"
_MARKUP = re.compile(r"<(?:!doctype|html|head|table|\?xml|meta|body|style|div)\b", re.IGNORECASE)
_FORCED_TEXT = re.compile(r'="([^"]*)"')
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_REFERENCE = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")


class Refused(Exception):
    """The file is not read. `code` names a sentence of `spreadsheet.py`; `at`: sheet or line, or None."""

    def __init__(self, code: str, at: int | None = None):
        super().__init__(code)
        self.code, self.at = code, at


def main() -> None:
    limit()
    wanted = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    try:
        read = read_workbook if content.startswith(b"PK") else read_text
        read(content, wanted["rows"])
        say({"end": True})
    except Refused as error:
        say({"refused": error.code, "at": error.at})
    except MemoryError:
        say({"refused": "too_big", "at": None})
    except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, csv.Error):
        say({"refused": "damaged", "at": None})
    except (LookupError, ValueError, TypeError, ArithmeticError, RuntimeError):  # also: unknown compression, depth
        say({"refused": "damaged", "at": None})


def limit() -> None:
    """Take away what reading has no need of. A system without one of the limits leaves it to the others."""
    import resource

    limits = {"RLIMIT_AS": MEMORY, "RLIMIT_CPU": CPU_SECONDS, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_NOFILE": 16}
    for name, most in limits.items():
        with suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))


def say(message: Any) -> None:
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
    sys.stdout.flush()


class Rows:
    """Says rows in batches, and counts them over all sheets. `most`: of each sheet; None: all."""

    def __init__(self, most: int | None):
        self.most = most
        self.batch: list[list] = []
        self.cells = self.count = self.in_sheet = 0

    def add(self, sheet: int, line: int, cells: list) -> None:
        while cells and cells[-1] in (None, ""):
            cells.pop()
        if not cells or self.enough:
            return
        self.count += 1
        self.in_sheet += 1
        if self.count > MAX_ROWS:
            raise Refused("too_many_rows")
        self.batch.append([sheet, line, cells])
        self.cells += len(cells) + 1
        if self.cells >= BATCH_CELLS:
            self.flush()

    def flush(self) -> None:
        if self.batch:
            say(self.batch)
        self.batch, self.cells = [], 0

    @property
    def enough(self) -> bool:
        return self.most is not None and self.in_sheet >= self.most


# --- XLSX -------------------------------------------------------------------------------------------------------------


def read_workbook(content: bytes, most: int | None) -> None:
    book = Book(content)
    say({"kind": "xlsx", "sheets": [title for title, _part in book.sheets]})
    rows = Rows(most)
    for number, (_title, part) in enumerate(book.sheets, start=1):
        rows.in_sheet = 0
        reader = SheetReader(book, number, rows)
        for _piece in book.parse(part, reader.start, reader.end, reader.data):
            if rows.enough:
                break
    rows.flush()


class Book:
    """An opened workbook: its sheets in order, its shared texts, and which styles mean a date."""

    def __init__(self, content: bytes):
        self.zip = zipfile.ZipFile(io.BytesIO(content))
        self.check_parts()
        self.names = set(self.zip.namelist())
        self.refuse_other_formats()
        self.sheets: list[tuple[str, str]] = []
        self.is_1904 = False
        main_part = next(iter(self.related("", "officeDocument").values()), "xl/workbook.xml")
        self.read_main_part(main_part)
        texts = next(iter(self.related(main_part, "sharedStrings").values()), "")
        styles = next(iter(self.related(main_part, "styles").values()), "")
        self.texts = self.read_texts(texts) if texts in self.names else []
        self.date_styles = self.read_styles(styles) if styles in self.names else set()

    def check_parts(self) -> None:
        """What the directory of the zip says of each member; reading one never goes beyond it."""
        parts = self.zip.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise Refused("bomb")
        for part in parts:
            if part.flag_bits & 0x1:
                raise Refused("locked")
            if part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1):
                raise Refused("bomb")

    def refuse_other_formats(self) -> None:
        known = {
            "xl/vbaProject.bin": "macros",
            "xl/workbook.bin": "binary_workbook",
            "content.xml": "open_document",
            "word/document.xml": "document",
            "ppt/presentation.xml": "document",
        }
        code = next((code for name, code in known.items() if name in self.names), "")
        if code or "[Content_Types].xml" not in self.names:
            raise Refused(code or "archive")

    def parse(
        self, part: str, start: Callable, end: Callable | None = None, data: Callable | None = None
    ) -> Iterator[None]:
        """Feed a part to expat; after each piece control comes back. `start` and `end` get names without namespace."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_size, parser.buffer_text = PIECE, True
        local: dict[str, str] = {}
        depth = 0

        def begin(name: str, attributes: dict) -> None:
            nonlocal depth
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused("deep")
            start(local.get(name) or local.setdefault(name, name.rpartition(" ")[2]), attributes)

        def finish(name: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(local[name])

        def refuse_declarations(*_ignored: Any) -> None:
            raise Refused("entities")

        parser.StartElementHandler, parser.EndElementHandler = begin, finish
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse_declarations
        if data is not None:
            parser.CharacterDataHandler = data
        with self.zip.open(part) as stream:
            while piece := stream.read(PIECE):
                parser.Parse(piece, False)
                yield
        parser.Parse(b"", True)
        yield

    def parse_all(self, part: str, start: Callable, end: Callable | None = None, data: Callable | None = None) -> None:
        for _piece in self.parse(part, start, end, data):
            pass

    def related(self, part: str, kind: str) -> dict[str, str]:
        """Relations of `part` of one kind: id -> name of the other part. What lies outside the file is left there."""
        folder, _, file = part.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
        found: dict[str, str] = {}

        def start(name: str, attributes: dict) -> None:
            if name != "Relationship" or attributes.get("TargetMode") == "External":
                return
            if attributes.get("Type", "").endswith(f"/{kind}"):
                target = attributes["Target"]
                inside = target.startswith("/") or not folder
                found[attributes.get("Id", "")] = target.lstrip("/") if inside else f"{folder}/{target}"

        if relations in self.names:
            self.parse_all(relations, start)
        return found

    def read_main_part(self, part: str) -> None:
        places = self.related(part, "worksheet")

        def start(name: str, attributes: dict) -> None:
            if name == "workbookPr":
                self.is_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                relation = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "id"), "")
                if relation in places:
                    self.sheets.append((attributes.get("name", "")[:60], places[relation]))

        if part not in self.names:
            raise Refused("archive")
        self.parse_all(part, start)
        if not self.sheets:
            raise Refused("no_sheet")
        if len(self.sheets) > MAX_SHEETS:
            raise Refused("too_many_sheets")

    def read_texts(self, part: str) -> list[str]:
        reader = TextReader()
        self.parse_all(part, reader.start, reader.end, reader.data)
        return reader.texts

    def read_styles(self, part: str) -> set[str]:
        reader = StyleReader()
        self.parse_all(part, reader.start, reader.end)
        return reader.dates


class TextReader:
    """The shared texts, each cut to MAX_CELL; how a text is pronounced (rPh) is no part of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.pieces: list[str] = []
        self.taking = self.phonetic = False
        self.left = 0

    def start(self, name: str, _attributes: dict) -> None:
        if name == "si":
            self.pieces.clear()
            self.left = MAX_CELL
        elif name == "t":
            self.taking = not self.phonetic
        elif name == "rPh":
            self.phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self.taking = False
        elif name == "si":
            self.texts.append("".join(self.pieces))
            if len(self.texts) > MAX_TEXTS:
                raise Refused("too_big")
        elif name == "rPh":
            self.phonetic = False

    def data(self, text: str) -> None:
        if self.taking and self.left > 0:
            self.pieces.append(text[: self.left])
            self.left -= len(text)


class StyleReader:
    """Which style numbers show a date."""

    def __init__(self) -> None:
        self.own: dict[str, bool] = {}
        self.dates: set[str] = set()
        self.inside = False
        self.number = 0

    def start(self, name: str, attributes: dict) -> None:
        if name == "numFmt":
            code = _NOT_A_CODE.sub("", attributes.get("formatCode", "")[:200]).lower()
            self.own[attributes.get("numFmtId", "")] = "d" in code or "y" in code
        elif name == "cellXfs":
            self.inside = True
        elif name == "xf" and self.inside:
            given = attributes.get("numFmtId", "0")
            if self.own[given] if given in self.own else given.isdigit() and int(given) in BUILT_IN_DATES:
                self.dates.add(str(self.number))
            self.number += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.inside = False


class SheetReader:
    """Takes one sheet's elements and gives its rows on. Positions must ascend, as every program writes them."""

    def __init__(self, book: Book, number: int, rows: Rows):
        self.book, self.number, self.rows = book, number, rows
        self.columns: dict[str, int] = {}
        self.line = self.column = self.left = 0
        self.cells: list = []
        self.kind, self.style = "n", "0"
        self.has_formula = self.taking = self.phonetic = False
        self.pieces: list[str] = []

    def start(self, name: str, attributes: dict) -> None:
        if name == "c":
            self.begin_cell(attributes)
        elif name == "v":
            self.taking = True
        elif name == "row":
            self.begin_row(attributes.get("r"))
        elif name == "t":
            self.taking = self.kind == "inlineStr" and not self.phonetic
        elif name == "f":
            self.has_formula = True
        elif name == "rPh":
            self.phonetic = True

    def begin_row(self, given: str | None) -> None:
        line = int(given) if given else self.line + 1
        if not self.line < line <= LAST_ROW:
            raise Refused("damaged")
        self.line, self.cells, self.column = line, [], 0

    def begin_cell(self, attributes: dict) -> None:
        reference = attributes.get("r")
        column = self.column_of(reference) if reference else self.column + 1
        if column <= self.column:
            raise Refused("damaged")
        self.column = column
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
        self.has_formula = self.taking = False
        self.pieces.clear()
        self.left = MAX_CELL

    def column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        known = self.columns.get(letters)
        if known is None:
            if not _REFERENCE.fullmatch(reference):
                raise Refused("damaged")
            known = 0
            for letter in letters:
                known = known * 26 + ord(letter) - 64
            self.columns[letters] = known
        return known

    def data(self, text: str) -> None:
        if self.taking and self.left > 0:
            self.pieces.append(text[: self.left])
            self.left -= len(text)

    def end(self, name: str) -> None:
        if name == "c":
            self.end_cell()
        elif name in ("v", "t"):
            self.taking = False
        elif name == "row":
            self.rows.add(self.number, self.line, self.cells)
        elif name == "rPh":
            self.phonetic = False

    def end_cell(self) -> None:
        value = ["f"] if self.has_formula else self.value("".join(self.pieces))
        if value is None or value == "":
            return
        if self.column > MAX_COLUMNS:
            raise Refused("too_many_columns", self.number)
        self.cells.extend([None] * (self.column - 1 - len(self.cells)))
        self.cells.append(value)

    def value(self, text: str) -> Any:
        if not text:
            return None
        match self.kind:
            case "s":
                return self.book.texts[int(text)]
            case "n":
                day = self.day(text) if self.style in self.book.date_styles else None
                return ["d", day] if day else ["n", text.strip()]
            case "d":
                return ["d", date.fromisoformat(text[:10]).isoformat()]
        return text

    def day(self, text: str) -> str | None:
        """The date of Excel's day number; None: not a day (a time alone, a number far too great)."""
        serial = int(float(text))
        if not 1 <= serial <= LAST_SERIAL:
            return None
        if self.book.is_1904:
            return (date(1904, 1, 1) + timedelta(serial)).isoformat()
        first = date(1899, 12, 31) if serial < 60 else date(1899, 12, 30)  # it counts a 29 February 1900
        return (first + timedelta(serial)).isoformat()


# --- CSV --------------------------------------------------------------------------------------------------------------


def read_text(content: bytes, most: int | None) -> None:
    if not content.strip():
        raise Refused("empty")
    if content.startswith(OLD_OFFICE):
        raise Refused("locked" if "EncryptedPackage".encode("utf-16-le") in content else "old_excel")
    code = next((code for magic, code in MAGIC if content.startswith(magic)), "")
    if code:
        raise Refused(code)
    encoding, mark = encoding_of(content)
    start = content[mark : mark + PIECE].decode(encoding, errors="replace")
    if _MARKUP.match(start.lstrip()):
        raise Refused("web_page")
    say({"kind": "csv", "sheets": [""]})
    opened = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    opened.buffer.seek(mark)
    read_records(opened, delimiter_of(start), Rows(most))


def encoding_of(content: bytes) -> tuple[str, int]:
    """The encoding, and how many bytes its mark takes. Text of one byte a letter is read as Windows writes it."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            require_decodes(content, encoding, len(mark))
            return encoding, len(mark)
    head = content[:2000]
    for encoding, halves in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if halves.count(0) > 0.7 * len(head) / 2:  # of Latin letters one half is zero
            require_decodes(content, encoding)
            return encoding, 0
    if b"\0" in content:
        raise Refused("null_bytes")
    try:
        require_decodes(content, "utf-8")
    except Refused:
        return "latin-1" if any(byte in content for byte in NOT_IN_CP1252) else "cp1252", 0
    return "utf-8", 0


def require_decodes(content: bytes, encoding: str, begin: int = 0) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for place in range(begin, len(content), PIECE):
            if "\0" in decoder.decode(content[place : place + PIECE]):
                raise Refused("null_bytes")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Refused("encoding") from None


def delimiter_of(start: str) -> str:
    """What parts the cells: the sign that most of the first lines hold as often as the line before."""
    if start[:4].lower() == "sep=" and start[4:5] in DELIMITERS:
        return start[4]
    unquoted = re.sub(r'"[^"]*"', "", start)
    lines = [line for line in re.split(r"\r\n|\n|\r", unquoted)[:50] if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        even = sum(1 for before, count in pairwise(counts) if count == before > 0)
        return even, sum(counts)

    return max(DELIMITERS, key=evenness)


class Lines:
    """The lines of a text, none too long, counted."""

    def __init__(self, opened: io.TextIOWrapper):
        self.opened = opened
        self.taken = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self.opened.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        self.taken += 1
        if len(line) > MAX_LINE:
            raise Refused("long_line", self.taken)
        return line


def read_records(opened: io.TextIOWrapper, delimiter: str, rows: Rows) -> None:
    """One row of each record. A record that goes over several lines has the number of its first."""
    csv.field_size_limit(MAX_LINE)
    lines = Lines(opened)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    while not rows.enough:
        begun = lines.taken + 1
        try:
            record = next(records, None)
        except csv.Error:
            raise Refused("quotes", begun) from None
        if record is None:
            break
        if begun == 1 and record and record[0].lower().startswith("sep="):
            continue
        if any(cell.strip() for cell in record[MAX_COLUMNS:]):
            raise Refused("too_many_columns", 1)
        rows.add(1, begun, [cell_of(text) for text in record[:MAX_COLUMNS]])
    rows.flush()


def cell_of(text: str) -> Any:
    """A text, or a formula; `="0123"` is how a text is forced on Excel."""
    text = text.strip()[:MAX_CELL]
    if not text.startswith("="):
        return text
    forced = _FORCED_TEXT.fullmatch(text)
    return forced[1] if forced else ["f"]


if __name__ == "__main__":
    main()
