"""The booking pages as a resident meets them."""

import uuid
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from recording.models import Appointment, Declaration, Notification, Resident, Slot
from recording.services import access_attempt
from tests.factories import AppointmentFactory, CampaignFactory, ResidentFactory, SlotFactory, VillageFactory
from tests.recording.views import visitor

pytestmark = pytest.mark.django_db


def errors(response) -> str:
    return " ".join(text for _anchor, text in response.context["form"].error_list)


def rows() -> tuple:
    return tuple(model.objects.count() for model in (Appointment, Resident, Declaration, Notification))


# --- the road ---


def test_booking_gives_a_code_and_takes_a_place(client):
    slot, village = SlotFactory(), VillageFactory()

    appointment = visitor.book(client, slot, village=village.code, phone="0812 3456 7890")

    slot.refresh_from_db()
    page = client.get("/janji/selesai/").content.decode()
    assert (slot.booked, slot.booked_public) == (1, 1)
    assert visitor.code_on(client) in page
    assert slot.office.name in page
    assert appointment.declaration.phone == "+6281234567890"
    assert appointment.declaration.village == village
    assert Notification.objects.filter(kind="appointment_booked", appointment=appointment).exists()


def test_the_four_addresses_follow_each_other(client):
    slot = SlotFactory()

    steps = [
        client.post("/janji/data/", visitor.identity()).url,
        client.post("/janji/data/tinggal/", visitor.residence()).url,
        client.post("/janji/data/kontak/", visitor.contact()).url,
        client.post("/janji/waktu/", {"slot": slot.pk}).url,
    ]

    assert steps == ["/janji/data/tinggal/", "/janji/data/kontak/", "/janji/waktu/", "/janji/periksa/"]


def test_all_answers_may_be_sent_at_once(client):
    slot = SlotFactory()

    everything = visitor.identity() | visitor.residence() | visitor.contact(phone="081234567890")
    first = client.post("/janji/data/", everything)
    visitor.choose(client, slot)
    last = visitor.confirm(client)

    assert (first.url, last.url) == ("/janji/waktu/", "/janji/selesai/")
    assert Appointment.objects.get().slot == slot


def test_all_answers_at_once_name_every_mistake(client):
    response = client.post("/janji/data/", visitor.identity(nik="1") | visitor.residence(village="") | {"phone": "12"})

    assert {"nik", "village", "phone"} <= set(response.context["form"].errors)


@pytest.mark.parametrize("page", ["/janji/data/", "/janji/data/tinggal/", "/janji/waktu/", "/janji/periksa/"])
def test_a_client_may_ask_which_methods_a_page_takes(client, page):
    assert client.options(page).headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_time_clicked_on_the_schedule_survives_the_questions(client):
    slot = SlotFactory()

    clicked = client.post(f"/jadwal/{slot.office.code}/", {"slot": slot.pk})
    visitor.answer_all(client)
    page = client.get("/janji/periksa/")

    assert clicked.url == "/janji/data/"
    assert slot.office.name in page.content.decode()
    assert visitor.confirm(client).url == "/janji/selesai/"


def test_answers_are_shown_again_when_coming_back(client):
    visitor.answer_all(client, name="Siti Aminah", village="luar", email="siti@contoh.id")

    first = client.get("/janji/data/").content.decode()
    third = client.get("/janji/data/kontak/").content.decode()

    assert 'value="Siti Aminah"' in first
    assert 'value="siti@contoh.id"' in third


def test_steps_cannot_be_skipped(client):
    assert client.get("/janji/data/tinggal/").url == "/janji/data/"
    assert client.get("/janji/waktu/").url == "/janji/data/"
    assert client.get("/janji/periksa/").url == "/janji/data/"
    assert client.post("/janji/periksa/", {"idempotency_key": uuid.uuid4()}).url == "/janji/data/"
    assert client.get("/janji/selesai/").url == "/janji/data/"

    client.post("/janji/data/", visitor.identity())

    assert client.get("/janji/data/kontak/").url == "/janji/data/tinggal/"
    assert client.get("/janji/periksa/").url == "/janji/data/tinggal/"


def test_review_needs_a_time(client):
    visitor.answer_all(client)

    assert client.get("/janji/periksa/").url == "/janji/waktu/"


def test_answers_leave_the_session_when_booked(client):
    visitor.book(client, SlotFactory())

    assert "booking" not in client.session
    assert client.get("/janji/periksa/").url == "/janji/selesai/"


