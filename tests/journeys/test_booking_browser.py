"""Booking, moving, cancelling and a lost code in a real browser, with JavaScript off and on."""

import re
from datetime import date

import pytest

from recording.models import Appointment
from tests.factories import CampaignFactory, OfficeFactory, SlotFactory, VillageFactory, synthetic_nik
from tests.journeys.looks import assert_good

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEXT = "Lanjut"


@pytest.fixture
def kudus():
    """An office with two weeks of a few times, a village, a campaign."""
    CampaignFactory()
    office = OfficeFactory(name="Kecamatan Kota Kudus", address="Jl. Contoh 1")
    for _ in range(30):
        SlotFactory(office=office)
    return {"office": office, "village": VillageFactory(name="Purwosari")}


@pytest.fixture(params=[False, True], ids=["scripts off", "scripts on"])
def visit(request, phone):
    """(page, look): `look()` checks the page as it stands; without scripts there is nothing to look with."""
    page = phone(javascript=request.param)
    return page, (lambda: assert_good(page)) if request.param else lambda: None


def test_book_move_twice_and_cancel(visit, kudus):
    page, look = visit
    nik = synthetic_nik(birth_date=date(1990, 8, 17))

    page.goto("/jadwal/")
    look()
    page.get_by_role("link", name="Lihat semua jam Kecamatan Kota Kudus").click()
    look()
    page.locator(".time button").first.click()
    look()

    page.get_by_role("button", name=NEXT).click()
    assert page.title().startswith("Galat: ")
    assert page.locator(".error-summary").is_visible()
    look()
    page.get_by_label("NIK", exact=True).fill(f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}")
    page.get_by_label("Nama lengkap").fill("Sutrisno")
    page.get_by_label("Tanggal", exact=True).fill("17")
    page.get_by_label("Bulan", exact=True).fill("Agustus")
    page.get_by_label("Tahun", exact=True).fill("1990")
    page.get_by_label("Laki-laki").check()
    page.get_by_role("button", name=NEXT).click()

    look()
    page.get_by_role("button", name=NEXT).click()
    assert "Pilih desa atau kelurahan" in page.locator(".error-summary").inner_text()
    look()
    page.get_by_label("Desa atau kelurahan").select_option(label="Purwosari")
    page.get_by_role("button", name=NEXT).click()

    look()
    page.get_by_label("Nomor HP").fill("0812")
    page.get_by_role("button", name=NEXT).click()
    look()
    page.get_by_label("Nomor HP").fill("0812 3456 7890")
    page.get_by_role("button", name=NEXT).click()

    look()
    assert "Sutrisno" in page.locator(".summary-list").inner_text()
    page.get_by_role("link", name="Ubah Nama lengkap").click()
    page.get_by_label("Nama lengkap").fill("Sutrisno Hadi")
    page.get_by_role("button", name=NEXT).click()
    assert "Sutrisno Hadi" in page.locator(".summary-list").inner_text()
    page.get_by_role("button", name="Pesan jadwal ini").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Jadwal sudah dipesan"
    code = page.locator(".code b").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}", code)
    assert not {nik, code} & set(re.split(r"[/?#]", page.url))
    look()
    slip = page.context.request.get("/janji/kelola/bukti.pdf")
    assert slip.body().startswith(b"%PDF")

    page.get_by_role("button", name="Tutup halaman ini").click()
    page.goto("/janji/kelola/")
    look()
    page.get_by_label("NIK", exact=True).fill(nik)
    page.get_by_label("Kode pesanan").fill("K7QX")
    page.get_by_role("button", name="Buka janji").click()
    look()
    page.get_by_label("Kode pesanan").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Buka janji").click()
    look()

    for time in (3, 5):
        page.get_by_role("link", name="Ubah jadwal").click()
        if time == 3:
            look()
        page.locator(".time a").nth(time).click()
        if time == 3:
            look()
        page.get_by_role("button", name="Ya, ubah jadwal").click()
        assert "Jadwal sudah diubah" in page.locator(".notice").first.inner_text()
    assert page.get_by_role("link", name="Ubah jadwal").count() == 0
    page.goto("/janji/kelola/ubah/")
    look()

    page.get_by_role("link", name="Batalkan janji").click()
    look()
    page.get_by_role("button", name="Ya, batalkan janji").click()
    assert "Tidak ada janji" in page.get_by_role("heading", level=1).inner_text()
    look()
    assert Appointment.objects.get().status == "cancelled"


def test_child_with_guardian_and_a_nik_that_differs(visit, kudus):
    page, look = visit
    today = date.today()  # noqa: DTZ011 - only the year counts
    born = date(today.year - 16, 1, 5)

    page.goto("/janji/data/")
    page.get_by_label("NIK", exact=True).fill(synthetic_nik(birth_date=date(born.year, 1, 6)))
    page.get_by_label("Nama lengkap").fill("Sulastri")
    for label, value in (("Tanggal", "5"), ("Bulan", "1"), ("Tahun", str(born.year))):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Perempuan").check()
    page.get_by_role("button", name=NEXT).click()
    assert "Periksa lagi" in page.locator(".notice--warning").inner_text()
    look()
    page.get_by_label("Sudah saya periksa").check()
    page.get_by_role("button", name=NEXT).click()
    page.get_by_label("Desa atau kelurahan").select_option("luar")
    page.get_by_label("Perlu bantuan").check()
    page.get_by_role("button", name=NEXT).click()
    page.get_by_role("button", name=NEXT).click()
    look()
    page.get_by_role("button", name=NEXT).click()
    look()
    page.get_by_label("Nama orang tua atau wali").fill("Kasmirah")
    page.get_by_label("Ayah/ibu").check()
    page.get_by_label("menyetujui perekaman").check()
    page.get_by_role("button", name=NEXT).click()
    look()
    page.get_by_role("link", name="Lihat semua jam").first.click()
    look()
    page.locator(".time button").first.click()
    assert "genap 17 tahun" in page.locator("main").inner_text()
    page.get_by_role("button", name="Pesan jadwal ini").click()

    appointment = Appointment.objects.get()
    assert (appointment.places_held, appointment.guardian_name) == (2, "Kasmirah")
    assert appointment.outside_regency


def test_lost_code_and_empty_days(visit, kudus):
    page, look = visit

    page.goto("/kode-hilang/")
    look()
    page.get_by_role("button", name="Kirim kode baru").click()
    look()
    page.get_by_label("NIK", exact=True).fill("3319021708959001")
    page.get_by_label("Nomor HP").fill("081234567890")
    page.get_by_role("button", name="Kirim kode baru").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Permintaan diterima"
    look()
    page.goto(f"/jadwal/{kudus['office'].code}/?tanggal=2099-01-01")
    look()
    page.goto("/jadwal/xx/")
    look()


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_other_screens(phone, kudus, width):
    page = phone(width=width)

    for address in ("/jadwal/", f"/jadwal/{kudus['office'].code}/", "/janji/data/", "/janji/kelola/", "/kode-hilang/"):
        page.goto(address)
        assert_good(page)


def test_pages_speak_english(phone, kudus):
    page = phone()

    page.goto("/jadwal/")
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/janji/data/")
    assert page.get_by_role("heading", level=1).inner_text() == "Who will be recorded?"
    assert_good(page)


def test_the_look_notices_faults(phone, kudus):
    page = phone()
    page.goto("/kode-hilang/")
    page.evaluate("document.querySelector('label').remove()")

    with pytest.raises(AssertionError, match="label"):
        assert_good(page)
