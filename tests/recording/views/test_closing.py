from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from recording.models import Appointment, AuditEvent, DayClosing, Recording
from recording.services import closing
from tests.factories import AppointmentFactory, RecordingFactory, ResidentFactory, SlotFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE, UNSENT = "/petugas/tutup-hari/", "/petugas/belum-terkirim/"


@pytest.fixture
def recorded(clerk):
    def make(name="Sri Wahyuni", days_ago=0, office=None, **values):
        at = timezone.now() - timedelta(days=days_ago)
        return RecordingFactory(
            resident=ResidentFactory(name=name),
            office=office or clerk.office,
            operator=clerk,
            appointment=None,
            recorded_at=at,
            day=timezone.localdate(at),
            **values,
        )

    return make


@pytest.fixture
def waiting(office):
    tomorrow = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
    SlotFactory(office=office, starts_at=tomorrow)
    return AppointmentFactory(
        slot=None, channel="walk_in", office=office, status="arrived", resident=ResidentFactory(name="Budi Santoso")
    )


def _text(response):
    assert response.status_code == 200
    return response.content.decode()


class TestClosingPage:
    def test_says_what_is_left_and_hides_the_button_until_then(self, desk, waiting):
        page = _text(desk.get(PAGE))

        assert "Budi Santoso" in page
        assert "Beri waktu baru untuk 1 orang" in page
        assert "Tutup hari</button>" not in page

    def test_who_waits_goes_home_with_a_sheet(self, desk, waiting):
        page = _text(desk.post(reverse("closing_send_home"), follow=True))

        assert "1 orang punya waktu baru" in page
        assert "Cetak 1 lembar" in page
        sheet = PdfReader(BytesIO(desk.get(reverse("closing_sheets")).content))
        new = Appointment.objects.get(status="booked")
        assert len(sheet.pages) == 1
        assert "08.00" in sheet.pages[0].extract_text()
        assert new.resident.identity.nik not in sheet.pages[0].extract_text()
        assert AuditEvent.objects.filter(action="receipt.read", resident_id=new.resident_id).exists()

    def test_nobody_goes_home_before_the_last_time(self, desk, office, waiting):
        tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        SlotFactory(office=office, starts_at=tomorrow - timedelta(seconds=1), day=timezone.localdate())

        assert "Beri waktu baru" not in _text(desk.get(PAGE))
        assert "belum sampai yang terakhir" in _text(desk.post(reverse("closing_send_home"), follow=True))

    def test_without_sheets_the_page_says_so(self, desk):
        assert "Belum ada lembar" in _text(desk.get(reverse("closing_sheets"), follow=True))

    def test_who_did_not_come_is_settled(self, desk, office):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        day = timezone.localdate() - timedelta(days=1)
        AppointmentFactory(slot=SlotFactory(office=office, starts_at=midnight - timedelta(hours=3)))

        page = _text(desk.post(f"{reverse('closing_settle_missed')}?tanggal={day}", follow=True))

        assert "1 janji dicatat tidak hadir" in page

    def test_the_figures_close_the_day_and_the_rest_is_listed_by_name(self, desk, recorded):
        recorded("Sri Wahyuni")
        staying = recorded("Budi Santoso")

        page = _text(desk.post(PAGE, {"sent_1": 1, "unsent_1": [staying.pk]}, follow=True))

        assert "Ditutup oleh" in page
        assert "Tugas pertama besok: kirim 1 perekaman" in page
        assert "Budi Santoso" in page
        assert "Sri Wahyuni" not in page

    @pytest.mark.parametrize(
        ("typed", "says"),
        [({}, "Tulis berapa yang terkirim"), ({"sent_1": 0}, "1 nama dicentang"), ({"sent_1": "x"}, "bilangan")],
        ids=["nothing", "no name", "no number"],
    )
    def test_wrong_figures_say_what_to_mend_and_close_nothing(self, desk, recorded, typed, says):
        recorded()

        page = _text(desk.post(PAGE, typed))

        assert says in page
        assert "<title>Galat: " in page
        assert not DayClosing.objects.exists()

    def test_a_recording_logged_meanwhile_is_noticed(self, desk, recorded, monkeypatch):
        row = recorded()
        original = closing.close

        def close(**given):
            recorded("Terlambat Dicatat")
            return original(**given)

        monkeypatch.setattr(closing, "close", close)
        page = _text(desk.post(PAGE, {"sent_1": 1}))

        assert "Direkam 2 dan terkirim 1" in page
        assert Recording.objects.get(pk=row.pk).sent_locally_at is None

    def test_closing_twice_says_that_it_is_closed(self, desk, recorded):
        recorded()
        desk.post(PAGE, {"sent_1": 1})

        assert "sudah ditutup" in _text(desk.post(PAGE, {"sent_1": 1}, follow=True))

    def test_undone_the_same_day(self, desk):
        desk.post(PAGE)

        page = _text(desk.post(reverse("closing_undo"), follow=True))

        assert "Penutupan diurungkan" in page
        assert not DayClosing.objects.exists()

    def test_a_clerk_cannot_choose_another_office_and_a_verifier_can(self, desk, office):
        other = UserFactory().office
        verifier = signed_in(UserFactory(role="verifier", office=None))

        assert other.name not in _text(desk.get(PAGE, {"kantor": other.code}))
        verifier.post(f"{PAGE}?kantor={other.code}")
        assert DayClosing.objects.get().office == other

    def test_asks_as_often_for_one_as_for_many(self, desk, recorded, django_assert_max_num_queries):
        recorded()
        with django_assert_max_num_queries(40) as first:
            desk.get(PAGE)
        for _ in range(3):
            recorded()
        with django_assert_max_num_queries(len(first)):
            desk.get(PAGE)


