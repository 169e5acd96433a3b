from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from issuance.models import Case, CentralImport
from recording.models import Notification
from tests.factories import CaseFactory, OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.fixture(autouse=True)
def verifier():
    OfficeFactory(kind="disdukcapil")
    return UserFactory(role="verifier", username="verifikator")


def run(path, **options):
    out = StringIO()
    call_command("import_statuses", str(path), as_of=options.pop("as_of", YESTERDAY), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def case():
    return CaseFactory(status="sent", recording__recorded_at=timezone.now() - timedelta(days=9))


@pytest.fixture
def file(tmp_path, case):
    path = tmp_path / "daftar.csv"
    path.write_text(f"NIK;Nama;Status\n{case.resident.identity.nik};SUTRISNO;PRINT_READY_RECORD\n123;X;PRR\n")
    return path


def test_a_list_is_read_and_applied(file, case):
    said = run(file)

    case.refresh_from_db()
    assert case.status == "print_ready"
    assert "1 Maju" in said
    assert "1 Baris bermasalah" in said
    assert "baris 3:" in said
    assert "1 pesan: Siap cetak" in said
    assert case.resident.identity.nik not in said


def test_the_same_file_twice_changes_nothing(file, case):
    run(file)

    assert "sudah diterapkan" in run(file)

    assert (CentralImport.objects.count(), Notification.objects.count(), case.history.count()) == (1, 1, 2)


def test_a_file_that_is_no_list_is_refused(tmp_path, case):
    path = tmp_path / "surat.csv"
    path.write_text("Yang terhormat\nTidak ada apa-apa\n")

    with pytest.raises(CommandError):
        run(path)

    case.refresh_from_db()
    assert case.status == "sent"
    assert not Notification.objects.exists()


def test_a_date_to_come_and_an_unknown_account_are_refused(file, verifier):
    with pytest.raises(CommandError):
        run(file, as_of=timezone.localdate() + timedelta(days=1))
    with pytest.raises(CommandError, match="verifikator"):
        run(file, by="siapa")

    assert not Case.objects.filter(status="print_ready").exists()
