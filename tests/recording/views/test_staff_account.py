import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recording import staff_session
from recording.models import AuditEvent, StaffLink, User
from recording.services import staff_link
from tests.factories import OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/kelola/petugas/"


@pytest.fixture
def administrator():
    return UserFactory(role="administrator", name="Admin Satu")


@pytest.fixture
def signed_in(client, administrator):
    client.force_login(administrator)
    return client


def invitation(**values):
    given = {"name": "Sri Rahayu", "username": "Sri.Rahayu", "email": "sri@contoh.id", "role": "verifier", "office": ""}
    return given | values


def test_an_invitation_goes_all_the_way_to_signing_in(signed_in, client):
    answer = signed_in.post(f"{LIST}undang/", invitation())
    user = User.objects.get(username="sri.rahayu")
    assert answer.headers["Location"] == f"{LIST}{user.pk}/"
    assert "Undangan menunggu dikirim" in signed_in.get(f"{LIST}{user.pk}/").content.decode()
    signed_in.post("/petugas/keluar/")

    opened = client.get(staff_link.address(StaffLink.objects.get()).removeprefix("http://127.0.0.1:8000"))
    assert opened.headers["Location"] == "/petugas/sandi-baru/"
    page = client.get("/petugas/sandi-baru/").content.decode()
    assert "Selamat datang, Sri Rahayu" in page
    given = {"new_password": "kereta-api-malam", "new_password_again": "kereta-api-malam"}
    assert client.post("/petugas/sandi-baru/", given).headers["Location"] == "/petugas/masuk/"
    client.post("/petugas/masuk/", {"username": "sri.rahayu", "password": "kereta-api-malam"})

    assert client.get("/petugas/akun/").status_code == 200
    assert client.get("/petugas/sandi-baru/").status_code == 410


def test_opening_the_link_uses_nothing_up(client):
    user = UserFactory(email="a@contoh.id")
    link = staff_link.ask(user=user, kind="invitation", now=user.created_at)
    for _scan in range(3):
        client.get(staff_link.address(link).removeprefix("http://127.0.0.1:8000"))

    assert client.get("/petugas/sandi-baru/").status_code == 200


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "..%2F"])
def test_a_wrong_link_says_what_to_do(client, token):
    client.get(f"/petugas/tautan/{token}/")

    answer = client.get("/petugas/sandi-baru/")

    assert answer.status_code == 410
    assert "minta tautan baru" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]  # else a good link opened next shows this page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"username": "A!"}, "3 sampai 60 huruf kecil"),
        ({"username": "١٢٣abc"}, "3 sampai 60 huruf kecil"),
        ({"email": "sri"}, "Tulis alamat e-mail"),
        ({"role": "operator"}, "Pilih kantor tempat operator"),
        ({"role": "raja"}, "raja"),
        ({"name": ""}, "Isi nama lengkap"),
        ({"name": "x" * 300}, "120"),
    ],
)
def test_a_faulty_invitation_is_explained_and_makes_nothing(signed_in, given, said):
    page = signed_in.post(f"{LIST}undang/", invitation(**given)).content.decode()

    assert said in page
    assert not User.objects.filter(name="Sri Rahayu").exists()


def test_an_administrator_with_an_office_is_refused(signed_in):
    given = invitation(role="administrator", office=OfficeFactory().pk)
    page = signed_in.post(f"{LIST}undang/", given).content.decode()

    assert "Tugas ini untuk semua kantor" in page


def test_a_taken_username_is_explained(signed_in):
    UserFactory(username="sri.rahayu")

    assert "sudah dipakai" in signed_in.post(f"{LIST}undang/", invitation()).content.decode()


def test_columns_that_are_not_in_the_form_cannot_be_set(signed_in):
    user = UserFactory(role="verifier")

    signed_in.post(
        f"{LIST}{user.pk}/",
        {
            "name": "Nama",
            "email": "a@contoh.id",
            "role": "verifier",
            "office": "",
            "is_active": "",
            "username": "lain",
            "password": "x",
            "session_epoch": "9",
        },
    )

    changed = User.objects.get(pk=user.pk)
    assert (changed.name, changed.is_active, changed.username) == ("Nama", True, user.username)
    assert changed.session_epoch == 0
    assert changed.password == user.password


