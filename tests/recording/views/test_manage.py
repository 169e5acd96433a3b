import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from recording.models import AccessAttempt, Appointment, Notification
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    OfficeFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
)
from tests.recording.views import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def booked():
    """A declared appointment of a resident who holds a code."""
    resident = ResidentFactory(identity__phone="+6281234567890")
    code = TrackingCodeFactory(resident=resident).code
    appointment = AppointmentFactory(resident=resident)
    DeclarationFactory(appointment=appointment, phone="+6281234567890")
    appointment.nik, appointment.code = resident.identity.nik, code
    return appointment


def open_with(client, appointment, **changes):
    return client.post("/janji/kelola/", {"nik": appointment.nik, "code": appointment.code} | changes)


def text(response) -> str:
    return response.content.decode()


# --- the door ---


def test_nik_and_code_open_the_appointment(client, booked):
    response = open_with(client, booked)

    page = text(client.get(response.url))
    assert response.url == "/janji/kelola/"
    assert booked.office.name in page
    assert AccessAttempt.objects.get(kind="manage").resident_id == booked.resident_id


def test_code_may_be_typed_in_any_way(client, booked):
    typed = f"{booked.code[:4].lower()} {booked.code[4:8]}-{booked.code[8:]}"

    assert open_with(client, booked, code=typed).status_code == 302


def test_unknown_nik_and_wrong_code_get_the_same_answer(booked):
    other = TrackingCodeFactory().code
    wrong = [
        open_with(Client(), booked, code=other),
        open_with(Client(), booked, nik="3319021708959001"),
    ]

    pages = [visitor.without_token(text(response)) for response in wrong]
    for typed in (booked.nik, "3319021708959001", other, booked.code):
        pages = [page.replace(typed, "") for page in pages]
    assert pages[0] == pages[1]
    assert AccessAttempt.objects.filter(succeeded=False, resident_id=None).count() == 2


def test_guessing_is_slowed_and_the_holder_is_not_locked_out(booked):
    other = TrackingCodeFactory().code
    guesses = [open_with(Client(), booked, code=other).status_code for _ in range(6)]

    assert guesses == [200] * 5 + [429]
    assert open_with(Client(), booked).status_code == 302


def test_too_many_tries_say_when_to_come_back(booked):
    other = TrackingCodeFactory().code
    for _ in range(6):
        response = open_with(Client(), booked, code=other)

    assert int(response.headers["Retry-After"]) > 0
    assert "Coba lagi" in text(response)


def test_the_door_closes_after_a_quarter_of_an_hour(client, booked, time_machine):
    open_with(client, booked)

    time_machine.move_to(timezone.now() + timedelta(minutes=16))

    assert 'name="code"' in text(client.get("/janji/kelola/"))
    assert client.get("/janji/kelola/bukti.pdf").url == "/janji/kelola/"


def test_the_door_can_be_closed_by_hand(client, booked):
    open_with(client, booked)

    client.post("/janji/kelola/tutup/")

    assert 'name="code"' in text(client.get("/janji/kelola/"))


def test_without_a_live_appointment_it_says_so(client, booked):
    Appointment.objects.filter(pk=booked.pk).update(status="cancelled", places_held=0)
    open_with(client, booked)

    assert "Tidak ada janji yang berlaku" in text(client.get("/janji/kelola/"))


# --- slip and calendar ---


def test_slip_is_one_small_pdf_without_the_nik(client, booked):
    open_with(client, booked)

    response = client.get("/janji/kelola/bukti.pdf")

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert response.content.count(b"/Type /Page\n") == 1
    assert booked.nik.encode() not in response.content
    assert "no-store" in response.headers["Cache-Control"]
    assert "filename=" in response.headers["Content-Disposition"]


def test_slip_of_an_appointment_booked_at_the_desk_works_too(client):
    resident = ResidentFactory()
    code = TrackingCodeFactory(resident=resident).code
    AppointmentFactory(resident=resident, channel="desk")
    client.post("/janji/kelola/", {"nik": resident.identity.nik, "code": code})

    assert client.get("/janji/kelola/bukti.pdf").status_code == 200


def test_calendar_has_time_place_and_no_personal_value(client, booked):
    open_with(client, booked)

    response = client.get("/janji/kelola/jadwal.ics")

    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert event.decoded("dtstart") == booked.slot.starts_at
    assert str(event.decoded("dtstart").tzinfo) == "Asia/Jakarta"
    assert booked.office.name in event["location"]
    assert booked.nik not in response.content.decode()
    assert booked.resident.name not in response.content.decode()
    assert Calendar.from_ical(response.content).walk("VTIMEZONE")


# --- move ---


def move(client, slot):
    return client.post("/janji/kelola/ubah/", {"slot": slot.pk}, follow=True)


