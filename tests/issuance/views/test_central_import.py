from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from issuance.gateways.spreadsheet import MAX_BYTES, SENTENCES
from issuance.models import CentralImport, ColumnMapping
from issuance.services import list_reading
from issuance.tasks import read_list_task
from tests.factories import OfficeFactory, UserFactory
from tests.factories.imports import CentralImportFactory
from tests.issuance.gateways import files
from tests.issuance.gateways.files import texts
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
LISTS, NEW = "/petugas/impor/", "/petugas/impor/baru/"
NAMED = {"sheet1_nik": "0", "sheet1_status": "2", "sheet1_name": "1", "sheet1_reported_on": "3"}


@pytest.fixture
def verifier():
    OfficeFactory(kind="disdukcapil")
    return signed_in(UserFactory(role="verifier"))


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def upload(verifier, content=None, *, scope="sebagian", day=None, name="daftar.csv"):
    file = SimpleUploadedFile(name, files.csv_listing() if content is None else content)
    day = (day or yesterday()).isoformat()
    return verifier.post(NEW, {"file": file, "as_of": day, "scope": scope})


def the_list() -> CentralImport:
    return CentralImport.objects.latest("pk")


def address(name="central_import_file") -> str:
    return reverse(name, args=[the_list().pk])


def read(verifier, content=None) -> None:
    assert upload(verifier, content).status_code == 302
    assert read_list_task() == 1


def test_from_the_upload_to_the_preview_and_the_second_time_without_a_question(verifier):
    sent = upload(verifier, scope="lengkap")
    assert sent.headers["Location"] == address()
    assert the_list().complete is True
    assert "sedang dibaca" in verifier.get(address()).content.decode()
    assert read_list_task() == 1
    assert verifier.get(address()).headers["Location"] == address("central_import_columns")
    page = verifier.get(address("central_import_columns"))
    assert page.context["form"]["sheet1_nik"].initial == "0"

    named = verifier.post(address("central_import_columns"), NAMED)

    assert named.headers["Location"] == address()
    assert read_list_task() == 1
    assert verifier.get(address()).headers["Location"] == address("central_import")
    assert the_list().state == "preview"
    read(verifier, files.csv_listing([("3319021708909002", "ANI", "SENT_FOR_ENROLLMENT", "")]))
    assert the_list().state == "preview"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"scope": ""}, "sebagian atau lengkap"),
        ({"scope": "x"}, "valid"),
        ({"as_of": ""}, "Isi tanggal daftar ini."),
        ({"as_of": "2999-01-01"}, "sesudah hari ini"),
        ({"as_of": "2001-01-01"}, "Periksa tahunnya"),
        ({"file": ""}, "Pilih berkas daftarnya."),
        ({"file": SimpleUploadedFile("a.csv", b"")}, SENTENCES["empty"]),
        ({"file": SimpleUploadedFile("a.csv", bytes(MAX_BYTES + 1))}, SENTENCES["too_large"]),
    ],
)
def test_what_is_missing_or_wrong_in_the_upload_is_told(verifier, given, word):
    whole = {"file": SimpleUploadedFile("a.csv", b"x"), "as_of": yesterday().isoformat(), "scope": "sebagian"}

    page = verifier.post(NEW, whole | given)

    assert page.status_code == 200
    assert word in page.content.decode()
    assert not CentralImport.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "x\r\nSet-Cookie: a=b", "CON", "a" * 300 + ".csv", "daftar.exe"]
)
def test_the_name_of_the_file_is_of_no_consequence(verifier, name):
    sent = upload(verifier, name=name)

    assert sent.status_code == 302
    assert "Set-Cookie: a=b" not in f"{sent.headers}"


def test_the_same_list_again_leads_to_the_first(verifier):
    upload(verifier)
    upload(verifier)
    assert CentralImport.objects.count() == 1
    CentralImport.objects.update(state="applied", applied_at=timezone.now())

    again = verifier.post(NEW, follow=True, data=_form())

    assert "sudah diterapkan" in again.content.decode()
    assert CentralImport.objects.count() == 1


def _form() -> dict:
    return {
        "file": SimpleUploadedFile("b.csv", files.csv_listing()),
        "as_of": yesterday().isoformat(),
        "scope": "sebagian",
    }


