"""Booking, moving, cancelling and a lost code in a real browser, with JavaScript off and on."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from recording.models import Appointment
from tests.factories import CampaignFactory, OfficeFactory, SlotFactory, VillageFactory, synthetic_nik
from tests.journeys.looks import assert_good, follow

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
    follow(page.get_by_role("link", name="Lihat semua jam Kecamatan Kota Kudus"))
    look()
    follow(page.locator(".time button").first)
    look()

    follow(page.get_by_role("button", name=NEXT))
    expect(page).to_have_title(re.compile("^Galat: "))
    expect(page.locator(".error-summary")).to_be_visible()
    look()
    page.get_by_label("NIK", exact=True).fill(f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}")
    page.get_by_label("Nama lengkap").fill("Sutrisno")
    page.get_by_label("Tanggal", exact=True).fill("17")
    page.get_by_label("Bulan", exact=True).fill("Agustus")
    page.get_by_label("Tahun", exact=True).fill("1990")
    page.get_by_label("Laki-laki").check()
    follow(page.get_by_role("button", name=NEXT))

    look()
    follow(page.get_by_role("button", name=NEXT))
    expect(page.locator(".error-summary")).to_contain_text("Pilih desa atau kelurahan")
    look()
    page.get_by_label("Desa atau kelurahan").select_option(label="Purwosari")
    follow(page.get_by_role("button", name=NEXT))

    look()
    page.get_by_label("Nomor HP").fill("0812")
    follow(page.get_by_role("button", name=NEXT))
    look()
    page.get_by_label("Nomor HP").fill("0812 3456 7890")
    follow(page.get_by_role("button", name=NEXT))

    look()
    expect(page.locator(".summary-list")).to_contain_text("Sutrisno")
    follow(page.get_by_role("link", name="Ubah Nama lengkap"))
    page.get_by_label("Nama lengkap").fill("Sutrisno Hadi")
    follow(page.get_by_role("button", name=NEXT))
    expect(page.locator(".summary-list")).to_contain_text("Sutrisno Hadi")
    follow(page.get_by_role("button", name="Pesan jadwal ini"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Jadwal sudah dipesan")
    code = page.locator(".code b").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}", code)
    assert not {nik, code} & set(re.split(r"[/?#]", page.url))
    look()
    slip = page.context.request.get("/janji/kelola/bukti.pdf")
    assert slip.body().startswith(b"%PDF")

    follow(page.get_by_role("button", name="Tutup halaman ini"))
    page.goto("/janji/kelola/")
    look()
    page.get_by_label("NIK", exact=True).fill(nik)
    page.get_by_label("Kode pesanan").fill("K7QX")
    follow(page.get_by_role("button", name="Buka janji"))
    look()
    page.get_by_label("Kode pesanan").fill(code.lower().replace("-", " "))
    follow(page.get_by_role("button", name="Buka janji"))
    look()

    for first in (True, False):
        follow(page.get_by_role("link", name="Ubah jadwal"))
        if first:
            look()
        follow(page.locator(".time a").last if first else page.locator(".time a").first)
        if first:
            look()
        follow(page.get_by_role("button", name="Ya, ubah jadwal"))
        expect(page.locator(".notice").first).to_contain_text("Jadwal sudah diubah")
    expect(page.get_by_role("link", name="Ubah jadwal")).to_have_count(0)
    page.goto("/janji/kelola/ubah/")
    look()

    follow(page.get_by_role("link", name="Batalkan janji"))
    look()
    follow(page.get_by_role("button", name="Ya, batalkan janji"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tidak ada janji")
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
    follow(page.get_by_role("button", name=NEXT))
    expect(page.locator(".notice--warning")).to_contain_text("Periksa lagi")
    look()
    page.get_by_label("Sudah saya periksa").check()
    follow(page.get_by_role("button", name=NEXT))
    page.get_by_label("Desa atau kelurahan").select_option("luar")
    page.get_by_label("Perlu bantuan").check()
    follow(page.get_by_role("button", name=NEXT))
    follow(page.get_by_role("button", name=NEXT))
    look()
    follow(page.get_by_role("button", name=NEXT))
    look()
    page.get_by_label("Nama orang tua atau wali").fill("Kasmirah")
    page.get_by_label("Ayah/ibu").check()
    page.get_by_label("menyetujui perekaman").check()
    follow(page.get_by_role("button", name=NEXT))
    look()
    follow(page.get_by_role("link", name="Lihat semua jam").first)
    look()
    follow(page.locator(".time button").first)
    expect(page.locator("main")).to_contain_text("genap 17 tahun")
    follow(page.get_by_role("button", name="Pesan jadwal ini"))

    appointment = Appointment.objects.get()
    assert (appointment.places_held, appointment.guardian_name) == (2, "Kasmirah")
    assert appointment.outside_regency


def test_lost_code_and_empty_days(visit, kudus):
    page, look = visit

    page.goto("/kode-hilang/")
    look()
    follow(page.get_by_role("button", name="Kirim kode baru"))
    look()
    page.get_by_label("NIK", exact=True).fill("3319021708959001")
    page.get_by_label("Nomor HP").fill("081234567890")
    follow(page.get_by_role("button", name="Kirim kode baru"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Permintaan diterima")
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
    follow(page.get_by_role("button", name="English"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/janji/data/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who will be recorded?")
    assert_good(page)


def test_the_look_notices_faults(phone, kudus):
    page = phone()
    page.goto("/kode-hilang/")
    page.evaluate("document.querySelector('label').remove()")

    with pytest.raises(AssertionError, match="label"):
        assert_good(page)
