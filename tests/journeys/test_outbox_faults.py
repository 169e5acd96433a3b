"""The outbox under faults, with real workers, a real broker and real servers: nothing lost, nothing twice by its key."""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from celery import Celery
from django.test import Client
from django.utils import timezone

from ektp_portal.celery import app, broker_url
from ektp_portal.embedded.place import private_directory, server_account
from ektp_portal.embedded.valkey import ValkeyServer
from recording.models import Notification
from recording.services import notification
from tests.factories import AppointmentFactory, NotificationFactory, UserFactory
from tests.mail import running_mail_server
from tests.text_gateway import running_text_gateway
from tests.worker import eventually, real_worker

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGES, KILLS = 15, 4


def owe(count, **values):
    for number in range(count):
        contact = "identity__email" if values["channel"] == "email" else "identity__phone"
        address = f"warga{number}@contoh.example" if values["channel"] == "email" else "+6281200000001"
        appointment = AppointmentFactory(**{f"resident__{contact}": address})
        NotificationFactory(
            resident=appointment.resident,
            appointment=appointment,
            kind="code_reissued",
            send_after=timezone.now(),
            **values,
        )


def sent():
    return Notification.objects.filter(state="sent").count()


def end_leases():
    """As if two minutes had passed since the worker died."""
    Notification.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now())


def drain_with_killed_workers(variables, seen):
    """Kill the worker KILLS times while a message is with the server, then let one finish."""
    for _kill in range(KILLS):
        before = seen()
        with real_worker(**variables) as worker:
            app.send_task("recording.drain_outbox")
            eventually(lambda before=before: seen() >= before + 2)
            worker.send_signal(signal.SIGKILL)
            worker.wait(20)
        app.control.purge()
        end_leases()
    with real_worker(**variables):
        app.send_task("recording.drain_outbox")
        eventually(lambda: not Notification.objects.filter(state="waiting").exists())


@pytest.mark.deep
def test_a_worker_killed_again_and_again_at_a_slow_text_gateway_loses_nothing():
    owe(MESSAGES, channel="sms")
    with running_text_gateway() as server:
        server.seconds = 0.4
        variables = {
            "MESSAGE_CHANNEL": "smtp",
            "SMS_GATEWAY": "json",
            "SMS_URL": server.url,
            "SMS_BODY": json.dumps({"to": "{to}", "message": "{text}"}),
        }
        drain_with_killed_workers(variables, seen=lambda: len(server.requests))
        copies = Counter(server.keys())

    assert sent() == len(copies) == MESSAGES
    # One message at most was with the server at each kill; its second copy bears the same key.
    assert sum(copies.values()) - MESSAGES <= KILLS
    assert Notification.objects.count() == MESSAGES


@pytest.mark.deep
def test_a_worker_killed_again_and_again_at_a_slow_mail_server_loses_nothing():
    owe(MESSAGES, channel="email")
    with running_mail_server() as server:
        server.seconds = 0.4
        variables = {"MESSAGE_CHANNEL": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(server.port)}
        drain_with_killed_workers(variables, seen=lambda: len(server.envelopes))
        copies = Counter(server.header("Message-ID"))

    assert sent() == len(copies) == MESSAGES
    assert sum(copies.values()) - MESSAGES <= KILLS


@pytest.mark.deep
def test_while_the_broker_is_down_the_outbox_waits_and_then_goes_out_once():
    account = server_account()
    place = Path(os.environ["PORTAL_TEST_RUN"]) / "another-broker"
    private_directory(place, account)
    broker = ValkeyServer(home=place, sockets=place, log=place / "valkey.log", account=account, keeps_data=False)
    broker.start()
    try:
        with running_mail_server() as server:
            address = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(server.port)}
            with real_worker(REDIS_URL=broker.url, MESSAGE_CHANNEL="smtp", **address):
                bell = Celery(broker=broker_url(broker.url))
                bell.send_task("recording.drain_outbox")
                time.sleep(3)
                broker.stop()
                owe(3, channel="email")
                time.sleep(2)
                assert sent() == 0
                broker.start()
                eventually(lambda: _rang(bell) and sent() == 3)
        assert len(server.envelopes) == 3
    finally:
        broker.stop()


def _rang(bell) -> bool:
    bell.send_task("recording.drain_outbox", expires=5)
    return True


def test_a_gateway_that_fails_for_good_leaves_a_visible_failure_that_can_be_sent_again(settings):
    clerk = UserFactory()
    owe(1, channel="sms", office=clerk.office)
    desk = Client()
    desk.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    settings.MESSAGE_CHANNEL = "smtp"
    with running_text_gateway() as server:
        settings.TEXT_GATEWAYS = {"sms": server.settings()}
        server.answers = [(503, {})] * notification.MOST_ATTEMPTS
        pauses = []
        for _attempt in range(notification.MOST_ATTEMPTS):
            due = Notification.objects.get().send_after
            notification.drain(now=due)
            pauses.append(round((Notification.objects.get().send_after - due).total_seconds()))

        assert pauses[:-1] == [30, 60, 120, 240, 480]
        page = desk.get("/petugas/pesan/?keadaan=failed")
        assert [row["reason"] for row in page.context["rows"]] == ["Penyedia tidak menjawab. Kirim lagi nanti."]
        desk.post("/petugas/pesan/", {"pesan": Notification.objects.get().pk})

        assert notification.drain(now=timezone.now()) == 1
        assert len(set(server.keys())) == 1
    assert sent() == 1