def test_answers_can_be_removed(client):
    visitor.answer_all(client)

    client.post("/janji/hapus/")

    assert client.get("/janji/waktu/").url == "/janji/data/"


def test_answers_end_after_an_hour(client, time_machine):
    visitor.answer_all(client)

    time_machine.move_to(timezone.now() + timedelta(minutes=61))

    assert client.get("/janji/waktu/").url == "/janji/data/"


def test_confirmation_is_for_the_visitor_who_booked(client):
    visitor.book(client, SlotFactory())

    assert Client().get("/janji/selesai/").url == "/janji/data/"
    assert Client().get("/janji/kelola/bukti.pdf").url == "/janji/kelola/"


@pytest.mark.parametrize("page", ["/janji/data/", "/janji/kelola/", "/kode-hilang/"])
def test_personal_pages_are_not_kept_by_browsers(client, page):
    assert "no-store" in client.get(page).headers["Cache-Control"]


# --- sending twice ---


def test_sending_twice_makes_one_booking(client):
    slot = SlotFactory()
    visitor.answer_all(client)
    visitor.choose(client, slot)
    page = client.get("/janji/periksa/")
    form = {"idempotency_key": page.context["key"], "shown": page.context["shown"]}

    answers = [client.post("/janji/periksa/", form) for _ in range(2)]

    assert [answer.url for answer in answers] == ["/janji/selesai/"] * 2
    assert Appointment.objects.count() == 1
    assert visitor.code_on(client)


