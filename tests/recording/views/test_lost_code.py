import time

import pytest
from django.test import Client

from recording.models import AccessAttempt, Notification
from recording.services import tracking_code
from recording.views import lost_code
from tests.factories import AppointmentFactory, DeclarationFactory, ResidentFactory, TrackingCodeFactory
from tests.recording.views import visitor

pytestmark = pytest.mark.django_db

PHONE = "+6281234567890"


@pytest.fixture
def holder():
    """A resident whose telephone the register knows, with a code."""
    resident = ResidentFactory(identity__phone=PHONE)
    resident.code = TrackingCodeFactory(resident=resident).code
    return resident


def ask(client, resident=None, *, nik="", phone=PHONE):
    form = {"nik": nik or resident.identity.nik, "phone": phone}
    return client.post("/kode-hilang/", form, follow=True)


def test_the_known_number_gets_a_new_code(client, holder):
    ask(client, holder)

    assert tracking_code.active_code(holder) != holder.code
    assert tracking_code.find(nik=holder.identity.nik, code=holder.code) is None
    assert Notification.objects.get(kind="code_reissued").resident == holder


def test_the_number_of_the_live_appointment_counts_too(client):
    appointment = AppointmentFactory()
    DeclarationFactory(appointment=appointment, phone=PHONE)

    ask(client, appointment.resident)

    message = Notification.objects.get(kind="code_reissued")
    assert message.appointment == appointment


def test_another_number_changes_nothing(client, holder):
    ask(client, holder, phone="081299998888")

    assert tracking_code.active_code(holder) == holder.code
    assert not Notification.objects.exists()


def test_everybody_gets_the_same_answer(holder):
    pages = [
        ask(Client(), holder),
        ask(Client(), holder, phone="081299998888"),
        ask(Client(), nik="3319021708959001"),
    ]

    bodies = {visitor.without_token(page.content.decode()) for page in pages}
    assert len(bodies) == 1
    assert "Bila NIK dan nomor HP cocok" in bodies.pop()
    assert AccessAttempt.objects.filter(kind="lost_code").count() == 3


def test_everybody_waits_as_long(holder, monkeypatch):
    monkeypatch.setattr(lost_code, "ANSWER_AFTER", 0.3)
    waits = []
    for asked in ({"resident": holder}, {"nik": "3319021708959001"}):
        begun = time.monotonic()
        ask(Client(), **asked)
        waits.append(time.monotonic() - begun)

    assert min(waits) >= 0.3


def test_the_desk_is_offered(client):
    assert "Kartu Keluarga" in client.get("/kode-hilang/").content.decode()


def test_asking_again_and_again_is_slowed(holder):
    answers = [ask(Client(), holder).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
