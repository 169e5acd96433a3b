import pytest
from django.test import Client
from django.urls import reverse

from recording.models import AuditEvent
from tests.factories import UserFactory
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db
SIGN_IN, SIGN_OUT, HOME = "/petugas/masuk/", "/petugas/keluar/", "/petugas/"


def sign_in(client, user, password=PASSWORD, **fields):
    return client.post(SIGN_IN, {"username": user.username, "password": password, **fields})


def test_staff_sign_in_and_land_on_their_home(client):
    user = UserFactory()

    response = sign_in(client, user)

    assert response.url == HOME
    assert AuditEvent.objects.get(action="staff.sign_in").actor == user
    assert user.name in client.get(HOME).content.decode()


@pytest.mark.parametrize(
    "next_page", ["//evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example/", "javascript:1"]
)
def test_next_never_leaves_the_portal(client, next_page):
    assert sign_in(client, UserFactory(), next=next_page).url == HOME


def test_next_leads_back_to_the_page_that_was_asked_for(client):
    assert sign_in(client, UserFactory(), next="/petugas/loket/").url == "/petugas/loket/"


def test_wrong_name_wrong_password_and_disabled_account_are_one_sentence(client):
    disabled = UserFactory(is_active=False)

    pages = [
        sign_in(client, disabled),
        sign_in(client, UserFactory(), password="salah"),
        sign_in(client, UserFactory.build(username="tidak-ada", office=None)),
    ]

    assert all("Nama pengguna atau sandi salah." in page.content.decode() for page in pages)


def test_an_empty_form_says_what_to_fill_in(client):
    page = client.post(SIGN_IN).content.decode()

    assert "Isi nama pengguna." in page
    assert "Isi sandi." in page


@pytest.mark.parametrize("password", ["a" * 4096, "a" * 1_000_000, "sandi\0nul"])
def test_odd_passwords_are_simply_wrong(client, password):
    assert "_auth_user_id" not in client.session
    assert sign_in(client, UserFactory(), password=password).status_code in (200, 400)
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_the_name_waits(client):
    user = UserFactory()
    for _ in range(5):
        response = sign_in(client, user, password="salah")

    assert response.status_code == 429
    assert "ditahan 15 menit" in response.content.decode()
    assert sign_in(client, user).status_code == 429
    assert sign_in(client, UserFactory()).status_code == 302


def test_signing_in_changes_the_session_key(client):
    client.get(SIGN_IN)
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key

    sign_in(client, UserFactory())

    assert client.session.session_key != before


def test_signing_out_needs_a_post_and_kills_the_old_cookie(client):
    sign_in(client, UserFactory())
    old = Client()
    old.cookies = client.cookies.copy()

    assert client.get(SIGN_OUT).status_code == 405
    assert client.post(SIGN_OUT).url == SIGN_IN
    assert old.get(HOME).url.startswith(SIGN_IN)


def test_a_disabled_account_is_out_at_the_next_request(client):
    user = UserFactory()
    sign_in(client, user)
    assert client.get("/petugas/loket/").status_code == 200

    user.is_active = False
    user.save()

    assert client.get("/petugas/loket/").url == f"{SIGN_IN}?next=/petugas/loket/"


def test_demo_logins_are_named_in_development_only(client, settings):
    user = UserFactory()
    settings.PORTAL_ENV = "development"
    assert user.username in client.get(SIGN_IN).content.decode()

    settings.PORTAL_ENV = "production"
    page = client.get(SIGN_IN).content.decode()
    assert user.username not in page
    assert settings.DEMO_PASSWORD not in page


def test_staff_pages_are_indonesian_and_not_kept_by_the_browser(client):
    sign_in(client, UserFactory())

    response = client.get(reverse("desk"), headers={"accept-language": "en"})

    assert "Belum ada yang menunggu" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
