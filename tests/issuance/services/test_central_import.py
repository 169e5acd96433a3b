from datetime import date, timedelta

import pytest
from django.utils import timezone

from issuance.exceptions import ListNotReady
from issuance.models import Case, CentralImport, CentralImportRow
from issuance.policy.observation import UNDONE
from issuance.services import central_import
from issuance.services.case import move
from issuance.services.central_import import admit, apply, classify, discard, freshness, go_on, start
from issuance.services.central_import_undo import outlook, undo
from issuance.services.integrity import CHECKS
from issuance.services.stall import flag_stalled
from recording.models import Notification, Resident
from recording.services.notification import drain
from tests.factories import (
    CaseFactory,
    OfficeFactory,
    RecordingFactory,
    ResidentFactory,
    ServiceHoursFactory,
    StallRuleFactory,
    UserFactory,
    VillageFactory,
)
from tests.factories.imports import CentralImportFactory, CentralImportRowFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
YESTERDAY = NOW - timedelta(days=1)
WAITING = timedelta(minutes=31)


@pytest.fixture(autouse=True)
def disdukcapil():
    return OfficeFactory(kind="disdukcapil")


def a_list(*lines, as_of=YESTERDAY, **values):
    """A list of (resident, raw status) lines, classified."""
    made = CentralImportFactory(as_of=as_of, **values)
    for resident, raw in lines:
        CentralImportRowFactory(central_import=made, resident=resident, raw_status=raw)
    classify(import_id=made.pk)
    return made


def applied(*lines, **values):
    made = a_list(*lines, **values)
    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)
    made.refresh_from_db()
    return made


def old_case(status="sent", **values):
    return CaseFactory(status=status, recording__recorded_at=NOW - timedelta(days=10), **values)


def results(made):
    return list(made.rows.order_by("pk").values_list("result", flat=True))


def broken():
    """What the invariants about cases, their people and their messages find."""
    return {name: found for name, check in CHECKS.items() if name[0] in "2367" and (found := check())}


def state_of_everything():
    return (
        list(
            Case.objects.order_by("pk").values_list(
                "pk", "status", "status_since", "attempt", "observed_raw", "conflict_since", "next_step"
            )
        ),
        list(Resident.objects.order_by("pk").values_list("pk", "entitlement", "card_held")),
        Notification.objects.count(),
    )


def test_the_preview_says_what_each_line_means_and_changes_nothing():
    ready, back, same, ours = old_case(), old_case("failed"), old_case(), old_case("print_ready")
    before = state_of_everything()

    made = a_list(
        (ready.resident, "PRINT_READY_RECORD"),
        (back.resident, "SENT_FOR_ENROLLMENT"),
        (same.resident, "RECEIVED_AT_CENTRAL"),
        (ours.resident, "SENT_FOR_ENROLLMENT"),
        (ResidentFactory(recorded_before=True), "ENROLL_FAILURE_AT_CENTRAL"),
        (ResidentFactory(recorded_before=True), "CARD_ISSUED"),
        (ResidentFactory(), "UNREGISTERED"),
        (ResidentFactory(), "WHAT_IS_THIS"),
    )

    assert results(made) == [
        "advanced",
        "back",
        "unchanged",
        "conflict",
        "new_case",
        "holds_card",
        "unchanged",
        "unknown_status",
    ]
    made.refresh_from_db()
    assert made.counts["results"]["unchanged"] == 2
    assert made.counts["messages"] == {"print_ready": 1, "found_in_list": 1}
    assert state_of_everything()[0] == before[0]
    assert not Notification.objects.exists()


