"""The desk in a browser: found, checked in and recorded by the keyboard alone; every page good on phone and screen."""

import re

import pytest
from django.utils import timezone

from recording.models import Recording
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    OfficeFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
    UserFactory,
)
from tests.factories.people import PASSWORD
from tests.journeys.looks import assert_good

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def booked(office):
    """Makes appointments of today in one slot of the office."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    slot = SlotFactory(office=office, starts_at=midnight, capacity=20, public_capacity=20)
    return lambda **values: AppointmentFactory(slot=slot, **values)


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


def sign_in(page, clerk):
    """By keys alone."""
    page.goto("/petugas/masuk/")
    typed(page, clerk.username)
    page.keyboard.press("Tab")
    typed(page, PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/petugas/")


def focused(page):
    """Waits until the page has put the focus somewhere: keys pressed before that reach nothing."""
    page.locator(":focus").wait_for()


def typed(page, text):
    focused(page)
    page.keyboard.type(text)


def pressed(page, key):
    focused(page)
    page.keyboard.press(key)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_scan_enter_enter_records_a_resident(phone, clerk, booked, javascript):
    appointment = booked(resident=ResidentFactory(name="Sri Wahyuni"))
    code = TrackingCodeFactory(resident=appointment.resident).code
    page = phone(javascript=javascript, width=1280)
    sign_in(page, clerk)

    page.goto("/petugas/loket/")
    typed(page, f"http://127.0.0.1/status/#{code}")  # what a scanner types
    pressed(page, "Enter")
    page.wait_for_url(f"**/petugas/janji/{appointment.pk}/")
    pressed(page, "Enter")
    page.get_by_text("B001").wait_for()
    pressed(page, "Enter")
    page.wait_for_url("**/bukti/")

    assert page.get_by_role("heading", level=1).inner_text() == "Perekaman selesai"
    assert Recording.objects.get().resident == appointment.resident
    page.keyboard.press("Tab")
    pressed(page, "Enter")
    page.wait_for_url("**/petugas/loket/")
    typed(page, "zainuddin")
    assert page.get_by_role("searchbox").input_value() == "zainuddin"


def test_a_self_declared_resident_takes_one_key_more(phone, clerk, booked):
    appointment = booked(resident=ResidentFactory(source="self"), status="arrived")
    page = phone(width=1280)
    sign_in(page, clerk)

    page.goto(f"/petugas/janji/{appointment.pk}/")
    pressed(page, "Space")
    pressed(page, "Enter")
    page.wait_for_url("**/bukti/")

    assert Recording.objects.count() == 1


def test_the_list_refreshes_itself_and_leaves_focus_and_typing_alone(phone, clerk, booked):
    appointment = booked(resident=ResidentFactory(name="Ani"))
    page = phone(width=1280)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, clerk)
    page.goto("/petugas/loket/")
    page.get_by_role("searchbox").fill("bud")
    page.get_by_role("link", name="Ani").focus()
    booked(resident=ResidentFactory(name="Budi"))

    page.evaluate("htmx.ajax('GET', location.pathname, {source: '#daftar', target: '#daftar', swap: 'outerHTML'})")
    page.get_by_role("link", name="Budi").wait_for()

    assert page.evaluate("document.activeElement.id") == f"janji-{appointment.pk}"
    assert page.get_by_role("searchbox").input_value() == "bud"
    assert not complaints


@pytest.mark.parametrize("width", [pytest.param(360), pytest.param(1280, marks=pytest.mark.deep)])
def test_every_page_of_the_desk_is_good(phone, clerk, booked, width):
    booked(resident=ResidentFactory(name="Ani"))
    differing = booked(status="arrived", special_needs=True, places_held=2)
    DeclarationFactory(appointment=differing, name="Nama Lain", phone="+6281234567890")
    ended = booked(status="refused")
    page = phone(width=width)
    page.goto("/petugas/masuk/")
    assert_good(page)
    sign_in(page, clerk)
    assert_good(page)
    person = f"/petugas/warga/{differing.resident_id}/"
    visit = f"/petugas/janji/{differing.pk}/"
    for address in (
        "/petugas/loket/",
        "/petugas/loket/?tampil=selesai",
        visit,
        f"{visit}rekam/",
        f"{visit}tolak/",
        f"/petugas/janji/{ended.pk}/",
        person,
        f"{person}kode/",
    ):
        page.goto(address)
        assert_good(page)
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_role("alert").wait_for()
    assert re.match("Galat: ", page.title())
    assert_good(page)
