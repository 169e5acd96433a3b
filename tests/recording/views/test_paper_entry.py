import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from recording.models import AuditEvent, Recording
from recording.policy.code import display
from recording.services import tracking_code
from tests.factories import AppointmentFactory, OfficeFactory, ResidentFactory, SlotFactory, synthetic_nik

pytestmark = pytest.mark.django_db
SHEET = "/petugas/lembar-harian/"


@pytest.fixture
def yesterday():
    return timezone.localdate() - timedelta(days=1)


@pytest.fixture
def address(yesterday):
    return f"{SHEET}?tanggal={yesterday.isoformat()}"


@pytest.fixture
def booked(office):
    numbers = iter(range(20))

    def make(name="Sri Wahyuni", at_office=None, **values):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        starts_at = midnight - timedelta(hours=16) + timedelta(minutes=30 * next(numbers))
        slot = SlotFactory(office=at_office or office, starts_at=starts_at)
        return AppointmentFactory(slot=slot, resident=ResidentFactory(name=name), **values)

    return make


def row(appointment, **values):
    given = {"seen": appointment.status, "result": "terekam", "at": "10.15", "station": 1} | values
    return {f"j{appointment.pk}-{name}": value for name, value in given.items()}


def _text(response):
    assert response.status_code == 200
    return response.content.decode()


class TestPrinted:
    def test_names_time_and_code_but_no_nik(self, desk, booked, yesterday):
        appointment = booked("Budi <Santoso>", special_needs=True)
        nik = appointment.resident.identity.nik
        code = tracking_code.issue(resident=appointment.resident, nik=nik, now=timezone.now())

        answer = desk.get(reverse("sheet_pdf"), {"tanggal": yesterday.isoformat()})
        text = " ".join(PdfReader(BytesIO(answer.content)).pages[0].extract_text().split())

        for expected in ("08.00", "Budi <Santoso>", display(code), "Kebutuhan khusus", nik[:4], "Tidak hadir"):
            assert expected in text
        assert nik not in text.replace(" ", "")
        assert AuditEvent.objects.filter(action="desk.sheet").exists()

    def test_another_office_is_not_on_it(self, desk, booked, yesterday):
        booked("Orang Lain", at_office=OfficeFactory())

        answer = desk.get(reverse("sheet_pdf"), {"tanggal": yesterday.isoformat()})

        assert "Orang Lain" not in PdfReader(BytesIO(answer.content)).pages[0].extract_text()

    def test_many_rows_take_more_pages(self, desk, booked, yesterday):
        for _ in range(20):
            booked()

        answer = desk.get(reverse("sheet_pdf"), {"tanggal": yesterday.isoformat()})

        pages = PdfReader(BytesIO(answer.content)).pages
        assert len(pages) > 1
        assert "Keperluan" in pages[1].extract_text()

    def test_the_table_holds_no_formula_and_no_nik(self, desk, booked, yesterday):
        appointment = booked("=1+1")

        answer = desk.get(reverse("sheet_csv"), {"tanggal": yesterday.isoformat()})
        text = b"".join(answer.streaming_content).decode()

        assert "'=1+1" in text
        assert appointment.resident.identity.nik not in text.replace(" ", "")


