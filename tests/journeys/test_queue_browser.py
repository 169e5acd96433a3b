"""The queue in a browser: an hour at two stations by the keyboard alone, and every page of it good on every screen."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from recording.models import Appointment, QueueTicket, TicketEvent
from tests.factories import (
    AppointmentFactory,
    OfficeFactory,
    QueueTicketFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
)
from tests.journeys.looks import assert_good
from tests.recording.views.conftest import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOARD = "/petugas/loket/antrean/"


@pytest.fixture
def office():
    cache.clear()
    return OfficeFactory(code="33.19.02", stations=2)


@pytest.fixture
def waits(office):
    numbers = iter(range(1, 100))

    def make(name, **values):
        appointment = AppointmentFactory(
            slot=None,
            channel="walk_in",
            office=office,
            status="arrived",
            resident=ResidentFactory(name=name),
            **values,
        )
        return QueueTicketFactory(appointment=appointment, series="W", number=next(numbers))

    return make


@pytest.fixture
def clerks_page(phone, office, live_server):
    """A browser of a clerk who is signed in."""

    def open_page(*, javascript=True, width=1280):
        page = phone(width=width, javascript=javascript)
        cookie = signed_in(UserFactory(office=office)).cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return open_page


@pytest.fixture
def station(clerks_page):
    """The same at a station."""

    def open_station(number, *, javascript=True):
        page = clerks_page(javascript=javascript)
        page.goto(BOARD)
        if javascript:
            page.keyboard.press(str(number))
        else:
            page.locator(":focus").wait_for()  # the browser puts it on the first station a moment after loading
            for _ in range(number - 1):
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        page.get_by_role("button", name="Panggil berikutnya").wait_for()
        return page

    return open_station


def press(page, key):
    page.wait_for_load_state()  # the script that knows the keys comes last
    page.locator(":focus").wait_for()
    with page.expect_navigation():
        page.keyboard.press(key)


def shown(page):
    return page.locator(".board-panel .ticket b").inner_text()


def test_an_hour_at_two_stations_by_keyboard(station, phone, office, waits):
    for name in ("Ani", "Budi", "Citra", "Dewi", "Eko"):
        waits(name)
    one, two, screen = station(1), station(2), phone(width=1280)
    screen.goto(f"/antrean/{office.code}/")

    press(one, "n")
    press(two, "n")
    assert (shown(one), shown(two)) == ("W001", "W002")
    screen.get_by_text("W002").and_(screen.locator(".latest__number")).wait_for()  # it looks again by itself
    press(one, "r")
    screen.get_by_text("W001").and_(screen.locator(".latest__number")).wait_for()
    press(one, "p")  # not there: comes back after three others
    press(one, "n")
    assert shown(one) == "W003"

    press(two, "Enter")  # start: the button has the focus
    press(two, "Enter")  # all was recorded
    press(two, "n")
    assert shown(two) == "W004"
    press(two, "l")  # has left
    press(two, "z")  # has not
    assert shown(two) == "W004"

    for page in (one, two):
        press(page, "s")
        press(page, "Enter")
        press(page, "n")
    assert {shown(one), shown(two)} == {"W001", "W005"}
    for page in (one, two):
        press(page, "s")
        press(page, "Enter")
        page.wait_for_url("**/bukti/")
    press(one, "n")
    one.get_by_text("Belum ada yang menunggu.").first.wait_for()

    assert set(Appointment.objects.values_list("status", flat=True)) == {"done"}
    assert set(QueueTicket.objects.values_list("status", flat=True)) == {"closed"}
    assert TicketEvent.objects.filter(step="call").count() == 6  # five people, one of them twice


def test_without_scripts_the_same_buttons_work(station, waits):
    waits("Ani")
    page = station(2, javascript=False)

    press(page, "Enter")
    assert shown(page) == "W001"
    press(page, "Enter")
    press(page, "Enter")

    page.wait_for_url("**/bukti/")
    assert QueueTicket.objects.get().station == 2


def test_the_board_looks_again_and_leaves_the_focus_alone(station, waits):
    page = station(1)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    waits("Budi")
    page.get_by_role("link", name="Budi").wait_for()

    assert page.evaluate("document.activeElement.id") == "berikutnya"
    assert not complaints


def test_a_walk_in_takes_the_nik_and_one_key(station, waits):
    page = station(1)

    page.goto("/petugas/datang-langsung/")
    page.keyboard.type(ResidentFactory().identity.nik)
    press(page, "Enter")

    assert page.locator(".number b").inner_text() == "W001"


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.deep)])
def test_every_page_of_the_queue_is_good(clerks_page, office, waits, width):
    first, second, third = waits("Ani"), waits("Budi", special_needs=True), waits("Citra")
    booked = AppointmentFactory(slot=SlotFactory())
    page = clerks_page(width=width)
    page.goto(BOARD)
    assert_good(page)
    press(page, "1")
    assert_good(page)
    for key in "npn":
        press(page, key)
    assert_good(page)
    page.goto("/petugas/datang-langsung/")
    assert_good(page)
    for nik in (booked.resident.identity.nik, ResidentFactory(recorded_before=True).identity.nik, "3319020203919001"):
        page.fill("[name=nik]", nik)
        press(page, "Enter")
        page.get_by_role("alert").first.wait_for()
        assert_good(page)
        page.goto("/petugas/datang-langsung/")
    for address in (
        f"/petugas/antrean/{third.pk}/",
        f"/antrean/{office.code}/",
        "/antrean/saya/",
        f"/antrean/saya/?kantor={office.code}&nomor={first}",
        f"/antrean/saya/?kantor={office.code}&nomor={second}",
        f"/antrean/saya/?kantor={office.code}&nomor={third}",
        f"/antrean/saya/?kantor={office.code}&nomor=B999",
        f"/antrean/saya/?kantor={office.code}&nomor=12",
    ):
        page.goto(address)
        assert_good(page)


def test_the_screen_fills_a_television_and_never_scrolls(phone, station, office, waits):
    for number in range(12):
        waits(f"Warga {number}")
    press(station(1), "n")
    press(station(2), "n")
    page = phone(width=1920)
    page.set_viewport_size({"width": 1920, "height": 1080})

    page.goto(f"/antrean/{office.code}/")

    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        1920,
        1080,
    ]
    sizes = page.evaluate(
        "['.latest__number', '.latest__station', '.stations li b', '.next li'].map("
        "selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize))"
    )
    # A screen of 43 inches shows 0.5 mm a pixel; capitals are 0.73 of the type's size. 8 m ask for 30 mm or more.
    assert min(sizes) * 0.73 * 0.5 >= 30
    parts = (
        page.locator(selector).last for selector in (".latest__number", ".latest__station", ".stations li", ".next li")
    )
    boxes = [part.bounding_box() for part in parts]
    assert [box for box in boxes if box["x"] + box["width"] > 1920 or box["y"] + box["height"] > 1080] == []


def test_a_lost_connection_is_said_and_mends_itself(phone, office, waits):
    page = phone(width=1280)
    page.goto(f"/antrean/{office.code}/")
    page.context.set_offline(True)
    page.get_by_text("Sambungan terputus").wait_for()

    page.context.set_offline(False)

    page.get_by_text("Sambungan terputus").wait_for(state="hidden")
    assert timezone.localtime().strftime("%H.") in page.locator(".clock b").inner_text()