def test_the_columns_page_shows_no_person(verifier):
    read(verifier)

    page = verifier.get(address("central_import_columns")).content.decode()

    assert "3319•••" in page and "SENT_FOR_ENROLLMENT" in page
    assert "BUDI" not in page and files.NIK not in page


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sheet1_nik": ""}, "Pilih kolom NIK."),
        ({"sheet1_status": ""}, "Pilih kolom Status."),
        ({"sheet1_name": "0"}, "sudah dipilih"),
        ({"sheet1_nik": "17"}, "Pilih kolom yang ada"),
    ],
)
def test_columns_that_cannot_be_are_told_beside_their_field(verifier, change, word):
    read(verifier)

    page = verifier.post(address("central_import_columns"), NAMED | change)

    assert page.status_code == 200 and word in page.content.decode()
    assert the_list().state == "mapping" and not ColumnMapping.objects.exists()


def test_sheets_with_the_same_headings_are_asked_about_once_and_one_can_be_left_out(verifier):
    people = [texts(*files.HEADINGS) + texts(f"331902170890900{serial}", "A", "SFE", "") for serial in (1, 2)]
    other = texts("NIK", "ALAMAT") + texts("3319021708909003", "x")
    read(verifier, files.workbook(*people, other, texts("Keterangan")))

    page = verifier.get(address("central_import_columns"))
    assert [group["names"] for group in page.context["groups"]] == ["Lembar1, Lembar2", "Lembar3"]
    assert page.context["left_out"] == ["Lembar4"]
    alone = verifier.post(address("central_import_columns"), NAMED | {"sheet3_nik": "0"})
    assert "Lembar3: Pilih kolom Status." in alone.content.decode()
    verifier.post(address("central_import_columns"), NAMED | {"sheet3_nik": ""})

    read_list_task()
    assert sorted(the_list().rows.values_list("sheet", "line")) == [(1, 2), (2, 2)]


def test_a_wrong_column_comes_back_with_the_reason(verifier):
    lines = [(f"33190217089090{serial}", "A", "SFE", "") for serial in range(11, 29)]
    read(verifier, files.csv_listing(lines))
    verifier.post(address("central_import_columns"), NAMED | {"sheet1_status": "1", "sheet1_name": ""})
    read_list_task()

    assert "Tidak satu pun isi kolom Status dikenal" in verifier.get(address("central_import_columns")).content.decode()


def test_a_refused_list_says_why_and_where_to_go_on(verifier):
    read(verifier, b"%PDF-1.7")

    page = verifier.get(address()).content.decode()

    assert SENTENCES["pdf"] in page and NEW in page
    assert verifier.get(address("central_import_columns")).headers["Location"] == address("central_import")


def test_the_columns_of_an_applied_list_are_closed(verifier):
    made = CentralImportFactory(state="applied")
    columns = reverse("central_import_columns", args=[made.pk])

    assert verifier.get(columns).status_code == 302
    assert verifier.post(columns, NAMED).status_code == 302


def test_the_page_while_reading_counts_and_looks_again_without_scripts(verifier):
    made = CentralImportFactory(state="reading", done=500, total=2000)

    page = verifier.get(reverse("central_import_file", args=[made.pk])).content.decode()

    assert "dari 2.000 baris dicocokkan (25,0 %)" in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_the_lists_with_filters_in_the_address(verifier):
    refused = CentralImportFactory(state="refused", problem="x", complete=True)
    CentralImportFactory(state="preview", counts={"results": {"advanced": 3, "back": 1, "new_case": 2}})

    def shown(**filters) -> list:
        return [row["cells"] for row in verifier.get(LISTS, filters).context["rows"]]

    assert len(shown()) == 2
    assert [cells[0]["url"] for cells in shown(keadaan="refused")] == [reverse("central_import", args=[refused.pk])]
    assert shown(jenis="sebagian")[0][3:6] == [6, 4, 2]
    assert len(shown(keadaan="\0", jenis="x")) == 2
    assert b"Belum ada daftar" in verifier.get(LISTS, {"keadaan": "undone"}).content


def test_the_download_has_a_line_for_each_list(verifier):
    CentralImportFactory(state="refused", problem="=1+1", complete=True)

    text = b"".join(verifier.get("/petugas/impor/unduh.csv").streaming_content).decode()

    assert text.splitlines()[1].split(",")[2:5] == ["ya", "Ditolak", "0"]
    assert text.rstrip().endswith(",'=1+1")


def test_the_list_of_lists_costs_the_same_for_one_three_and_a_hundred(verifier):
    counts = []
    for number in (1, 2, 97):
        CentralImportFactory.create_batch(number)
        with CaptureQueriesContext(connection) as queries:
            verifier.get(LISTS)
        counts.append(len(queries))

    assert counts[0] == counts[1] and counts[2] <= counts[0] + 1


def test_reading_by_the_task_and_by_hand_do_not_meet(verifier):
    upload(verifier)
    list_reading.read(import_id=the_list().pk)

    assert read_list_task() == 0
