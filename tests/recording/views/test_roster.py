from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from recording.models import AuditEvent, Recording, Roster
from tests.factories import ResidentFactory, RosterEntryFactory, RosterFactory, VillageFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST = "/petugas/jemput-bola/"


@pytest.fixture
def session(clerk):
    return RosterFactory(created_by=clerk, place="SMA 1 Contoh", device="KIT-07")


def _text(response):
    assert response.status_code == 200
    return response.content.decode()


def _csv(response):
    return b"".join(response.streaming_content).decode()


class TestNew:
    def plan(self, here, **values):
        return {"office": here.code, "place": "SMA 1 Contoh", "held_on": f"{timezone.localdate()}", **values}

    def test_a_pasted_list_is_previewed_then_confirmed(self, desk, office):
        resident = ResidentFactory(recorded_before=True)
        pasted = f"nik;nama;tanggal_lahir\n{resident.identity.nik};Budi Santoso;1990-08-17\n1;Salah;1990-08-17"

        page = _text(desk.post(f"{LIST}baru/", self.plan(office, pasted=pasted), follow=True))

        assert "Ini pratinjau" in page
        assert "Budi Santoso" in page
        assert "Sudah direkam, jangan rekam lagi" in page
        assert "Daftar baris 3: NIK harus 16 angka" in page
        assert resident.identity.nik not in page
        session = Roster.objects.get()
        assert "Cetak daftar" in _text(desk.post(reverse("roster_confirm", args=[session.pk]), follow=True))

    def test_a_file_works_as_well(self, desk, office):
        nik = ResidentFactory().identity.nik
        sheet = SimpleUploadedFile("daftar.csv", f"NIK,Nama,Tanggal Lahir\n{nik},Sri,17/08/1990".encode("utf-8-sig"))

        desk.post(f"{LIST}baru/", self.plan(office, sheet=sheet))

        assert Roster.objects.get().entries.get().name == "Sri"

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"pasted": "nama;umur\nBudi;3"}, "Kolom nik"),
            ({"place": ""}, "Isi tempat"),
            ({"held_on": "2000-01-01"}, "Tanggal harus antara"),
            ({"note": "untuk 3319021708909999"}, "Jangan tulis NIK"),
            ({"office": "00.00.00"}, "Galat:"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_kept(self, desk, office, values, says):
        page = _text(desk.post(f"{LIST}baru/", self.plan(office, **values)))

        assert says in page
        assert not Roster.objects.exists()

    def test_a_draft_is_thrown_away(self, desk, clerk):
        draft = RosterFactory(created_by=clerk, status="draft")

        assert "Pratinjau dibuang" in _text(desk.post(reverse("roster_discard", args=[draft.pk]), follow=True))


class TestResults:
    def test_are_entered_and_the_rest_is_listed_with_a_download(self, desk, session):
        entry = RosterEntryFactory(roster=session, resident=ResidentFactory(), name="Sri Wahyuni")
        session.held_on -= timedelta(days=3)
        session.save()
        pasted = "nomor;hasil;jam\n1;terekam;09.15\n9;terekam;09.20"

        page = _text(desk.post(reverse("roster_results", args=[session.pk]), {"pasted": pasted}, follow=True))

        assert "1 terekam, 0 gagal, 0 tidak hadir" in page
        assert "Hasil baris 3: Nomor ini tidak ada pada daftar." in page
        entry.refresh_from_db()
        assert Recording.objects.get().day == session.held_on
        assert "09.15, KIT-07" in page
        lines = _csv(desk.get(reverse("roster_rejects", args=[session.pk])))
        assert "9;terekam;09.20" in lines
        page = _text(desk.post(reverse("roster_close", args=[session.pk]), follow=True))
        assert "Selesai" in page and "Isi hasil" not in page

    @pytest.mark.parametrize(("pasted", "says"), [("", "Pilih berkas hasil"), ("nomor;x\n1;2", "Kolom result")])
    def test_wrong_files_are_told(self, desk, session, pasted, says):
        page = _text(desk.post(reverse("roster_results", args=[session.pk]), {"pasted": pasted}))

        assert says in page
        assert "<title>Galat: " in page


class TestRows:
    """Results keyed in person by person."""

    @pytest.fixture
    def past(self, session):
        session.held_on -= timedelta(days=3)
        session.save()
        return session

    def send(self, desk, session, answers, **values):
        data = {"day": f"{session.held_on}", "device": session.device, "batch": "B-1"} | values
        for entry, given in answers.items():
            data |= {f"o{entry.pk}-{name}": value for name, value in {"result": "", "at": "", **given}.items()}
        return desk.post(reverse("roster_rows", args=[session.pk]), data, follow=True)

    def test_each_keeps_its_day_hour_and_device(self, desk, past):
        sri, budi, ani = (RosterEntryFactory(roster=past, resident=ResidentFactory()) for _ in range(3))

        page = _text(
            self.send(
                desk,
                past,
                {
                    sri: {"result": "accepted", "at": "9.15", "missing": "iris:blind"},
                    budi: {"result": "failed", "at": "09.30", "failure_reason": "network", "device": "KIT-09"},
                    ani: {"result": "absent"},
                },
            )
        )

        assert "3 hasil disimpan" in page
        accepted, failed = Recording.objects.order_by("recorded_at")
        assert (accepted.day, accepted.device, accepted.batch) == (past.held_on, "KIT-07", "B-1")
        assert accepted.missing == {"iris": "blind"}
        assert f"{timezone.localtime(accepted.recorded_at):%H.%M}" == "09.15"
        assert (failed.outcome, failed.failure_reason, failed.device) == ("failed", "network", "KIT-09")
        ani.refresh_from_db()
        assert (ani.outcome, ani.recording) == ("absent", None)

    def test_what_is_good_stays_and_the_rest_is_marked_with_what_was_typed(self, desk, past):
        good, taken, empty = (RosterEntryFactory(roster=past, resident=ResidentFactory()) for _ in range(3))
        type(taken.resident).objects.filter(pk=taken.resident_id).update(entitlement="none")

        page = _text(
            self.send(
                desk,
                past,
                {
                    good: {"result": "accepted", "at": "09.15"},
                    taken: {"result": "accepted", "at": "10.05"},
                    empty: {"result": "accepted"},
                },
            )
        )

        assert "1 hasil disimpan" in page and "2 baris belum disimpan" in page
        assert "jangan kirim rekaman ini ke pusat" in page and 'value="10.05"' in page
        assert "Tulis jam perekaman" in page
        assert Recording.objects.get().resident == good.resident
        taken.refresh_from_db()
        assert taken.problem

    def test_an_unknown_nik_needs_the_family_card(self, desk, past, office):
        past.village = VillageFactory()
        past.save()
        entry = RosterEntryFactory(roster=past, village=past.village)

        asked = _text(self.send(desk, past, {entry: {"result": "accepted", "at": "09.15"}}))
        kept = self.send(desk, past, {entry: {"result": "accepted", "at": "09.15", "papers_checked": "on"}})

        assert "Kartu Keluarga" in asked
        assert "1 hasil disimpan" in _text(kept)
        assert Recording.objects.get().resident.source == "self"

    def test_a_session_still_ahead_takes_none(self, desk, session):
        entry = RosterEntryFactory(roster=session, resident=ResidentFactory())
        session.held_on += timedelta(days=1)
        session.save()

        self.send(desk, session, {entry: {"result": "absent"}})

        entry.refresh_from_db()
        assert entry.outcome == ""

    def test_the_page_asks_the_same_however_many_people(self, desk, session):
        def asked():
            with CaptureQueriesContext(connection) as queries:
                desk.get(reverse("roster_rows", args=[session.pk]))
            return len(queries)

        RosterEntryFactory(roster=session, resident=ResidentFactory())
        desk.get(reverse("roster_rows", args=[session.pk]))
        one = asked()
        for _ in range(4):
            RosterEntryFactory(roster=session, resident=ResidentFactory())

        assert asked() == one


class TestTrail:
    @pytest.mark.parametrize("name", ["roster", "roster_rows", "roster_pdf", "roster_template", "roster_csv"])
    def test_every_resident_shown_can_ask_who_saw_them(self, desk, clerk, session, name):
        entries = [RosterEntryFactory(roster=session, resident=ResidentFactory()) for _ in range(2)]
        RosterEntryFactory(roster=session)

        response = desk.get(reverse(name, args=[session.pk]))
        b"".join(response.streaming_content) if response.streaming else response.content

        trail = AuditEvent.objects.filter(actor=clerk, subject=f"roster:{session.pk}", office=clerk.office)
        assert set(trail.exclude(resident_id=None).values_list("resident_id", flat=True)) == {
            entry.resident_id for entry in entries
        }
        assert trail.get(resident_id=None).reason == "3 orang"


class TestReading:
    def test_the_printed_list_names_people_without_nik(self, desk, session):
        for _ in range(20):
            entry = RosterEntryFactory(roster=session, name="Sri Wahyuni", eligibility="recorded")

        pdf = PdfReader(BytesIO(desk.get(reverse("roster_pdf", args=[session.pk])).content))

        text = "".join(page.extract_text() for page in pdf.pages)
        assert len(pdf.pages) == 2
        assert "Sri Wahyuni" in text and "JANGAN DIREKAM" in text and "17-08-1990" in text
        assert entry.nik not in text

    def test_the_form_for_results_comes_back_as_it_is(self, desk, session):
        RosterEntryFactory(roster=session, name="=HYPERLINK(1)")

        lines = _csv(desk.get(reverse("roster_template", args=[session.pk])))

        assert "nomor,nik,nama" in lines
        assert "1,,'=HYPERLINK(1)" in lines

    def test_exports_and_filters(self, desk, session):
        RosterEntryFactory(roster=session, name="Budi", eligibility="recorded")
        RosterEntryFactory(roster=session, name="Sri", eligibility="first")

        lines = _csv(desk.get(reverse("roster_csv", args=[session.pk]) + "?tampil=boleh"))
        page = _text(desk.get(reverse("roster", args=[session.pk]) + "?tampil=periksa"))

        assert "Sri" in lines and "Budi" not in lines
        assert "Budi" in page and "Sri<" not in page
        assert AuditEvent.objects.filter(action="roster.export", subject=f"roster:{session.pk}").exists()

    def test_the_list_of_sessions(self, desk, session):
        RosterFactory(place="Kantor lain")

        page = _text(desk.get(LIST))
        lines = _csv(desk.get(f"{LIST}unduh.csv"))

        assert "SMA 1 Contoh" in page and "Kantor lain" not in page
        assert "SMA 1 Contoh" in lines and "Kantor lain" not in lines
        assert "Belum ada jemput bola" in _text(desk.get(f"{LIST}?keadaan=closed"))

    def test_another_office_is_answered_like_a_missing_one(self, session):
        stranger = signed_in(RosterFactory().created_by)

        for name in ("roster", "roster_results", "roster_pdf"):
            assert stranger.get(reverse(name, args=[session.pk])).status_code == 404

    def test_pages_cost_as_much_for_one_as_for_a_hundred(self, desk, session):
        def count(address):
            with CaptureQueriesContext(connection) as queries:
                desk.get(address)
            return len(queries)

        detail = reverse("roster", args=[session.pk])
        figures = []
        for more in (1, 2, 97):
            for _ in range(more):
                RosterEntryFactory(roster=session)
                RosterFactory(created_by=session.created_by)
            figures.append((count(LIST), count(detail)))

        assert len(set(figures)) == 1