@pytest.mark.django_db(transaction=True)
def test_clicking_twice_at_once_makes_one_booking():
    slot, client = SlotFactory(), Client()
    visitor.answer_all(client)
    visitor.choose(client, slot)
    page = client.get("/janji/periksa/")
    form = {"idempotency_key": page.context["key"], "shown": page.context["shown"]}
    start, seen = Barrier(4), []

    def click():
        other = Client()
        other.cookies = client.cookies
        start.wait()
        seen.append(other.post("/janji/periksa/", form).url)
        connection.close()

    clicks = [Thread(target=click) for _ in range(4)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()

    slot.refresh_from_db()
    assert seen == ["/janji/selesai/"] * 4
    assert (Appointment.objects.count(), slot.booked) == (1, 1)


@pytest.mark.parametrize("key", ["", "x", "1", "3319021708959001", "\x00"])
def test_a_review_without_its_key_is_shown_again(client, key):
    visitor.answer_all(client)
    visitor.choose(client, SlotFactory())

    response = client.post("/janji/periksa/", {"idempotency_key": key})

    assert response.status_code == 200
    assert "tekan tombolnya sekali lagi" in errors(response)
    assert Appointment.objects.count() == 0


def test_a_review_that_no_longer_shows_the_answers_is_not_sent(client):
    visitor.answer_all(client)
    visitor.choose(client, SlotFactory())
    page = client.get("/janji/periksa/")
    client.post("/janji/data/", visitor.identity(name="Orang Lain"))

    response = client.post("/janji/periksa/", {"idempotency_key": page.context["key"], "shown": page.context["shown"]})

    assert "Jawaban berubah" in errors(response)
    assert Appointment.objects.count() == 0


def test_a_used_key_with_other_answers_asks_to_look_again(client):
    key = AppointmentFactory().idempotency_key
    visitor.answer_all(client)
    visitor.choose(client, SlotFactory())

    response = client.post("/janji/periksa/", {"idempotency_key": key})

    assert response.url == "/janji/periksa/"
    assert "sudah pernah dikirim" in client.get(response.url).content.decode()


# --- a lost place ---


def test_a_lost_place_leads_back_to_the_times_and_keeps_the_answers(client):
    slot = SlotFactory(capacity=1, public_capacity=1)
    other = SlotFactory(office=slot.office)
    visitor.answer_all(client, name="Siti Aminah")
    visitor.choose(client, slot)
    page = client.get("/janji/periksa/")
    AppointmentFactory(slot=slot)

    lost = client.post("/janji/periksa/", {"idempotency_key": page.context["key"], "shown": page.context["shown"]})
    times = client.get(lost.url).content.decode()
    visitor.choose(client, other)
    booked = visitor.confirm(client)

    assert lost.url.startswith("/janji/waktu/?kantor=")
    assert "baru saja penuh" in times
    assert booked.url == "/janji/selesai/"
    assert Appointment.objects.get(slot=other).declaration.name == "Siti Aminah"


def test_a_place_lost_before_the_review_is_said_there(client):
    slot = SlotFactory(capacity=1, public_capacity=1)
    visitor.answer_all(client)
    visitor.choose(client, slot)
    AppointmentFactory(slot=slot)

    response = client.get("/janji/periksa/", follow=True)

    assert "Jam itu sudah penuh" in response.content.decode()


# --- what we know stays with us ---


def test_a_live_appointment_gets_the_neutral_sentence(client):
    resident = ResidentFactory()
    AppointmentFactory(resident=resident)

    response = _try_to_book(client, nik=resident.identity.nik)

    assert response.status_code == 409
    assert "Pesanan baru tidak dapat dibuat untuk data ini" in response.content.decode()
    assert 'href="/kode-hilang/"' in response.content.decode()


def test_somebody_recorded_already_gets_the_very_same_page(client):
    booked, recorded = ResidentFactory(), ResidentFactory(recorded_before=True)
    AppointmentFactory(resident=booked)

    answers = [_try_to_book(Client(), nik=person.identity.nik) for person in (booked, recorded)]

    first, second = (_without_tokens(answer.content.decode(), answer.context) for answer in answers)
    assert first == second


def test_an_unknown_nik_is_accepted_as_declared(client):
    appointment = visitor.book(client, SlotFactory(), name="Ngadimin")

    assert appointment.resident.source == "self"
    assert appointment.resident.name == "Ngadimin"


def test_what_is_typed_never_changes_the_register(client):
    resident = ResidentFactory(name="Sulastri")

    visitor.book(client, SlotFactory(), nik=resident.identity.nik, name="Orang Lain")

    resident.refresh_from_db()
    assert resident.name == "Sulastri"


def test_living_outside_kudus_is_accepted_and_flagged(client):
    assert visitor.book(client, SlotFactory(), village="luar").outside_regency


def _try_to_book(client, **changes):
    visitor.answer_all(client, **changes)
    visitor.choose(client, SlotFactory(office__code="33.19.02"))
    return visitor.confirm(client)


def _without_tokens(page: str, context) -> str:
    """The page without what differs for every visitor: tokens, NIK, the chosen time."""
    for text in (
        str(context["csrf_token"]),
        context["key"],
        context["shown"],
        *(str(row["value"]) for row in context["rows"]),
    ):
        page = page.replace(text, "")
    return "\n".join(
        line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "/janji/waktu/" not in line
    )


# --- sentences for typed values ---


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nik": ""}, "Isi NIK."),
        ({"nik": "331902170895900"}, "NIK harus 16 angka"),
        ({"nik": "33190217089590011"}, "NIK harus 16 angka"),
        ({"nik": "0000000000000000"}, "bukan kode provinsi"),
        ({"nik": "3319023208959001"}, "bukan tanggal lahir"),
        ({"nik": "3319021713959001"}, "bukan bulan"),
        ({"nik": "3319022902010001"}, "bukan tanggal yang ada"),
        ({"nik": "3319021708950000"}, "tidak boleh 0000"),
        ({"name": ""}, "Isi nama lengkap."),
        ({"name": "A"}, "Tulis nama dengan huruf saja"),
        ({"name": "x" * 300}, "Nama terlalu panjang"),
        ({"birth_date_2": ""}, "Tanggal lahir belum lengkap"),
        ({"birth_date_0": "31", "birth_date_1": "2"}, "Tanggal itu tidak ada"),
        ({"birth_date_1": "13"}, "Bulan harus angka 1 sampai 12"),
        ({"birth_date_2": "3000"}, "sudah lewat"),
        ({"birth_date_2": "1800"}, "terlalu lama"),
        ({"sex": ""}, "Pilih jenis kelamin."),
    ],
)
def test_identity_mistakes_are_named(client, changes, sentence):
    response = client.post("/janji/data/", visitor.identity() | changes)

    assert sentence in errors(response)
    assert "<title>Galat: " in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"village": ""}, "Pilih desa atau kelurahan."),
        ({"village": "33.19.99.9999"}, "Pilih desa atau kelurahan dari daftar."),
        ({"special_needs_note": "NIK 3319 0217 0895 9001"}, "Jangan tulis NIK"),
        ({"special_needs_note": "x" * 201}, "paling banyak 200 huruf"),
    ],
)
def test_residence_mistakes_are_named(client, changes, sentence):
    client.post("/janji/data/", visitor.identity())

    assert sentence in errors(client.post("/janji/data/tinggal/", visitor.residence() | changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phone": "0812"}, "Nomor HP ini belum benar"),
        ({"phone": "halo"}, "Nomor HP ini belum benar"),
        ({"phone": "0812345678900812345678900"}, "Nomor HP ini belum benar"),
        ({"email": "bukan"}, "Alamat e-mail ini belum benar"),
        ({"email": "a@b.id\r\nBcc: x@y.id"}, "Alamat e-mail ini belum benar"),
        ({"helper_name": "Sulastri"}, "Pilih hubungan Anda"),
        ({"helper_relation": "parent"}, "Isi nama Anda"),
        ({"helper_relation": "bukan", "helper_name": "Sulastri"}, "helper_relation"),
    ],
)
def test_contact_mistakes_are_named(client, changes, sentence):
    client.post("/janji/data/", visitor.identity())
    client.post("/janji/data/tinggal/", visitor.residence())

    response = client.post("/janji/data/kontak/", visitor.contact() | changes)

    assert sentence in errors(response) + str(list(response.context["form"].errors))


