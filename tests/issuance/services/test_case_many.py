import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.models import Case
from issuance.services.case_many import (
    Change,
    Observation,
    Opening,
    Restoring,
    change_many,
    observe_many,
    open_many_from_import,
    restore_many,
)
from issuance.services.integrity import CHECKS
from recording.models import AuditEvent, Notification
from tests.factories import CaseFactory, NotificationFactory, ResidentFactory, UserFactory
from tests.factories.imports import CentralImportFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LATER = NOW + timedelta(days=1)


def change(case, to, **values):
    return Change(
        **{"case_id": case.pk, "from_status": case.status, "attempt": case.attempt, "to": to, "at": NOW} | values
    )


def moved(*changes, note="", **values):
    return change_many(changes=changes, by=UserFactory(role="verifier"), note=note, **values)


def broken():
    return {name: cases for name, check in CHECKS.items() if name.startswith("3") and (cases := check())}


def test_change_many_moves_with_history_clock_and_entitlement():
    central_import = CentralImportFactory()
    sent, failed = CaseFactory(status="sent"), CaseFactory(status="failed", attempt=2)

    history = moved(change(sent, "print_ready"), change(failed, "closed"), note="Pindah", central_import=central_import)

    sent.refresh_from_db(), failed.refresh_from_db()
    assert (sent.status, sent.status_since, sent.clock_from, sent.waiting_for) == ("print_ready", NOW, NOW, "none")
    assert (failed.status, failed.clock_from, failed.closed_reason) == ("closed", None, "Pindah")
    line = failed.history.get(pk=history[failed.pk])
    assert (line.from_status, line.to_status, line.attempt, line.occurred_at) == ("failed", "closed", 2, NOW)
    assert (line.central_import, line.note) == (central_import, "Pindah")
    assert not broken()
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"case.print_ready", "case.closed"}


def test_change_many_leaves_what_has_moved_meanwhile():
    gone_on, recorded_again = CaseFactory(status="sent"), CaseFactory(status="sent", attempt=2)

    assert moved(change(gone_on, "failed", from_status="captured"), change(recorded_again, "failed", attempt=1)) == {}

    assert set(Case.objects.values_list("status", flat=True)) == {"sent"}
    assert moved() == {}


@pytest.mark.django_db(transaction=True)
def test_change_many_moves_each_case_once_however_many_try():
    case, by = CaseFactory(status="sent"), UserFactory(role="verifier")

    done = at_once(3, lambda: change_many(changes=[change(case, "print_ready")], by=by, note=""))

    assert sorted(len(each) for each in done) == [0, 0, 1]
    assert case.history.count() == 2


@pytest.mark.parametrize(("born", "married", "waits"), [(16, False, True), (16, True, False), (18, False, False)])
def test_change_many_pauses_the_clock_of_people_too_young_for_a_card(born, married, waits):
    birth_date = timezone.localdate(NOW).replace(day=1) - timedelta(days=365 * born + 40)
    case = CaseFactory(
        status="sent", recording__resident__birth_date=birth_date, recording__resident__ever_married=married
    )

    moved(change(case, "print_ready"))

    case.refresh_from_db()
    assert (case.waiting_for == "age", case.clock_from is None) == (waits, waits)


def test_change_many_takes_back_what_is_no_longer_true():
    case = CaseFactory(status="sent", stalled_since=NOW, next_step="check_centre")
    stalled = NotificationFactory(resident=case.resident, kind="case_stalled")
    recorded = NotificationFactory(resident=case.resident, kind="recorded")

    moved(change(case, "print_ready"))

    case.refresh_from_db(), stalled.refresh_from_db(), recorded.refresh_from_db()
    assert (case.stalled_since, case.next_step) == (None, "none")
    assert (stalled.state, recorded.state) == ("withdrawn", "waiting")


