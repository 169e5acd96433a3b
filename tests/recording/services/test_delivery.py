import json
from datetime import timedelta

import pytest
from django.utils import timezone

from recording.models import Notification
from recording.services import delivery, notification
from recording.services.delivery import NotReadable, NotSigned, signature, take_bounce, take_reports
from tests.factories import AppointmentFactory, DeclarationFactory, NotificationFactory, ResidentFactory
from tests.mail import running_mail_server
from tests.text_gateway import running_text_gateway

pytestmark = pytest.mark.django_db
NOW = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
SECRET = "s" * 32
PHONE, EMAIL = "+6281200000001", "warga@contoh.example"


@pytest.fixture
def gateway(settings):
    with running_text_gateway() as server:
        settings.MESSAGE_CHANNEL = "smtp"
        settings.TEXT_GATEWAYS = {
            "sms": server.settings(
                report_secret=SECRET, report_delivered=["delivered"], report_failed=["failed", "expired"]
            )
        }
        yield server


def owed(*, kind="rerecord", **values):
    resident = ResidentFactory(identity__phone=PHONE, identity__email=EMAIL)
    case = {"case": 0}
    return NotificationFactory(resident=resident, kind=kind, send_after=NOW, **{"context": case} | values)


def sent(**values):
    """A text message that the gateway took under the id sms-1."""
    return owed(state="sent", sent_at=NOW, provider_id="sms-1", **values)


def report(document, *, at=NOW, secret=SECRET, gateway="sms"):
    body, timestamp = json.dumps(document).encode(), str(int(at.timestamp()))
    signed = signature(secret=secret, timestamp=timestamp, body=body)
    taken = take_reports(gateway=gateway, timestamp=timestamp, signed=signed, body=body, now=NOW)
    return taken.changed, taken.unknown


def calls():
    return list(Notification.objects.filter(channel="call").values_list("dedup_key", "state"))


def test_a_gateway_that_reports_tells_nobody_by_taking_the_message(gateway):
    message = owed(kind="code_reissued", context={})

    assert notification.drain(now=NOW) == 1

    message.refresh_from_db()
    assert (message.state, message.provider_id, message.told_at) == ("sent", "sms-1", None)


def test_a_gateway_without_reports_tells_by_taking_the_message(gateway, settings):
    settings.TEXT_GATEWAYS["sms"]["report_secret"] = ""
    message = owed(kind="code_reissued", context={})

    assert notification.drain(now=NOW) == 1

    message.refresh_from_db()
    assert (message.state, message.told_at is not None) == ("sent", True)


@pytest.mark.usefixtures("gateway")
def test_report_of_delivery_tells_and_a_second_one_changes_nothing():
    message = sent()

    assert report({"id": "sms-1", "status": "Delivered"}) == (1, 0)
    assert report({"id": "sms-1", "status": "delivered"}) == (0, 0)

    message.refresh_from_db()
    assert (message.state, message.told_at) == ("delivered", NOW)


@pytest.mark.usefixtures("gateway")
def test_report_of_failure_puts_the_person_on_the_call_list_once():
    message = sent(dedup_key="rerecord:1")

    assert report({"id": "sms-1", "status": "expired"}) == (1, 0)
    assert report({"id": "sms-1", "status": "failed"}) == (0, 0)

    message.refresh_from_db()
    assert (message.state, message.told_at, message.last_error) == ("failed", None, "gateway reported: expired")
    assert calls() == [("rerecord:1:call", "waiting")]


@pytest.mark.usefixtures("gateway")
def test_what_arrived_stays_arrived_and_what_arrives_late_ends_the_call():
    late, fine = sent(dedup_key="late"), sent(dedup_key="fine")
    Notification.objects.filter(pk=fine.pk).update(provider_id="sms-2")
    report([{"id": "sms-1", "status": "failed"}, {"id": "sms-2", "status": "delivered"}])

    assert report([{"id": "sms-1", "status": "delivered"}, {"id": "sms-2", "status": "failed"}]) == (1, 0)

    late.refresh_from_db()
    fine.refresh_from_db()
    assert (late.state, fine.state) == ("delivered", "delivered")
    assert calls() == [("late:call", "withdrawn")]