def test_only_a_complete_list_knows_who_is_missing():
    here, missing, later = old_case(), old_case(), CaseFactory(status="sent")
    old_case("ready")

    partial = a_list((here.resident, "SENT_FOR_ENROLLMENT"))
    complete = a_list((here.resident, "SENT_FOR_ENROLLMENT"), complete=True)

    assert not partial.rows.filter(result="missing").exists()
    assert [row.case for row in complete.rows.filter(result="missing")] == [missing]
    assert later.status_since > complete.as_of
    apply(import_id=complete.pk, by=complete.uploaded_by, now=NOW)
    missing.refresh_from_db()
    assert (missing.status, missing.next_step) == ("sent", "check_centre")
    undo(import_id=complete.pk, by=complete.uploaded_by, now=NOW)
    missing.refresh_from_db()
    assert missing.next_step == "none"


def test_a_case_follows_the_list_and_its_resident_is_told_after_half_an_hour():
    case = old_case(recording__resident__identity__phone="+6281200000001")

    made = applied((case.resident, "PRINT_READY_RECORD"))

    case.refresh_from_db()
    assert (case.status, case.status_since, case.observed_status) == ("print_ready", made.as_of, "print_ready")
    assert (case.observed_raw, case.observed_as_of) == ("PRINT_READY_RECORD", made.as_of)
    row = made.rows.get()
    assert (row.applied, row.change.to_status, row.change.central_import) == (True, "print_ready", made)
    message = Notification.objects.get()
    assert (message.kind, message.send_after) == ("print_ready", NOW + timedelta(minutes=30))
    assert (made.state, made.done, made.total) == ("applied", 1, 1)
    assert not broken()


def test_the_national_date_of_a_line_is_when_it_happened():
    case = old_case()
    made = CentralImportFactory(as_of=YESTERDAY)
    on = timezone.localdate(NOW) - timedelta(days=4)
    CentralImportRowFactory(
        central_import=made, resident=case.resident, raw_status="PRINT_READY_RECORD", reported_on=on
    )

    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)

    case.refresh_from_db()
    assert timezone.localdate(case.status_since) == on


@pytest.mark.parametrize("raw", ["ENROLL_FAILURE_AT_CENTRAL", "ADJUDICATE_RECORD", "DUPLICATE_RECORD"])
def test_people_whose_data_is_checked_are_told_not_to_record_again(raw):
    case = old_case()

    applied((case.resident, raw))

    assert Notification.objects.get().kind == "being_checked"


def test_what_our_office_decided_is_left_and_shown_to_an_officer():
    case = old_case("print_ready")

    applied((case.resident, "SENT_FOR_ENROLLMENT"))

    case.refresh_from_db()
    assert (case.status, case.observed_status, case.conflict_since) == ("print_ready", "sent", NOW)
    applied((case.resident, "PRINT_READY_RECORD"), as_of=NOW)
    case.refresh_from_db()
    assert case.conflict_since is None


def test_an_older_list_never_moves_a_case_nor_overwrites_what_a_newer_one_said():
    case = old_case()
    applied((case.resident, "PRINT_READY_RECORD"))
    before = state_of_everything()

    older = applied((case.resident, "ENROLL_FAILURE_AT_CENTRAL"), as_of=YESTERDAY - timedelta(days=1))

    assert results(older) == ["older"]
    assert state_of_everything() == before


def test_a_list_older_than_our_own_last_step_never_moves_a_case():
    case = CaseFactory(status="sent", recording__recorded_at=NOW)

    older = applied((case.resident, "PRINT_READY_RECORD"))

    assert results(older) == ["older"]


def test_the_same_list_twice_changes_nothing():
    lines = [
        (old_case().resident, "PRINT_READY_RECORD"),
        (old_case("failed").resident, "SENT_FOR_ENROLLMENT"),
        (old_case("print_ready").resident, "SENT_FOR_ENROLLMENT"),
        (ResidentFactory(recorded_before=True), "ADJUDICATE_RECORD"),
        (ResidentFactory(recorded_before=True), "CARD_ISSUED"),
    ]
    old_case()
    applied(*lines, complete=True)
    before = state_of_everything()

    again = applied(*lines, complete=True)

    assert state_of_everything() == before
    assert again.counts["results"] == {"unchanged": 4, "conflict": 1, "missing": 1}
    assert not broken()