def test_the_steps_of_the_page_work_and_the_own_account_is_refused(signed_in, administrator):
    user = UserFactory()
    for step, active in (("nonaktifkan", False), ("aktifkan", True), ("keluarkan", True)):
        signed_in.post(f"{LIST}{user.pk}/{step}/")
        assert User.objects.get(pk=user.pk).is_active is active

    answer = signed_in.post(f"{LIST}{administrator.pk}/nonaktifkan/", follow=True)

    assert "Minta administrator lain" in answer.content.decode()
    assert User.objects.get(pk=administrator.pk).is_active


def test_a_lost_factor_is_taken_away_only_after_seeing_the_person(signed_in):
    answer = signed_in.post(f"{LIST}{UserFactory().pk}/hapus-kode/", follow=True)

    assert "Temui orangnya dulu" in answer.content.decode()


def test_filters_travel_in_the_address(signed_in):
    office = OfficeFactory()
    UserFactory(name="Operator Sini", office=office)
    UserFactory(name="Operator Sana")
    UserFactory(name="Yang Pergi", office=office, is_active=False)

    page = signed_in.get(f"{LIST}?kantor={office.code}&keadaan=aktif").content.decode()

    assert "Operator Sini" in page
    assert "Operator Sana" not in page
    assert "Yang Pergi" not in page


@pytest.mark.parametrize(
    "query", ["peran=raja", "kantor=%00", "halaman=-1", "halaman=999999999", "keadaan[]=x", "sort=password"]
)
def test_odd_addresses_break_nothing(signed_in, query):
    assert signed_in.get(f"{LIST}?{query}").status_code == 200


def test_the_list_asks_the_database_the_same_for_one_three_and_sixty(signed_in):
    signed_in.get(LIST)
    counts = []
    for more in (1, 2, 57):
        UserFactory.create_batch(more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = signed_in.get(LIST).content.decode()
        counts.append(len(queries))

    assert len(set(counts)) == 1
    assert "Halaman 1 dari 2" in page


def test_the_export_is_safe_for_spreadsheets_and_written_down(signed_in):
    UserFactory(name='=HYPERLINK("http://jahat.example")', username="rumus")

    text = b"".join(signed_in.get(f"{LIST}unduh.csv").streaming_content).decode()

    line = next(line for line in text.splitlines() if line.startswith("rumus"))
    assert "\"'=HYPERLINK" in line
    assert AuditEvent.objects.filter(action="staff.export").exists()


def test_exports_and_changes_want_the_password_of_the_last_half_hour(signed_in):
    session = signed_in.session
    state = session[staff_session.KEY]
    session[staff_session.KEY] = state | {"password_at": state["password_at"] - timedelta(minutes=31).total_seconds()}
    session.save()

    for path in (f"{LIST}unduh.csv?peran=operator", f"{LIST}undang/"):
        assert signed_in.get(path).headers["Location"].startswith("/petugas/konfirmasi/?next=%2Fkelola%2F")
    assert signed_in.get(LIST).status_code == 200


def test_the_empty_list_says_what_to_do(signed_in):
    assert "undang petugas baru" in signed_in.get(f"{LIST}?keadaan=nonaktif").content.decode()


def test_the_answer_about_a_forgotten_password_is_the_same_for_everybody(client):
    UserFactory(username="ada", email="ada@contoh.id")

    answers = {
        re.sub(r'value="[A-Za-z0-9]{64}"', "", client.post("/petugas/lupa-sandi/", {"username": name}).content.decode())
        for name in ("ada", "tidak.ada", "tidak-ada-juga")
    }

    assert len(answers) == 1
    assert StaffLink.objects.count() == 1


def test_asking_again_and_again_is_stopped(client):
    statuses = [client.post("/petugas/lupa-sandi/", {"username": "ada"}).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
