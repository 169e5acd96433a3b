import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.models import CardPrint, Case, HandOver
from recording.models import AuditEvent
from recording.policy.code import display
from tests.factories import CaseFactory, TrackingCodeFactory, UserFactory
from tests.factories.cards import (
    HandOverFactory,
    PrintPickFactory,
    PrintRunFactory,
    ShipmentFactory,
    ShippedCardFactory,
    printable,
    printing_office,
)
from tests.factories.letters import LetterFactory
from tests.factories.people import PASSWORD
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
HOME, SEARCH, TODAY, SHELF = (
    "/petugas/penyerahan/",
    "/petugas/penyerahan/cari/",
    "/petugas/penyerahan/hari-ini/",
    "/petugas/penyerahan/rak/",
)
PROXY = {
    "collector": "proxy",
    "unable": "on",
    "proxy_name": "Siti",
    "proxy_relation": "anak",
    "authority": "surat kuasa 20-11-2026",
}


@pytest.fixture
def office():
    return printing_office(prints=3)


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def desk(clerk):
    return signed_in(clerk)


def collectable(clerk, status="ready", **values):
    return CaseFactory(recording__operator=clerk, status=status, **values)


def counter(case, step=""):
    return f"/petugas/penyerahan/{case.pk}/{step}"


def text_of(response):
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def status(case):
    case.refresh_from_db()
    return case.status


def test_a_scanned_code_opens_the_card_and_one_press_hands_it_over(desk, clerk):
    case = collectable(clerk, shelf="A-3")
    code = TrackingCodeFactory(resident=case.resident).code

    found = desk.post(SEARCH, {"q": f"https://x.example/status/#{display(code)}"})
    page = text_of(desk.get(found["Location"]))
    given = desk.post(found["Location"], {"collector": "resident"}, follow=True)

    assert found["Location"] == counter(case)
    assert "A-3" in page
    assert "Orangnya sudah dicocokkan" in page
    assert "sudah diserahkan" in text_of(given)
    assert (status(case), HandOver.objects.get().proof) == ("issued", "code")


def test_a_nik_opens_the_card_as_well(desk, clerk):
    case = collectable(clerk)

    desk.post(SEARCH, {"q": case.resident.identity.nik})
    desk.post(counter(case), {"collector": "resident"})

    assert HandOver.objects.get().proof == "nik"


def test_print_and_hand_over_while_the_resident_waits(desk, office):
    case = printable(office)
    LetterFactory(case=case)
    desk.post(SEARCH, {"q": case.resident.identity.nik})

    printed = text_of(desk.post(f"/petugas/cetak/berkas/{case.pk}/", follow=True))
    desk.post(counter(case), {"collector": "resident"})

    assert "Serahkan ke warga" in printed
    assert status(case) == "issued"
    assert case.letters.get().status == "revoked"
    assert CardPrint.objects.get().office == office


def test_found_by_name_the_person_is_still_proved(desk, clerk):
    case = collectable(clerk, recording__resident__name="Sri Wahyuni")
    stranger = TrackingCodeFactory().code

    assert "Sri Wahyuni" in text_of(desk.post(SEARCH, {"q": "sri wah"}))
    assert "atau ketik kode atau NIK warga ini" in text_of(desk.post(counter(case), {"collector": "resident"}))
    refused = text_of(desk.post(counter(case), {"collector": "resident", "proof": stranger}))
    assert "bukan milik warga ini" in refused
    assert status(case) == "ready"
    desk.post(counter(case), {"collector": "resident", "proof": case.resident.identity.nik})
    assert status(case) == "issued"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("x", "Ketik sedikitnya dua huruf"),
        ("33190217089", "NIK harus 16 angka"),
        ("9" * 16, "NIK"),
        ("tidakada", "Tidak ada kartu atas nama itu"),
        ("https://x.example/#K7QX-4M2P-9TX", "Kode salah ketik"),
        ("\0", "Ketik sedikitnya dua huruf"),
    ],
)
def test_what_is_not_found_says_why(desk, typed, says):
    assert says in text_of(desk.post(SEARCH, {"q": typed}))


def test_somebody_whose_card_is_elsewhere_is_told_where(desk):
    there = collectable(UserFactory(office=printing_office(name="Jauh Sana")))

    assert "Jauh Sana" in text_of(desk.post(SEARCH, {"q": there.resident.identity.nik}))
    assert desk.get(counter(there)).status_code == 404


def test_a_proxy_needs_a_second_member_of_staff_with_an_own_password(desk, clerk):
    case = collectable(clerk)
    desk.post(SEARCH, {"q": case.resident.identity.nik})
    second = UserFactory(office=clerk.office)

    def give(**values):
        return desk.post(counter(case), PROXY | values)

    assert "Petugas kedua mengisi sandinya" in text_of(give(second_username=second.username))
    assert "Centang bila benar" in text_of(give(unable="", second_username="x", second_password="x"))
    assert "petugas kedua salah" in text_of(give(second_username=second.username, second_password="salah"))
    assert "petugas kedua salah" in text_of(give(second_username=clerk.username, second_password=PASSWORD))
    assert status(case) == "ready"
    give(second_username=second.username, second_password=PASSWORD)
    row = HandOver.objects.get()
    assert (row.collector, row.second_staff, row.proxy_name) == ("proxy", second, "Siti")
    assert AuditEvent.objects.filter(action="case.issued", actor=clerk).exists()


