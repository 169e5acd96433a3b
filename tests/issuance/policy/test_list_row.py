from datetime import date

import pytest

from issuance.policy.cell import Formula, Number, Row
from issuance.policy.list_row import (
    ALL_ROUNDED,
    COMPUTED,
    ROUNDED,
    LastDigits,
    ListRow,
    RowProblem,
    read,
    read_date,
    read_name,
    read_nik,
    read_status,
)

NIK = "3319021708909001"
UNTIL = date(2026, 11, 24)
COLUMNS = {"nik": 1, "status": 0, "name": 2, "reported_on": 4}


def test_a_line():
    row = Row(1, "", 7, ("Sent for Enrollment", NIK, " BUDI  SANTOSO ", "x", "20/11/2026"))

    assert read(row, columns=COLUMNS, until=UNTIL) == ListRow(
        NIK, "SENT_FOR_ENROLLMENT", "BUDI SANTOSO", date(2026, 11, 20)
    )


def test_a_short_line_and_columns_that_nobody_named():
    row = Row(1, "", 7, ("SENT", NIK))

    assert read(row, columns={"nik": 1, "status": 0}, until=UNTIL) == ListRow(NIK, "SENT", "", None)
    assert read(row, columns=COLUMNS, until=UNTIL).reported_on is None


@pytest.mark.parametrize("cell", [NIK, f"'{NIK}", f" {NIK} ", "33.19.02 170890 9001", "3319-0217-0890-9001"])
def test_a_nik_as_people_write_it(cell):
    assert read_nik(cell) == NIK


@pytest.mark.parametrize(
    "cell",
    [
        Number(NIK),
        Number("3.3190217089090E+15"),
        Number("3319021708909001.0"),
        "3,31902E+15",
        "3.31902E+15",
        "3,31902e15",
        "3E+15",
        date(2026, 1, 1),
    ],
)
def test_a_nik_that_was_a_number_is_refused_with_the_remedy(cell):
    with pytest.raises(RowProblem, match="Teks") as refused:
        read_nik(cell)

    assert f"{refused.value}" == ROUNDED


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (None, "kosong"),
        ("331902170890900", "16 angka"),
        ("33190217089090011", "16 angka"),
        ("３３１９０２１７０８９０９００１", "16 angka"),
        ("9919021708909001", "provinsi"),
        ("3319023208909001", "tanggal"),
        ("3319021713909001", "bulan"),
        ("3319023102909001", "bulan itu"),
        ("3319021708900000", "0000"),
        ("#N/A", "16 angka"),
        (Formula(), "rumus"),
    ],
)
def test_what_is_no_nik_is_refused_by_its_rule(cell, word):
    with pytest.raises(RowProblem, match=word):
        read_nik(cell)


def test_every_sentence_fits_the_column_it_is_stored_in():
    assert len(ROUNDED) <= 200 and len(COMPUTED) <= 180 and len(ALL_ROUNDED) <= 300


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("sent for enrollment", "SENT_FOR_ENROLLMENT"),
        (" PRINT-READY  RECORD ", "PRINT_READY_RECORD"),
        ("prr.", "PRR"),
        (Number("12"), "12"),
    ],
)
def test_a_status_is_normalised(cell, status):
    assert read_status(cell) == status


@pytest.mark.parametrize("cell", [None, " ", "x" * 61, NIK, "A\x07B", Formula(), "__"])
def test_what_is_no_status_is_refused(cell):
    with pytest.raises(RowProblem):
        read_status(cell)


@pytest.mark.parametrize(
    ("cell", "name"), [("BUDI", "BUDI"), (NIK, ""), (Number("7"), ""), (None, ""), ("A" * 300, "A" * 120)]
)
def test_what_is_no_name_is_left_out(cell, name):
    assert read_name(cell) == name


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 8, 17),
        "17/08/2026",
        "17-8-2026",
        "17.08.2026 09:30",
        "2026-08-17",
        "2026-08-17T09:30:00+07:00",
        "20260817",
        Number("20260817"),
        "17 Agustus 2026",
        "17-Agu-2026",
        "17 Aug 2026 9:30",
    ],
)
def test_a_date_as_lists_write_it(cell):
    assert read_date(cell, until=UNTIL) == date(2026, 8, 17)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("25/11/2026", "sesudah"),
        (date(2027, 1, 1), "sesudah"),
        ("01/01/1900", "sebelum"),
        ("31/02/2026", "tidak terbaca"),
        ("08/25/2026", "tidak terbaca"),
        ("17/08/26", "tidak terbaca"),
        ("kemarin", "tidak terbaca"),
        ("17 Foo 2026", "tidak terbaca"),
        (Number("46252"), "tidak terbaca"),
        (Formula(), "rumus"),
    ],
)
def test_a_date_that_cannot_be_is_refused(cell, word):
    with pytest.raises(RowProblem, match=word):
        read_date(cell, until=UNTIL)


@pytest.mark.parametrize(
    ("zeros", "others", "rounded"),
    [
        (2, 0, False),
        (3, 0, True),
        (3, 3, False),
        (4, 3, True),
        (10, 90, False),
        (25, 75, False),
        (26, 74, True),
        (12_000, 88_000, False),
        (100_000, 0, True),
    ],
)
def test_a_list_in_which_most_niks_end_in_zero_was_rounded(zeros, others, rounded):
    digits = LastDigits()
    for nik in ["3319021708909010"] * zeros + [NIK] * others:
        digits.add(nik)

    assert digits.are_rounded is rounded