@pytest.mark.usefixtures("gateway")
def test_report_says_how_many_messages_nobody_knows():
    sent()

    assert report([{"id": "sms-1", "status": "enroute"}, {"id": "other", "status": "delivered"}]) == (0, 1)


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "x" * 32},
        {"at": NOW - timedelta(minutes=6)},
        {"at": NOW + timedelta(minutes=6)},
        {"gateway": "whatsapp"},
        {"gateway": "whatsapp", "secret": "-"},
        {"gateway": "whatsapp", "secret": ""},
    ],
)
def test_report_without_the_right_signature_and_time_is_refused(wrong):
    message = sent()

    with pytest.raises(NotSigned):
        report({"id": "sms-1", "status": "delivered"}, **wrong)
    message.refresh_from_db()
    assert message.state == "sent"


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("document", [{}, {"id": ["sms-1"]}, "text", [1], [{"id": "1", "status": "x"}] * 501])
def test_report_that_looks_otherwise_is_not_read(document):
    with pytest.raises(NotReadable):
        report(document)


@pytest.mark.usefixtures("gateway")
def test_report_that_is_no_json_is_not_read():
    timestamp, body = str(int(NOW.timestamp())), b"{" * 100_000
    with pytest.raises(NotReadable):
        take_reports(
            gateway="sms",
            timestamp=timestamp,
            signed=signature(secret=SECRET, timestamp=timestamp, body=body),
            body=body,
            now=NOW,
        )


@pytest.mark.usefixtures("gateway")
def test_drain_has_people_called_whose_gateway_stays_silent():
    silent, short, casual = sent(dedup_key="silent"), sent(), sent(kind="recorded")
    Notification.objects.exclude(pk=short.pk).update(sent_at=NOW - notification.REPORT_WAIT)

    notification.drain(now=NOW)

    states = dict(Notification.objects.exclude(channel="call").values_list("pk", "state"))
    assert states == {silent.pk: "failed", short.pk: "sent", casual.pk: "sent"}
    assert calls() == [("silent:call", "waiting")]
    notification.drain(now=NOW)
    assert calls() == [("silent:call", "waiting")]


def test_a_message_sent_again_after_all_ends_the_call(gateway, settings):
    settings.TEXT_GATEWAYS["sms"]["report_secret"] = ""
    AppointmentFactory()
    message = owed(kind="appointment_cancelled_by_office", dedup_key="k", context={"reason": "x"})
    Notification.objects.filter(pk=message.pk).update(appointment=AppointmentFactory(resident=message.resident))
    NotificationFactory(resident=message.resident, kind=message.kind, dedup_key="k:call", channel="call")

    assert notification.drain(now=NOW) == 1

    assert calls() == [("k:call", "withdrawn")]


@pytest.fixture
def mail_server(settings):
    with running_mail_server() as server:
        settings.MESSAGE_CHANNEL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp", "127.0.0.1", server.port
        settings.BOUNCE_ADDRESS = "kembali@ktp.kudus.example"
        settings.SITE_URL = "https://ktp.kudus.example"
        yield server


REPORT = """From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; warga@contoh.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--B
Content-Type: message/rfc822

Subject: Janji

Isi
--B--
"""


def mailed(mail_server, **values):
    """A message that the mail server took; returns it and where its return goes."""
    message = owed(channel="email", kind="code_reissued", context={}, **values)
    assert notification.drain(now=NOW) == 1
    Notification.objects.filter(pk=message.pk).update(kind="rerecord")
    return message, mail_server.envelopes[-1].mail_from


def bounced(to, *, action="failed", status="5.1.1", recipient=""):
    raw = REPORT.format(to=to, action=action, status=status).encode()
    return take_bounce(raw=raw, recipient=recipient, now=NOW + timedelta(hours=1))


def test_mail_names_its_message_in_the_return_path_and_not_in_what_is_seen(mail_server, settings):
    _message, return_path = mailed(mail_server)

    assert return_path.startswith("kembali+") and return_path.endswith("@ktp.kudus.example")
    assert len(return_path.partition("@")[0]) <= 64
    assert mail_server.header("From") == [settings.DEFAULT_FROM_EMAIL]


