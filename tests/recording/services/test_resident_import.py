import csv
import stat
from datetime import date

import pytest

from recording.models import Resident, ResidentIdentity
from recording.policy.resident_row import COLUMNS
from recording.services import resident_import
from recording.services.resident_import import NotARegister, import_file
from tests.factories import ResidentFactory, VillageFactory

TODAY = date(2026, 11, 23)
HEADER = ",".join(COLUMNS)
SUTRISNO = "3319021708959001,3319021003109001,Sutrisno,L,Kudus,1995-08-17,33.19.02.1001,ya,tidak,tidak,081234567890"
SULASTRI = "3319025708959002,3319021003109001,Sulastri,P,Kudus,17/08/1995,33.19.02.1001,ya,ya,tidak,"
SLAMET = "3319020101609003,,Slamet,L,,1960-01-01,33.19.02.1001,tidak,ya,ya,"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _village(db):
    VillageFactory(code="33.19.02.1001")


@pytest.fixture
def load(tmp_path):
    """`load(line, ...)` or `load(bytes)` -> (report, rejected rows as dicts)."""

    def load(*lines, header=HEADER):
        path, rejects = tmp_path / "warga.csv", tmp_path / "ditolak.csv"
        path.write_bytes(lines[0] if isinstance(lines[0], bytes) else "\n".join([header, *lines, ""]).encode())
        rejects.unlink(missing_ok=True)
        report = import_file(path=path, rejects=rejects, today=TODAY)
        if not rejects.exists():
            return report, []
        with rejects.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return report, list(csv.DictReader(file))

    return load


def test_lines_become_residents_with_sealed_identities(load):
    report, rejected = load(SUTRISNO, SULASTRI, SLAMET)

    assert (report.lines, report.taken, report.rejected, rejected) == (3, 3, 0, [])
    sutrisno = Resident.objects.get(name="Sutrisno")
    assert (sutrisno.birth_year, sutrisno.sex, sutrisno.ever_married, sutrisno.source) == (1995, "L", True, "register")
    identity = sutrisno.identity
    assert (identity.nik, identity.family_card) == ("3319021708959001", "3319021003109001")
    assert (identity.birth_date, identity.birth_place, identity.phone) == ("1995-08-17", "Kudus", "+6281234567890")
    assert bytes(identity.nik_bi) == ResidentIdentity.nik.index(identity, "3319021708959001")
    assert bytes(identity.family_card_bi) == ResidentIdentity.family_card.index(identity, "3319021003109001")
    assert bytes(identity.phone_bi) == ResidentIdentity.phone.index(identity, "+6281234567890")
    slamet = Resident.objects.get(name="Slamet").identity
    assert (slamet.family_card_ct, slamet.birth_place_ct, slamet.phone_ct) == (None, None, None)


def test_only_who_was_never_recorded_may_record(load):
    load(SUTRISNO, SULASTRI, SLAMET)

    entitlements = Resident.objects.order_by("id").values_list("entitlement", "entitlement_reason", "card_held")
    assert list(entitlements) == [
        ("first", "", False),
        ("none", "recorded_before_portal", False),
        ("none", "recorded_before_portal", True),
    ]


def test_the_same_file_again_changes_nothing(load):
    load(SUTRISNO, SULASTRI)
    before = list(ResidentIdentity.objects.order_by("pk").values_list()), list(Resident.objects.values_list())

    report, rejected = load(SUTRISNO, SULASTRI)

    assert (report.taken, report.rejected) == (0, 2)
    assert {row["reason"] for row in rejected} == {"NIK ini sudah terdaftar; data yang ada tidak diubah."}
    assert before == (list(ResidentIdentity.objects.order_by("pk").values_list()), list(Resident.objects.values_list()))


def test_a_known_person_is_never_changed(load):
    known = ResidentFactory(name="Suparman", identity__nik="3319021708959001")

    load(SUTRISNO)

    assert Resident.objects.get() == known
    assert Resident.objects.get().name == "Suparman"


@pytest.mark.parametrize("chunk", [1, 2, 10_000])
def test_of_equal_niks_in_a_file_the_first_is_taken(load, monkeypatch, chunk):
    monkeypatch.setattr(resident_import, "CHUNK_LINES", chunk)

    _report, rejected = load(SUTRISNO, SULASTRI, SUTRISNO.replace("Sutrisno", "Supardi"))

    assert sorted(Resident.objects.values_list("name", flat=True)) == ["Sulastri", "Sutrisno"]
    assert [(row["line"], row["name"]) for row in rejected] == [("4", "Supardi")]
    assert rejected[0]["reason"] == "NIK yang sama sudah ada di baris sebelumnya dalam berkas ini."


