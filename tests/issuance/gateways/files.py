"""Spreadsheets made in code, good and hostile; no binary file is kept."""

import io
import zipfile
from collections.abc import Iterable, Mapping

HEADINGS = ("NIK", "NAMA", "STATUS", "TGL STATUS")
NIK = "3319021708909001"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DATE_STYLE = 1
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="[$-421]dd\\ mmmm\\ yyyy"/>'
    '</numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


def zipped(parts: Mapping[str, str | bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compress) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def parts(*sheets: str, texts: str = "", workbook: str = "") -> dict[str, str | bytes]:
    """The members of a workbook; each sheet is the XML inside its `<sheetData>`."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="Lembar{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    related += f'<Relationship Id="rId98" Type="{OFFICE}/styles" Target="styles.xml"/>'
    related += f'<Relationship Id="rId99" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    start = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">{start}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        **{
            f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
            for n, sheet in zip(numbers, sheets, strict=True)
        },
    }


def workbook(*sheets: str, **given: str) -> bytes:
    return zipped(parts(*sheets, **given))


def text(value: str, at: str = "") -> str:
    return f'<c{_at(at)} t="inlineStr"><is><t>{value}</t></is></c>'


def number(value: object, at: str = "", style: int = 0) -> str:
    return f'<c{_at(at)} s="{style}"><v>{value}</v></c>'


def row(*cells: str, line: int | None = None) -> str:
    place = f' r="{line}"' if line else ""
    return f"<row{place}>{''.join(cells)}</row>"


def texts(*values: str) -> str:
    return row(*map(text, values))


def listing(rows: Iterable[Iterable[str]] = ((NIK, "BUDI", "SENT_FOR_ENROLLMENT", "2026-11-20"),)) -> bytes:
    """An ordinary national list as XLSX, every cell a text."""
    return workbook("".join(texts(*values) for values in (HEADINGS, *rows)))


def csv_listing(
    rows: Iterable[Iterable[str]] = ((NIK, "BUDI", "SENT_FOR_ENROLLMENT", "20/11/2026"),), sign: str = ";"
) -> bytes:
    return "".join(f"{sign.join(values)}\r\n" for values in (HEADINGS, *rows)).encode()


def _at(reference: str) -> str:
    return f' r="{reference}"' if reference else ""


def with_part(name: str, content: str | bytes, base: dict | None = None) -> bytes:
    return zipped({**(base or parts(texts(*HEADINGS))), name: content})


def encrypted_flag(content: bytes) -> bytes:
    """The same zip with every member marked as locked by a password."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + offset] |= 1
            place = changed.find(mark, place + 4)
    return bytes(changed)


def lying_size(content: bytes) -> bytes:
    """The same zip whose directory says that the members are much smaller than they are."""
    changed = bytearray(content)
    place = changed.find(b"PK\x01\x02")
    while place >= 0:
        changed[place + 24 : place + 28] = (10).to_bytes(4, "little")
        place = changed.find(b"PK\x01\x02", place + 4)
    return bytes(changed)


def old_office(inside: str) -> bytes:
    """The head of a file of Office 97, with the name of one stream in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + inside.encode("utf-16-le") + bytes(512)


def bomb(megabytes: int = 30) -> bytes:
    """A small file with one huge member."""
    return with_part("xl/media/image1.bin", bytes(megabytes * 2**20))


def entities(depth: int = 9) -> str:
    """The billion laughs."""
    tenfold = "".join('<!ENTITY a{} "{}">'.format(n, f"&a{n - 1};" * 10) for n in range(1, depth))
    declared = f'<!DOCTYPE sst [<!ENTITY a0 "ha">{tenfold}]>'
    return f'<?xml version="1.0"?>{declared}<sst xmlns="{MAIN}"><si><t>&a{depth - 1};</t></si></sst>'


def external_entity() -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData>{row(text("&x;"))}</sheetData></worksheet>'
    )


def sheet_part(inside: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData></worksheet>'
