"""From the recording to the message: what nobody sees must still happen, with a real worker, broker and mail server."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from ektp_portal.celery import app
from issuance.models import Case
from recording.enums import RecordingOutcome
from recording.models import Notification
from recording.services import recording as recordings
from tests.factories import (
    AppointmentFactory,
    ResidentFactory,
    ServiceHoursFactory,
    StallRuleFactory,
    TrackingCodeFactory,
    UserFactory,
)
from tests.mail import running_mail_server

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 40  # seconds
QUIETLY = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle")


@pytest.fixture
def recorded():
    """Somebody whom an operator has just recorded; the tracking code of that person."""
    ServiceHoursFactory(valid_from=timezone.localdate() - timedelta(days=30))
    StallRuleFactory()
    operator = UserFactory()
    resident = ResidentFactory(identity__email="warga@contoh.example")
    code = TrackingCodeFactory(resident=resident)
    appointment = AppointmentFactory(
        resident=resident, office=operator.office, slot__office=operator.office, status="arrived"
    )
    now = timezone.now()
    recordings.log(appointment_id=appointment.pk, by=operator, now=now, outcome=RecordingOutcome.ACCEPTED)
    return code


@pytest.fixture
def mail_server():
    with running_mail_server() as server:
        yield server


@contextmanager
def worker(**environment):
    """A Celery worker in a process of its own, on the database of this test."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "ektp_portal.celery", "worker", "--pool", "solo", *QUIETLY],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database} | environment,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the worker did not do it in time"
        time.sleep(0.1)


def page(client, code):
    client.post(reverse("status"), {"nik": code.resident.identity.nik, "code": code.code})
    return client.get(reverse("status")).content.decode()


def test_a_record_that_settles_is_flagged_told_and_explained(client, recorded, mail_server):
    assert "Sudah direkam, menunggu dikirim ke pusat" in page(client, recorded)

    later = timezone.now() + timedelta(days=3, minutes=1)
    with worker(MESSAGE_CHANNEL="smtp", EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(mail_server.port)):
        app.send_task("issuance.flag_stalled", [later.isoformat()])
        wait_until(Case.objects.stalled().exists)
        app.send_task("recording.drain_outbox")
        app.send_task("recording.drain_outbox")
        wait_until(lambda: not Notification.objects.filter(state="waiting").exists())

    assert set(Notification.objects.values_list("kind", "state")) == {("recorded", "sent"), ("case_stalled", "sent")}
    recorded_mail, stalled_mail = sorted(mail_server.bodies, key=lambda body: "jangan rekam ulang" in body)
    assert "Tidak perlu rekam lagi" in recorded_mail
    assert "jangan rekam ulang dulu" in stalled_mail
    assert "Sedang kami periksa, jangan rekam ulang dulu" in page(client, recorded)


@pytest.mark.deep
def test_without_a_mail_server_the_worker_writes_readable_files(recorded, tmp_path):
    with worker(MESSAGE_CHANNEL="file", PORTAL_STATE=str(tmp_path)):
        app.send_task("recording.drain_outbox")
        wait_until(Notification.objects.filter(state="sent").exists)

    [file] = (tmp_path / "messages").iterdir()
    assert "Perekaman KTP-el Anda berhasil" in file.read_text()
