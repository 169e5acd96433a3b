import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.services import case_file
from recording.models import AuditEvent, Resident
from tests.factories import (
    ApprovalFactory,
    CaseFactory,
    NotificationFactory,
    OfficeFactory,
    RecordingFactory,
    ResidentFactory,
    StallRuleFactory,
    TrackingCodeFactory,
    UserFactory,
    VillageFactory,
)
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LIST, SEARCH, FILE = "/petugas/berkas/", "/petugas/berkas/cari/", "/petugas/berkas/unduh.csv"


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return signed_in(UserFactory(office=office))


@pytest.fixture
def verifier():
    return signed_in(UserFactory(role="verifier"))


def case_of(office, name="Sri Wahyuni", *, days=0, **values):
    recorded_at = NOW - timedelta(days=days)
    resident = ResidentFactory(name=name, entitlement="none")
    recording = RecordingFactory(resident=resident, operator=UserFactory(office=office), recorded_at=recorded_at)
    return CaseFactory(recording=recording, **values)


def names(response):
    assert response.status_code == 200
    return [row["cells"][0]["text"] for row in response.context["rows"]]


class TestList:
    def test_shows_open_cases_the_longest_resting_first(self, clerk, office):
        case_of(office, "Baru", days=1)
        case_of(office, "Lama", days=9)
        case_of(office, "Selesai", status="issued")

        assert names(clerk.get(LIST)) == ["Lama", "Baru"]
        assert AuditEvent.objects.get().action == "case.read_list"

    def test_shows_what_was_recorded_here_or_is_collected_here(self, clerk, office):
        case_of(OfficeFactory(), "Di sana")
        case_of(OfficeFactory(), "Diambil di sini", pickup_office=office)
        case_of(office, "Direkam di sini", pickup_office=OfficeFactory())

        assert sorted(names(clerk.get(LIST))) == ["Diambil di sini", "Direkam di sini"]

    @pytest.mark.parametrize(
        ("query", "left"),
        [
            ({"status": "sent"}, ["B"]),
            ({"status": "issued"}, ["E"]),
            ({"status": "semua"}, ["D", "C", "B", "A", "E"]),
            ({"umur": "7"}, ["D", "C"]),
            ({"menunggu": "blank"}, ["D"]),
            ({"tanda": "mengendap"}, ["C"]),
            ({"tanda": "beda"}, ["B", "E"]),
            ({"kecamatan": "33.19.04"}, ["A"]),
            ({"status": "sent", "umur": "7"}, []),
            ({"status": "\0", "umur": "x", "kecamatan": "no"}, ["D", "C", "B", "A"]),
        ],
    )
    def test_filters_stand_in_the_address_and_wrong_ones_filter_nothing(self, clerk, office, query, left):
        first = case_of(office, "A", days=1)
        Resident.objects.filter(pk=first.resident_id).update(village=VillageFactory(district__code="33.19.04"))
        case_of(office, "B", days=2, status="sent", conflict_since=NOW)
        case_of(office, "C", days=8, status="failed", stalled_since=NOW)
        case_of(office, "D", days=9, status="print_ready", waiting_for="blank")
        case_of(office, "E", status="issued", conflict_since=NOW)

        assert names(clerk.get(LIST, query)) == left

    def test_an_office_is_chosen_by_those_who_work_for_all(self, verifier, office):
        case_of(office, "Di sini")
        case_of(OfficeFactory(), "Di sana")

        assert len(names(verifier.get(LIST))) == 2
        assert names(verifier.get(LIST, {"kantor": office.code})) == ["Di sini"]

    def test_pages_follow_each_other_both_ways_without_gaps(self, clerk, office, monkeypatch):
        monkeypatch.setattr(case_file, "PER_PAGE", 2)
        same_moment = NOW - timedelta(days=5)
        for name in "ABCDE":
            case_of(office, name, status_since=same_moment)

        first = clerk.get(LIST, {"status": "captured"})
        second = clerk.get(LIST + first.context["next_url"])
        third = clerk.get(LIST + second.context["next_url"])
        back = clerk.get(LIST + third.context["previous_url"])

        assert [names(page) for page in (first, second, third, back)] == [["A", "B"], ["C", "D"], ["E"], ["C", "D"]]
        assert first.context["previous_url"] == third.context["next_url"] == ""
        assert "status=captured" in second.context["next_url"]

    @pytest.mark.parametrize("cursor", ["x", "9" * 17 + "-1", "-1", "1-\0"])
    def test_a_wrong_place_in_the_list_is_its_beginning(self, clerk, office, cursor):
        case_of(office, "Ada", days=2)

        assert clerk.get(LIST, {"setelah": cursor}).status_code == 200

    def test_says_what_to_do_when_there_is_nothing(self, clerk):
        assert "Belum ada berkas yang berjalan" in clerk.get(LIST).content.decode()
        assert "Tidak ada berkas yang cocok" in clerk.get(LIST, {"status": "sent"}).content.decode()

    def test_takes_as_many_queries_for_100_as_for_one(self, clerk, office):
        counted = set()
        for more in (1, 2, 97):
            for _ in range(more):
                case_of(office)
            with CaptureQueriesContext(connection) as queries:
                clerk.get(LIST)
            counted.add(len(queries))

        assert len(counted) == 1

    def test_is_not_the_administrators(self):
        assert signed_in(UserFactory(role="administrator")).get(LIST).status_code == 403


