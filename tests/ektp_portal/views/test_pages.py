import re

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import translation

from ektp_portal.views import errors
from tests.factories import CampaignFactory, DistrictFactory, UserFactory

pytestmark = pytest.mark.django_db
FREE = "Gratis. Laporkan pungutan."


@pytest.fixture(autouse=True)
def fresh_start():
    cache.delete("progress")
    with translation.override("id"):
        yield


@pytest.fixture
def campaign(reference_data):
    return reference_data


def test_home_offers_the_two_things_to_do(client, campaign):
    page = client.get("/").content.decode()

    assert re.search(r'<a class="tile tile--main" href="/janji/data/">', page)
    assert 'href="/status/"' in page
    assert "601.696" in page


@pytest.mark.parametrize("address", ["/", "/capaian/", "/tidak-ada/"])
def test_every_page_is_free_and_has_help_and_one_heading(client, campaign, address):
    page = client.get(address).content.decode()

    assert FREE in page
    assert 'href="#bantuan"' in page
    assert 'id="bantuan"' in page
    assert page.count("<h1") == 1
    assert '<html lang="id">' in page


@pytest.mark.parametrize("address", ["/", "/capaian/"])
def test_pages_need_no_script_and_no_inline_style(client, campaign, address):
    page = client.get(address).content.decode()

    assert "<script" not in page
    assert " style=" not in page
    assert "<style" not in page


@pytest.mark.parametrize("address", ["/", "/capaian/"])
def test_pages_are_small(client, campaign, address):
    response = client.get(address, headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) <= 5_000


def test_the_language_button_turns_the_page_to_english_and_back(client, campaign):
    client.post("/bahasa/", {"language": "en", "next": "/capaian/"})
    english = client.get("/capaian/").content.decode()
    client.post("/bahasa/", {"language": "id", "next": "/capaian/"})

    assert '<html lang="en">' in english
    assert "Gratis" not in english
    assert FREE in client.get("/capaian/").content.decode()


def test_progress_as_csv_ends_with_the_regency(client):
    DistrictFactory(code="33.19.01", name="Kaliwungu")
    CampaignFactory(target=10)

    lines = client.get("/capaian.csv").content.decode().splitlines()

    assert lines[0] == "kecamatan,terekam,wajib_ktp,persen,dihitung_pada"
    assert lines[-1].startswith("Kabupaten Kudus,0,10,0.0,")


def test_a_missing_page_leads_on(client):
    response = client.get("/tidak-ada/")

    assert response.status_code == 404
    assert "Halaman ini tidak ada" in response.content.decode()


def test_a_stale_form_says_that_nothing_was_saved(client, settings):
    client.handler.enforce_csrf_checks = True

    response = client.post("/bahasa/", {"language": "en"})

    assert response.status_code == 403
    assert "Belum ada yang tersimpan" in response.content.decode()


def test_too_many_tries_says_how_long_to_wait(client, rf):
    response = errors.too_many_tries(client.get("/").wsgi_request, retry_after=61)

    assert (response.status_code, response["Retry-After"]) == (429, "61")
    assert "2 menit lagi" in response.content.decode()


def test_a_fault_is_told_without_session_or_database(rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = errors.server_error(rf.get("/"))

    assert response.status_code == 500
    assert FREE in response.content.decode()


def test_a_lost_database_is_a_503(rf):
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        response = errors.server_error(rf.get("/"))

    assert response.status_code == 503
    assert "Portal sedang tidak tersedia" in response.content.decode()


def test_another_persons_page_is_refused_in_plain_words(client):
    response = errors.permission_denied(client.get("/").wsgi_request)

    assert response.status_code == 403
    assert "Halaman ini tidak dapat Anda buka" in response.content.decode()


@pytest.mark.django_db
class TestStaffErrors:
    """Whoever is signed in stays in the staff's part when a page is not there or not theirs."""

    @pytest.mark.parametrize(
        ("path", "status", "said"),
        [
            ("/petugas/tidak-ada/", 404, "Halaman ini tidak ada"),
            ("/pengawas/tidak-hadir/", 403, "petugas dengan tugas lain"),
            ("/kelola/jam/", 403, "petugas dengan tugas lain"),
        ],
    )
    def test_they_keep_the_menu_and_lead_home(self, client, path, status, said):
        client.force_login(UserFactory())

        answer = client.get(path)

        text = answer.content.decode()
        assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (status, True)
        assert said in text and 'class="staff"' in text and 'href="/petugas/"' in text
        assert "Pesan jadwal" not in text

    def test_nobody_else_learns_that_there_is_such_a_part(self, client):
        assert 'class="staff"' not in client.get("/petugas/tidak-ada/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/petugas/masuk/", "/tidak-ada/"])
def test_methods_that_no_page_has_are_refused(client, method, path):
    answer = client.generic(method, path)

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert answer.content == b""
