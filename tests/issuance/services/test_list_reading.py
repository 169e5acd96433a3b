from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.models import CentralImport, CentralImportFile, CentralImportRow, ColumnMapping
from issuance.services import list_file, list_reading
from tests.factories import ResidentFactory, UserFactory
from tests.issuance.gateways import files
from tests.issuance.gateways.files import row, text, texts
from tests.issuance.gateways.test_spreadsheet import HOSTILE
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Jakarta"))
STATUS = "SENT_FOR_ENROLLMENT"
COLUMNS = {"nik": 0, "name": 1, "status": 2, "reported_on": 3}


def nik(serial: int) -> str:
    return f"331902170890{serial:04d}"


def line(serial: int, status: str = STATUS, day: str = "20/11/2026") -> tuple[str, str, str, str]:
    return (nik(serial), f"WARGA {serial % 7}", status, day)


def received(content: bytes, columns: dict | None = COLUMNS) -> CentralImport:
    """A list whose columns are known before it is read (`columns` None: nobody has named them)."""
    by = UserFactory(role="verifier")
    made = list_file.receive(file=ContentFile(content), as_of=date(2026, 11, 23), complete=False, by=by, now=NOW)
    if columns is not None and list_reading.read(import_id=made.pk) == "mapping":
        made.refresh_from_db()
        said = {each.sheet: columns for each in list_file.headings_of(made)}
        list_file.remember_mapping(import_id=made.pk, columns=said, by=by, now=NOW)
    return made


def read(content: bytes, **given) -> CentralImport:
    made = received(content, **given)
    list_reading.read(import_id=made.pk)
    made.refresh_from_db()
    return made


def results(made: CentralImport) -> list[tuple[int, int, str]]:
    return list(made.rows.filter(line__gt=0).order_by("sheet", "line").values_list("sheet", "line", "result"))


def test_known_people_are_matched_and_unknown_ones_kept_sealed():
    known = ResidentFactory(identity__nik=nik(1))

    made = read(files.csv_listing([line(1), line(2)]))

    assert (made.state, made.done, made.total, made.kind) == ("preview", 2, 2, "csv")
    first, second = made.rows.order_by("line")
    assert (first.resident_id, first.line, first.raw_status, first.status) == (known.pk, 2, STATUS, "sent")
    assert (first.reported_on, first.nik, first.name, first.key) == (date(2026, 11, 20), "", "", None)
    assert first.result == "new_case"
    assert (second.resident_id, second.nik, second.name, second.result) == (None, nik(2), "WARGA 2", "unknown_nik")
    assert bytes(second.nik_bi) == CentralImportRow.nik.index(CentralImportRow, nik(2))
    assert made.counts["results"] == {"new_case": 1, "unknown_nik": 1}


@pytest.mark.parametrize("as_file", [files.listing, files.csv_listing], ids=["xlsx", "csv"])
def test_a_line_that_cannot_be_used_spoils_only_itself(as_file):
    lines = [
        line(1),
        ("3,31902E+15", "A", STATUS, ""),
        (nik(3), "B", "", ""),
        (nik(4), "C", STATUS, "1/1/2030"),
        line(5),
    ]

    made = read(as_file(lines))

    bad = made.rows.filter(result="malformed").order_by("line")
    assert [each.line for each in bad] == [3, 4, 5]
    assert [word in each.problem for word, each in zip(("Teks", "Status kosong", "sesudah"), bad, strict=True)] == [
        True
    ] * 3
    assert all(each.nik_ct is None and each.resident_id is None for each in bad)
    assert made.rows.count() == 5


def test_a_nik_in_a_numeric_cell_is_refused_by_line_and_matches_nobody():
    ResidentFactory(identity__nik=nik(1))
    heading = texts(*files.HEADINGS)
    numeric = row(files.number(nik(1)), text("A"), text(STATUS))

    made = read(files.workbook(heading + numeric + texts(*line(2))))

    assert results(made) == [(1, 2, "malformed"), (1, 3, "unknown_nik")]
    assert not made.rows.filter(resident__isnull=False).exists()


