from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from issuance.enums import CaseStatus
from issuance.models import Case, StatusChange
from issuance.services import stall
from issuance.services.stall import flag_stalled
from recording.models import Notification
from recording.services.notification import _outgoing
from tests.factories import (
    AppointmentFactory,
    CaseFactory,
    ClosureFactory,
    OfficeFactory,
    RecordingFactory,
    ServiceHoursFactory,
    StallRuleFactory,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
AS_OF = datetime(2026, 11, 20, 10, 30, tzinfo=WIB)  # a Friday
LIMIT = AS_OF - timedelta(days=3)
EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


@pytest.fixture
def open_daily():
    """One rule (CAPTURED, three service days) and offices that open every day."""
    StallRuleFactory()
    return ServiceHoursFactory(office=None, weekdays=EVERY_DAY, valid_from=date(2026, 1, 1), valid_until=None)


def resting_since(moment, status="captured", **values):
    return CaseFactory(status=status, status_since=moment, recording__recorded_at=moment, **values)


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_is_exact_at_the_cut_off():
    due = resting_since(LIMIT)
    resting_since(LIMIT + timedelta(microseconds=1))

    assert flag_stalled(as_of=AS_OF) == 1

    due.refresh_from_db()
    assert (due.status, due.stalled_since, due.next_step) == ("captured", AS_OF, "office_resend")
    assert list(Case.objects.stalled()) == [due]


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_writes_history_and_owes_one_message():
    case = resting_since(LIMIT)

    flag_stalled(as_of=AS_OF)

    change = case.history.last()
    assert (change.event, change.from_status, change.to_status) == ("flagged", "captured", "captured")
    assert change.occurred_at == AS_OF
    owed = Notification.objects.get()
    assert owed.dedup_key == f"case_stalled:{case.pk}:1:{int(LIMIT.timestamp())}"
    assert (owed.kind, owed.channel, owed.resident) == ("case_stalled", "call", case.resident)
    assert owed.context == {"case": case.pk, "status": "captured"}


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_twice_changes_nothing_more():
    resting_since(LIMIT)

    assert [flag_stalled(as_of=AS_OF), flag_stalled(as_of=AS_OF + timedelta(hours=1))] == [1, 0]
    assert Notification.objects.count() == 1


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_tells_again_only_about_another_stall():
    case = resting_since(LIMIT)
    flag_stalled(as_of=AS_OF)

    Case.objects.filter(pk=case.pk).update(stalled_since=None)  # the same rest, flagged a second time
    assert flag_stalled(as_of=AS_OF) == 1
    assert Notification.objects.count() == 1

    later = LIMIT + timedelta(hours=1)  # another rest
    Case.objects.filter(pk=case.pk).update(stalled_since=None, status_since=later, clock_from=later)
    assert flag_stalled(as_of=AS_OF + timedelta(days=1)) == 1
    assert Notification.objects.count() == 2


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_leaves_paused_and_ended_cases_and_other_statuses():
    resting_since(LIMIT, waiting_for="blank")
    resting_since(LIMIT, status="issued")
    resting_since(LIMIT, status="sent")

    assert flag_stalled(as_of=AS_OF) == 0


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_follows_each_active_rule():
    StallRuleFactory(status="sent", late_after=5, stalled_after=14, remedy="check_centre")
    StallRuleFactory(status="failed", late_after=1, stalled_after=2, remedy="propose_rerecord", active=False)
    sent = resting_since(AS_OF - timedelta(days=14), status="sent")
    resting_since(AS_OF - timedelta(days=13), status="sent")
    resting_since(LIMIT, status="failed")
    captured = resting_since(LIMIT)

    assert flag_stalled(as_of=AS_OF) == 2
    assert set(Case.objects.stalled().values_list("pk", "next_step")) == {
        (sent.pk, "check_centre"),
        (captured.pk, "office_resend"),
    }


def test_flag_stalled_does_not_count_days_on_which_every_office_was_closed(open_daily):
    office = OfficeFactory()
    ClosureFactory(office=None, day=date(2026, 11, 19), closed_from=None, closed_until=None, status="confirmed")
    ClosureFactory(office=office, day=date(2026, 11, 18), closed_from=None, closed_until=None, status="confirmed")
    OfficeFactory()
    waits = resting_since(LIMIT)
    due = resting_since(LIMIT - timedelta(days=1))

    assert flag_stalled(as_of=AS_OF) == 1
    waits.refresh_from_db()
    due.refresh_from_db()
    assert (waits.stalled_since, due.stalled_since) == (None, AS_OF)


def test_flag_stalled_ignores_a_holiday_that_nobody_confirmed(open_daily):
    ClosureFactory(office=None, day=date(2026, 11, 19), closed_from=None, closed_until=None, status="proposed")
    resting_since(LIMIT)

    assert flag_stalled(as_of=AS_OF) == 1


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_works_in_chunks(monkeypatch):
    monkeypatch.setattr(stall, "CHUNK", 2)
    for minutes in range(5):
        resting_since(LIMIT - timedelta(minutes=minutes))

    assert flag_stalled(as_of=AS_OF) == 5
    assert Notification.objects.count() == 5


@pytest.mark.parametrize("rows", [1, 3, 100])
@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_needs_the_same_queries_for_any_number(rows, django_assert_num_queries):
    template = resting_since(LIMIT)
    residents = [CaseFactory(status="issued").resident for _n in range(rows - 1)]
    Case.objects.bulk_create(
        Case(
            resident=resident,
            opened_by="officer",
            opened_at=LIMIT,
            office=template.office,
            pickup_office=template.office,
            status="captured",
            status_since=LIMIT,
            clock_from=LIMIT,
        )
        for resident in residents
    )

    with django_assert_num_queries(4 + 4 + 3):  # rules and calendar; one chunk in its transaction; one empty chunk
        assert flag_stalled(as_of=AS_OF) == rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_in_two_workers_at_once_flags_each_case_once(monkeypatch):
    monkeypatch.setattr(stall, "CHUNK", 3)
    for minutes in range(40):
        resting_since(LIMIT - timedelta(minutes=minutes))

    counts = at_once(4, lambda: flag_stalled(as_of=AS_OF))
    counts.append(flag_stalled(as_of=AS_OF))  # what one skipped while another held it, and then lost

    assert sum(counts) == 40
    assert StatusChange.objects.filter(event="flagged").count() == 40
    assert Notification.objects.count() == 40


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_killed_between_chunks_is_finished_by_the_next(monkeypatch):
    monkeypatch.setattr(stall, "CHUNK", 2)
    for minutes in range(5):
        resting_since(LIMIT - timedelta(minutes=minutes))
    real, calls = stall.notification.enqueue_many, []

    def die_in_the_second_chunk(**values):
        calls.append(values)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**values)

    with monkeypatch.context() as patch:
        patch.setattr(stall.notification, "enqueue_many", die_in_the_second_chunk)
        with pytest.raises(KeyboardInterrupt):
            flag_stalled(as_of=AS_OF)

    assert (Case.objects.stalled().count(), Notification.objects.count()) == (2, 2)
    assert flag_stalled(as_of=AS_OF) == 3
    assert Notification.objects.count() == 5


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_speaks_to_the_contact_of_the_appointment():
    appointment = AppointmentFactory(status="done", language="en", resident__identity__email="warga@contoh.example")
    recording = RecordingFactory(resident=appointment.resident, appointment=appointment, recorded_at=LIMIT)
    CaseFactory(recording=recording)

    flag_stalled(as_of=AS_OF)

    owed = Notification.objects.get()
    assert (owed.channel, owed.language, owed.appointment) == ("email", "en", appointment)


@pytest.mark.parametrize("status", [status for status in CaseStatus if status not in ("issued", "closed")])
@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_has_a_sentence_for_every_status(status):
    StallRuleFactory(status=status)
    resting_since(LIMIT, status=status.value, recording__resident__identity__phone="+6281200000001")

    flag_stalled(as_of=AS_OF)

    message = _outgoing(Notification.objects.get())
    assert message.subject in ("KTP-el Anda sedang kami periksa", "Kabar tentang KTP-el Anda")
    assert len(message.body) <= 306
    assert "%" not in message.body
    if status in ("captured", "sent", "adjudication", "duplicate", "failed"):
        assert "jangan rekam ulang dulu" in message.body


@pytest.mark.usefixtures("open_daily")
def test_flag_stalled_reads_only_what_is_due():
    for minutes in range(3):
        resting_since(LIMIT - timedelta(minutes=minutes))
    values = {
        "status": "captured",
        "cut_off": LIMIT,
        "undoable": AS_OF,
        "as_of": AS_OF,
        "remedy": "office_resend",
        "event": "flagged",
        "chunk": 10,
    }

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {stall.FLAG}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "case_resting" in plan
    assert Case.objects.stalled().count() == 0
