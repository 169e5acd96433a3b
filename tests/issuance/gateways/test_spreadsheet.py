import io
import os
import re
import time
import zipfile
from contextlib import suppress
from datetime import date, datetime

import psutil
import pytest
from openpyxl import Workbook

from issuance.gateways import spreadsheet
from issuance.gateways.spreadsheet import SENTENCES, NotReadable, Spreadsheet
from issuance.policy.cell import Formula, Number
from tests.issuance.gateways import files
from tests.issuance.gateways.files import HEADINGS, MAIN, NIK, row, text, texts, workbook

WHOLE = workbook(texts(*HEADINGS))
FIRST_SHEET = "xl/worksheets/sheet1.xml"
LINE = ";".join(HEADINGS).encode()

HOSTILE = {  # what it is -> (the file, the code of the sentence)
    "nothing": (b"", "empty"),
    "only spaces and line ends": (b" \r\n\r\n  \t\n", "empty"),
    "a zip bomb": (files.bomb(), "bomb"),
    "a zip of too many members": (files.zipped({f"xl/{n}": "" for n in range(2_001)}), "bomb"),
    "a zip inside a zip": (files.zipped({"berkas.xlsx": WHOLE}), "archive"),
    "a zip that is no workbook": (files.zipped({"catatan.txt": "halo"}), "archive"),
    "an empty zip": (files.zipped({}), "archive"),
    "a zip cut in half": (WHOLE[: len(WHOLE) // 2], "damaged"),
    "a zip without its directory": (WHOLE[: WHOLE.index(b"PK\x01\x02")], "damaged"),
    "a zip with bytes changed": (WHOLE[:600] + bytes(80) + WHOLE[680:], "damaged"),
    "a zip that lies about sizes": (files.lying_size(WHOLE), "damaged"),
    "a zip locked by a password": (files.encrypted_flag(WHOLE), "locked"),
    "a workbook locked by a password": (files.old_office("EncryptedPackage"), "locked"),
    "an old .xls": (files.old_office("Workbook"), "old_excel"),
    "a binary workbook": (files.with_part("xl/workbook.bin", b"\0"), "binary_workbook"),
    "a workbook with macros": (files.with_part("xl/vbaProject.bin", b"\0"), "macros"),
    "OpenDocument": (
        files.zipped({"mimetype": "x", "content.xml": "<a/>", "[Content_Types].xml": ""}),
        "open_document",
    ),
    "a letter of Word": (files.with_part("word/document.xml", "<a/>"), "document"),
    "a path that leads outside": (files.zipped({"../../etc/cron.d/x": "x"}), "archive"),
    "no sheet": (workbook(), "no_sheet"),
    "31 sheets": (workbook(*[""] * 31), "too_many_sheets"),
    "a sheet that is not there": (
        files.zipped({name: part for name, part in files.parts("").items() if name != FIRST_SHEET}),
        "damaged",
    ),
    "no main part": (
        files.zipped({name: part for name, part in files.parts("").items() if name != "xl/workbook.xml"}),
        "archive",
    ),
    "entities by the billion": (files.with_part("xl/sharedStrings.xml", files.entities()), "entities"),
    "an entity from outside": (files.with_part(FIRST_SHEET, files.external_entity()), "entities"),
    "a document type alone": (files.with_part(FIRST_SHEET, f'<!DOCTYPE x><worksheet xmlns="{MAIN}"/>'), "entities"),
    "elements in elements": (files.with_part(FIRST_SHEET, files.sheet_part("<a>" * 50_000 + "</a>" * 50_000)), "deep"),
    "XML that breaks off": (files.with_part(FIRST_SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row>'), "damaged"),
    "XML with a null byte": (files.with_part(FIRST_SHEET, files.sheet_part(row(text("a\0b")))), "damaged"),
    "an unknown encoding of XML": (files.with_part(FIRST_SHEET, '<?xml version="1.0" encoding="x-9"?><a/>'), "damaged"),
    "a far cell": (workbook(row(text("x", at="XFD1048576"), line=1_048_576)), "too_many_columns"),
    "a row below the last": (workbook(row(text("x"), line=1_048_577)), "damaged"),
    "a row above the one before": (workbook(row(text("x"), line=2) + row(text("x"), line=2)), "damaged"),
    "a row called minus one": (workbook(row(text("x"), line=-1)), "damaged"),
    "a cell named twice": (workbook(row(text("x", at="A1"), text("y", at="A1"))), "damaged"),
    "a cell named nonsense": (workbook(row(text("x", at="ÄÖ1"))), "damaged"),
    "100,000 columns": (workbook(row(text("x") * 100_000)), "too_many_columns"),
    "a shared text that is not there": (workbook(row('<c t="s"><v>7</v></c>')), "damaged"),
    "a date that is none": (workbook(row('<c t="d"><v>kemarin</v></c>')), "damaged"),
    "a web page called .xls": (b"\xef\xbb\xbf <html><table><tr><td>NIK</td></tr></table></html>", "web_page"),
    "XML called .csv": (b'<?xml version="1.0"?><Workbook/>', "web_page"),
    "a PDF": (b"%PDF-1.7\n", "pdf"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "picture"),
    "gzip": (b"\x1f\x8b\x08" + bytes(64), "archive"),
    "null bytes among letters": (LINE + b"\r\n331902\0" + bytes(9) + b";x;y;z\r\n" * 90, "null_bytes"),
    "UTF-16 cut in a letter": (b"\xff\xfe" + ";".join(HEADINGS).encode("utf-16-le") + b"\x41", "encoding"),
    "UTF-8 by its mark only": (b"\xef\xbb\xbf" + LINE + b"\r\n\xff\xfe\xfa;a;b;c", "encoding"),
    "a quote that never ends": (LINE + b'\r\n331;"BUDI;A;B\r\n' + b"332;ANI;A;B\r\n" * 50, "quotes"),
    "a quote that ends too early": (LINE + b'\r\n331;"BU"DI;A;B\r\n', "quotes"),
    "one endless line": (LINE + b"A" * 200_000, "long_line"),
    "100,000 columns of CSV": (b"a;" * 49_999 + b"b", "too_many_columns"),
    "random bytes": (bytes(range(256)) * 40, "null_bytes"),
}


def read(content: bytes, **given) -> list:
    return list(Spreadsheet(content).rows(**given))


def cells(content: bytes) -> list[tuple]:
    return [each.cells for each in read(content)]


@pytest.mark.parametrize(("content", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_ends_in_one_sentence_that_says_what_to_do(content, code):
    with pytest.raises(NotReadable) as refused:
        read(content)

    assert refused.value.code == code
    assert f"{refused.value}".endswith(".")


def test_sentences_repeat_nothing_and_need_no_more_than_a_place():
    assert {field for sentence in SENTENCES.values() for field in re.findall(r"{(\w*)}", sentence)} == {"at"}
    assert f"{NotReadable('quotes', 7)}".startswith("Tanda kutip pada baris 7 ")
    assert f"{NotReadable('__class__')}" == SENTENCES["damaged"]


def test_the_largest_file_is_not_even_opened():
    with pytest.raises(NotReadable) as refused:
        read(bytes(spreadsheet.MAX_BYTES + 1))

    assert refused.value.code == "too_large"


def test_more_rows_than_allowed_stop_the_reading():
    with pytest.raises(NotReadable) as refused:
        read(LINE + b"\r\n1;2;3;4" * 200_000)

    assert refused.value.code == "too_many_rows"


def test_a_workbook_as_excel_writes_it_keeps_the_kind_of_each_cell():
    book = Workbook()
    sheet = book.active
    sheet.append(["NIK", "Angka", "Tanggal", "Rumus"])
    sheet.append([NIK, 3319021708909001, datetime(2026, 11, 20, 9), "=1+1"])  # noqa: DTZ001 - as openpyxl wants it
    sheet.append([None, 1.5, date(2026, 11, 21), True])
    sheet.merge_cells("A5:C5")
    sheet["A5"] = "gabungan"
    book.create_sheet("Kedua").append(["x"])
    target = io.BytesIO()
    book.save(target)

    found = read(target.getvalue())

    assert [each.cells for each in found] == [
        ("NIK", "Angka", "Tanggal", "Rumus"),
        (NIK, Number("3319021708909001"), date(2026, 11, 20), Formula()),
        (None, Number("1.5"), date(2026, 11, 21), "1"),
        ("gabungan",),
        ("x",),
    ]
    assert [(each.sheet, each.title, each.line) for each in found][2:] == [
        (1, "Sheet", 3),
        (1, "Sheet", 5),
        (2, "Kedua", 1),
    ]


def test_shared_texts_are_read_without_their_pronunciation():
    given = '<si><r><t>BU</t></r><r><t>DI</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si>'

    assert cells(workbook(row('<c t="s"><v>0</v></c>'), texts=given)) == [("BUDI",)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (files.number(45981, style=1), date(2025, 11, 20)),
        (files.number(45981.75, style=2), date(2025, 11, 20)),
        (files.number(59, style=1), date(1900, 2, 28)),
        (files.number(61, style=1), date(1900, 3, 1)),
        (files.number(0.5, style=1), Number("0.5")),
        (files.number("3319021708909001", style=1), Number("3319021708909001")),
        (files.number("3.3190217089E+15"), Number("3.3190217089E+15")),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="str"><f>A2</f><v>x</v></c>', Formula()),
        ('<c t="d"><v>2026-11-20T09:00:00</v></c>', date(2026, 11, 20)),
    ],
)
def test_a_single_cell(given, expected):
    assert cells(workbook(row(given))) == [(expected,)]


def test_dates_counted_from_1904():
    content = workbook(row(files.number(1, style=1)), workbook='<workbookPr date1904="1"/>')

    assert cells(content) == [(date(1904, 1, 2),)]


def test_links_to_other_files_are_left_where_they_are():
    base = files.parts(texts("NIK"))
    link = (
        f'<Relationship Id="rId7" TargetMode="External" Type="{files.OFFICE}/worksheet" Target="file:///etc/passwd"/>'
    )
    base["xl/_rels/workbook.xml.rels"] = base["xl/_rels/workbook.xml.rels"].replace("</R", link + "</R")

    assert cells(files.zipped(base)) == [("NIK",)]


def test_a_far_cell_that_is_empty_harms_nothing():
    assert cells(workbook(texts("NIK") + row('<c r="XFD9"/>', line=9))) == [("NIK",)]


def test_a_long_text_is_cut():
    assert [len(value) for value in cells(workbook(texts("A" * 70_000)))[0]] == [300]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_csv_in_the_encodings_and_with_the_signs_of_spreadsheets(encoding, sign):
    content = files.csv_listing([(NIK, "RENÉ", "SENT", "20/11/2026")] * 3, sign).decode().encode(encoding)

    assert cells(content) == [HEADINGS, *[(NIK, "RENÉ", "SENT", "20/11/2026")] * 3]


def test_utf_16_without_its_mark():
    assert cells(files.csv_listing().decode().encode("utf-16-le"))[0] == HEADINGS


def test_a_quoted_cell_over_two_lines_keeps_the_number_of_the_first():
    found = read(b'NIK;NAMA\r\n1;"BUDI\r\nBIN ALI"\r\n\r\n2;"A;""B"\r\n')

    assert [(each.line, each.cells) for each in found] == [
        (1, ("NIK", "NAMA")),
        (2, ("1", "BUDI\r\nBIN ALI")),
        (5, ("2", 'A;"B')),
    ]


def test_the_sign_a_file_names_itself_and_texts_forced_on_excel():
    assert cells(b'sep=;\r\nNIK,KK;NAMA\r\n="3319021708909001";=A1\r\n') == [("NIK,KK", "NAMA"), (NIK, Formula())]


def test_only_the_first_rows_of_each_sheet():
    content = workbook(*["".join(texts(f"{number}") for number in range(30))] * 2)

    assert [(each.sheet, each.line) for each in read(content, first=2)] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_child_that_takes_too_long_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(spreadsheet, "CHILD", _program(tmp_path, "import time; time.sleep(60)"))
    began = time.monotonic()

    with pytest.raises(NotReadable) as refused:
        read(WHOLE, seconds=0.3)

    assert refused.value.code == "stopped"
    assert time.monotonic() - began < 5
    assert not _children()


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import sys; sys.exit(0)",
        "print('bukan JSON')",
        'import sys; sys.stdin.buffer.read(); print(\'{"kind":"csv","sheets":[""]}\')',
    ],
    ids=["crashes", "says nothing", "says nonsense", "stops in the middle"],
)
def test_a_child_that_fails_is_a_plain_refusal(monkeypatch, tmp_path, program):
    monkeypatch.setattr(spreadsheet, "CHILD", _program(tmp_path, program))

    with pytest.raises(NotReadable) as refused:
        read(WHOLE)

    assert refused.value.code == "stopped"


def test_who_stops_listening_leaves_no_child_behind():
    rows = Spreadsheet(LINE + b"\r\n1;2;3;4" * 100_000).rows()
    next(rows)
    rows.close()

    assert not _children()


def test_the_child_gets_no_key_of_ours(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "rahasia")
    program = (
        "import os, json, sys; sys.stdin.read()\n"
        "print(json.dumps({'kind': 'csv', 'sheets': sorted(os.environ)}))\n"
        "print(json.dumps({'end': True}))"
    )
    monkeypatch.setattr(spreadsheet, "CHILD", _program(tmp_path, program))
    opened = Spreadsheet(b"x")

    assert list(opened.rows()) == []
    assert set(opened.titles) <= {"PATH", "LD_LIBRARY_PATH", "LC_CTYPE"}


def _unpacked(*sheets, **given):
    return files.zipped(files.parts(*sheets, **given), compress=zipfile.ZIP_STORED)


@pytest.mark.deep
@pytest.mark.parametrize(
    "content",
    [
        _unpacked("<row/>" * 1_000_000),
        _unpacked("", texts="<si><t>" + "A" * 15_000_000 + "</t></si>"),
        _unpacked("".join(texts(*["x"] * 190) for _ in range(2_000))),
        _unpacked("<c>" * 1_000_000),
        b"a;b\r\n" + b'"' * 5_000_000,
    ],
    ids=["a million empty rows", "a huge shared text", "380,000 cells", "a million cells open", "only quotes"],
)
def test_a_heavy_file_stays_within_its_limits(content):
    began = time.monotonic()

    with suppress(NotReadable):
        read(content)

    assert time.monotonic() - began < 60


def _program(folder, text):
    file = folder / "anak.py"
    file.write_text(text)
    return file


def _children() -> list:
    return [
        child for child in psutil.Process(os.getpid()).children() if "spreadsheet_child" in " ".join(child.cmdline())
    ]
