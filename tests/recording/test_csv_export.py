import csv

import pytest

from recording.csv_export import csv_response, safe_cell


@pytest.mark.parametrize(
    "dangerous",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =cmd|' /C calc'!A0",
        "\u00a0=1",
        "\ufeff=1",
        "＝1",
        "-",
    ],
)
def test_what_a_spreadsheet_would_run_becomes_text(dangerous):
    assert safe_cell(dangerous) == f"'{dangerous}"


@pytest.mark.parametrize("harmless", ["Sri", "3.5", "-3", "a=b", "", "2026-12-07"])
def test_plain_cells_stay(harmless):
    assert safe_cell(harmless) == harmless


def test_nothing_and_numbers_are_written_plainly():
    assert (safe_cell(None), safe_cell(0), safe_cell(-5)) == ("", "0", "-5")


def test_a_download_has_a_name_a_header_and_quoted_cells():
    response = csv_response(name="petugas", columns=["nama", "catatan"], rows=[("Sri, S.Kom", 'kata "dia"\nbaris')])

    text = b"".join(response.streaming_content).decode("utf-8-sig")

    assert list(csv.reader(text.splitlines(keepends=True))) == [
        ["nama", "catatan"],
        ["Sri, S.Kom", 'kata "dia"\nbaris'],
    ]
    assert response.headers["Content-Disposition"] == 'attachment; filename="petugas.csv"'