class TestCsv:
    def test_names_people_and_never_their_numbers(self, clerk, office):
        case = case_of(office, "=Siti")

        text = b"".join(clerk.get(FILE)).decode()

        assert text.splitlines()[0].lstrip("\ufeff").startswith("nomor,nama,desa,kecamatan,kantor")
        assert f"{case.pk},'=Siti," in text
        assert case.resident.identity.nik not in text
        assert AuditEvent.objects.get().action == "case.export"

    def test_keeps_to_the_filters(self, clerk, office):
        case_of(office, "Ikut", status="sent")
        case_of(office, "Tidak")

        lines = b"".join(clerk.get(FILE, {"status": "sent"})).decode().splitlines()

        assert len(lines) == 2 and "Ikut" in lines[1]


class TestSearch:
    def find(self, browser, q, reason=""):
        return browser.post(SEARCH, {"q": q, "reason": reason})

    def test_the_beginnings_of_a_name_find_cases_of_the_own_office(self, clerk, office):
        first, second = case_of(office, "Sri Wahyuni"), case_of(office, "Wahyu Sriyono", status="issued")
        case_of(OfficeFactory(), "Sri Lestari")

        response = self.find(clerk, "wahyu sri")

        assert names(response) == [first.resident.name, second.resident.name]
        event = AuditEvent.objects.get()
        assert (event.action, event.subject) == ("search.name", "cases:2")

    def test_one_letter_is_too_short(self, clerk):
        assert "Ketik sedikitnya dua huruf" in self.find(clerk, "s").content.decode()

    def test_one_case_found_opens_at_once(self, clerk, office):
        case = case_of(office, "Kartini")

        assert self.find(clerk, "kart").headers["Location"] == f"/petugas/berkas/{case.pk}/"

    def test_a_nik_of_the_own_office_needs_no_reason(self, clerk, office):
        case = case_of(office)

        assert self.find(clerk, case.resident.identity.nik).headers["Location"] == f"/petugas/berkas/{case.pk}/"

    def test_elsewhere_a_reason_is_asked_before_anything_is_said(self, clerk):
        known, unknown = case_of(OfficeFactory()).resident.identity.nik, "3319010101909999"

        answers = [self.find(clerk, nik).content.decode().replace(nik, "") for nik in (known, unknown)]

        assert "Tulis alasannya dulu" in answers[0]
        assert _steady(answers[0]) == _steady(answers[1])
        assert not AuditEvent.objects.filter(action="search.nik").exists()

    def test_with_a_reason_it_opens_to_be_read_only(self, clerk):
        case = case_of(OfficeFactory())

        response = self.find(clerk, case.resident.identity.nik, "warga bertanya di loket")
        page = clerk.get(response.headers["Location"])

        assert "Berkas kantor lain" in page.content.decode()
        assert page.context["facts"].actions == []
        searched = AuditEvent.objects.get(action="search.nik")
        assert (searched.reason, searched.resident_id) == ("warga bertanya di loket", case.resident_id)

    def test_a_code_finds_as_well(self, verifier):
        case = case_of(OfficeFactory())
        code = TrackingCodeFactory(resident=case.resident).code

        assert self.find(verifier, code).headers["Location"] == f"/petugas/berkas/{case.pk}/"

    def test_somebody_without_a_case_opens_at_the_desk(self, clerk):
        resident = ResidentFactory(recorded_before=True)

        response = self.find(clerk, resident.identity.nik, "di loket")

        assert response.headers["Location"] == f"/petugas/warga/{resident.pk}/"

    def test_numbers_in_the_reason_are_refused(self, clerk):
        case = case_of(OfficeFactory())

        response = self.find(clerk, case.resident.identity.nik, "NIK 3319010101909999")

        assert "Jangan tulis NIK" in response.content.decode()