def test_somebody_recorded_before_the_portal_gets_a_case_with_the_national_date():
    resident = ResidentFactory(recorded_before=True)
    made = CentralImportFactory(as_of=YESTERDAY)
    on = timezone.localdate(NOW) - timedelta(days=3000)
    CentralImportRowFactory(central_import=made, resident=resident, raw_status="DUPLICATE_RECORD", reported_on=on)

    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)

    case = Case.objects.get()
    assert (case.status, case.opened_by, case.recording) == ("duplicate", "import", None)
    assert timezone.localdate(case.status_since) == on
    assert case.observed_raw == "DUPLICATE_RECORD"
    assert Notification.objects.get().kind == "found_in_list"
    assert not broken()


def test_a_case_opened_by_a_list_belongs_to_the_office_of_the_village():
    resident = ResidentFactory(recorded_before=True)
    office = OfficeFactory(district=resident.village.district)

    applied((resident, "SENT_FOR_ENROLLMENT"))

    assert Case.objects.get().office == office


def test_who_holds_a_card_gets_no_case_but_the_baseline_says_so():
    resident = ResidentFactory()

    applied((resident, "CARD_ISSUED"))

    resident.refresh_from_db()
    assert (resident.card_held, resident.recorded_before_portal, resident.entitlement) == (True, True, "none")
    assert not Case.objects.exists()
    assert not broken()


def test_what_the_centre_has_the_station_has_sent():
    recording = RecordingFactory(recorded_at=NOW - timedelta(days=5))
    case = CaseFactory(recording=recording)

    made = applied((case.resident, "RECEIVED_AT_CENTRAL"))

    recording.refresh_from_db(), case.refresh_from_db()
    assert (case.status, recording.sent_locally_at) == ("sent", NOW)
    undo(import_id=made.pk, by=made.uploaded_by, now=NOW)
    recording.refresh_from_db(), case.refresh_from_db()
    assert (case.status, recording.sent_locally_at) == ("captured", None)


def test_undo_puts_everything_back_that_has_not_moved_since():
    stays, goes_on = old_case(), old_case()
    new, holder, never = ResidentFactory(recorded_before=True), ResidentFactory(), ResidentFactory()
    contradicted = old_case("print_ready")
    before = state_of_everything()
    made = applied(
        (stays.resident, "PRINT_READY_RECORD"),
        (goes_on.resident, "PRINT_READY_RECORD"),
        (new, "SENT_FOR_ENROLLMENT"),
        (holder, "CARD_ISSUED"),
        (never, "SENT_FOR_ENROLLMENT"),
        (contradicted.resident, "SENT_FOR_ENROLLMENT"),
    )
    move(case_id=goes_on.pk, to="printed", by=UserFactory(), now=NOW + timedelta(minutes=1))

    seen = outlook(import_id=made.pk)
    undo(import_id=made.pk, by=made.uploaded_by, now=NOW + timedelta(minutes=2))

    assert (seen.restored, seen.closed, seen.left, seen.told) == (1, 2, 1, 0)
    made.refresh_from_db()
    assert made.state == "undone"
    assert list(made.rows.filter(undone=False).values_list("case", flat=True)) == [goes_on.pk]
    was = {row[0]: row for row in before[0]}
    stays.refresh_from_db()
    assert (stays.status, stays.status_since, stays.observed_raw) == (*was[stays.pk][1:3], "")
    goes_on.refresh_from_db()
    assert goes_on.status == "printed"
    assert [case.closed_reason for case in Case.objects.filter(opened_by="import")] == [UNDONE, UNDONE]
    residents = {pk: tuple(rest) for pk, *rest in before[1]}
    assert {pk: tuple(rest) for pk, *rest in state_of_everything()[1]} == residents
    assert not Notification.objects.filter(state="waiting").exists()
    contradicted.refresh_from_db()
    assert (contradicted.conflict_since, contradicted.observed_raw) == (None, "")
    assert not broken()


