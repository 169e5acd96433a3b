from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from issuance.enums import CaseStatus
from issuance.models import Case
from issuance.services import integrity
from issuance.services.reference import load_stall_rules
from issuance.services.stall import flag_stalled
from recording.models import Notification, Resident
from tests.factories import CaseFactory, RecordingFactory, ResidentFactory, ServiceHoursFactory, StatusChangeFactory
from tests.factories.letters import LetterFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def stalled(db):
    """A case that the sweep flagged, and its message."""
    ServiceHoursFactory()
    load_stall_rules()
    case = CaseFactory(recording__recorded_at=NOW - timedelta(days=10))
    assert flag_stalled(as_of=NOW) == 1
    return case


def test_everything_holds_where_services_and_factories_wrote(stalled):
    CaseFactory()
    CaseFactory(status="rerecord", recording__failed=True, recording__resident__entitlement="rerecord")
    CaseFactory(status="issued", recording__resident__entitlement="replacement")
    ResidentFactory()
    ResidentFactory(recorded_before=True)
    LetterFactory()

    assert [check() for check in integrity.CHECKS.values()] == [[]] * len(integrity.CHECKS)


def test_a_second_open_case_is_found():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX case_one_open_per_resident")
    case = CaseFactory()
    CaseFactory(recording=RecordingFactory(resident=case.resident, attempt=2))

    assert integrity.residents_have_one_open_case() == [f"warga {case.resident_id}: 2 berkas terbuka"]


def test_a_recording_without_a_case_is_found():
    CaseFactory()
    recording = RecordingFactory()

    assert integrity.recordings_have_a_case() == [f"perekaman {recording.pk} tanpa berkas"]


@pytest.mark.parametrize("change", [{"status": "sent"}, {"attempt": 2}])
def test_a_case_moved_past_its_history_is_found(change):
    case = CaseFactory()
    CaseFactory()
    Case.objects.filter(pk=case.pk).update(**change)

    assert len(integrity.statuses_equal_the_history()) == 1


def test_a_history_that_goes_on_alone_is_found():
    case = CaseFactory()
    StatusChangeFactory(case=case, to_status="sent")

    assert integrity.statuses_equal_the_history() == [f"berkas {case.pk}: captured, riwayat sent"]


def test_a_case_without_history_is_found():
    case = CaseFactory(history=None)

    assert integrity.statuses_equal_the_history() == [f"berkas {case.pk}: captured, riwayat kosong"]


@pytest.mark.parametrize("status", CaseStatus)
@pytest.mark.parametrize("entitlement", ["first", "rerecord", "replacement", "none"])
def test_only_the_entitlement_that_the_case_leaves_is_right(status, entitlement):
    reasons = {"closed_reason": "pindah"} if status == "closed" else {}
    case = CaseFactory(status=status, recording__resident__entitlement=entitlement, **reasons)

    right = {"rerecord": {"rerecord"}, "issued": {"none", "replacement"}, "closed": {"none", "replacement"}}
    is_right = entitlement in right.get(status, {"none"})
    assert integrity.entitlements_agree_with_the_cases() == (
        [] if is_right else [f"warga {case.resident_id}: {entitlement}, seharusnya {min(right.get(status, {'none'}))}"]
    )


@pytest.mark.parametrize(
    ("resident", "wanted"),
    [
        ({"entitlement": "none"}, "first"),
        ({"recorded_before_portal": True, "entitlement": "first"}, "none"),
        ({"recorded_before_portal": True, "entitlement": "rerecord"}, "none"),
    ],
)
def test_without_a_case_the_register_decides(resident, wanted):
    resident = ResidentFactory(**resident)

    assert integrity.entitlements_agree_with_the_cases() == [
        f"warga {resident.pk}: {resident.entitlement}, seharusnya {wanted}"
    ]


@pytest.mark.parametrize("break_it", [{"dedup_key": "lain"}, {"state": "withdrawn"}, {"state": "failed"}])
def test_a_stall_that_nobody_is_told_of_is_found(stalled, break_it):
    Notification.objects.update(**break_it)

    assert integrity.stalled_people_are_told() == [
        f"berkas {stalled.pk} mengendap, warga {stalled.resident_id} belum diberi tahu"
    ]


@pytest.mark.parametrize("state", ["waiting", "sent", "delivered", "told"])
def test_a_stall_is_told_by_any_message_on_its_way(stalled, state):
    Notification.objects.update(state=state)

    assert integrity.stalled_people_are_told() == []


def test_a_failed_message_counts_when_the_call_list_took_over(stalled):
    message = Notification.objects.get()
    Notification.objects.update(state="failed")
    Notification.objects.create(
        resident=Resident.objects.get(),
        kind=message.kind,
        dedup_key=f"{message.dedup_key}:call",
        channel="call",
        send_after=NOW,
    )

    assert integrity.stalled_people_are_told() == []


def test_an_older_stall_does_not_count_for_a_new_one(stalled):
    Case.objects.filter(pk=stalled.pk).update(status_since=NOW - timedelta(days=4))

    assert len(integrity.stalled_people_are_told()) == 1


@pytest.mark.parametrize("status", ["issued", "closed"])
def test_a_letter_that_outlives_its_case_is_found(status):
    letter, ended = LetterFactory(), LetterFactory(status="expired")
    reasons = {"closed_reason": "pindah"} if status == "closed" else {}
    changes = {"status": status, "waiting_for": "none", "clock_from": None, **reasons}
    Case.objects.filter(pk__in=[letter.case_id, ended.case_id]).update(**changes)

    assert integrity.letters_end_with_their_cases() == [
        f"surat {letter.pk} berlaku, berkas {letter.case_id} sudah {status}"
    ]


def test_a_difference_from_the_centre_is_counted_and_breaks_nothing():
    CaseFactory(status="print_ready", conflict_since=NOW, observed_raw="DUPLICATE_RECORD", observed_status="duplicate")

    assert integrity.conflicts_with_the_centre() == 1
    assert [line for name, check in integrity.CHECKS.items() if name.startswith("3 ") for line in check()] == []