class TestUnsent:
    def test_names_the_oldest_first_and_marks_them_sent(self, desk, recorded):
        old = recorded("Sri Wahyuni", days_ago=2)
        recorded("Budi Santoso")

        page = _text(desk.get(UNSENT))
        assert page.index("Sri Wahyuni") < page.index("Budi Santoso")

        page = _text(desk.post(UNSENT, {"recording": [old.pk]}, follow=True))
        assert "1 perekaman dicatat terkirim" in page
        assert "Sri Wahyuni" not in page

    def test_empty_it_says_what_would_stand_here(self, desk):
        assert "Tidak ada yang belum terkirim" in _text(desk.get(UNSENT))

    def test_nothing_ticked_asks_to_tick(self, desk, recorded):
        recorded()

        assert "Centang dulu" in _text(desk.post(UNSENT, follow=True))

    def test_filters_stand_in_the_address(self, desk, recorded):
        recorded("Sri Wahyuni", days_ago=2)
        recorded("Budi Santoso")

        page = _text(desk.get(UNSENT, {"tanggal": timezone.localdate().isoformat()}))

        assert ("Budi Santoso" in page, "Sri Wahyuni" in page) == (True, False)

    def test_another_office_is_neither_shown_nor_marked(self, desk, recorded):
        theirs = recorded("Orang Lain", office=UserFactory().office)

        assert "Orang Lain" not in _text(desk.get(UNSENT))
        desk.post(UNSENT, {"recording": [theirs.pk]})
        assert Recording.objects.get(pk=theirs.pk).sent_locally_at is None

    def test_the_export_holds_no_formula_and_no_nik(self, desk, recorded):
        row = recorded("=HYPERLINK(1)")

        lines = b"".join(desk.get(reverse("unsent_csv")).streaming_content).decode()

        assert "'=HYPERLINK(1)" in lines
        assert row.resident.identity.nik not in lines


class TestStaffHome:
    def test_the_morning_begins_with_what_is_unsent(self, desk, recorded):
        recorded(days_ago=1)

        assert "1 perekaman dari hari sebelumnya belum terkirim" in _text(desk.get("/petugas/"))

    def test_an_office_that_has_not_closed_is_named_to_its_clerks_and_supervisors(self, desk, recorded, office):
        recorded(days_ago=1)
        supervisor = signed_in(UserFactory(role="supervisor", office=None))

        assert f"Tutup {office.name}" in _text(desk.get("/petugas/"))
        page = _text(supervisor.get("/petugas/"))
        assert "Belum tutup hari" in page
        assert office.name in page
        day = timezone.localdate() - timedelta(days=1)
        closing.close(
            office=office, day=day, sent={1: 1}, unsent_ids=[], by=UserFactory(office=office), now=timezone.now()
        )
        assert "Belum tutup hari" not in _text(supervisor.get("/petugas/"))
