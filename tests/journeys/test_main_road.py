"""The main road: book, be recorded, check the status, stall, be told. Over HTTP with a real worker and mail server, and
in a real browser with JavaScript off and on."""

import socket
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from ektp_portal.celery import app
from issuance.models import Case
from recording.models import Appointment, Notification, QueueTicket
from tests.factories import (
    CampaignFactory,
    OfficeFactory,
    ServiceHoursFactory,
    SlotFactory,
    StallRuleFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)
from tests.factories.people import PASSWORD
from tests.recording.views import visitor
from tests.worker import eventually, real_worker

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "sulastri@contoh.id"


def ten_days_ago() -> datetime:
    """A morning in the past that is not Friday, so that nothing depends on the hour at which the tests run."""
    return timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=10)


@pytest.fixture
def kudus():
    """One office, its clerk, its hours and today's slot as of ten days ago."""
    CampaignFactory()
    StallRuleFactory()
    ServiceHoursFactory()
    office = OfficeFactory(name="Kecamatan Kota Kudus")
    starts_at = ten_days_ago() + timedelta(minutes=30)
    slot = SlotFactory(office=office, starts_at=starts_at)
    return {"office": office, "slot": slot, "clerk": UserFactory(office=office), "village": VillageFactory()}


class Mailbox:
    """What a mail server took."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def subjects(self):
        return [letter["Subject"] for letter in self.letters]


@pytest.fixture
def mailbox():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    box = Mailbox()
    box.port = port
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box
    controller.stop()


def sign_in(clerk) -> Client:
    browser = Client()
    answer = browser.post("/petugas/masuk/", {"username": clerk.username, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def record(desk: Client, appointment: Appointment) -> None:
    """Check in and record; the family card is compared, as for everybody the register does not know."""
    desk.post(f"/petugas/janji/{appointment.pk}/hadir/")
    answer = desk.post(
        f"/petugas/janji/{appointment.pk}/rekam/", {"outcome": "accepted", "station": 1, "papers_checked": "on"}
    )
    assert answer.status_code == 302, answer.context["form"].errors


def status_page(nik, code) -> str:
    visitor_ = Client()
    visitor_.post("/status/", {"nik": nik, "code": code})
    return visitor_.get("/status/").content.decode()


def book_and_be_recorded(kudus, **contact) -> tuple[str, str]:
    """Ten days ago; returns NIK and code."""
    resident, nik = Client(), synthetic_nik(birth_date=date(1990, 8, 17))
    with time_machine.travel(ten_days_ago()):
        appointment = visitor.book(
            resident, kudus["slot"], nik=nik, name="Sulastri", village=kudus["village"].code, **contact
        )
        code = visitor.code_on(resident)
        assert "Janji perekaman sudah dipesan" in status_page(nik, code)
        record(sign_in(kudus["clerk"]), appointment)
        appointment.refresh_from_db()
        assert (appointment.status, QueueTicket.objects.get().number) == ("done", 1)
        assert "menunggu dikirim ke pusat" in status_page(nik, code)
    return nik, code


def test_book_be_recorded_stall_and_be_told_by_a_real_worker_and_mail_server(kudus, mailbox):
    nik, code = book_and_be_recorded(kudus, email=EMAIL)

    smtp = {"QUIET_HOURS": "", "MESSAGE_CHANNEL": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mailbox.port)}
    with real_worker(**smtp):
        for _ in range(2):  # a job that comes twice does nothing twice
            app.send_task("issuance.flag_stalled")
            app.send_task("recording.drain_outbox")
        eventually(lambda: Notification.objects.filter(kind="case_stalled", state="sent").exists())
        eventually(lambda: not Notification.objects.filter(state="waiting").exists())

    case = Case.objects.get()
    assert (case.status, case.next_step, case.stalled_since is not None) == ("captured", "office_resend", True)
    assert len(mailbox.letters) == len(set(mailbox.subjects)) == 3
    assert all(letter["To"] == EMAIL and nik not in letter.as_string() for letter in mailbox.letters)
    told = next(letter for letter in mailbox.letters if "periksa" in letter["Subject"])
    assert "rekam ulang" in told.get_content()
    page = status_page(nik, code)
    assert "jangan rekam ulang dulu" in page
    call_command("check_integrity")


def test_without_a_gateway_the_file_channel_holds_one_message_each(kudus):
    book_and_be_recorded(kudus, phone="081234567890")

    with real_worker(MESSAGE_CHANNEL="file", QUIET_HOURS=""):
        app.send_task("issuance.flag_stalled")
        eventually(lambda: Notification.objects.filter(kind="case_stalled").exists())
        app.send_task("recording.drain_outbox")
        eventually(lambda: not Notification.objects.filter(state="waiting").exists())

    files = [path for path in Path(settings.STATE_DIR, "messages").rglob("*") if path.is_file()]
    texts = [path.read_text() for path in files]
    assert sum("Janji rekam KTP-el:" in text for text in texts) == 1
    assert sum("jangan rekam ulang" in text.lower() for text in texts) == 1


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [False, True], ids=["scripts off", "scripts on"])
def test_in_a_browser(kudus, phone, javascript):
    nik = synthetic_nik(birth_date=date(1990, 8, 17))
    page, desk = phone(javascript=javascript), phone(javascript=javascript, width=1280)

    with time_machine.travel(ten_days_ago()):
        page.goto("/")
        page.get_by_role("link", name="Pesan jadwal").first.click()
        page.locator("[name=nik]").fill(nik)
        page.locator("[name=name]").fill("Sulastri")
        page.locator("[name=birth_date_0]").fill("17")
        page.locator("[name=birth_date_1]").fill("8")
        page.locator("[name=birth_date_2]").fill("1990")
        page.get_by_label("Laki-laki").check()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_label("Desa atau kelurahan").select_option(value=kudus["village"].code)
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_label("Nomor HP").fill("0812 3456 7890")
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_role("link", name="Lihat semua jam").first.click()
        page.locator(".time button, .time input").first.click()
        if page.get_by_role("button", name="Lanjut").count():
            page.get_by_role("button", name="Lanjut").click()
        page.get_by_role("button", name="Pesan jadwal ini").click()
        code = page.locator(".code b").inner_text()

        desk.goto("/petugas/masuk/")
        desk.locator("[name=username]").fill(kudus["clerk"].username)
        desk.locator("[name=password]").fill(PASSWORD)
        with desk.expect_navigation(url="**/petugas/"):
            desk.keyboard.press("Enter")
        desk.goto("/petugas/loket/")
        desk.locator("[type=search]").first.fill(code)
        desk.keyboard.press("Enter")
        desk.get_by_role("button", name="Lapor hadir").click()
        desk.locator("[name=papers_checked]").check()
        desk.locator("form[action$='/rekam/'] button").first.click()
        assert code in desk.locator("main").inner_text()

    call_command("flag_stalled")
    page.goto("/status/")
    page.locator("[name=nik]").fill(nik)
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="Lihat status").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Sedang kami periksa, jangan rekam ulang dulu"
    assert Notification.objects.filter(kind="case_stalled").count() == 1