@pytest.mark.parametrize("typed", ["6281234567890", "+62 812-3456-7890", "0812 3456 7890"])
def test_phone_may_be_typed_as_people_write_it(client, typed):
    assert visitor.book(client, SlotFactory(), phone=typed).declaration.phone == "+6281234567890"


def test_helper_is_kept(client):
    appointment = visitor.book(client, SlotFactory(), helper_name="Sulastri", helper_relation="parent")

    assert (appointment.helper_name, appointment.helper_relation) == ("Sulastri", "parent")


def test_fourth_booking_with_one_phone_is_sent_to_the_contact_page(client):
    for _ in range(3):
        visitor.book(Client(), SlotFactory(), phone="081234567890")
    visitor.answer_all(client, phone="081234567890")
    visitor.choose(client, SlotFactory())

    response = visitor.confirm(client)

    assert response.url == "/janji/data/kontak/"
    assert "tiga janji" in client.get(response.url).content.decode()


# --- NIK and birth date that differ ---


def test_a_mismatch_is_asked_once_and_accepted(client):
    answers = visitor.identity(nik="3319021708959001", birth_date=date(1990, 8, 18))

    asked = client.post("/janji/data/", answers)
    confirmed = client.post("/janji/data/", answers | {"mismatch_confirmed": "on"})

    page = asked.content.decode()
    assert "Menurut angka dalam NIK, tanggal lahirnya 17 Agustus 1995." in page
    assert "Galat" not in page
    assert confirmed.url == "/janji/data/tinggal/"


def test_a_confirmed_mismatch_reaches_the_desk(client):
    slot = SlotFactory()
    client.post("/janji/data/", visitor.identity(nik="3319025708909001", sex="L") | {"mismatch_confirmed": "on"})
    client.post("/janji/data/tinggal/", visitor.residence())
    client.post("/janji/data/kontak/", visitor.contact())
    visitor.choose(client, slot)
    visitor.confirm(client)

    assert Declaration.objects.get().warnings == ["sex"]


# --- age and guardian ---


def test_too_young_within_the_whole_window_is_refused_with_the_day(client):
    response = client.post("/janji/data/", visitor.identity(birth_date=visitor.born(15)))

    assert "baru boleh mulai" in errors(response)


def test_too_young_but_married_is_accepted(client):
    response = client.post("/janji/data/", visitor.identity(birth_date=visitor.born(15)) | {"married": "on"})

    assert response.status_code == 302


def test_a_day_before_the_sixteenth_birthday_cannot_be_chosen(client):
    born = timezone.localdate() + timedelta(days=5)
    early, late = _slot_in(4), _slot_in(5)
    _answer_as_child(client, born.replace(year=born.year - 16))

    refused = client.post("/janji/waktu/", {"slot": early.pk})
    taken = client.post("/janji/waktu/", {"slot": late.pk})

    assert "belum 16 tahun" in errors(refused)
    assert taken.url == "/janji/periksa/"


def test_a_child_needs_a_guardian(client):
    client.post("/janji/data/", visitor.identity(birth_date=visitor.born(16)))
    client.post("/janji/data/tinggal/", visitor.residence())

    asked = client.post("/janji/data/kontak/", visitor.contact())
    refused = client.post("/janji/data/wali/", {})

    assert asked.url == "/janji/data/wali/"
    assert "Isi nama orang tua atau wali." in errors(refused)
    assert "sudah setuju" in errors(refused)
    assert client.get("/janji/periksa/").url == "/janji/data/wali/"


