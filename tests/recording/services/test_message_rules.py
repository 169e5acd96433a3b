"""When a message waits, and who gets fewer: quiet hours, the most a day, and the wish for what matters only."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from recording.models import Notification
from recording.policy.quiet_hours import QuietHours
from recording.services.notification import drain, enqueue
from tests.factories import AppointmentFactory, DeclarationFactory, NotificationFactory, OfficeFactory, ResidentFactory

pytestmark = pytest.mark.django_db
NOON = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
LATE, EARLY = NOON.replace(hour=22), NOON.replace(hour=3)
PHONE = "+6281200000001"
PLAIN, URGENT, OWED = "appointment_booked", "code_reissued", "appointment_cancelled_by_office"


@pytest.fixture(autouse=True)
def messages_folder(settings, tmp_path):
    settings.STATE_DIR = tmp_path


@pytest.fixture
def appointment():
    return AppointmentFactory(resident__identity__phone=PHONE)


def owed(appointment, *, kind=PLAIN, at=NOON, **values):
    return NotificationFactory(
        resident=appointment.resident, appointment=appointment, kind=kind, send_after=at, **values
    )


def morning_after(moment) -> datetime:
    return (moment + timedelta(hours=10)).replace(hour=7)


@pytest.mark.parametrize("moment", [LATE, EARLY])
def test_a_message_waits_for_the_morning_and_an_urgent_one_does_not(appointment, moment):
    plain, urgent = owed(appointment, at=moment), owed(appointment, kind=URGENT, at=moment)

    assert drain(now=moment) == 1
    plain.refresh_from_db()
    urgent.refresh_from_db()
    assert (plain.state, plain.send_after, urgent.state) == ("waiting", morning_after(moment), "sent")
    assert drain(now=plain.send_after - timedelta(seconds=1)) == 0
    assert drain(now=plain.send_after) == 1


def test_no_hour_is_quiet_where_none_is_set(appointment, settings):
    settings.QUIET_HOURS = QuietHours.parse("")
    owed(appointment, at=LATE)

    assert drain(now=LATE) == 1


def test_holding_messages_is_one_statement_for_any_number(appointment, django_assert_num_queries):
    def held(count):
        Notification.objects.all().delete()
        for _n in range(count):
            owed(appointment, at=LATE)
        with django_assert_num_queries(7):
            drain(now=LATE)

    for count in (1, 3, 30):
        held(count)


def test_nobody_gets_more_than_three_a_day_but_what_is_urgent(appointment):
    for _n in range(5):
        owed(appointment)
    neighbour = owed(AppointmentFactory(resident__identity__phone=PHONE))
    owed(appointment, kind=URGENT)

    assert drain(now=NOON) == 5
    assert drain(now=NOON + timedelta(hours=2)) == 0

    waiting = Notification.objects.filter(state="waiting")
    assert set(waiting.values_list("resident", "send_after")) == {
        (appointment.resident_id, NOON.replace(hour=7) + timedelta(days=1))
    }
    neighbour.refresh_from_db()
    assert neighbour.state == "sent"
    assert drain(now=NOON + timedelta(days=1)) == 2


def test_the_day_begins_at_midnight_here(appointment, settings):
    settings.MESSAGES_PER_DAY = 1
    midnight = NOON.replace(hour=0)
    owed(appointment, state="sent", sent_at=midnight - timedelta(seconds=1))
    owed(appointment)

    assert drain(now=NOON) == 1


def test_who_wants_only_what_matters_is_owed_nothing_else(appointment):
    resident = appointment.resident
    resident.only_urgent_messages = True
    resident.save()

    def owe(kind):
        return enqueue(resident_id=resident.pk, kind=kind, dedup_key=kind, now=NOON, context={"case": 0})

    kinds = [PLAIN, "recorded", URGENT, OWED, "case_stalled", "rerecord", "recording_failed"]
    assert [kind for kind in kinds if owe(kind)] == [URGENT, OWED, "case_stalled", "rerecord", "recording_failed"]


def test_the_wish_also_ends_what_was_owed_before(appointment):
    plain, urgent = owed(appointment), owed(appointment, kind=URGENT)
    appointment.resident.only_urgent_messages = True
    appointment.resident.save()

    assert drain(now=NOON) == 1

    plain.refresh_from_db()
    urgent.refresh_from_db()
    assert (plain.state, urgent.state) == ("withdrawn", "sent")


def test_what_nobody_can_use_any_more_is_withdrawn(appointment):
    late, fine = owed(appointment, send_until=NOON), owed(appointment, send_until=NOON + timedelta(minutes=1))

    assert drain(now=NOON) == 1

    late.refresh_from_db()
    fine.refresh_from_db()
    assert (late.state, fine.state) == ("withdrawn", "sent")


@pytest.mark.parametrize(
    ("declared", "held", "channel"),
    [
        ({"email": "a@b.example", "email_bad_at": NOON, "phone": PHONE}, {}, "sms"),
        ({"phone": PHONE, "phone_bad_at": NOON}, {"identity__email": "a@b.example"}, "email"),
        ({"phone": PHONE, "phone_bad_at": NOON}, {}, "call"),
    ],
)
def test_a_wrong_contact_is_passed_over(declared, held, channel):
    appointment = AppointmentFactory(resident=ResidentFactory(**held))
    DeclarationFactory(appointment=appointment, **declared)

    message = enqueue(
        resident_id=appointment.resident_id, kind="rerecord", dedup_key="k", now=NOON, appointment=appointment
    )

    assert message.channel == channel


def test_telephones_get_the_channel_that_is_set(settings):
    settings.PHONE_CHANNEL = "whatsapp"
    resident = ResidentFactory(identity__phone=PHONE)

    assert enqueue(resident_id=resident.pk, kind="recorded", dedup_key="k", now=NOON).channel == "whatsapp"


def test_the_office_of_the_persons_own_kecamatan_looks_after_a_message():
    elsewhere = AppointmentFactory()
    resident = elsewhere.resident
    home = OfficeFactory(kind="kecamatan", district=resident.village.district)

    def office_of(key, **values):
        owed = enqueue(resident_id=values.pop("resident_id"), kind="rerecord", dedup_key=key, now=NOON, **values)
        return owed.office_id

    central = OfficeFactory(kind="disdukcapil")
    stranger = ResidentFactory(village=None)
    assert office_of("home", resident_id=resident.pk, appointment=elsewhere) == home.pk
    assert office_of("away", resident_id=stranger.pk, appointment=elsewhere) == elsewhere.office_id
    assert office_of("nowhere", resident_id=stranger.pk) == central.pk