def test_a_list_of_rounded_niks_is_refused_as_a_whole_and_matches_nobody():
    ResidentFactory(identity__nik=nik(10))

    made = read(files.csv_listing([line(10), line(20), line(30), line(41), line(50)]))

    assert made.state == "refused" and "berakhir 0" in made.problem
    assert not CentralImportRow.objects.exists()
    assert not CentralImportFile.objects.exists()
    assert made.headings == []


def test_one_rounded_sheet_spoils_the_workbook():
    good = "".join(texts(*values) for values in (files.HEADINGS, *(line(serial) for serial in range(1, 9))))
    rounded = "".join(texts(*values) for values in (files.HEADINGS, *(line(serial * 10) for serial in range(1, 5))))

    assert read(files.workbook(good, rounded)).state == "refused"


def test_the_same_nik_again_is_told_with_the_line_of_the_first():
    made = read(files.csv_listing([line(1), line(2), line(1, "SFE")]))

    assert [result for _sheet, _line, result in results(made)] == ["unknown_nik", "unknown_nik", "repeated"]
    assert "baris 2" in made.rows.get(line=4).problem


def test_lines_of_one_nik_that_contradict_each_other_are_both_left_out():
    ResidentFactory(identity__nik=nik(1))

    made = read(files.csv_listing([line(1), line(2), line(1, "DUPLICATE_RECORD")]))

    assert [result for _sheet, _line, result in results(made)] == ["repeated", "unknown_nik", "repeated"]
    assert "baris 4" in made.rows.get(line=2).problem
    assert "baris 2" in made.rows.get(line=4).problem


def test_several_sheets_below_titles_and_one_that_is_no_list():
    title, empty = texts("DAFTAR STATUS PEREKAMAN"), row()
    one = title + empty + texts(*files.HEADINGS) + texts(*line(1)) + texts(*files.HEADINGS) + texts(*line(2))
    two = texts("STATUS", "NAMA", "NIK") + texts(STATUS, "A", nik(3)) + texts(STATUS, "A", nik(1))
    made = received(files.workbook(one, texts("Keterangan", "isi"), two), columns=None)
    by = UserFactory(role="verifier")
    assert list_reading.read(import_id=made.pk) == "mapping"
    made.refresh_from_db()
    proposed = list_file.proposal(made)
    assert proposed == {1: COLUMNS, 3: {"status": 0, "name": 1, "nik": 2}}
    list_file.remember_mapping(import_id=made.pk, columns=proposed, by=by, now=NOW)

    assert list_reading.read(import_id=made.pk) == "preview"

    assert results(made) == [
        (1, 4, "unknown_nik"),
        (1, 6, "unknown_nik"),
        (3, 2, "unknown_nik"),
        (3, 3, "repeated"),
    ]
    assert "lembar 1 baris 4" in made.rows.get(sheet=3, line=3).problem


def test_a_sheet_can_be_left_out_for_good():
    sheets = [texts(*files.HEADINGS) + texts(*line(1)), texts("NIK", "ALASAN") + texts(nik(2), "x")]
    made = received(files.workbook(*sheets), columns=None)
    list_reading.read(import_id=made.pk)

    list_file.remember_mapping(import_id=made.pk, columns={1: COLUMNS}, by=made.uploaded_by, now=NOW)

    assert list_reading.read(import_id=made.pk) == "preview"
    assert results(made) == [(1, 2, "unknown_nik")]
    again = received(files.workbook(*sheets, texts("x")), columns=None)
    assert list_reading.read(import_id=again.pk) == "preview"


def test_a_status_column_without_one_status_is_asked_about_again():
    lines = [line(serial, status="KUDUS") for serial in range(1, 12)]

    made = read(files.csv_listing(lines))

    assert made.state == "mapping" and "Status" in made.problem
    assert not ColumnMapping.objects.exists()
    assert not CentralImportRow.objects.exists()


