import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from recording.models import Notification
from recording.services import notification
from recording.services.notification import LEASE, MOST_ATTEMPTS, Owed, drain, enqueue, enqueue_many, withdraw
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    NotificationFactory,
    ResidentFactory,
    TrackingCodeFactory,
)
from tests.mail import running_mail_server
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)  # not in the quiet hours
LEASE_ENDED = NOW + LEASE + timedelta(seconds=1)
PHONE, OTHER_PHONE, EMAIL = "+6281200000001", "+6281200000002", "warga@contoh.example"


@pytest.fixture(autouse=True)
def messages_folder(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return tmp_path / "messages"


def owe(resident, *, kind="recording_failed", key="k", **values):
    return enqueue(resident_id=resident.pk, kind=kind, dedup_key=key, now=NOW, **values)


def waiting(**values):
    """A text message that is due, about a booked appointment."""
    appointment = AppointmentFactory(resident__identity__phone=PHONE)
    return NotificationFactory(resident=appointment.resident, appointment=appointment, send_after=NOW, **values)


@pytest.mark.parametrize(
    ("declared", "held", "channel"),
    [
        ({"email": EMAIL, "phone": PHONE}, {}, "email"),
        ({"phone": PHONE}, {"identity__email": EMAIL}, "sms"),
        ({}, {"identity__email": EMAIL, "identity__phone": PHONE}, "email"),
        ({}, {"identity__phone": PHONE}, "sms"),
        ({}, {}, "call"),
    ],
)
def test_enqueue_picks_the_way(declared, held, channel):
    appointment = AppointmentFactory(resident=ResidentFactory(**held))
    DeclarationFactory(appointment=appointment, **declared)

    assert owe(appointment.resident, appointment=appointment).channel == channel


def test_enqueue_writes_once_per_key():
    resident = ResidentFactory(identity__phone=PHONE)

    first, second = owe(resident), owe(resident)

    assert (first.state, first.send_after, second) == ("waiting", NOW, None)
    assert Notification.objects.count() == 1


def test_enqueue_keeps_nobody_on_the_call_list_for_what_is_on_the_slip():
    assert owe(ResidentFactory(), kind="appointment_booked") is None
    assert not Notification.objects.exists()


def test_enqueue_speaks_the_language_of_the_appointment():
    appointment = AppointmentFactory(language="en", resident__identity__phone=PHONE)

    assert owe(appointment.resident, appointment=appointment).language == "en"
    assert owe(appointment.resident, key="other").language == "id"


def test_enqueue_refuses_a_kind_nobody_registered():
    with pytest.raises(KeyError):
        owe(ResidentFactory(identity__phone=PHONE), kind="unheard_of")


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_enqueue_many_is_one_statement(rows, django_assert_num_queries):
    resident = ResidentFactory(identity__phone=PHONE)
    owed = [Owed(resident_id=resident.pk, dedup_key=f"k{n}") for n in range(rows)]

    with django_assert_num_queries(1):
        assert enqueue_many(kind="case_stalled", owed=owed, now=NOW) == rows
    assert enqueue_many(kind="case_stalled", owed=owed, now=NOW) == 0


def test_enqueue_many_of_nothing_writes_nothing():
    assert enqueue_many(kind="case_stalled", owed=[], now=NOW) == 0


def test_withdraw_takes_back_what_waits():
    resident = ResidentFactory()
    kept = NotificationFactory(resident=resident, kind="recorded")
    taken = NotificationFactory(resident=resident, kind="case_stalled")
    sent = NotificationFactory(resident=resident, kind="case_stalled", state="sent")

    assert withdraw(resident_id=resident.pk, kinds=["case_stalled"]) == 1
    states = dict(Notification.objects.values_list("pk", "state"))
    assert states == {kept.pk: "waiting", taken.pk: "withdrawn", sent.pk: "sent"}


def test_drain_sends_what_is_due_and_notes_it(messages_folder):
    owed = waiting()
    TrackingCodeFactory(resident=owed.resident, code="K7QX4M2P9TH")

    assert drain(now=NOW) == 1

    owed.refresh_from_db()
    assert (owed.state, owed.lease_until, owed.attempts, owed.last_error) == ("sent", None, 1, "")
    assert owed.told_at >= NOW
    [file] = messages_folder.iterdir()
    text = file.read_text()
    assert "Kode: K7QX-4M2P-9TH" in text
    assert owed.appointment.office.name in text
    assert PHONE not in text
    assert "+62 8•• •••• ••01" in text


def test_drain_leaves_what_is_not_due_and_the_call_list():
    later, call = waiting(), waiting(channel="call")
    Notification.objects.filter(pk=later.pk).update(send_after=NOW + timedelta(minutes=1))

    assert drain(now=NOW) == 0
    assert set(Notification.objects.values_list("pk", "state")) == {(later.pk, "waiting"), (call.pk, "waiting")}


def test_drain_leaves_what_is_leased_until_the_lease_ends():
    leased = waiting(lease_until=NOW + timedelta(seconds=1), attempts=1)

    assert drain(now=NOW) == 0
    assert drain(now=NOW + timedelta(seconds=2)) == 1

    leased.refresh_from_db()
    assert (leased.state, leased.attempts) == ("sent", 2)


def test_drain_stops_at_its_limit():
    for _n in range(3):
        waiting()

    assert drain(now=NOW, limit=2) == 2


def test_drain_command_ends_with_the_number_sent(capsys):
    waiting()

    with time_machine.travel(NOW):
        call_command("drain_outbox")

    assert capsys.readouterr().out.splitlines()[-1] == "1"


def test_drain_fails_what_has_no_address_and_puts_it_on_the_call_list():
    lost = NotificationFactory(kind="rerecord", dedup_key="rerecord:1", send_after=NOW, context={"case": 1})
    unimportant = NotificationFactory(kind="code_reissued", send_after=NOW)

    assert drain(now=NOW) == 0

    states = list(Notification.objects.order_by("pk").values_list("dedup_key", "channel", "state"))
    assert states == [
        ("rerecord:1", "sms", "failed"),
        (unimportant.dedup_key, "sms", "failed"),
        ("rerecord:1:call", "call", "waiting"),
    ]
    lost.refresh_from_db()
    assert (lost.told_at, lost.last_error) == (None, "no address any more")


@pytest.mark.usefixtures("broken_gateway")
def test_drain_tries_again_ever_later_and_then_gives_up():
    owed = waiting()
    moment, pauses = NOW, []

    for _attempt in range(MOST_ATTEMPTS):
        assert drain(now=moment) == 0
        owed.refresh_from_db()
        pauses.append(round((owed.send_after - moment).total_seconds()))
        moment = owed.send_after

    assert pauses[:-1] == [30, 60, 120, 240, 480]
    assert (owed.state, owed.attempts, owed.told_at, owed.last_error) == ("failed", MOST_ATTEMPTS, None, "OSError: ")


@pytest.fixture
def broken_gateway(monkeypatch):
    class Broken:
        reports = False

        def __enter__(self):
            return self

        def __exit__(self, *exception):
            pass

        def send(self, message):
            raise OSError(f"no way to {message.address}")

    monkeypatch.setattr(notification, "for_channel", lambda channel: Broken())


def test_drain_gives_up_on_what_kills_its_worker():
    owed = waiting(attempts=MOST_ATTEMPTS, lease_until=NOW)

    assert drain(now=NOW) == 0

    owed.refresh_from_db()
    assert (owed.state, owed.last_error) == ("failed", "its worker was killed at every try")


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def test_drain_killed_before_sending_is_made_up_for_after_the_lease(monkeypatch, messages_folder):
    waiting()
    with monkeypatch.context() as patch:
        patch.setattr(notification, "_outgoing", _die)
        with pytest.raises(Killed):
            drain(now=NOW)

    assert drain(now=NOW + LEASE / 2) == 0
    assert drain(now=LEASE_ENDED) == 1
    assert len(list(messages_folder.iterdir())) == 1


def test_drain_killed_after_sending_leaves_one_message(monkeypatch, messages_folder):
    waiting()
    with monkeypatch.context() as patch:
        patch.setattr(notification, "_note", _die)
        with pytest.raises(Killed):
            drain(now=NOW)

    assert drain(now=LEASE_ENDED) == 1
    assert len(list(messages_folder.iterdir())) == 1


def _die(*args, **values):
    raise Killed


@pytest.mark.django_db(transaction=True)
def test_drain_at_once_sends_each_message_once(monkeypatch):
    for _n in range(30):
        waiting()
    sent, lock = [], threading.Lock()

    class Counting:
        reports = False

        def __enter__(self):
            return self

        def __exit__(self, *exception):
            pass

        def send(self, message):
            with lock:
                sent.append(message.key)
            return "id"

    monkeypatch.setattr(notification, "for_channel", lambda channel: Counting())

    counts = at_once(4, lambda: drain(now=NOW))

    assert sum(counts) == len(sent) == len(set(sent)) == 30


@pytest.fixture
def mail_server(settings):
    with running_mail_server() as server:
        settings.MESSAGE_CHANNEL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp", "127.0.0.1", server.port
        settings.SITE_URL = "https://ktp.kudus.example"
        yield server


def email_owed(**values):
    appointment = AppointmentFactory(resident__identity__email=EMAIL)
    return NotificationFactory(
        resident=appointment.resident, appointment=appointment, channel="email", send_after=NOW, **values
    )


def test_drain_hands_e_mail_to_a_mail_server(mail_server):
    first, _second = email_owed(), email_owed(language="en")

    assert drain(now=NOW) == 2

    first.refresh_from_db()
    assert first.state == "sent"
    assert first.told_at is not None
    assert mail_server.envelopes[0].rcpt_tos == [EMAIL]
    assert mail_server.header("Message-ID")[0] == first.provider_id
    assert mail_server.header("Subject") == ["Janji rekam KTP-el Anda", "Your KTP-el appointment"]


def test_drain_killed_after_a_mail_server_accepted_sends_the_same_message_id(mail_server, monkeypatch):
    email_owed()
    with monkeypatch.context() as patch:
        patch.setattr(notification, "_note", _die)
        with pytest.raises(Killed):
            drain(now=NOW)
    drain(now=LEASE_ENDED)

    first, copy = mail_server.header("Message-ID")
    assert first == copy


def test_drain_fails_at_once_when_the_mailbox_does_not_exist(mail_server):
    mail_server.refusals = ["550 no such mailbox"]
    gone, fine = email_owed(), email_owed()

    assert drain(now=NOW) == 1

    gone.refresh_from_db()
    fine.refresh_from_db()
    assert (gone.state, gone.last_error, fine.state) == ("failed", "recipient refused, 550", "sent")


def test_drain_tries_again_when_the_mail_server_is_busy(mail_server):
    mail_server.refusals = ["451 later"]
    owed = email_owed()

    assert drain(now=NOW) == 0

    owed.refresh_from_db()
    assert (owed.state, owed.last_error) == ("waiting", "TemporaryRefusal: recipient refused for now, 451")
    assert drain(now=owed.send_after) == 1


def test_drain_tries_again_when_no_mail_server_answers(settings):
    settings.MESSAGE_CHANNEL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp", "127.0.0.1", 1
    owed = email_owed()

    assert drain(now=NOW) == 0

    owed.refresh_from_db()
    assert (owed.state, owed.last_error) == ("waiting", "TemporaryRefusal: ConnectionRefusedError")


def test_drain_without_a_text_message_gateway_fails_text_messages(settings):
    settings.MESSAGE_CHANNEL = "smtp"
    owed = waiting()

    assert drain(now=NOW) == 0

    owed.refresh_from_db()
    assert (owed.state, owed.last_error) == ("failed", "no gateway for this channel")


@pytest.mark.django_db(transaction=True)
def test_drain_never_sends_inside_a_transaction(monkeypatch):
    waiting()
    seen = []
    outgoing = notification._outgoing

    def look(owed):
        seen.append(connection.in_atomic_block)
        return outgoing(owed)

    monkeypatch.setattr(notification, "_outgoing", look)

    drain(now=NOW)

    assert seen == [False]


def test_drain_does_not_walk_past_the_call_list():
    for _n in range(3):
        waiting(channel="call")
    waiting()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {notification.CLAIM}", notification.claim_values(now=NOW))
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "notification_to_send" in plan