def test_after_undo_the_same_list_can_be_applied_again():
    case, new = old_case(), ResidentFactory(recorded_before=True)
    lines = [(case.resident, "PRINT_READY_RECORD"), (new, "SENT_FOR_ENROLLMENT")]
    made = applied(*lines)
    undo(import_id=made.pk, by=made.uploaded_by, now=NOW)

    applied(*lines)

    case.refresh_from_db()
    assert case.status == "print_ready"
    assert Case.objects.open().filter(resident=new).count() == 1
    assert Notification.objects.filter(state="waiting").count() == 2
    assert not broken()


def test_undo_says_what_is_told_already():
    case = old_case(recording__resident__identity__phone="+6281200000001")
    made = applied((case.resident, "PRINT_READY_RECORD"))

    assert (outlook(import_id=made.pk).withdrawn, drain(now=NOW)) == (1, 0)
    Notification.objects.update(state="sent", told_at=NOW)

    assert (outlook(import_id=made.pk).withdrawn, outlook(import_id=made.pk).told) == (0, 1)


def test_a_list_is_applied_once_and_undone_once():
    made = applied((old_case().resident, "PRINT_READY_RECORD"))

    with pytest.raises(ListNotReady):
        apply(import_id=made.pk, by=made.uploaded_by, now=NOW)
    with pytest.raises(ListNotReady):
        discard(import_id=made.pk, by=made.uploaded_by, now=NOW)
    undo(import_id=made.pk, by=made.uploaded_by, now=NOW)
    with pytest.raises(ListNotReady):
        undo(import_id=made.pk, by=made.uploaded_by, now=NOW)


def test_a_preview_can_be_thrown_away():
    made = a_list((old_case().resident, "PRINT_READY_RECORD"))

    discard(import_id=made.pk, by=made.uploaded_by, now=NOW)

    made.refresh_from_db()
    assert (made.state, made.rows.count()) == ("discarded", 0)
    with pytest.raises(ListNotReady):
        start(import_id=made.pk, by=made.uploaded_by, now=NOW)


def test_a_worker_that_is_killed_between_batches_loses_nothing(monkeypatch):
    monkeypatch.setattr(central_import, "BATCH", 2)
    cases = [old_case() for _number in range(5)]
    made = a_list(*((case.resident, "PRINT_READY_RECORD") for case in cases))
    start(import_id=made.pk, by=made.uploaded_by, now=NOW)

    def killed(number, count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go_on(import_id=made.pk, now=NOW, progress=killed)

    made.refresh_from_db()
    assert (made.state, made.done) == ("applying", 2)
    assert go_on(import_id=made.pk, now=NOW) == 3
    made.refresh_from_db()
    assert (made.state, made.done) == ("applied", 5)
    assert Case.objects.filter(status="print_ready").count() == 5
    assert Notification.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_apply_each_line_once(monkeypatch):
    monkeypatch.setattr(central_import, "BATCH", 3)
    cases = [old_case() for _number in range(12)]
    made = a_list(*((case.resident, "PRINT_READY_RECORD") for case in cases))
    start(import_id=made.pk, by=made.uploaded_by, now=NOW)

    def work():
        while CentralImport.objects.filter(pk=made.pk, state="applying").exists():
            go_on(import_id=made.pk, now=NOW)

    assert at_once(2, work) == [None, None]

    made.refresh_from_db()
    assert (made.state, made.done) == ("applied", 12)
    assert [case.history.count() for case in cases] == [2] * 12
    assert Notification.objects.count() == 12


def test_a_case_that_moved_after_the_preview_is_decided_about_again():
    case = old_case()
    made = a_list((case.resident, "PRINT_READY_RECORD"))
    move(case_id=case.pk, to="failed", by=UserFactory(role="verifier"), now=NOW)

    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)

    case.refresh_from_db()
    assert (case.status, results(made)) == ("failed", ["older"])


