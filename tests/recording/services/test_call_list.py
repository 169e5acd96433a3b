from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from recording.enums import CallOutcome
from recording.exceptions import NotOnCallList, SheetNotOut
from recording.models import AuditEvent, CallAttempt, CallSheet, Notification
from recording.services import call_list
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    NotificationFactory,
    OfficeFactory,
    ResidentFactory,
    UserFactory,
    VillageFactory,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
PHONE = "+6281200000001"


@pytest.fixture
def clerk():
    return UserFactory()


def to_call(clerk, *, phone=PHONE, village=None, name="Sutrisno", resident=None, **values):
    resident = resident or ResidentFactory(
        name=name, identity__phone=phone, **({"village": village} if village else {})
    )
    owed = {"kind": "case_stalled", "channel": "call", "office": clerk.office, "resident": resident}
    return NotificationFactory(**owed | values)


def names(clerk, **filters):
    return [row["resident__name"] for row in call_list.people(by=clerk).filter(**filters)]


def log(message, outcome, clerk, at=NOW):
    call_list.log(resident_id=message.resident_id, outcome=outcome, by=clerk, now=at)


def test_people_names_each_once_with_everything_owed(clerk):
    message = to_call(clerk, name="Aminah")
    to_call(clerk, resident=message.resident, kind="rerecord")
    to_call(clerk, name="Budi", phone="")
    to_call(clerk, name="Lain", office=OfficeFactory())
    to_call(clerk, name="Sudah", state="told")
    NotificationFactory(office=clerk.office, channel="sms")

    rows = list(call_list.people(by=clerk))

    assert [(row["resident__name"], sorted(row["kinds"]), row["has_number"]) for row in rows] == [
        ("Aminah", ["case_stalled", "rerecord"], True),
        ("Budi", ["case_stalled"], False),
    ]
    assert names(UserFactory(role="verifier")) == ["Aminah", "Budi", "Lain"]


def test_people_of_an_appointment_here_are_seen_wherever_they_live(clerk):
    appointment = AppointmentFactory(office=clerk.office, slot=None, channel="walk_in", places_held=0)
    to_call(clerk, resident=appointment.resident, appointment=appointment, office=OfficeFactory())

    assert names(clerk) == ["Sutrisno"]


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_people_are_one_query_for_any_number(clerk, rows, django_assert_num_queries):
    for _n in range(rows):
        to_call(clerk)

    with django_assert_num_queries(1):
        assert len(call_list.people(by=clerk)) == rows


def test_number_is_the_declared_one_first_and_never_a_wrong_one(clerk):
    appointment = AppointmentFactory(resident__identity__phone=PHONE)
    declaration = DeclarationFactory(appointment=appointment, phone="+6281200000002")
    to_call(clerk, resident=appointment.resident, appointment=appointment)

    def number():
        return call_list.number_for(call_list.about(resident_id=appointment.resident_id, by=clerk))

    assert number() == "+6281200000002"
    declaration.phone_bad_at = NOW
    declaration.save()
    assert number() == PHONE


def test_reached_is_told_of_everything_owed(clerk):
    message = to_call(clerk)
    other = to_call(clerk, resident=message.resident, kind="rerecord")
    neighbour = to_call(clerk)

    log(message, CallOutcome.REACHED, clerk)

    states = dict(Notification.objects.values_list("pk", "state"))
    assert states == {message.pk: "told", other.pk: "told", neighbour.pk: "waiting"}
    assert Notification.objects.get(pk=message.pk).told_at == NOW
    assert CallAttempt.objects.count() == 2
    assert list(AuditEvent.objects.values_list("action", "resident_id")) == [("call.reached", message.resident_id)]


def test_no_answer_goes_to_the_end_of_the_list(clerk):
    first, _second = to_call(clerk, name="Aminah"), to_call(clerk, name="Budi")
    assert names(clerk) == ["Aminah", "Budi"]

    log(first, CallOutcome.NO_ANSWER, clerk)

    assert names(clerk) == ["Budi", "Aminah"]
    row = call_list.people(by=clerk).get(resident_id=first.resident_id)
    assert (row["tries"], row["last_try"]) == (1, NOW)


def test_a_wrong_number_is_not_shown_again(clerk):
    message = to_call(clerk)

    log(message, CallOutcome.WRONG_NUMBER, clerk)

    assert call_list.number_for(call_list.about(resident_id=message.resident_id, by=clerk)) == ""
    assert names(clerk, has_number=False) == ["Sutrisno"]


