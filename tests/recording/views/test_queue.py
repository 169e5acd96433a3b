import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from recording.enums import Purpose
from recording.models import Appointment, AuditEvent, QueueTicket
from recording.policy.code import new_code
from recording.services import tracking_code
from tests.factories import (
    AppointmentFactory,
    OfficeFactory,
    QueueTicketFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
BOARD, WALK_IN = "/petugas/loket/antrean/", "/petugas/datang-langsung/"


@pytest.fixture
def waits(office):
    numbers = iter(range(1, 200))

    def make(name="Sri Wahyuni", **values):
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


def at_station(browser, station):
    browser.post(reverse("queue_station"), {"station": station})
    return browser


@pytest.fixture
def board(desk):
    return at_station(desk, 1)


def press(browser, name, ticket=None, **data):
    response = browser.post(reverse(name, args=[ticket.pk] if ticket else None), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


class TestBoard:
    def test_the_station_is_asked_first_and_stays_chosen(self, desk):
        assert "Anda di loket berapa?" in desk.get(BOARD).content.decode()

        at_station(desk, 2)

        assert "Loket 2" in desk.get(BOARD).content.decode()
        assert desk.session["station"] == 2

    def test_it_shows_who_waits_and_offers_to_call(self, board, waits):
        waits("Ani")

        page = board.get(BOARD).content.decode()

        assert "Ani" in page
        assert 'data-key="n"' in page
        assert 'accesskey="n"' in page

    def test_calling_shows_the_person_and_what_can_be_done(self, board, waits):
        waits("Ani")

        page = press(board, "queue_call")

        assert "W001" in page
        assert all(f'data-key="{key}"' in page for key in "srplz")
        assert 'data-key="n"' not in page

    def test_nobody_waiting_is_said(self, board):
        assert "Belum ada yang menunggu." in press(board, "queue_call")

    def test_without_a_station_nobody_is_called(self, desk, waits):
        waits()

        press(desk, "queue_call")

        assert not QueueTicket.objects.filter(status="called").exists()

    def test_start_leads_to_the_record_page(self, board, waits):
        ticket = waits()
        press(board, "queue_call")

        response = board.post(reverse("queue_start", args=[ticket.pk]))

        assert response.url == reverse("desk_appointment", args=[ticket.appointment_id])

    @pytest.mark.parametrize("name", ["queue_recall", "queue_park", "queue_leave", "queue_start"])
    def test_steps_of_another_office_answer_like_missing_ones(self, name, waits):
        ticket = waits()
        stranger = at_station(signed_in(UserFactory()), 1)

        assert stranger.post(reverse(name, args=[ticket.pk])).status_code == 404

    @pytest.mark.parametrize("name", ["queue_call", "queue_undo", "queue_station"])
    def test_nothing_changes_by_get(self, board, name):
        assert board.get(reverse(name)).status_code == 405

    def test_a_step_that_came_too_late_is_explained(self, board, waits):
        assert "tidak di loket ini" in press(board, "queue_park", waits())

    def test_refreshing_brings_the_lists_only(self, board, waits):
        waits("Ani")

        page = board.get(BOARD, {"tampak": "0"}, headers={"HX-Request": "true"}).content.decode()

        assert "Ani" in page
        assert "<html" not in page

    def test_refreshing_reloads_when_a_colleague_sent_somebody_here(self, board, waits):
        waits()
        press(board, "queue_call")

        response = board.get(BOARD, {"tampak": "0"}, headers={"HX-Request": "true"})

        assert response["HX-Refresh"] == "true"

    @pytest.mark.parametrize("people", [1, 3, 100])
    def test_the_number_of_queries_does_not_grow(self, board, waits, people, django_assert_num_queries):
        for _ in range(people):
            waits()
        board.get(BOARD)

        with django_assert_num_queries(7):
            board.get(BOARD)

    def test_a_verifier_calls_for_the_chosen_office(self, office, waits):
        ticket = waits()
        OfficeFactory(kind="disdukcapil", code="33.19.00")
        verifier = at_station(signed_in(UserFactory(role="verifier")), 1)
        verifier.get(BOARD, {"kantor": office.code})

        press(verifier, "queue_call")

        ticket.refresh_from_db()
        assert ticket.status == "called"


def test_one_hour_at_two_stations(office, waits):
    """Two clerks: call, call again, park, serve, one has left, a step taken back, until nobody waits."""
    first, second = (at_station(signed_in(UserFactory(office=office)), number) for number in (1, 2))
    ani, budi, citra, dewi, eko = (waits(name) for name in ("Ani", "Budi", "Citra", "Dewi", "Eko"))

    press(first, "queue_call")
    press(second, "queue_call")
    press(first, "queue_recall", ani)
    press(first, "queue_park", ani)  # not there: comes back after three others
    press(first, "queue_call")  # Citra
    press(second, "queue_start", budi)
    press(second, "desk_record", budi.appointment, outcome="accepted", station=2)
    press(second, "queue_call")  # Dewi
    press(second, "queue_leave", dewi)
    press(second, "queue_undo")  # she was in the washroom
    press(second, "queue_start", dewi)
    press(second, "desk_record", dewi.appointment, outcome="accepted", station=2)
    press(first, "queue_start", citra)
    press(first, "desk_record", citra.appointment, outcome="accepted", station=1)
    assert "W005" in press(first, "queue_call")
    assert "W001" in press(second, "queue_call")
    for browser, ticket, station in ((first, eko, 1), (second, ani, 2)):
        press(browser, "queue_start", ticket)
        press(browser, "desk_record", ticket.appointment, outcome="accepted", station=station)

    assert set(Appointment.objects.values_list("status", flat=True)) == {"done"}
    assert set(QueueTicket.objects.values_list("status", flat=True)) == {"closed"}
    assert "Belum ada yang menunggu." in press(first, "queue_call")


class TestWalkIn:
    def send(self, browser, nik, **values):
        return browser.post(
            WALK_IN, {"nik": nik, "purpose": "record", "idempotency_key": uuid.uuid4(), **values}, follow=True
        )

    def test_a_known_nik_gives_a_number_in_large_type_and_on_paper(self, desk):
        page = self.send(desk, ResidentFactory().identity.nik).content.decode()

        ticket = QueueTicket.objects.get()
        assert f"<b>{ticket}</b>" in page
        pdf = desk.get(reverse("queue_ticket_pdf", args=[ticket.pk]))
        text = PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
        assert f"{ticket}" in text
        assert ticket.office.name in text
        assert ticket.appointment.resident.name not in text

    def test_the_paper_speaks_of_a_code_only_where_it_bears_one(self, desk):
        self.send(desk, ResidentFactory().identity.nik)

        content = desk.get(reverse("queue_ticket_pdf", args=[QueueTicket.objects.get().pk])).content
        text = PdfReader(BytesIO(content)).pages[0].extract_text()

        assert "Gratis. Laporkan pungutan." in text and "438813" in text
        assert "kode" not in text

    def test_an_unknown_nik_is_asked_for_the_name_and_shown_what_it_says(self, desk):
        village = VillageFactory()
        nik = synthetic_nik(birth_date=timezone.localdate().replace(year=1991, month=3, day=4), sex="P")

        response = self.send(desk, nik)

        page = response.content.decode()
        assert "NIK ini belum dikenal" in page
        assert response.context["form"]["birth_date"].value()[:3] == ["4", "3", "1991"]
        assert response.context["form"]["sex"].value() == "P"
        self.send(desk, nik, name="Sri", village=village.code)
        assert QueueTicket.objects.get().appointment.resident.name == "Sri"

    def test_who_booked_for_today_is_led_to_check_in(self, desk, office, today):
        appointment = today(office)

        response = self.send(desk, appointment.resident.identity.nik)

        assert response.redirect_chain[-1][0] == reverse("desk_appointment", args=[appointment.pk])
        assert "Lapor hadir" in response.content.decode()

    def test_a_booking_elsewhere_is_said_and_voided_only_with_the_family_card(self, desk, clerk):
        booked = AppointmentFactory(slot=SlotFactory())
        nik = booked.resident.identity.nik

        page = self.send(desk, nik).content.decode()

        assert "sudah punya janji" in page
        assert booked.office.name in page
        assert "family_card_seen" in page
        self.send(desk, nik, family_card_seen="on")
        booked.refresh_from_db()
        assert booked.status == "cancelled"
        assert AuditEvent.objects.get(action="appointment.void_with_family_card").actor == clerk

    def test_who_was_recorded_may_only_collect(self, desk):
        nik = ResidentFactory(recorded_before=True).identity.nik

        assert "Jangan rekam lagi" in self.send(desk, nik).content.decode()
        self.send(desk, nik, purpose="collect")
        assert Appointment.objects.get().purpose == Purpose.COLLECT

    def test_a_child_gets_a_number_with_the_consent_of_a_guardian(self, desk):
        child = ResidentFactory(birth_date=timezone.localdate() - timedelta(days=17 * 366))

        asked = self.send(desk, child.identity.nik)

        assert "Persetujuan orang tua atau wali" in asked.content.decode()
        assert "guardian_consent" in asked.context["form"].errors
        consent = {"guardian_name": "Siti Aminah", "guardian_relation": "parent", "guardian_consent": "on"}
        assert self.send(desk, child.identity.nik, **consent).redirect_chain
        assert Appointment.objects.get().guardian_name == "Siti Aminah"

    def test_an_unknown_child_is_asked_for_everything_at_once(self, desk):
        nik = synthetic_nik(birth_date=timezone.localdate() - timedelta(days=17 * 366))

        asked = self.send(desk, nik).context["form"].errors
        collects = self.send(desk, nik, purpose="collect").context["form"].errors

        assert {"name", "village", "guardian_name", "guardian_consent"} <= set(asked)
        assert "guardian_name" not in collects

    def test_a_mistyped_nik_is_explained(self, desk):
        assert "NIK harus 16 angka" in self.send(desk, "123").content.decode()

    def test_priority_can_be_given_afterwards(self, desk, waits):
        ticket = waits()

        press(desk, "queue_prioritise", ticket, reason="pregnant")

        ticket.refresh_from_db()
        assert ticket.priority_reason == "pregnant"

    def test_the_nik_stands_in_no_address(self, desk):
        nik = ResidentFactory().identity.nik

        assert all(nik not in url for url, _ in self.send(desk, nik).redirect_chain)


class TestCallScreen:
    def test_it_shows_numbers_and_stations_and_nobodys_name(self, client, office, board, waits):
        waits("Ani")
        waits("Budi")
        press(board, "queue_call")

        page = client.get(f"/antrean/{office.code}/").content.decode()

        assert "W001" in page
        assert "Loket 1" in page
        assert "W002" in page
        assert "Ani" not in page
        assert "Budi" not in page

    def test_it_refreshes_by_itself_with_and_without_script(self, client, office):
        response = client.get(f"/antrean/{office.code}/")
        page = response.content.decode()

        assert 'hx-trigger="every 3s"' in page
        assert '<noscript><meta http-equiv="refresh"' in page
        assert response["Cache-Control"] == "max-age=2"
        assert "sessionid" not in response.cookies
        part = client.get(f"/antrean/{office.code}/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part

    def test_an_unknown_office_is_missing(self, client):
        assert client.get("/antrean/00.00.99/").status_code == 404

    def test_another_call_rings(self, client, office, board, waits):
        ticket = waits()

        def bell():
            cache.clear()
            return client.get(f"/antrean/{office.code}/").context["board"]["bell"]

        assert bell() == ""
        press(board, "queue_call")
        called = bell()
        press(board, "queue_recall", ticket)
        assert "" not in (called, bell())
        assert bell() != called


class TestPlaceInLine:
    def look(self, client, office, number):
        return client.get("/antrean/saya/", {"kantor": office.code, "nomor": number}).content.decode()

    def test_a_number_shows_counts_only(self, client, office, waits):
        waits("Ani")
        waits("Budi")

        page = self.look(client, office, "W002")

        assert '<dd class="figure">1</dd>' in page
        assert "Budi" not in page

    def test_a_called_number_is_told_where_to_go(self, client, office, board, waits):
        waits()
        press(board, "queue_call")

        assert "Silakan ke loket 1" in self.look(client, office, "w 1")

    def test_a_number_not_given_today(self, client, office):
        assert "belum diberikan hari ini" in self.look(client, office, "B001")

    @pytest.mark.parametrize("number", ["", "12", "B99999999", "\0"])
    def test_what_is_no_number_is_explained(self, client, office, number):
        assert client.get("/antrean/saya/", {"kantor": office.code, "nomor": number}).status_code == 200

    def test_a_code_leads_to_the_number_and_stays_out_of_the_address(self, client, office, waits):
        ticket = waits()
        resident = ticket.appointment.resident
        code = tracking_code.issue(resident=resident, nik=resident.identity.nik, now=timezone.now())

        response = client.post("/antrean/saya/", {"code": code})

        assert response.status_code == 302
        assert "W001" in response.url
        assert code not in response.url

    def test_an_unknown_code_and_a_code_without_number_are_one_answer(self, client, office):
        resident = ResidentFactory()
        known = tracking_code.issue(resident=resident, nik=resident.identity.nik, now=timezone.now())

        pages = [client.post("/antrean/saya/", {"code": code}) for code in (known, new_code())]

        assert ["Belum ada nomor antrean" in page.content.decode() for page in pages] == [True, True]