def test_guessing_the_second_password_is_stopped_like_at_the_sign_in_page(desk, clerk):
    case = collectable(clerk)
    desk.post(SEARCH, {"q": case.resident.identity.nik})
    second = UserFactory(office=clerk.office)

    answers = [
        desk.post(counter(case), PROXY | {"second_username": second.username, "second_password": f"salah{n}"})
        for n in range(6)
    ]
    right = desk.post(counter(case), PROXY | {"second_username": second.username, "second_password": PASSWORD})

    assert answers[-1].status_code == 429
    assert right.status_code == 429
    assert status(case) == "ready"


def test_no_password_is_shown_again(desk, clerk):
    case = collectable(clerk)

    assert "rahasia-sekali" not in text_of(
        desk.post(counter(case), PROXY | {"second_username": "x", "second_password": "rahasia-sekali"})
    )


def test_the_counter_says_what_hinders_a_print(desk, office, clerk):
    young = printable(office, waiting_for="age")
    assert "Belum boleh dicetak" in text_of(desk.get(counter(young)))

    empty = printing_office()
    there, invited = signed_in(UserFactory(office=empty)), printable(empty, waiting_for="resident")
    PrintPickFactory(case=invited)
    page = text_of(there.get(counter(invited)))
    assert "Sampaikan maaf" in page
    assert "tidak cukup" in text_of(there.post(f"/petugas/cetak/berkas/{invited.pk}/", follow=True))
    there.post(f"/petugas/cetak/berkas/{invited.pk}/maaf/")
    invited.refresh_from_db()
    assert invited.waiting_for == "blank"


def test_a_spoiled_card_is_written_down_and_printed_again(desk, office):
    case = printable(office)
    desk.post(f"/petugas/cetak/berkas/{case.pk}/")
    spoil = f"/petugas/cetak/berkas/{case.pk}/rusak/"

    assert "Tulis alasannya" in text_of(desk.post(spoil, {"reason": "other"}))
    again = text_of(desk.post(spoil, {"reason": "print"}, follow=True))

    assert "Kartu tercetak" in again
    assert desk.get(spoil).status_code == 404
    assert CardPrint.objects.get().spoil_reason == "print"


def test_cards_are_put_on_a_shelf_and_listed_by_it(desk, clerk):
    cases = [collectable(clerk, "printed", recording__resident__name=name) for name in ("Budi", "Sri")]

    assert "Belum ada yang dipilih" in text_of(desk.post(SHELF, {"shelf": "A-1"}, follow=True))
    done = desk.post(SHELF, {"shelf": "A-1", "pilih": [case.pk for case in cases]}, follow=True)

    assert "2 kartu siap diambil" in text_of(done)
    listed = desk.get(HOME, {"rak": "a-"})
    assert {row["cells"][0]["text"] for row in listed.context["rows"]} == {"Budi", "Sri"}
    assert desk.get(HOME, {"rak": "B"}).context["rows"] == []
    assert desk.get(HOME, {"lama": "7"}).context["rows"] == []
    text = b"".join(desk.get("/petugas/penyerahan/unduh.csv", {"rak": "A"})).decode()
    assert "Budi" in text
    assert Case.objects.filter(shelf="A-1").count() == 2


def test_a_supervisor_undoes_it_the_same_day(office, clerk):
    row = HandOverFactory(case=collectable(clerk, "issued", status_since=timezone.now()), handed_by=clerk)
    supervisor = signed_in(UserFactory(role="supervisor", office=office))
    undo = counter(row.case, "urungkan/")

    assert undo in text_of(supervisor.get(TODAY))
    assert undo not in text_of(signed_in(clerk).get(TODAY))
    assert "Isi alasan" in text_of(supervisor.post(undo, {"reason": ""}))
    assert "diurungkan" in text_of(supervisor.post(undo, {"reason": "salah orang"}, follow=True))
    assert status(row.case) == "ready"
    assert supervisor.get(undo).status_code == 404


def test_a_supervisor_reads_the_shelves_and_opens_no_counter(office, clerk):
    case = collectable(clerk)
    supervisor = signed_in(UserFactory(role="supervisor", office=office))

    assert counter(case) not in text_of(supervisor.get(HOME))
    assert supervisor.get(counter(case)).status_code == 403
    assert signed_in(UserFactory(role="administrator")).get(HOME).status_code == 403


def test_the_page_of_a_case_leads_to_the_counter(desk, clerk, office):
    case = printable(office)

    assert counter(case) in text_of(desk.get(f"/petugas/berkas/{case.pk}/"))


def test_the_staff_home_names_what_waits(desk, office, clerk):
    printable(office), collectable(clerk)
    ShippedCardFactory(state="missing", shipment__to_office=office)
    PrintRunFactory(office=office, state="proposed", size=7)

    home = text_of(desk.get("/petugas/"))

    assert "Usulan daftar cetak untuk 7 orang" in home
    assert "1 kartu tidak ada dalam kiriman" in home
    assert "Kartu dapat dicetak sekarang" in home


@pytest.mark.parametrize("address", [HOME, SHELF, TODAY, "/petugas/pengiriman/"])
def test_a_list_asks_as_many_queries_for_many_rows(desk, office, clerk, address):
    counts = []
    for more in (1, 2, 20):
        for _card in range(more):
            collectable(clerk), collectable(clerk, "printed")
            HandOverFactory(case=collectable(clerk, "issued", status_since=timezone.now()), handed_by=clerk)
            ShipmentFactory(to_office=office)
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        counts.append(len(queries))

    assert len(set(counts)) == 1, counts
