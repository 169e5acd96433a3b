"""What a thief at an open counter, or with an old cookie, would try."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from recording import staff_session
from recording.models import AuditEvent, SecondFactor, User
from recording.services import second_factor, staff_account
from tests.factories import UserFactory
from tests.factories.people import PASSWORD

OWN = "/petugas/akun/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(username="sri.rahayu")


@pytest.fixture
def signed_in(client, user):
    client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})
    return client


def age_session(client, **clocks):
    """Move clocks of the session back, as time would."""
    session = client.session
    state = session[staff_session.KEY]
    for clock, span in clocks.items():
        state[clock] -= span.total_seconds()
    session[staff_session.KEY] = state
    session.save()


def number(user, at):
    totp = TOTP(base64.b32decode(SecondFactor.objects.get(user=user).secret))
    totp.time = at.timestamp()
    return f"{totp.token():06d}"


def set_up_factor(user):
    """A factor confirmed ten minutes ago; returns its recovery codes."""
    then = timezone.now() - timedelta(minutes=10)
    second_factor.begin(user=user)
    return second_factor.confirm(user=user, number=number(user, then), now=then)


def test_a_quarter_of_an_hour_without_anybody_locks_and_the_password_opens_the_same_page(signed_in):
    age_session(signed_in, active_at=timedelta(minutes=16))

    away = signed_in.get(f"{OWN}?a=1")
    assert away.headers["Location"] == "/petugas/terkunci/?next=%2Fpetugas%2Fakun%2F%3Fa%3D1"
    page = signed_in.get(away.headers["Location"])
    assert "Layar terkunci" in page.content.decode()
    opened = signed_in.post("/petugas/terkunci/", {"password": PASSWORD, "next": f"{OWN}?a=1"})

    assert opened.headers["Location"] == f"{OWN}?a=1"
    assert signed_in.get(OWN).status_code == 200


def test_activity_keeps_the_screen_open(signed_in):
    for _turn in range(4):
        age_session(signed_in, active_at=timedelta(minutes=10))
        assert signed_in.get(OWN).status_code == 200


def test_a_page_that_refreshes_itself_is_no_activity_and_is_led_to_the_lock(signed_in):
    age_session(signed_in, active_at=timedelta(minutes=10))
    signed_in.get(OWN, headers={"HX-Request": "true"})
    age_session(signed_in, active_at=timedelta(minutes=6))

    answer = signed_in.get(OWN, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/petugas/loket/"})

    assert answer.headers["HX-Redirect"] == "/petugas/terkunci/?next=%2Fpetugas%2Floket%2F"


def test_a_page_left_open_leads_to_the_lock_by_itself(signed_in):
    refresh = signed_in.get(OWN).headers["Refresh"]

    assert refresh == "905;url=/petugas/terkunci/?next=%2Fpetugas%2Fakun%2F"


def test_locked_stays_locked_whatever_is_tried(signed_in):
    signed_in.post("/petugas/kunci/", headers={"Referer": "http://testserver/petugas/akun/"})

    assert signed_in.get(OWN).headers["Location"].startswith("/petugas/terkunci/")
    assert signed_in.post("/petugas/akun/sandi/").headers["Location"].startswith("/petugas/terkunci/")
    wrong = signed_in.post("/petugas/terkunci/", {"password": "salah-sekali"})
    assert "Sandi salah" in wrong.content.decode()
    assert signed_in.get(OWN).status_code == 302


def test_another_person_signs_in_and_goes_on_at_the_same_page(signed_in):
    signed_in.post("/petugas/kunci/")
    page = signed_in.get("/petugas/terkunci/?next=/petugas/loket/").content.decode()
    assert 'value="/petugas/masuk/?next=%2Fpetugas%2Floket%2F"' in page

    left = signed_in.post("/petugas/keluar/", {"next": "/petugas/masuk/?next=%2Fpetugas%2Floket%2F"})

    assert left.headers["Location"] == "/petugas/masuk/?next=%2Fpetugas%2Floket%2F"
    assert staff_session.KEY not in signed_in.session


def test_guessing_at_the_lock_is_stopped(signed_in):
    signed_in.post("/petugas/kunci/")
    for _try in range(20):
        signed_in.post("/petugas/terkunci/", {"password": "salah-sekali"})

    answer = signed_in.post("/petugas/terkunci/", {"password": PASSWORD})

    assert answer.status_code == 429
    assert "Terlalu banyak percobaan" in answer.content.decode()


@pytest.mark.parametrize(
    "evil", ["//jahat.example", "https://jahat.example/", "\\\\jahat.example", "javascript:alert(1)"]
)
def test_next_leads_nowhere_else(signed_in, evil):
    signed_in.post("/petugas/kunci/")

    opened = signed_in.post("/petugas/terkunci/", {"password": PASSWORD, "next": evil})

    assert opened.headers["Location"] == "/petugas/"


def test_after_ten_hours_even_a_busy_session_ends(signed_in):
    age_session(signed_in, began_at=timedelta(hours=10, minutes=1))

    assert signed_in.get(OWN).headers["Location"] == "/petugas/masuk/?next=%2Fpetugas%2Fakun%2F"
    assert "_auth_user_id" not in signed_in.session


def test_unlocking_does_not_lengthen_the_ten_hours(signed_in):
    age_session(signed_in, began_at=timedelta(hours=9, minutes=50))
    signed_in.post("/petugas/kunci/")
    signed_in.post("/petugas/terkunci/", {"password": PASSWORD})
    age_session(signed_in, began_at=timedelta(minutes=11))

    assert signed_in.get(OWN).headers["Location"].startswith("/petugas/masuk/")


def test_unlocking_changes_the_session_key(signed_in):
    before = signed_in.session.session_key
    signed_in.post("/petugas/kunci/")

    signed_in.post("/petugas/terkunci/", {"password": PASSWORD})

    assert signed_in.session.session_key != before


def test_a_disabled_account_is_out_at_the_next_click(signed_in, user):
    staff_account.disable(user_id=user.pk, by=UserFactory(role="administrator"))

    assert signed_in.get(OWN).headers["Location"] == "/petugas/masuk/?next=/petugas/akun/"


def test_enabling_does_not_bring_the_old_cookie_back(signed_in, user):
    administrator = UserFactory(role="administrator")
    staff_account.disable(user_id=user.pk, by=administrator)
    staff_account.enable(user_id=user.pk, by=administrator)

    assert signed_in.get(OWN).headers["Location"].startswith("/petugas/masuk/")


def test_a_changed_role_counts_at_the_next_click(signed_in, user):
    assert signed_in.get("/petugas/loket/").status_code == 200
    staff_account.change(
        user_id=user.pk,
        name=user.name,
        email="",
        role="administrator",
        office=None,
        by=UserFactory(role="administrator"),
    )

    assert signed_in.get("/petugas/loket/").status_code == 403


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(signed_in, user):
    elsewhere = Client()
    elsewhere.force_login(user)

    changed = signed_in.post(
        "/petugas/akun/sandi/",
        {"password": PASSWORD, "new_password": "kereta-api-malam", "new_password_again": "kereta-api-malam"},
    )

    assert changed.headers["Location"] == OWN
    assert signed_in.get(OWN).status_code == 200
    assert elsewhere.get(OWN).headers["Location"].startswith("/petugas/masuk/")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "salah"}, "Sandi salah"),
        ({"new_password": "pendek", "new_password_again": "pendek"}, "12"),
        ({"new_password_again": "kereta-api-siang"}, "Kedua sandi belum sama"),
        ({"new_password": "sri.rahayu.2026", "new_password_again": "sri.rahayu.2026"}, "mirip"),
        ({"new_password": "x" * 4097, "new_password_again": "x" * 4097}, "4096"),
    ],
)
def test_a_password_that_will_not_do_is_explained(signed_in, user, given, said):
    good = {"password": PASSWORD, "new_password": "kereta-api-malam", "new_password_again": "kereta-api-malam"}

    page = signed_in.post("/petugas/akun/sandi/", good | given).content.decode()

    assert said in page
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_with_a_second_factor_the_password_alone_opens_nothing(client, user):
    set_up_factor(user)

    client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})

    pages = ("/petugas/", "/petugas/loket/", OWN, f"{OWN}sandi/", f"{OWN}kode/", "/petugas/konfirmasi/")
    for path in pages:
        assert client.get(path).headers["Location"].startswith("/petugas/kode/?next=")
    assert client.post("/petugas/akun/kode-cadangan/").headers["Location"].startswith("/petugas/kode/")
    client.post("/petugas/kunci/")
    client.post("/petugas/terkunci/", {"password": PASSWORD})
    assert client.get(OWN).headers["Location"].startswith("/petugas/kode/")


def test_the_number_or_a_recovery_code_opens_the_wanted_page(client, user):
    codes = set_up_factor(user)
    for shown in (number(user, timezone.now()), codes[0]):
        client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})
        answer = client.post("/petugas/kode/", {"code": shown, "next": OWN})

        assert answer.headers["Location"] == OWN
        assert client.get(OWN).status_code == 200
        client.post("/petugas/keluar/")


def test_a_wrong_number_says_so_and_guessing_is_stopped(client, user):
    set_up_factor(user)
    client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})

    answers = [client.post("/petugas/kode/", {"code": "000000x"}) for _try in range(11)]

    assert "Kode ini salah" in answers[0].content.decode()
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


def test_required_but_missing_leads_to_setting_it_up_and_nowhere_else(signed_in, user, settings):
    settings.REQUIRE_SECOND_FACTOR = True

    assert signed_in.get("/petugas/loket/").headers["Location"].startswith("/petugas/akun/kode/")
    assert "<svg" in signed_in.get("/petugas/akun/kode/").content.decode()
    done = signed_in.post("/petugas/akun/kode/", {"code": number(user, timezone.now())})

    assert done.headers["Location"] == "/petugas/akun/kode-cadangan/"
    shown = signed_in.get("/petugas/akun/kode-cadangan/").content.decode()
    assert shown.count("<li>") >= 10
    assert signed_in.get("/petugas/akun/kode-cadangan/").headers["Location"] == OWN  # once only
    assert signed_in.get("/petugas/loket/").status_code == 200


def test_setting_it_up_ends_other_sessions(signed_in, user):
    elsewhere = Client()
    elsewhere.force_login(user)
    signed_in.get("/petugas/akun/kode/")

    signed_in.post("/petugas/akun/kode/", {"code": number(user, timezone.now())})

    assert signed_in.get(OWN).status_code == 200
    assert elsewhere.get(OWN).headers["Location"].startswith("/petugas/masuk/")


def test_new_recovery_codes_need_the_password_of_the_last_half_hour(signed_in):
    age_session(signed_in, password_at=timedelta(minutes=31))

    answer = signed_in.post("/petugas/akun/kode-cadangan/", headers={"Referer": "http://testserver/petugas/akun/"})

    assert answer.headers["Location"] == "/petugas/konfirmasi/?next=%2Fpetugas%2Fakun%2F"


def test_the_password_again_leads_back(signed_in):
    age_session(signed_in, password_at=timedelta(minutes=31))
    assert signed_in.get("/petugas/akun/kode/").headers["Location"].startswith("/petugas/konfirmasi/")
    assert "Sandi salah" in signed_in.post("/petugas/konfirmasi/", {"password": "salah"}).content.decode()

    back = signed_in.post("/petugas/konfirmasi/", {"password": PASSWORD, "next": "/petugas/akun/kode/"})

    assert back.headers["Location"] == "/petugas/akun/kode/"
    assert signed_in.get("/petugas/akun/kode/").status_code == 200


def test_five_wrong_passwords_hold_the_name_and_a_forged_address_does_not_help(client, user):
    for attempt in range(5):
        answer = client.post(
            "/petugas/masuk/",
            {"username": user.username, "password": "salah-sekali"},
            headers={"X-Forwarded-For": f"10.0.0.{attempt}"},
        )
    held = client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})

    assert answer.status_code == held.status_code == 429
    assert "Terlalu banyak sandi salah" in held.content.decode()
    assert held.headers["Retry-After"] == "900"


def test_behind_a_proxy_only_its_own_entry_counts(client, user, settings):
    settings.TRUSTED_PROXIES = 1
    for attempt in range(5):
        client.post(
            "/petugas/masuk/",
            {"username": user.username, "password": "salah-sekali"},
            headers={"X-Forwarded-For": f"10.0.0.{attempt}, 203.0.113.7"},
        )

    same = client.post(
        "/petugas/masuk/",
        {"username": user.username, "password": PASSWORD},
        headers={"X-Forwarded-For": "8.8.8.8, 203.0.113.7"},
    )
    other = client.post(
        "/petugas/masuk/",
        {"username": user.username, "password": PASSWORD},
        headers={"X-Forwarded-For": "8.8.8.8, 203.0.113.8"},
    )

    assert same.status_code == 429
    assert other.status_code == 302


def test_what_happened_is_written_down(client, user):
    code = set_up_factor(user)[0]
    client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})
    client.post("/petugas/kode/", {"code": code})

    actions = set(AuditEvent.objects.filter(actor=user).values_list("action", flat=True))

    assert {"staff.second_factor_on", "staff.sign_in", "staff.recovery_code_used"} <= actions


def test_locking_and_confirming_need_somebody_signed_in(client):
    assert client.get("/petugas/terkunci/").headers["Location"].startswith("/petugas/masuk/")
    assert client.get("/petugas/kode/").headers["Location"].startswith("/petugas/masuk/")
    assert client.get("/petugas/konfirmasi/").headers["Location"].startswith("/petugas/masuk/")


def test_every_step_of_coming_in_is_kept_by_no_browser(signed_in):
    for path in ("/petugas/terkunci/", "/petugas/kode/", "/petugas/sandi-baru/", "/petugas/lupa-sandi/", OWN):
        assert "no-store" in signed_in.get(path).headers["Cache-Control"]


def test_signing_in_works_while_the_cache_is_down(client, user, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }

    wrong = client.post("/petugas/masuk/", {"username": user.username, "password": "salah-sekali"})
    right = client.post("/petugas/masuk/", {"username": user.username, "password": PASSWORD})

    assert (wrong.status_code, right.status_code) == (200, 302)
    assert client.get(OWN).status_code == 200
