from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recording.policy.resident_row import COLUMNS
from tests.factories import VillageFactory

HEADER = ",".join(COLUMNS)
GOOD = "3319021708959001,,Sutrisno,L,Kudus,1995-08-17,33.19.02.1001,ya,tidak,tidak,"


def test_command_says_what_became_of_the_lines(db, tmp_path):
    VillageFactory(code="33.19.02.1001")
    path, out = tmp_path / "warga.csv", StringIO()
    path.write_text("\n".join([HEADER, GOOD, "99" + GOOD[2:]]))

    call_command("import_residents", str(path), stdout=out)

    assert "baris 3: NIK diawali kode provinsi yang tidak ada." in out.getvalue()
    assert "2 baris dibaca, 1 warga baru, 1 tidak dimuat." in out.getvalue()
    assert (tmp_path / "warga.rejects.csv").exists()


@pytest.mark.parametrize("content", [None, "nama\n"], ids=["missing file", "no register"])
def test_command_fails_with_a_sentence(db, tmp_path, content):
    path = tmp_path / "warga.csv"
    if content:
        path.write_text(content)

    with pytest.raises(CommandError):
        call_command("import_residents", str(path))


def test_command_never_overwrites_its_own_input(db, tmp_path):
    path = tmp_path / "warga.csv"
    path.write_text(HEADER)

    with pytest.raises(CommandError):
        call_command("import_residents", str(path), rejects=path)

    assert path.read_text() == HEADER


def test_the_rejects_of_an_earlier_run_stay(db, tmp_path):
    VillageFactory(code="33.19.02.1001")
    path, out = tmp_path / "warga.csv", StringIO()
    path.write_text("\n".join([HEADER, "99" + GOOD[2:]]))

    call_command("import_residents", str(path), stdout=StringIO())
    first = (tmp_path / "warga.rejects.csv").read_text()
    path.write_text("\n".join([HEADER, "98" + GOOD[2:]]))
    call_command("import_residents", str(path), stdout=out)

    second = tmp_path / "warga.rejects-2.csv"
    assert (tmp_path / "warga.rejects.csv").read_text() == first
    assert "98190217" in second.read_text()
    assert str(second) in out.getvalue()
    assert second.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "'="])
def test_a_name_that_a_spreadsheet_would_run_is_refused_and_kept_harmless(db, tmp_path, sign):
    VillageFactory(code="33.19.02.1001")
    path, out = tmp_path / "warga.csv", StringIO()
    path.write_text("\n".join([HEADER, GOOD.replace("Sutrisno", f"{sign}Sutrisno")]))

    call_command("import_residents", str(path), stdout=out)

    assert "Nama diawali" in out.getvalue()
    assert f",{sign}Sutrisno" not in (tmp_path / "warga.rejects.csv").read_text().replace(",'=Sutrisno", "")


def test_what_is_wrong_with_a_file_is_said_in_indonesian(db, tmp_path):
    with pytest.raises(CommandError, match=r"hilang\.csv tidak ada"):
        call_command("import_residents", str(tmp_path / "hilang.csv"))
    with pytest.raises(CommandError, match="adalah folder"):
        call_command("import_residents", str(tmp_path))