class TestKeyedIn:
    def test_rows_are_kept_at_once(self, desk, booked, address):
        came, missed = booked("Sri Wahyuni"), booked("Budi Santoso")

        page = _text(desk.post(address, row(came) | row(missed, result="tidak_hadir", at=""), follow=True))

        assert "2 baris disimpan" in page
        assert "Terekam pukul 10.15" in page
        assert timezone.localtime(Recording.objects.get().recorded_at).strftime("%H:%M") == "10:15"

    def test_the_good_rows_are_kept_and_the_others_say_why(self, desk, booked, address):
        good, unclear, conflict = booked("Baik"), booked("Kurang Jam"), booked("Sudah Berubah", status="arrived")
        data = row(good) | row(unclear, at="") | row(conflict, seen="booked")

        page = _text(desk.post(address, data))

        assert "1 baris disimpan" in page
        assert "2 baris belum disimpan" in page
        assert "Tulis jam di lembar" in page
        assert "sekarang hadir" in page
        assert Recording.objects.get().appointment == good

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ({"at": "25.00"}, "Tulis jam seperti"),
            ({"at": "pagi"}, "Tulis jam seperti"),
            ({"result": "gagal"}, "Pilih alasan gagal"),
            ({"failure_reason": "photo"}, "Pilih hasil Gagal rekam"),
            ({"result": ""}, "Pilih hasilnya"),
        ],
        ids=str,
    )
    def test_a_row_that_makes_no_sense_says_what_to_mend(self, desk, booked, address, typed, says):
        assert says in _text(desk.post(address, row(booked(), **typed)))
        assert not Recording.objects.exists()

    def test_nothing_chosen_changes_nothing(self, desk, booked, address):
        page = _text(desk.post(address, row(booked(), result="", at=""), follow=True))

        assert "Belum ada hasil yang dipilih" in page

    def test_sent_twice_it_is_kept_once(self, desk, booked, address):
        appointment = booked()
        desk.post(address, row(appointment))

        page = _text(desk.post(address, row(appointment)))

        assert "Sudah dicatat oleh" in page
        assert Recording.objects.count() == 1

    def test_rows_of_another_office_are_neither_shown_nor_kept(self, desk, booked, address):
        theirs = booked("Orang Lain", at_office=OfficeFactory())

        assert "Orang Lain" not in _text(desk.get(address))
        desk.post(address, row(theirs))
        assert not Recording.objects.exists()

    def test_only_what_is_not_kept_yet(self, desk, booked, address):
        booked("Belum Dicatat")
        booked("Sudah Selesai", status="done")

        page = _text(desk.get(f"{address}&tampil=belum"))

        assert ("Belum Dicatat" in page, "Sudah Selesai" in page) == (True, False)

    def test_a_day_without_anybody_says_what_to_do(self, desk):
        assert "Tidak ada janji pada hari ini" in _text(desk.get(SHEET))

    def test_asks_as_often_for_one_as_for_many(self, desk, booked, address, django_assert_max_num_queries):
        booked()
        with django_assert_max_num_queries(15) as first:
            desk.get(address)
        for _ in range(3):
            booked()
        with django_assert_max_num_queries(len(first)):
            desk.get(address)


class TestWithoutAppointment:
    def send(self, desk, yesterday, nik, **values):
        given = {"nik": nik, "result": "terekam", "at": "9.15", "station": 2, "idempotency_key": uuid.uuid4(), **values}
        address = f"{reverse('sheet_walk_in')}?tanggal={yesterday.isoformat()}"
        return _text(desk.post(address, given, follow=True))

    def test_is_kept_and_shown_on_the_sheet(self, desk, yesterday):
        resident = ResidentFactory(name="Sri Wahyuni")

        page = self.send(desk, yesterday, resident.identity.nik)

        made = Recording.objects.get()
        assert (made.day, f"{timezone.localtime(made.recorded_at):%H.%M}", made.station) == (yesterday, "09.15", 2)
        assert "Sri Wahyuni" in page and "pukul 09.15" in page and resident.identity.nik not in page

    def test_what_is_missing_is_asked(self, desk, yesterday):
        nik = synthetic_nik(birth_date=timezone.localdate() - timedelta(days=30 * 365))

        asked = self.send(desk, yesterday, nik)

        assert "NIK ini belum dikenal" in asked and "<title>Galat: " in asked
        assert "Pilih alasan gagal" in self.send(desk, yesterday, nik, result="gagal")
        assert not Recording.objects.exists()


def test_a_busy_day_is_keyed_in_page_by_page(desk, booked, address, settings):
    rows = [booked(f"Warga {number}") for number in range(3)] + [
        AppointmentFactory(
            slot=None,
            channel="walk_in",
            office=desk.office,
            day=timezone.localdate() - timedelta(days=1),
            status="no_show",
        )
        for _ in range(42)
    ]
    first, second = desk.get(address), desk.get(f"{address}&halaman=2")
    shown = first.context["rows"]
    data = {}
    for each in shown:
        data |= row(each["form"].appointment, result="tidak_hadir", at="", station="", failure_reason="")

    kept = desk.post(address, data, follow=True)

    assert (len(shown), len(second.context["rows"])) == (40, len(rows) - 40)
    assert len(data) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert "40 baris disimpan" in _text(kept)
