from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from issuance.exceptions import ListAlreadyApplied, ListDateInFuture, ListNotUsable, MappingNotUsable
from issuance.gateways.spreadsheet import MAX_BYTES
from issuance.models import CentralImport, CentralImportFile, ColumnMapping
from issuance.policy.column_mapping import Headings
from issuance.services import list_file, list_reading
from recording.exceptions import WrongState
from recording.models import AuditEvent
from tests.factories import UserFactory
from tests.issuance.gateways import files
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Jakarta"))
YESTERDAY = date(2026, 11, 23)
COLUMNS = {1: {"nik": 0, "status": 2, "name": 1, "reported_on": 3}}


@pytest.fixture
def verifier():
    return UserFactory(role="verifier")


def receive(by, content=None, *, as_of=YESTERDAY, complete=False, now=NOW) -> CentralImport:
    file = ContentFile(files.csv_listing() if content is None else content)
    return list_file.receive(file=file, as_of=as_of, complete=complete, by=by, now=now)


def waiting_for_columns(by, content=None) -> CentralImport:
    made = receive(by, content)
    assert list_reading.read(import_id=made.pk) == "mapping"
    made.refresh_from_db()
    return made


def test_a_list_is_kept_sealed_and_comes_back_as_it_was(verifier):
    content = files.csv_listing() * 40_000  # more than one piece

    made = receive(verifier, content)

    assert made.pieces.count() == 4
    assert list_file.content(import_id=made.pk) == content
    assert not any(files.NIK.encode() in bytes(piece.content_ct) for piece in made.pieces.all())
    assert AuditEvent.objects.get().action == "central_list.receive"


def test_it_speaks_of_the_end_of_its_day_and_today_of_now(verifier):
    assert timezone.localtime(receive(verifier).as_of).isoformat() == "2026-11-23T23:59:59.999999+07:00"
    assert receive(verifier, as_of=date(2026, 11, 24)).as_of == NOW


def test_a_date_in_the_future_is_refused(verifier):
    with pytest.raises(ListDateInFuture):
        receive(verifier, as_of=date(2026, 11, 25))

    assert not CentralImport.objects.exists()


@pytest.mark.parametrize("content", [b"", bytes(MAX_BYTES + 1)], ids=["empty", "too large"])
def test_a_file_without_content_or_with_too_much_is_refused(verifier, content):
    with pytest.raises(ListNotUsable):
        receive(verifier, content)

    assert not CentralImport.objects.exists()


def test_the_same_list_that_still_waits_is_given_back(verifier):
    first = receive(verifier)

    assert receive(verifier) == first
    assert receive(verifier, as_of=date(2026, 11, 22)) != first
    assert receive(verifier, complete=True) != first


def test_the_same_list_for_the_same_day_is_not_taken_again(verifier):
    first = receive(verifier)
    CentralImport.objects.update(state="applied", applied_at=NOW)

    with pytest.raises(ListAlreadyApplied) as refused:
        receive(verifier)

    assert refused.value.import_id == first.pk
    assert CentralImport.objects.count() == 1


def test_a_list_that_was_undone_can_come_again(verifier):
    first = receive(verifier)
    CentralImport.objects.update(state="undone", applied_at=NOW)

    assert receive(verifier) != first


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_file_at_once_make_one_list():
    verifier = UserFactory(role="verifier")

    made = at_once(4, lambda: receive(verifier))

    assert {each.pk for each in made} == {CentralImport.objects.get().pk}


def test_named_columns_are_remembered_for_the_same_headings(verifier):
    made = waiting_for_columns(verifier)
    assert list_file.proposal(made) == COLUMNS

    list_file.remember_mapping(import_id=made.pk, columns=COLUMNS, by=verifier, now=NOW)

    made.refresh_from_db()
    assert (made.state, made.columns) == ("reading", {"1": COLUMNS[1]})
    assert bytes(ColumnMapping.objects.get().headings) == Headings(1, "", 1, files.HEADINGS).digest
    again = receive(verifier, files.csv_listing([("3319021708909002", "ANI", "SENT_FOR_ENROLLMENT", "20/11/2026")]))
    assert list_reading.read(import_id=again.pk) == "preview"


def test_columns_can_be_named_anew_until_the_list_is_applied(verifier):
    made = waiting_for_columns(verifier)
    list_file.remember_mapping(import_id=made.pk, columns=COLUMNS, by=verifier, now=NOW)
    assert list_reading.read(import_id=made.pk) == "preview"

    list_file.remember_mapping(import_id=made.pk, columns={1: {"nik": 0, "status": 2}}, by=verifier, now=NOW)

    assert list_reading.read(import_id=made.pk) == "preview"
    assert made.rows.get().name == ""


@pytest.mark.parametrize(
    "columns", [{}, {1: {}}, {1: {"nik": 0}}, {1: {"nik": 0, "status": 0}}, {1: {"nik": 0, "status": 44}}]
)
def test_columns_that_cannot_be_are_refused(verifier, columns):
    made = waiting_for_columns(verifier)

    with pytest.raises(MappingNotUsable):
        list_file.remember_mapping(import_id=made.pk, columns=columns, by=verifier, now=NOW)

    assert not ColumnMapping.objects.exists()


@pytest.mark.parametrize("state", ["reading", "applying", "applied", "refused", "discarded"])
def test_columns_of_a_list_in_another_state_cannot_be_named(verifier, state):
    made = waiting_for_columns(verifier)
    CentralImport.objects.update(state=state, problem="x", applied_at=NOW)

    with pytest.raises(WrongState):
        list_file.remember_mapping(import_id=made.pk, columns=COLUMNS, by=verifier, now=NOW)


def test_files_are_forgotten_after_seven_days_and_a_list_nobody_named_the_columns_of_is_dropped(verifier):
    old = waiting_for_columns(verifier)
    previewed = receive(verifier, files.csv_listing([]) + b"x;y;z;1")
    CentralImport.objects.filter(pk=previewed.pk).update(state="preview")
    CentralImport.objects.update(uploaded_at=NOW - timedelta(days=7, minutes=1))
    young = receive(verifier, complete=True)

    assert list_file.forget_files(now=NOW) == 2

    assert list(CentralImportFile.objects.values_list("central_import", flat=True)) == [young.pk]
    states = CentralImport.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["discarded", "preview", "reading"]
    with pytest.raises(ListNotUsable):
        list_file.content(import_id=old.pk)
    with pytest.raises(WrongState):
        list_file.remember_mapping(import_id=previewed.pk, columns=COLUMNS, by=verifier, now=NOW)


def test_the_first_lines_are_kept_masked_only(verifier):
    made = waiting_for_columns(verifier)

    with connection.cursor() as cursor:
        cursor.execute("SELECT headings::text FROM issuance_centralimport")
        kept = cursor.fetchone()[0]

    assert made.headings[0]["sample"] == [["3319•••", "B•••", "SENT_FOR_ENROLLMENT", "••/••/2026"]]
    assert files.NIK not in kept and "BUDI" not in kept
