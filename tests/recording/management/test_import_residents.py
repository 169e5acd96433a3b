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