def test_log_of_somebody_elses_person_or_a_second_time_is_refused(clerk):
    message = to_call(clerk)

    with pytest.raises(NotOnCallList):
        log(message, CallOutcome.REACHED, UserFactory(office=OfficeFactory()))
    log(message, CallOutcome.REACHED, clerk)
    with pytest.raises(NotOnCallList):
        log(message, CallOutcome.REACHED, clerk)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_reach_somebody_at_once_are_noted_once():
    clerk = UserFactory()
    message = to_call(clerk)

    outcomes = at_once(4, lambda: log(message, CallOutcome.REACHED, clerk))

    assert [outcome for outcome in outcomes if outcome is None] == [None]
    assert CallAttempt.objects.count() == 1


def sheet_of(village, clerk, *, everybody=False):
    return call_list.print_sheet(village=village, everybody=everybody, by=clerk, now=NOW)


def on(sheet):
    return [row["resident__name"] for row in call_list.on_sheet(sheet)]


def test_a_sheet_names_those_without_a_number_and_those_who_never_answer(clerk):
    here = VillageFactory()
    to_call(clerk, village=here, phone="", name="Tanpa")
    silent = to_call(clerk, village=here, name="Diam")
    to_call(clerk, village=here, name="Punya")
    to_call(clerk, phone="", name="Desa lain")
    for hours in range(call_list.TRIES):
        log(silent, CallOutcome.NO_ANSWER, clerk, at=NOW - timedelta(hours=hours))

    assert on(sheet_of(here, clerk)) == ["Diam", "Tanpa"]
    assert on(sheet_of(here, clerk, everybody=True)) == ["Punya"]
    with pytest.raises(NotOnCallList):
        sheet_of(here, clerk, everybody=True)


def take_back(sheet, people, clerk, *, signed_on=None, at=NOW + timedelta(days=2)):
    return call_list.take_back_sheet(
        sheet_id=sheet.pk,
        resident_ids=[message.resident_id for message in people],
        signed_by="Kades Singocandi",
        signed_on=signed_on or timezone.localdate(NOW) + timedelta(days=1),
        by=clerk,
        now=at,
    )


def test_a_signed_sheet_tells_those_who_are_ticked_on_the_day_it_was_signed(clerk):
    here = VillageFactory()
    told, missed = (to_call(clerk, village=here, phone="", name=name) for name in ("Aminah", "Budi"))
    later = to_call(clerk, phone="", name="Citra")
    sheet = sheet_of(here, clerk)

    assert take_back(sheet, [told, later], clerk) == 1

    told.refresh_from_db()
    assert told.state == "told"
    assert timezone.localdate(told.told_at) == timezone.localdate(NOW) + timedelta(days=1)
    assert sorted(names(clerk)) == ["Budi", "Citra"]
    assert CallAttempt.objects.get().outcome == "village"
    with pytest.raises(SheetNotOut):
        take_back(sheet, [missed], clerk)
    assert on(sheet_of(here, clerk)) == ["Budi"]


def test_a_sheet_signed_the_day_it_was_printed_counts_from_its_printing(clerk):
    here = VillageFactory()
    message = to_call(clerk, village=here, phone="")

    take_back(sheet_of(here, clerk), [message], clerk, signed_on=timezone.localdate(NOW), at=NOW + timedelta(minutes=5))

    message.refresh_from_db()
    assert NOW <= message.told_at <= NOW + timedelta(minutes=5)


def test_another_offices_sheet_does_not_exist(clerk):
    here = VillageFactory()
    to_call(clerk, village=here, phone="")
    sheet = sheet_of(here, clerk)

    assert not call_list.sheets(by=UserFactory(office=OfficeFactory())).exists()
    with pytest.raises(SheetNotOut):
        take_back(sheet, [], UserFactory(office=OfficeFactory()))
    assert call_list.sheets(by=UserFactory(role="verifier")).get() == sheet


def test_printing_is_as_many_queries_for_any_number(clerk, django_assert_max_num_queries):
    here = VillageFactory()
    for _n in range(40):
        to_call(clerk, village=here, phone="")

    with django_assert_max_num_queries(10):
        sheet_of(here, clerk)
    assert CallSheet.objects.get().notifications.count() == 40


def test_counts_tell_people_and_those_who_wait_more_than_a_day(clerk):
    message = to_call(clerk)
    to_call(clerk, resident=message.resident, kind="rerecord")
    old = to_call(clerk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recording_notification SET created_at = now() - interval '25 hours' WHERE id = %s", [old.pk]
        )

    assert call_list.counts(by=clerk) == (2, 1)