def test_consent_is_kept_and_the_card_promised_at_17(client):
    _answer_as_child(client, visitor.born(16))
    visitor.choose(client, SlotFactory())
    page = client.get("/janji/periksa/").content.decode()
    visitor.confirm(client)

    appointment = Appointment.objects.get()
    assert "genap 17 tahun" in page
    assert (appointment.guardian_name, appointment.guardian_relation) == ("Sulastri", "parent")
    assert appointment.guardian_consent_at


def test_adults_are_not_asked_for_a_guardian(client):
    visitor.answer_all(client)

    assert client.get("/janji/data/wali/").url == "/janji/waktu/"


def _answer_as_child(client, birth_date) -> None:
    client.post("/janji/data/", visitor.identity(birth_date=birth_date))
    client.post("/janji/data/tinggal/", visitor.residence())
    client.post("/janji/data/kontak/", visitor.contact())
    consent = {"guardian_name": "Sulastri", "guardian_relation": "parent", "guardian_consent": "on"}
    assert client.post("/janji/data/wali/", consent).status_code == 302


def _slot_in(days: int) -> Slot:
    starts = timezone.make_aware(
        timezone.datetime.combine(timezone.localdate() + timedelta(days=days), timezone.datetime.min.time())
    ) + timedelta(hours=9)
    return SlotFactory(starts_at=starts)


# --- times ---


def test_special_needs_take_two_places(client):
    slot = SlotFactory()

    appointment = visitor.book(client, slot, special_needs="on", special_needs_note="Kursi roda")

    slot.refresh_from_db()
    assert (appointment.places_held, slot.booked) == (2, 2)


def test_special_needs_do_not_fit_the_last_place(client):
    slot = SlotFactory(capacity=2, public_capacity=1)
    visitor.answer_all(client, special_needs="on")

    assert "perlu dua" in errors(client.post("/janji/waktu/", {"slot": slot.pk}))


def test_unfit_times_are_named(client):
    CampaignFactory(booking_window_days=7)
    visitor.answer_all(client)
    now = timezone.now()
    past = SlotFactory(starts_at=now - timedelta(hours=1))
    closed = SlotFactory(starts_at=_slot_in(3).ends_at, open=False)
    far = _slot_in(8)
    full = SlotFactory(starts_at=_slot_in(2).ends_at, capacity=1, public_capacity=1, booked=1, booked_public=1)
    gone = SlotFactory()
    Slot.objects.filter(pk=gone.pk).delete()

    def said(slot):
        return errors(client.post("/janji/waktu/", {"slot": slot.pk}))

    assert "sudah lewat" in said(past)
    assert "tidak melayani" in said(closed)
    assert "baru dibuka sampai" in said(far)
    assert "sudah penuh" in said(full)
    assert "tidak ada" in said(gone)


@pytest.mark.parametrize(
    "slot", ["", "-1", "0", "x", str(2**63), "9" * 19, "1e5", "٣", "1\x00", "9f000962-ed42-41aa-aa26-de83580bf71c"]
)
def test_nonsense_times_are_refused_in_words(client, slot):
    SlotFactory()
    visitor.answer_all(client)
    before = rows()

    response = client.post("/janji/waktu/", {"slot": slot})

    assert response.status_code == 200
    assert errors(response)
    assert rows() == before


def test_a_time_of_another_office_is_refused(client):
    slot, other = SlotFactory(), SlotFactory()
    visitor.answer_all(client)

    response = client.post("/janji/waktu/", {"slot": slot.pk, "office": other.office.code})

    assert "kantor lain" in errors(response)


def test_an_unknown_office_is_a_plain_404(client):
    visitor.answer_all(client)

    assert client.get("/janji/waktu/?kantor=99.99.99").status_code == 404
    assert client.get("/janji/waktu/?kantor=%00").status_code == 404


def test_one_address_that_books_too_fast_has_to_wait(client, monkeypatch):
    monkeypatch.setitem(access_attempt.BOOKINGS_PER_ADDRESS, "capacity", 1)
    visitor.book(Client(), SlotFactory())
    visitor.answer_all(client)
    visitor.choose(client, SlotFactory())

    response = visitor.confirm(client)

    assert response.status_code == 429
    assert client.get("/janji/periksa/").status_code == 200
