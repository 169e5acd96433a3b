import gzip
import re

import pytest
from django.test import Client
from django.utils import translation

from tests.factories import ResidentFactory

pytestmark = pytest.mark.django_db
PAGE = "/sudah-rekam/"
HEAVIEST = 5 * 1024  # bytes of a later page, compressed


def without_token(response):
    return re.sub(r'value="[A-Za-z0-9]{64}"|nonce="[^"]+"', "", response.content.decode())


@pytest.mark.parametrize("before", ["/", "/status/", "/kode-hilang/", "/janji/data/"])
def test_leads_on_from_where_people_look(client, before):
    assert f'href="{PAGE}"' in client.get(before).content.decode()


def test_says_what_to_bring_where_to_go_and_that_it_is_free(client):
    page = client.get(PAGE).content.decode()

    for said in (
        "Kartu Keluarga (KK) asli",
        "kantor mana pun",
        "Gratis",
        "Jangan rekam lagi",
        "/kode-hilang/",
        "/jadwal/",
    ):
        assert said in page


def test_asks_nothing_and_tells_everybody_the_same():
    before = without_token(Client().get(PAGE))
    ResidentFactory(recorded_before=True)

    assert without_token(Client().get(PAGE)) == before
    assert Client().post(PAGE, {"nik": "x"}).status_code == 405


def test_is_light(client):
    assert len(gzip.compress(client.get(PAGE).content)) < HEAVIEST


def test_speaks_english(client):
    with translation.override("id"):  # what a page switches on ends with the test
        client.post("/bahasa/", {"language": "en", "next": PAGE})

        assert "Recorded before, no code" in client.get(PAGE).content.decode()
