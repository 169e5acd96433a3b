from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recording.models import AuditEvent, HomeVisit
from tests.factories import (
    HomeVisitFactory,
    OfficeFactory,
    ResidentFactory,
    RosterFactory,
    VillageFactory,
    synthetic_nik,
)
from tests.recording.views import visitor
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST = "/petugas/kunjungan/"
BORN = date(1940, 8, 17)


@pytest.fixture
def village(office):
    return VillageFactory(district=office.district)


def answers(home, **values):
    return {
        "nik": synthetic_nik(birth_date=BORN),
        "name": "Mbah Karto",
        "birth_date_0": "17",
        "birth_date_1": "8",
        "birth_date_2": "1940",
        "village": home.code,
        "address": "Gang Melati 3, RT 2/1",
        "phone": "0812 3456 7890",
        "reason": "elderly",
        **values,
    }


def _text(response):
    assert response.status_code == 200
    return response.content.decode()


class TestAsk:
    def test_known_recorded_and_unknown_people_get_the_same_answer(self, village):
        niks = [
            ResidentFactory(birth_date=BORN).identity.nik,
            ResidentFactory(birth_date=BORN, recorded_before=True).identity.nik,
            synthetic_nik(birth_date=BORN),
        ]

        pages = {
            visitor.without_token(_text(Client().post("/kunjungan/", answers(village, nik=nik), follow=True)))
            for nik in niks
        }

        assert len(pages) == 1
        assert "Permintaan diterima" in pages.pop()
        assert HomeVisit.objects.count() == 3

    def test_what_was_typed_is_not_shown_again(self, client, village):
        page = _text(client.post("/kunjungan/", answers(village), follow=True))

        assert "Karto" not in page
        assert "Permintaan diterima" not in _text(client.get("/kunjungan/"))

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"nik": "123"}, "NIK harus 16 angka"),
            ({"phone": ""}, "Isi nomor HP"),
            ({"village": "luar"}, "di Kabupaten Kudus"),
            ({"helper_name": "Siti"}, "Pilih hubungan Anda"),
            ({"address": "Jalan\x00"}, "Galat"),
        ],
    )
    def test_what_is_wrong_is_said(self, client, village, values, says):
        assert says in _text(client.post("/kunjungan/", answers(village, **values)))
        assert not HomeVisit.objects.exists()

    def test_again_and_again_is_slowed(self, client, village):
        typed = answers(village)

        assert [client.post("/kunjungan/", typed).status_code for _ in range(4)] == [302, 302, 302, 429]

    def test_it_is_found_from_the_first_page_and_speaks_english(self, client, village):
        assert 'href="/kunjungan/"' in _text(client.get("/"))
        client.cookies.load({"django_language": "en"})
        assert "Ask to be recorded at home" in _text(client.get("/kunjungan/"))


class TestDesk:
    def test_the_list_by_village_and_a_plan(self, desk, office, clerk):
        visit = HomeVisitFactory(office=office)
        HomeVisitFactory(name="Orang kantor lain")
        session = RosterFactory(created_by=clerk, place="Desa Contoh")

        page = _text(desk.get(LIST))
        assert "Mbah Karto" in page and "Orang kantor lain" not in page
        page = _text(desk.post(LIST, {"visit": [visit.pk], "roster": session.pk}, follow=True))

        assert "1 permintaan masuk ke daftar Desa Contoh" in page
        assert session.entries.get().name == "Mbah Karto"

    def test_nothing_ticked_is_said(self, desk, office):
        HomeVisitFactory(office=office)

        assert "Centang dulu permintaannya" in _text(desk.post(LIST, {}, follow=True))

    def test_one_request_is_read_and_declined_with_a_reason(self, desk, office):
        visit = HomeVisitFactory(office=office)
        address = reverse("home_visit", args=[visit.pk])

        page = _text(desk.get(address))
        assert "+6281234567890" in page and visit.nik not in page
        assert AuditEvent.objects.filter(action="home_visit.read", subject=f"home_visit:{visit.pk}").exists()
        assert "Isi alasan ditolak" in _text(desk.post(address, {"reason": ""}))
        page = _text(desk.post(address, {"reason": "Sudah direkam"}, follow=True))
        assert "Permintaan ditolak" in page and "Sudah direkam" in page

    def test_the_desk_writes_one_down(self, desk, village, clerk):
        _text(desk.post(f"{LIST}baru/", answers(village), follow=True))

        assert HomeVisit.objects.get().created_by == clerk

    def test_export_and_filter(self, desk, office):
        visit = HomeVisitFactory(office=office, name="=cmd()")
        HomeVisitFactory(office=office, status="done", name="Sudah Selesai")

        lines = b"".join(desk.get(f"{LIST}unduh.csv?keadaan=new").streaming_content).decode()

        assert "'=cmd()" in lines and "Sudah Selesai" not in lines
        assert visit.nik not in lines
        assert "Tidak ada permintaan di sini" in _text(desk.get(f"{LIST}?keadaan=declined"))

    def test_another_office_is_answered_like_a_missing_one(self, desk):
        visit = HomeVisitFactory(office=OfficeFactory())

        assert desk.get(reverse("home_visit", args=[visit.pk])).status_code == 404

    def test_costs_as_much_for_one_as_for_a_hundred(self, office, clerk):
        desk, figures = signed_in(clerk), set()
        for more in (1, 2, 97):
            for _ in range(more):
                HomeVisitFactory(office=office)
            with CaptureQueriesContext(connection) as queries:
                desk.get(LIST)
            figures.add(len(queries))

        assert len(figures) == 1


def test_the_staff_home_names_requests_that_wait(desk, office):
    assert "Permintaan kunjungan baru" not in _text(desk.get("/petugas/"))
    HomeVisitFactory(office=office)
    assert "Permintaan kunjungan baru" in _text(desk.get("/petugas/"))