def _steady(html: str) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"|nonce="[^"]+"', "", html)


class TestCase:
    def test_shows_the_whole_life_in_words(self, clerk, office):
        StallRuleFactory(status="sent", late_after=5, stalled_after=14)
        case = case_of(
            office,
            status="sent",
            days=6,
            observed_raw="SENT_FOR_ENROLLMENT",
            observed_status="sent",
            observed_as_of=NOW,
        )
        NotificationFactory(resident=case.resident, kind="recorded", state="sent")

        page = clerk.get(f"/petugas/berkas/{case.pk}/").content.decode()

        assert "Sri Wahyuni" in page and "6 hari" in page
        assert "SENT_FOR_ENROLLMENT" in page and "Terekam" in page
        assert case.resident.identity.nik not in page and f"{case.resident.identity.nik[:4]} ••••" in page
        event = AuditEvent.objects.get()
        assert (event.action, event.resident_id, event.subject) == ("case.read", case.resident_id, f"case:{case.pk}")

    def test_an_erased_person_has_a_page_without_a_name(self, clerk, office):
        case = case_of(office, "")
        case.resident.identity.delete()

        assert "Data pribadi sudah dihapus" in clerk.get(f"/petugas/berkas/{case.pk}/").content.decode()

    def test_another_offices_answers_like_a_missing_one(self, clerk):
        there = case_of(OfficeFactory())

        assert clerk.get(f"/petugas/berkas/{there.pk}/").status_code == 404

    def test_only_what_is_allowed_now_is_offered(self, clerk, verifier, office):
        case = case_of(office, status="failed", next_step="propose_rerecord")

        offered = verifier.get(f"/petugas/berkas/{case.pk}/").context["facts"].actions
        labels = [action.label for action in offered]

        assert labels[0] == "Minta rekam ulang" and offered[0].main
        assert {"Kirim ulang dari kantor", "Tutup berkas"} < set(labels)
        own = clerk.get(f"/petugas/berkas/{case.pk}/").context["facts"].actions
        assert not {"Minta rekam ulang", "Tutup berkas"} & {action.label for action in own}

    def test_says_how_a_request_for_a_second_person_stands(self, verifier, office):
        case = case_of(office, status="duplicate", days=1)
        ApprovalFactory(subject=f"case:{case.pk}", reason="hapus sudah")

        assert "Menunggu persetujuan pengawas" in verifier.get(f"/petugas/berkas/{case.pk}/").content.decode()

    def test_takes_as_many_queries_for_a_long_life_as_for_a_short_one(self, verifier, office):
        StallRuleFactory(status="captured")
        case = case_of(office)
        counted = set()
        for more in (1, 2, 97):
            for _ in range(more):
                case.history.create(event="noted", to_status=case.status, occurred_at=NOW, actor=UserFactory())
                NotificationFactory(resident=case.resident)
            with CaptureQueriesContext(connection) as queries:
                verifier.get(f"/petugas/berkas/{case.pk}/")
            counted.add(len(queries))

        assert len(counted) == 1