def test_an_unknown_person_is_taken_in_from_the_preview_with_a_case(disdukcapil):
    made = CentralImportFactory(as_of=YESTERDAY)
    known = {"nik": "3319015203909001", "name": "Sri Contoh"}
    for values, key in ((known, "a"), ({**known, "nik": "3319011203909002"}, "b"), ({"nik": "3319011203909003"}, "c")):
        row = CentralImportRowFactory.build(
            central_import=made,
            resident=None,
            result="unknown_nik",
            raw_status="ENROLL_FAILURE_AT_CENTRAL",
            line=ord(key),
        )
        row.key = f"00000000-0000-0000-0000-0000000000{ord(key)}"
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    first = made.rows.earliest("pk")

    assert admit(import_id=made.pk, row_ids=[first.pk], by=made.uploaded_by, now=NOW) == 1
    assert admit(import_id=made.pk, row_ids=None, by=made.uploaded_by, now=NOW) == 1

    assert results(made) == ["admitted", "admitted", "unknown_nik"]
    first.refresh_from_db()
    assert first.nik_ct is None
    assert (first.resident.source, first.resident.birth_year, first.resident.sex) == ("central", 1990, "P")
    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)
    case = Case.objects.get(resident=first.resident)
    assert (case.status, case.office) == ("failed", disdukcapil)
    assert Notification.objects.filter(kind="found_in_list").count() == 2
    assert not broken()
    undo(import_id=made.pk, by=made.uploaded_by, now=NOW)
    assert not broken()


def test_freshness_is_that_of_the_latest_list_in_force():
    assert freshness(NOW) is None
    CentralImportFactory(as_of=NOW - timedelta(days=5), state="applied")
    CentralImportFactory(as_of=YESTERDAY, state="undone")

    assert freshness(NOW) == NOW - timedelta(days=5)


def test_a_thousand_people_recorded_before_the_portal_are_told_or_on_a_call_list():
    made, village = CentralImportFactory(as_of=YESTERDAY), VillageFactory()
    residents = [
        ResidentFactory(
            recorded_before=True,
            village=village,
            birth_date=date(1980 + number % 10, 3, 5),
            identity__phone=f"+62812{number:08}" if number % 3 else "",
        )
        for number in range(1000)
    ]
    raw = ["SENT_FOR_ENROLLMENT", "ENROLL_FAILURE_AT_CENTRAL", "DUPLICATE_RECORD", "PRINT_READY_RECORD"]
    CentralImportRow.objects.bulk_create(
        CentralImportRowFactory.build(central_import=made, resident=each, raw_status=raw[number % 4], line=number + 2)
        for number, each in enumerate(residents)
    )

    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)
    drain(now=NOW + WAITING, limit=2000)

    messages = Notification.objects.filter(kind="found_in_list")
    told = messages.filter(told_at__isnull=False).values("resident").distinct().count()
    to_call = messages.filter(channel="call", state="waiting").values("resident").distinct().count()
    assert (told, to_call) == (666, 334)
    assert Case.objects.open().filter(opened_by="import").count() == 1000
    assert not broken()


def test_nobody_is_told_of_a_stall_while_the_list_that_shows_it_may_be_taken_back():
    ServiceHoursFactory()
    StallRuleFactory(status="failed", stalled_after=2)
    resident, made = ResidentFactory(recorded_before=True), CentralImportFactory(as_of=YESTERDAY)
    on = timezone.localdate(NOW) - timedelta(days=30)
    CentralImportRowFactory(
        central_import=made, resident=resident, raw_status="ENROLL_FAILURE_AT_CENTRAL", reported_on=on
    )
    apply(import_id=made.pk, by=made.uploaded_by, now=NOW)
    entered = Case.objects.get().history.get().entered_at

    assert flag_stalled(as_of=entered + timedelta(minutes=29)) == 0
    assert flag_stalled(as_of=entered + timedelta(minutes=31)) == 1
