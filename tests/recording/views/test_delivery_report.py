import json

import pytest
from django.test import Client
from django.utils import timezone

from recording.services.delivery import signature
from recording.views import delivery_report
from tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db
SECRET, PATH = "s" * 32, "/pesan/laporan/sms/"


@pytest.fixture(autouse=True)
def gateway(settings):
    settings.TEXT_GATEWAYS = {
        "sms": {"gateway": "json", "report_secret": SECRET, "report_delivered": ["delivered"]},
        "whatsapp": {"gateway": "json"},
    }


def post(document=None, *, path=PATH, body=None, **headers):
    body = json.dumps(document).encode() if body is None else body
    timestamp = str(int(timezone.now().timestamp()))
    headers = {
        "X-Timestamp": timestamp,
        "X-Signature": f"sha256={signature(secret=SECRET, timestamp=timestamp, body=body)}",
    } | headers
    return Client(enforce_csrf_checks=True).post(path, body, content_type="application/json", headers=headers)


def test_a_signed_report_is_noted_without_a_session():
    message = NotificationFactory(state="sent", provider_id="7")

    response = post({"id": 7, "status": "delivered"})

    message.refresh_from_db()
    assert (response.status_code, message.state, response.cookies) == (204, "delivered", {})


def test_an_unknown_message_is_asked_for_again():
    assert post({"id": "7", "status": "delivered"}).status_code == 404


@pytest.mark.parametrize("headers", [{"X-Signature": "sha256=00"}, {"X-Signature": ""}, {"X-Timestamp": "kemarin"}])
def test_what_is_not_signed_is_refused(headers):
    assert post({"id": "7", "status": "delivered"}, **headers).status_code == 401


def test_channels_without_reports_and_unknown_ones_answer_alike():
    answers = [post({}, path=f"/pesan/laporan/{name}/") for name in ("whatsapp", "apa-saja")]

    assert [(answer.status_code, answer.content) for answer in answers] == [(404, b"")] * 2


def test_what_cannot_be_read_or_is_too_long_is_refused():
    assert post(body=b"bukan json").status_code == 400
    assert post(body=b" " * (delivery_report.LONGEST + 1)).status_code == 413


def test_reports_are_only_posted():
    assert Client().get(PATH).status_code == 405


def test_a_flood_is_slowed(monkeypatch):
    monkeypatch.setattr(delivery_report, "REPORTS_PER_ADDRESS", {"capacity": 2, "per_seconds": 60})

    assert [post({"id": "7", "status": "delivered"}).status_code for _n in range(3)] == [404, 404, 429]
