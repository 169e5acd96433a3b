"""`/status/` in a browser of a phone's width: five people, five true sentences; with and without scripts."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    CampaignFactory,
    CaseFactory,
    RecordingFactory,
    ResidentFactory,
    ServiceHoursFactory,
    TrackingCodeFactory,
)
from tests.journeys.looks import assert_good

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

YESTERDAY = timezone.now() - timedelta(days=1)


def recorded(status="captured", *, recorded_at=YESTERDAY, birth_date=date(1990, 8, 17), failed=False, **case):
    resident = ResidentFactory(name="Budi Santoso", birth_date=birth_date)
    recording = RecordingFactory(resident=resident, recorded_at=recorded_at, failed=failed)
    return CaseFactory(recording=recording, status=status, status_since=recorded_at, **case).resident


@pytest.fixture
def five_people():
    """Headline the person is to read -> tracking code."""
    ServiceHoursFactory(valid_from=timezone.localdate() - timedelta(days=30))
    CampaignFactory()
    sixteen = timezone.localdate().replace(day=1) - timedelta(days=16 * 366)
    people = {
        "Sudah direkam, menunggu dikirim ke pusat": recorded(),
        "Sudah direkam, kartu dicetak setelah Anda 17 tahun": recorded(birth_date=sixteen),
        "Anda sudah pernah direkam": ResidentFactory(recorded_before=True),
        "Perlu rekam ulang": recorded("rerecord", failed=True),
        "Sedang kami periksa, jangan rekam ulang dulu": recorded(
            recorded_at=YESTERDAY - timedelta(days=5), stalled_since=YESTERDAY
        ),
    }
    return {headline: TrackingCodeFactory(resident=resident) for headline, resident in people.items()}


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_five_people_read_five_sentences(phone, five_people, javascript):
    page = phone(javascript=javascript)

    for headline, code in five_people.items():
        page.goto("/status/")
        page.get_by_label("NIK").fill(code.resident.identity.nik)
        page.get_by_label("Kode pesanan").fill(code.code.lower())
        page.get_by_role("button", name="Lihat status").click()
        assert page.get_by_role("heading", level=1).inner_text() == headline
        assert page.url.endswith("/status/")
        if javascript:
            assert_good(page)
        page.reload()
        assert page.get_by_role("heading", level=1).inner_text() == headline
        with page.expect_navigation():
            page.get_by_role("button", name="Selesai").click()
        page.go_back()
        assert "Santoso" not in page.content()
        page.goto("/status/")
        assert page.get_by_role("heading", level=1).inner_text() == "Cek status KTP-el"


def test_the_code_of_the_qr_fills_itself_in_and_leaves_the_address(phone, five_people):
    code = next(iter(five_people.values()))
    page = phone()

    page.goto(f"/status/#{code.code}")

    shown = page.get_by_label("Kode pesanan").input_value()
    assert shown.replace("-", "") == code.code
    assert page.url.endswith("/status/")
    assert_good(page)


def test_wrong_values_are_answered_in_place(phone, five_people):
    page = phone()
    page.goto("/status/")

    page.get_by_role("button", name="Lihat status").click()
    assert "Isi NIK." in page.get_by_role("alert").inner_text()
    page.get_by_label("NIK").fill(next(iter(five_people.values())).resident.identity.nik)
    page.get_by_label("Kode pesanan").fill("K7QX-4M2P-9TH")
    page.get_by_role("button", name="Lihat status").click()

    assert page.get_by_role("alert").is_visible()
    assert_good(page)


@pytest.mark.deep
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_other_screens_and_speaks_english(phone, five_people, width):
    page = phone(width=width)
    code = list(five_people.values())[-1]
    page.goto("/status/")
    page.get_by_label("NIK").fill(code.resident.identity.nik)
    page.get_by_label("Kode pesanan").fill(code.code)
    page.get_by_role("button", name="Lihat status").click()
    assert_good(page)

    page.get_by_role("button", name="English").click()

    assert page.get_by_role("heading", level=1).inner_text() == "We are checking; do not be recorded again yet"
    assert_good(page)
