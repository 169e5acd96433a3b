import socket
import threading
import time

import pytest

from recording.gateways import OutgoingMessage, TemporaryRefusal, TextGatewaySettings, Undeliverable
from recording.gateways.json_http import JsonGateway
from tests.text_gateway import running_text_gateway

MESSAGE = OutgoingMessage(
    key="a" * 32, kind="recorded", channel="sms", address="+6281234567890", subject="Perihal", body="Isi pesan."
)


@pytest.fixture
def server():
    with running_text_gateway() as running:
        yield running


def send(server, **values):
    with JsonGateway(TextGatewaySettings(**server.settings(**values))) as gateway:
        return gateway.send(MESSAGE)


def test_send_posts_the_filled_template_with_the_key_and_returns_the_id(server):
    assert send(server, headers={"Authorization": "Bearer rahasia"}) == "sms-1"

    [(headers, document)] = server.requests
    assert document == {"to": "6281234567890", "message": "Isi pesan."}
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer rahasia", "a" * 32)


def test_send_without_an_id_in_the_answer_is_known_by_its_key(server):
    server.answers = [(200, {}), (202, b"OK")]

    assert [send(server), send(server)] == ["a" * 32] * 2


@pytest.mark.parametrize("status", [400, 410, 422])
def test_send_gives_up_where_the_gateway_refuses_the_message_itself(server, status):
    server.answers = [(status, {"error": "+6281234567890 is no number"})]

    with pytest.raises(Undeliverable) as refused:
        send(server)
    assert str(refused.value) == f"gateway refused, {status}"


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 429, 500, 503])
def test_send_tries_again_where_gateway_or_settings_are_at_fault(server, status):
    server.answers = [(status, {})]

    with pytest.raises(TemporaryRefusal, match=f"gateway answered {status}"):
        send(server)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("Queued", "sms-9"),
        ("invalid_number", Undeliverable),
        ("no_balance", TemporaryRefusal),
        (None, TemporaryRefusal),
    ],
)
def test_send_reads_what_the_answer_says(server, said, outcome):
    server.answers = [(200, {"status": said, "data": [{"id": "sms-9"}]})]
    words = {"success_path": "status", "success_values": ["queued"], "refused_values": ["invalid_number"]}

    if isinstance(outcome, str):
        assert send(server, **words) == outcome
    else:
        with pytest.raises(outcome):
            send(server, **words)


def test_send_does_not_wait_longer_than_is_set(server):
    server.wait.clear()
    started = time.monotonic()

    with pytest.raises(TemporaryRefusal, match="ReadTimeout"):
        send(server, timeout=1)
    assert time.monotonic() - started < 5


def test_send_does_not_wait_for_an_answer_that_never_ends(server):
    """Bytes that trickle in would each begin the wait anew."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_trickle, args=(listening,), daemon=True)
        thread.start()
        options = TextGatewaySettings(
            gateway="json", url=f"http://127.0.0.1:{listening.getsockname()[1]}/", body={}, timeout=1
        )
        started = time.monotonic()
        with JsonGateway(options) as gateway:
            assert gateway.send(MESSAGE) == MESSAGE.key
    assert time.monotonic() - started < 5
    thread.join(10)


def _trickle(listening):
    connection, _address = listening.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _n in range(60):
                connection.sendall(b"1\r\n{\r\n")
                time.sleep(0.1)
        except OSError:
            pass


def test_send_when_nobody_answers_says_so_without_the_address(server):
    with pytest.raises(TemporaryRefusal) as refused:
        send(server, url="http://127.0.0.1:1/?to={to}")
    assert str(refused.value) == "ConnectionError"


@pytest.mark.parametrize(("secret", "reports"), [("", False), ("rahasia", True)])
def test_reports_are_expected_where_a_secret_is_set(secret, reports):
    assert JsonGateway(TextGatewaySettings(report_secret=secret)).reports is reports