def test_moving_keeps_the_row_and_the_code(client, booked):
    target = SlotFactory()
    open_with(client, booked)

    page = text(move(client, target))

    appointment = Appointment.objects.get(resident=booked.resident)
    assert "Jadwal sudah diubah" in page
    assert (appointment.pk, appointment.slot, appointment.office) == (booked.pk, target, target.office)
    assert booked.code[:4] in page
    assert Notification.objects.filter(kind="appointment_changed").count() == 1


def test_the_third_move_is_refused(client, booked):
    first, second, third = (SlotFactory() for _ in range(3))
    open_with(client, booked)

    move(client, first)
    move(client, second)
    page = text(move(client, third))

    assert "sudah dua kali diubah" in page
    assert Appointment.objects.get(pk=booked.pk).slot == second
    assert "tidak dapat diubah lagi" in text(client.get("/janji/kelola/ubah/"))


def test_a_chosen_time_is_confirmed_before_it_counts(client, booked):
    target = SlotFactory()
    open_with(client, booked)

    page = text(client.get("/janji/kelola/ubah/", {"pilih": target.pk}))

    assert target.office.name in page
    assert "Ya, ubah jadwal" in page
    assert Appointment.objects.get(pk=booked.pk).slot == booked.slot


@pytest.mark.parametrize("chosen", ["", "x", "-1", "9" * 30, "\x00"])
def test_choosing_nonsense_is_said(client, booked, chosen):
    open_with(client, booked)

    response = client.get("/janji/kelola/ubah/", {"pilih": chosen})

    assert response.status_code == 200
    assert "slot" in response.context["form"].errors


def test_moving_to_the_same_time_uses_no_move(client, booked):
    open_with(client, booked)

    page = text(move(client, booked.slot))

    assert "tidak ada yang berubah" in page
    assert Appointment.objects.get(pk=booked.pk).moves == 0


def test_moving_to_a_full_time_keeps_the_old_one(client, booked):
    full = SlotFactory(capacity=1, public_capacity=1, booked=1, booked_public=1)
    open_with(client, booked)

    page = text(move(client, full))

    assert "Jam itu sudah penuh" in page
    assert Appointment.objects.get(pk=booked.pk).slot == booked.slot


def test_another_office_can_be_chosen(client, booked):
    office = OfficeFactory()
    SlotFactory(office=office)
    open_with(client, booked)

    assert office.name in text(client.get("/janji/kelola/ubah/?semua=1"))
    assert client.get(f"/janji/kelola/ubah/?kantor={office.code}").context["office"] == office


# --- cancel ---


def test_cancelling_asks_first_and_gives_the_place_back(client, booked):
    open_with(client, booked)

    asked = text(client.get("/janji/kelola/batal/"))
    page = text(client.post("/janji/kelola/batal/", follow=True))

    booked.refresh_from_db()
    assert "Ya, batalkan janji" in asked
    assert "Janji sudah dibatalkan" in page
    assert booked.status == "cancelled"


def test_cancelling_twice_is_harmless(client, booked):
    open_with(client, booked)
    client.post("/janji/kelola/batal/")

    assert client.post("/janji/kelola/batal/").url == "/janji/kelola/"


def test_nobody_cancels_what_they_did_not_open(client, booked):
    other = AppointmentFactory()
    open_with(client, booked)

    client.post("/janji/kelola/batal/", {"appointment": other.pk, "id": other.pk})
    Client().post("/janji/kelola/batal/")

    other.refresh_from_db()
    assert other.status == "booked"


def test_a_cancelled_resident_can_book_again(client):
    slot = SlotFactory()
    appointment = visitor.book(client, slot)
    nik = appointment.declaration.nik
    client.post("/janji/kelola/batal/")

    again = visitor.book(client, SlotFactory(), nik=nik)

    assert again.resident == appointment.resident


# --- the whole road ---


def test_book_slip_calendar_move_twice_and_cancel(client):
    slots = [SlotFactory() for _ in range(4)]
    visitor.book(client, slots[0])

    slip = client.get("/janji/kelola/bukti.pdf")
    before = Calendar.from_ical(client.get("/janji/kelola/jadwal.ics").content).walk("VEVENT")[0]
    for slot in slots[1:]:
        move(client, slot)
    after = Calendar.from_ical(client.get("/janji/kelola/jadwal.ics").content).walk("VEVENT")[0]
    client.post("/janji/kelola/batal/")

    assert len(slip.content) > 1000
    assert (before["uid"], before["sequence"], after["sequence"]) == (after["uid"], 0, 2)
    assert after.decoded("dtstart") == slots[2].starts_at
    assert Appointment.objects.get().status == "cancelled"
    assert io.BytesIO(slip.content).read(5) == b"%PDF-"
    assert timezone.now() < slots[0].starts_at


def test_queries_of_the_opened_page_do_not_grow(client, booked, django_assert_max_num_queries):
    counts = []
    for others in (1, 3, 100):
        AppointmentFactory.create_batch(others, slot=SlotFactory(capacity=200, public_capacity=200))
        open_with(client, booked)
        with django_assert_max_num_queries(8) as captured:
            client.get("/janji/kelola/")
        counts.append(len(captured))

    assert len(set(counts)) == 1