def test_bad_lines_are_kept_with_number_and_reason_and_good_ones_taken(load, tmp_path):
    report, rejected = load(SUTRISNO, SLAMET.replace("1960-01-01", "kemarin"), "", SULASTRI)

    assert (report.taken, report.rejected) == (2, 1)
    assert rejected[0]["line"] == "3"
    assert rejected[0]["reason"] == "Tanggal lahir tidak terbaca. Tulis 1990-08-17 atau 17/08/1990."
    assert rejected[0]["nik"] == "3319020101609003"
    assert stat.S_IMODE((tmp_path / "ditolak.csv").stat().st_mode) == 0o600


def test_mended_rejects_can_be_loaded_as_they_are(load, tmp_path):
    load(SUTRISNO, SLAMET.replace("1960-01-01", "kemarin"))
    mended = (tmp_path / "ditolak.csv").read_bytes().replace(b"kemarin", b"1960-01-01")

    report, _rejected = load(mended)

    assert (report.taken, report.rejected) == (1, 0)


def test_reports_hold_no_personal_value(load):
    report, _rejected = load(SLAMET.replace("1960-01-01", "kemarin"), SUTRISNO, SUTRISNO)

    assert not any(value in str(report) for value in ("3319020101609003", "Slamet", "Sutrisno", "3319021708959001"))


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEADER + "\n" + SUTRISNO,
        (HEADER + "\n" + SUTRISNO).replace(",", ";"),
        (HEADER + "\n" + SUTRISNO).replace(",", "\t"),
        HEADER.upper() + "\r\n" + SUTRISNO + "\r\n\r\n",
        "catatan," + HEADER + "\nx," + SUTRISNO,
    ],
    ids=["byte order mark", "semicolons", "tabs", "windows lines", "extra column"],
)
def test_what_spreadsheets_write_is_understood(load, content):
    report, rejected = load(content.encode())

    assert (report.taken, rejected) == (1, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (SLAMET.replace("Slamet", "Jos\u00e9").encode("latin-1"), "huruf yang tidak terbaca"),
        (SLAMET.replace("Slamet", "Sla\0met").encode(), "huruf yang tidak terbaca"),
        (SLAMET.replace("Slamet", '"Slamet').encode(), "periksa tanda kutip"),
        (SLAMET.replace("Slamet", "S" * 100_000).encode(), "periksa tanda kutip"),
        (SLAMET.encode() + b" " * 5_000, "periksa tanda kutip"),
        (SLAMET.encode() + b",lebih", "harus memuat 11 kolom"),
        (b"3319020101609003", "harus memuat 11 kolom"),
    ],
    ids=["latin-1", "nul", "open quotation", "huge line", "huge end", "too many cells", "too few cells"],
)
def test_a_hostile_line_spoils_only_itself(load, line, reason):
    report, rejected = load(b"\n".join([HEADER.encode(), SUTRISNO.encode(), line, SULASTRI.encode()]))

    assert (report.taken, report.rejected) == (2, 1)
    assert rejected[0]["line"] == "3"
    assert reason in rejected[0]["reason"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Tidak ada: nik, kk"),
        (b"nik,name\n1,2\n", "Tidak ada: kk, sex"),
        (SUTRISNO.encode(), "Baris pertama harus memuat nama kolom"),
        ((HEADER + ",nik\n").encode(), "muncul dua kali"),
        ((HEADER + "\n" + SUTRISNO).encode("utf-16"), "UTF-16"),
        (b"\0" * 9000, "Baris pertama harus memuat nama kolom"),
    ],
    ids=["empty", "few columns", "no header", "column twice", "utf-16", "nul bytes"],
)
def test_a_file_that_is_no_register_is_refused_whole(load, content, sentence):
    with pytest.raises(NotARegister) as error:
        load(content)

    assert sentence in str(error.value)
    assert not Resident.objects.exists()


def test_progress_adds_up_to_the_size_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(resident_import, "CHUNK_LINES", 1)
    path, steps = tmp_path / "warga.csv", []
    path.write_text("\n".join([HEADER, SUTRISNO, SULASTRI]))

    import_file(path=path, rejects=tmp_path / "r.csv", today=TODAY, progress=steps.append)

    assert (len(steps), sum(steps)) == (2, path.stat().st_size)