def test_an_unknown_status_among_known_ones_is_a_line_of_its_own():
    ResidentFactory(identity__nik=nik(1))

    assert [result for *_place, result in results(read(files.csv_listing([line(1, "APA_INI"), line(2)])))] == [
        "unknown_status",
        "unknown_nik",
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (f"{nik(1)};A;SFE\n{nik(2)};B;SFE\n".encode(), "Judul kolom"),
        (b"NIK;NAMA;STATUS;TANGGAL\n", "Tidak ada baris"),
        (files.workbook(""), "Tidak ada baris"),
        (files.workbook(texts("a"), texts("b", "c")), "Judul kolom"),
    ],
    ids=["no headings", "headings alone", "an empty sheet", "other sheets"],
)
def test_a_file_that_holds_no_list(content, word):
    made = read(content)

    assert made.state == "refused" and word in made.problem
    assert not CentralImportFile.objects.exists()


@pytest.mark.parametrize(
    "name", ["a zip bomb", "entities by the billion", "a far cell", "an old .xls", "a quote that never ends"]
)
def test_a_hostile_file_is_refused_and_changes_nothing(name):
    made = read(HOSTILE[name][0])

    assert made.state == "refused" and made.problem.endswith(".")
    assert not CentralImportRow.objects.exists()


def test_reading_twice_writes_the_same_rows_once():
    made = read(files.csv_listing([line(1), line(2)]))
    before = results(made)
    CentralImport.objects.update(state="reading", touched_at=None)

    assert list_reading.read(import_id=made.pk) == "preview"

    assert results(made) == before


def test_a_list_that_is_no_longer_to_be_read_stays_as_it_is():
    made = read(files.csv_listing([line(1)]))
    CentralImport.objects.update(state="applied", applied_at=NOW)

    assert list_reading.read(import_id=made.pk) == "applied"
    assert made.rows.count() == 1


def test_a_list_in_another_workers_hands_is_left_to_it_until_that_one_is_silent():
    made = received(files.csv_listing([line(1)]))
    CentralImport.objects.update(touched_at=timezone.now() - timedelta(seconds=90))
    assert list_reading.read_waiting(now=timezone.now()) == 0

    assert list_reading.read_waiting(now=timezone.now() + timedelta(seconds=60)) == 1
    assert list_reading.read(import_id=made.pk) == "reading"  # by its own clock still too early

    CentralImport.objects.update(touched_at=timezone.now() - timedelta(minutes=3))
    assert list_reading.read_waiting(now=timezone.now()) == 1
    made.refresh_from_db()
    assert made.state == "preview"


def test_a_reader_that_lost_its_list_writes_nothing_any_more(monkeypatch):
    monkeypatch.setattr(list_reading, "BATCH", 1)
    made = received(files.csv_listing([line(1), line(2)]))
    write = list_reading._write

    def dropped_in_between(*args):
        write(*args)
        CentralImport.objects.update(state="discarded")

    monkeypatch.setattr(list_reading, "_write", dropped_in_between)

    assert list_reading.read(import_id=made.pk) == "discarded"
    assert made.rows.count() == 1


def test_a_reader_that_dies_in_the_middle_leaves_nothing_that_stays(monkeypatch):
    monkeypatch.setattr(list_reading, "BATCH", 1)
    made = received(files.csv_listing([line(1), line(2), line(3)]))
    finish = list_reading._finish

    def killed(reading):
        raise SystemExit

    monkeypatch.setattr(list_reading, "_finish", killed)
    with pytest.raises(SystemExit):
        list_reading.read(import_id=made.pk)
    monkeypatch.setattr(list_reading, "_finish", finish)
    CentralImport.objects.update(touched_at=timezone.now() - timedelta(minutes=3))

    assert list_reading.read(import_id=made.pk) == "preview"
    assert made.rows.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_each_line_once():
    made = received(files.csv_listing([line(serial) for serial in range(1, 40) if serial % 10]))

    at_once(3, lambda: list_reading.read(import_id=made.pk))

    made.refresh_from_db()
    assert made.state == "preview" and made.rows.count() == 36


def test_the_number_of_queries_does_not_grow_with_the_lines():
    read(files.csv_listing([line(200)]))
    counts = []
    for last in (1, 3, 90):
        made = received(files.csv_listing([line(serial) for serial in range(1, last + 1)]), columns=None)
        with CaptureQueriesContext(connection) as queries:
            assert list_reading.read(import_id=made.pk) == "preview"
        counts.append(len(queries))

    assert len(set(counts)) == 1
