from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from issuance.models import Case, CentralImport
from issuance.services import central_import
from issuance.tasks import apply_lists_task
from issuance.views.list_alarm import list_alarms
from recording.models import AuditEvent
from tests.factories import CaseFactory, OfficeFactory, ResidentFactory, UserFactory
from tests.factories.imports import CentralImportFactory, CentralImportRowFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def verifier(client):
    OfficeFactory(kind="disdukcapil")
    client.force_login(user := UserFactory(role="verifier"))
    return user


def preview(*raws, **values):
    """A list that is a preview, a line for each raw status, of people whose case is SENT."""
    made = CentralImportFactory(as_of=YESTERDAY, **values)
    for raw in raws:
        case = CaseFactory(status="sent", recording__recorded_at=NOW - timedelta(days=9))
        CentralImportRowFactory(central_import=made, resident=case.resident, raw_status=raw)
    central_import.classify(import_id=made.pk)
    return made


def unknown(made, *, name, line):
    row = CentralImportRowFactory.build(
        central_import=made, resident=None, result="unknown_nik", raw_status="SENT_FOR_ENROLLMENT", line=line
    )
    row.key = f"00000000-0000-0000-0000-{line:012}"
    row.nik, row.name = f"331901520390{9000 + line}", name
    row.save()
    return row


def url(made, name="central_import"):
    return reverse(name, args=[made.pk])


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_preview_says_what_will_happen_without_saying_who(client, verifier):
    made = preview("PRINT_READY_RECORD", "PRINT_READY_RECORD", "ENROLL_FAILURE_AT_CENTRAL")
    row = unknown(made, name="Sri Contoh", line=900)

    text = page(client, url(made))

    assert "3 berkas berubah status, 3 pesan disiapkan" in text
    assert "S••• C•••, NIK 3319 •••• •••• ••••" in text
    assert row.nik not in text
    assert "Sutrisno" not in text
    assert AuditEvent.objects.filter(action="central_list.read", actor=verifier).exists()


def test_the_lines_can_be_filtered_by_their_meaning(client, verifier):
    made = preview("PRINT_READY_RECORD", "RECEIVED_AT_CENTRAL")

    text = page(client, f"{url(made)}?hasil=advanced")

    assert ("PRINT_READY_RECORD" in text, "RECEIVED_AT_CENTRAL" in text) == (True, False)


def test_applying_starts_shows_its_progress_and_ends_with_the_result(client, verifier):
    made = preview("PRINT_READY_RECORD")

    answer = client.post(url(made, "central_import_apply"))

    assert answer.url == url(made)
    text = page(client, url(made))
    assert 'http-equiv="refresh"' in text
    assert "dari 1 baris" in text
    assert apply_lists_task() == 1
    assert "Diterapkan" in page(client, url(made))
    assert Case.objects.get().status == "print_ready"


def test_a_list_is_not_applied_twice(client, verifier):
    made = preview("PRINT_READY_RECORD")
    client.post(url(made, "central_import_apply"))

    answer = client.post(url(made, "central_import_apply"), follow=True)

    assert "Muat ulang halaman" in answer.content.decode()


def test_undoing_says_what_it_does_and_does_it(client, verifier):
    made = preview("PRINT_READY_RECORD")
    client.post(url(made, "central_import_apply"))
    apply_lists_task()

    assert "berkas kembali ke status semula" in page(client, url(made, "central_import_undo"))
    client.post(url(made, "central_import_undo"))
    apply_lists_task()

    assert "Diurungkan" in page(client, url(made))
    assert Case.objects.get().status == "sent"


def test_a_case_that_went_on_is_listed_after_undoing(client, verifier):
    made = preview("PRINT_READY_RECORD")
    central_import.apply(import_id=made.pk, by=verifier, now=NOW)
    case = Case.objects.get()
    case.history.create(event="moved", from_status="print_ready", to_status="printed", occurred_at=NOW)
    Case.objects.update(status="printed")

    client.post(url(made, "central_import_undo"))
    apply_lists_task()

    assert "Sudah bergerak lagi, dibiarkan" in page(client, url(made))
    assert Case.objects.get().status == "printed"


def test_a_preview_can_be_thrown_away(client, verifier):
    made = preview("PRINT_READY_RECORD")

    answer = client.post(url(made, "central_import_discard"), follow=True)

    assert "Tidak ada yang berubah" in answer.content.decode()


def test_unknown_people_are_taken_in_by_tick_or_all_at_once(client, verifier):
    made = preview()
    first = unknown(made, name="Sri Contoh", line=11)
    unknown(made, name="Budi Contoh", line=12)
    central_import.classify(import_id=made.pk)
    assert "Terima semua (2)" in page(client, f"{url(made)}?hasil=unknown_nik")

    nobody = client.post(url(made, "central_import_admit"), follow=True)
    one = client.post(url(made, "central_import_admit"), {"baris": [first.pk]}, follow=True)
    everybody = client.post(url(made, "central_import_admit"), {"semua": "on"}, follow=True)

    assert "Centang sedikitnya satu orang" in nobody.content.decode()
    assert "1 orang diterima" in one.content.decode()
    assert "1 orang diterima" in everybody.content.decode()
    assert made.rows.filter(result="admitted").count() == 2


def test_lines_that_were_not_used_can_be_taken_away_without_names(client, verifier):
    made = preview()
    row = unknown(made, name="Sri Contoh", line=11)
    CentralImportRowFactory(
        central_import=made, resident=None, result="malformed", problem="NIK harus 16 angka.", raw_status="", line=12
    )

    text = b"".join(client.get(url(made, "central_import_rejected")).streaming_content).decode()

    assert "12,Baris bermasalah,NIK harus 16 angka.," in text
    assert "11,NIK tidak dikenal" in text
    assert row.nik[:6] not in text
    assert "Sri" not in text


@pytest.mark.parametrize("state", ["reading", "mapping", "refused", "discarded"])
def test_a_list_without_lines_has_a_page_of_its_own(client, verifier, state):
    made = CentralImportFactory(state=state, problem="Bukan daftar." if state == "refused" else "")

    assert client.get(url(made)).url == reverse("central_import_file", args=[made.pk])


def test_the_preview_takes_as_many_queries_for_one_line_as_for_thirty(client, verifier):
    counted = []
    for number in (1, 30):
        made = preview(*["PRINT_READY_RECORD"] * number)
        with CaptureQueriesContext(connection) as queries:
            client.get(url(made))
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_verifiers_are_alarmed_when_no_list_is_fresher_than_three_days(verifier):
    assert [alarm.title for alarm in list_alarms(user=verifier, now=NOW)] == ["Belum ada daftar pusat"]
    old = CentralImportFactory(as_of=NOW - timedelta(days=4), state="applied")
    assert "Daftar pusat terakhir per" in next(list_alarms(user=verifier, now=NOW)).title

    CentralImport.objects.filter(pk=old.pk).update(as_of=NOW - timedelta(days=2))

    assert not list(list_alarms(user=verifier, now=NOW))


def test_somebody_recorded_before_the_portal_shows_as_a_new_case(client, verifier):
    made = CentralImportFactory(as_of=YESTERDAY)
    CentralImportRowFactory(central_import=made, resident=ResidentFactory(recorded_before=True))
    central_import.classify(import_id=made.pk)

    assert "1 berkas baru dibuka, 1 pesan disiapkan" in page(client, url(made))