def test_change_many_tells_who_has_to_record_again():
    case = CaseFactory(status="failed", recording__resident__identity__phone="+6281200000001")

    moved(change(case, "rerecord"), note="Sudah dicek di pusat")

    assert Notification.objects.get().kind == "rerecord"
    case.refresh_from_db(), case.resident.refresh_from_db()
    assert (case.rerecord_reason, case.resident.entitlement) == ("Sudah dicek di pusat", "rerecord")


def test_change_many_takes_as_many_queries_for_one_case_as_for_thirty():
    counted = []
    for number in (1, 30):
        changes = [change(case, "print_ready") for case in CaseFactory.create_batch(number, status="sent")]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            change_many(changes=changes, by=None, note="")
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_open_many_opens_once_for_each_resident():
    central_import, office = CentralImportFactory(), UserFactory().office
    new, busy = ResidentFactory(recorded_before=True), CaseFactory(status="sent").resident
    openings = [
        Opening(resident_id=each.pk, office_id=office.pk, kind="first", status="failed", since=NOW)
        for each in (new, busy)
    ]

    opened = open_many_from_import(
        openings=openings, central_import=central_import, by=central_import.uploaded_by, now=LATER
    )

    case = Case.objects.get(resident=new)
    assert list(opened) == [case.pk]
    assert (case.status, case.status_since, case.clock_from, case.opened_by) == ("failed", NOW, NOW, "import")
    assert case.history.get().pk == opened[case.pk]
    assert not broken()


def test_observe_many_keeps_what_a_newer_list_said():
    case = CaseFactory(status="print_ready")
    seen = [Observation(case_id=case.pk, raw="SENT_FOR_ENROLLMENT", status="sent", contradicts=True)]

    assert observe_many(seen=seen, as_of=NOW, now=LATER) == 1
    assert observe_many(seen=seen, as_of=NOW - timedelta(days=1), now=LATER) == 0

    case.refresh_from_db()
    assert (case.observed_raw, case.observed_status, case.observed_as_of) == ("SENT_FOR_ENROLLMENT", "sent", NOW)
    assert case.conflict_since == LATER
    settled = [Observation(case_id=case.pk, raw="PRINT_READY_RECORD", status="print_ready", settles=True)]
    observe_many(seen=settled, as_of=NOW, now=LATER)
    case.refresh_from_db()
    assert case.conflict_since is None


def before_of(case):
    names = ("status", "status_since", "clock_from", "stalled_since", "next_step", "waiting_for")
    texts = {"observed_raw": "", "observed_status": "", "observed_as_of": None, "conflict_since": None}
    return json.dumps({name: getattr(case, name) for name in names} | texts, default=str)


def test_restore_many_puts_back_what_has_not_moved_since():
    central_import = CentralImportFactory()
    stays, goes_on = CaseFactory(status="sent", stalled_since=NOW, next_step="check_centre"), CaseFactory(status="sent")
    before = {case.pk: before_of(case) for case in (stays, goes_on)}
    key = f"case_stalled:{stays.pk}:1:{int(stays.status_since.timestamp())}"
    NotificationFactory(resident=stays.resident, kind="case_stalled", dedup_key=key)
    moved(change(stays, "print_ready"), change(goes_on, "print_ready"))
    moved(Change(case_id=goes_on.pk, from_status="print_ready", attempt=1, to="printed", at=LATER))

    restored = restore_many(
        restorings=[
            Restoring(case_id=case.pk, status="print_ready", status_since=NOW, before=before[case.pk])
            for case in (stays, goes_on)
        ],
        central_import=central_import,
        by=central_import.uploaded_by,
        note="Diurungkan",
        at=LATER,
    )

    was = stays.status_since
    stays.refresh_from_db(), goes_on.refresh_from_db()
    assert list(restored) == [stays.pk]
    assert (stays.status, stays.status_since, stays.stalled_since, stays.next_step) == (
        "sent",
        was,
        NOW,
        "check_centre",
    )
    assert goes_on.status == "printed"
    assert Notification.objects.get(dedup_key=key).state == "waiting"
    assert not broken()
