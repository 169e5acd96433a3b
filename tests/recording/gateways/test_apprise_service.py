import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from recording.gateways import OutgoingMessage, TemporaryRefusal, TextGatewaySettings
from recording.gateways.apprise_service import AppriseGateway
from tests.text_gateway import running_text_gateway

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # by one of apprise's services
MESSAGE = OutgoingMessage(
    key="a" * 32, kind="recorded", channel="whatsapp", address="+6281234567890", subject="Perihal", body="Isi pesan."
)


@pytest.fixture
def server():
    with running_text_gateway() as running:
        yield running


def send(url):
    with AppriseGateway(TextGatewaySettings(gateway="apprise", url=url)) as gateway:
        return gateway.send(MESSAGE)


def test_send_hands_the_message_to_the_service_of_the_address(server):
    assert send(f"json://127.0.0.1:{server.port}/{{to_digits}}") == MESSAGE.key

    [(_headers, document)] = server.requests
    assert document["message"] == "Isi pesan."


def test_send_tries_again_when_the_service_refuses(server):
    server.answers = [(500, {})]

    with pytest.raises(TemporaryRefusal, match="did not take"):
        send(f"json://127.0.0.1:{server.port}/")


def test_send_tries_again_when_the_service_is_unknown():
    with pytest.raises(TemporaryRefusal, match="does not know"):
        send("layanan-yang-tidak-ada://x")


def test_apprise_is_not_loaded_until_a_message_is_sent_by_it():
    look = "import django, sys; django.setup(); import recording.gateways; print('apprise' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", look],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "ektp_portal.settings"},
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.strip() == "False"
