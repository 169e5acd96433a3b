from datetime import date

import pytest

from issuance.policy.cell import Formula, Number, Row
from issuance.policy.column_mapping import Headings, find_headings, guess, masked, problem_with, safe_title

NIK = "3319021708909001"


def rows(*lines) -> list[Row]:
    return [Row(1, "Lembar", number, tuple(cells)) for number, cells in enumerate(lines, start=1)]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["NIK", "NAMA", "STATUS", "TANGGAL"], {"nik": 0, "name": 1, "status": 2, "reported_on": 3}),
        (
            ["No", "No. KK", "N.I.K.", "Nama Lengkap", "Tgl. Lahir", "Status Kawin", "Status KTP-el", "Tgl Update"],
            {"nik": 2, "name": 3, "status": 6, "reported_on": 7},
        ),
        (
            ["NO_NIK", "NAMA_LGKP", "CURRENT_STATUS_CODE", "LAST UPDATE"],
            {"nik": 0, "name": 1, "status": 2, "reported_on": 3},
        ),
        (
            ["National ID", "Full Name", "Enrollment Status", "Status Date"],
            {"nik": 0, "name": 1, "status": 2, "reported_on": 3},
        ),
        (["NIK AYAH", "NIK", "NAMA IBU", "NAMA"], {"nik": 1, "name": 3}),
        (["Nomor Induk Kependudukan", "status perekaman"], {"nik": 0, "status": 1}),
        (["NIK", "TGL STATUS", "STATUS", "TGL LAHIR", "TGL REKAM"], {"nik": 0, "reported_on": 1, "status": 2}),
        (["a", "b", ""], {}),
    ],
)
def test_guess(titles, expected):
    assert guess(titles) == expected


def test_the_headings_stand_below_letterhead_and_title():
    found = find_headings(
        rows(
            ["PEMERINTAH KABUPATEN KUDUS"],
            ["DAFTAR STATUS", None, None, "Per 20 November 2026"],
            ["No", "NIK", "Nama", "Status"],
            ["1", NIK, "BUDI", "SENT_FOR_ENROLLMENT"],
        )
    )

    assert found == Headings(1, "Lembar", 3, ("No", "NIK", "Nama", "Status"))


def test_headings_in_unknown_words_stand_right_above_the_first_nik():
    assert find_headings(rows(["x"], ["kunci", "keadaan"], [NIK, "SENT"])).line == 2
    assert find_headings(rows(["kunci", "keadaan"], [Number(NIK), "SENT"])).line == 1


@pytest.mark.parametrize("lines", [[], [[NIK, "BUDI", "SENT"]], [["a", "b"], ["c", "d"]], [["NIK"]]])
def test_a_sheet_without_headings(lines):
    assert find_headings(rows(*lines)) is None


def test_the_same_headings_share_a_digest_whatever_their_case():
    one, same, other = (
        Headings(1, "", 1, titles) for titles in (("NIK", "Tgl. Status"), ("nik", "TGL STATUS"), ("Tgl", "NIK"))
    )

    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"nik": 0}, "Status"),
        ({}, "NIK dan Status"),
        ({"nik": 1, "status": 1}, "dua hal"),
        ({"nik": 0, "status": 9}, "yang ada"),
        ({"nik": -1, "status": 1}, "yang ada"),
        ({"nik": 0, "status": 1, "x": 2}, "yang ada"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told(columns, word):
    assert word in problem_with(columns, width=4)


def test_a_mapping_that_can():
    assert problem_with({"nik": 0, "status": 3}, width=4) == ""


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (NIK, "3319•••"),
        (Number(NIK), "3319•••"),
        (f"'{NIK}", "3319•••"),
        ("BUDI SANTOSO BIN ALI RAHMAN", "B••• S••• B•••"),
        (date(1990, 8, 17), "••/••/1990"),
        ("17/08/1990", "••/••/1990"),
        ("Sent for Enrollment", "Sent for Enrollment"),
        ("17", "17"),
        ("RT 17", "R••• 1•••"),
        (Formula(), ""),
        (None, ""),
    ],
)
def test_what_the_mapping_page_shows_tells_the_column_and_not_the_person(cell, shown):
    assert masked(cell, shown_whole={"SENT_FOR_ENROLLMENT"}) == shown


def test_a_heading_is_stored_without_numbers_of_people():
    assert safe_title(f"NIK {NIK} x") == "NIK ••• x"
    assert len(safe_title("x" * 300)) == 60