def test_hard_bounce_takes_back_that_somebody_was_told(mail_server):
    message, return_path = mailed(mail_server, dedup_key="rerecord:1")
    message.refresh_from_db()
    assert message.told_at is not None

    assert bounced(return_path) == "hard"
    assert bounced(return_path) == "hard"

    message.refresh_from_db()
    assert (message.state, message.told_at, message.last_error) == ("failed", None, "mail came back, 5.1.1")
    assert calls() == [("rerecord:1:call", "waiting")]


def test_a_mailbox_that_does_not_exist_is_not_written_to_again(mail_server):
    message, return_path = mailed(mail_server)
    bounced("somebody@else.example", recipient=return_path)

    following = notification.enqueue(
        resident_id=message.resident_id, kind="rerecord", dedup_key="next", now=NOW, context={"case": 0}
    )

    assert following.channel == "sms"


@pytest.mark.parametrize(
    ("said", "result", "state", "next_way"),
    [
        ({"action": "delayed", "status": "4.4.1"}, "soft", "sent", "email"),
        ({"action": "failed", "status": "4.4.7"}, "soft", "sent", "email"),
        ({"action": "relayed", "status": "2.0.0"}, "soft", "sent", "email"),
        ({"action": "failed", "status": "5.2.2"}, "hard", "failed", "email"),
        ({"action": "failed", "status": "5.7.1"}, "hard", "failed", "email"),
        ({"action": "failed", "status": "kacau"}, "hard", "failed", "email"),
        ({"action": "failed", "status": "5.2.1"}, "hard", "failed", "sms"),
    ],
)
def test_bounces_are_told_apart(mail_server, said, result, state, next_way):
    message, return_path = mailed(mail_server)

    assert bounced(return_path, **said) == result

    message.refresh_from_db()
    following = notification.enqueue(resident_id=message.resident_id, kind="recorded", dedup_key="next", now=NOW)
    assert (message.state, following.channel) == (state, next_way)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"To: kembali@ktp.kudus.example\n\nSaya sedang cuti.",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; boundary=x\n\n" + b"--x\n" * 2000,
    ],
)
def test_other_mail_changes_nothing(mail_server, raw):
    message, return_path = mailed(mail_server)

    assert take_bounce(raw=raw, recipient=return_path, now=NOW) == "unknown"
    message.refresh_from_db()
    assert message.state == "sent"


def test_a_forged_return_path_changes_nothing(mail_server):
    message, return_path = mailed(mail_server)
    mailbox, domain = return_path.split("@")
    forged = f"{mailbox[:-1]}{'0' if mailbox[-1] != '0' else '1'}@{domain}"

    assert bounced(forged) == "unknown"
    message.refresh_from_db()
    assert message.state == "sent"


def test_a_refused_mailbox_is_marked_at_once(mail_server):
    mail_server.refusals = ["550 5.1.1 no such mailbox"]
    message = owed(channel="email", kind="code_reissued", context={})

    assert notification.drain(now=NOW) == 0

    message.resident.identity.refresh_from_db()
    assert message.resident.identity.email_bad_at is not None


def test_mail_refused_for_what_it_says_leaves_the_address_good(mail_server):
    mail_server.refusals = ["550 5.7.1 looks like spam"]
    message = owed(channel="email", kind="code_reissued", context={})

    notification.drain(now=NOW)

    message.refresh_from_db()
    message.resident.identity.refresh_from_db()
    assert (message.state, message.resident.identity.email_bad_at) == ("failed", None)


def test_a_bad_declared_address_leads_to_the_registered_one(mail_server):
    appointment = AppointmentFactory(resident__identity__email=EMAIL)
    DeclarationFactory(appointment=appointment, email="salah@contoh.example", email_bad_at=NOW)
    message = NotificationFactory(
        resident=appointment.resident, appointment=appointment, channel="email", send_after=NOW
    )

    assert notification.drain(now=NOW) == 1

    assert mail_server.envelopes[0].rcpt_tos == [EMAIL]
    message.refresh_from_db()
    assert message.state == "sent"


def test_arrived_counts_only_for_the_copy_it_is_about():
    """A report of a first try must not end a second one that is under way."""
    message = sent()
    Notification.objects.filter(pk=message.pk).update(state="waiting", provider_id="")

    assert not delivery.arrived(message=message, now=NOW)
