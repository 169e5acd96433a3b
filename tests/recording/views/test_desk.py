from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from recording.enums import AppointmentStatus
from recording.models import AuditEvent, Recording
from recording.policy.code import display
from recording.services import tracking_code
from tests.factories import (
    AppointmentFactory,
    DeclarationFactory,
    OfficeFactory,
    QueueTicketFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
    UserFactory,
)
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
DESK, SEARCH = "/petugas/loket/", "/petugas/cari/"


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def path(name, appointment):
    return reverse(name, args=[appointment.pk])


def status_of(appointment):
    appointment.refresh_from_db()
    return appointment.status


class TestList:
    def test_it_groups_who_waits_who_comes_and_who_is_done(self, desk, office, today):
        waiting = today(office, "Ani", status="arrived")
        QueueTicketFactory(appointment=waiting, number=7)
        today(office, "Budi")
        today(office, "Citra", status="done")

        response = desk.get(DESK)

        context = response.context
        assert [row.name for row in context["waiting"]] == ["Ani"]
        assert [row.name for row in context["booked"]] == ["Budi"]
        assert [row.name for row in context["ended"]] == ["Citra"]
        assert "B007" in page(response)

    def test_waiting_people_stand_in_the_order_of_their_numbers(self, desk, office, today):
        for name, number in (("Ani", 3), ("Budi", 1), ("Citra", 2)):
            QueueTicketFactory(appointment=today(office, name, status="arrived"), number=number)

        assert [row.name for row in desk.get(DESK).context["waiting"]] == ["Budi", "Citra", "Ani"]

    def test_a_failed_recording_does_not_look_like_a_good_one(self, desk, office, today):
        appointment = today(office, status="arrived")
        desk.post(path("desk_record", appointment), {"outcome": "failed", "failure_reason": "device"})

        assert desk.get(DESK).context["ended"][0].badges == [("Gagal rekam", "danger")]

    def test_a_long_wait_is_marked(self, desk, office, today):
        QueueTicketFactory(
            appointment=today(office, status="arrived"), issued_at=timezone.now() - timedelta(minutes=45)
        )

        assert desk.get(DESK).context["waiting"][0].badges == [("menunggu 45 menit", "warning")]

    @pytest.mark.parametrize(
        ("status", "ticket", "said"),
        [
            ("arrived", {"status": "called", "station": 3, "called_at": timezone.now()}, "dipanggil ke loket 3"),
            ("serving", {"status": "serving", "station": 2, "called_at": timezone.now()}, "dilayani di loket 2"),
            ("arrived", {"status": "parked", "parked_at": timezone.now()}, "dipanggil, belum datang"),
        ],
    )
    def test_it_says_who_is_called_or_served(self, desk, office, today, status, ticket, said):
        QueueTicketFactory(appointment=today(office, status=status), **ticket)

        text = page(desk.get("/petugas/loket/"))

        assert said in text
        assert "menunggu 0 menit" not in text

    def test_other_offices_and_other_days_are_not_on_it(self, desk, office, today):
        today(OfficeFactory(), "Orang Lain")
        AppointmentFactory(slot=SlotFactory(office=office), resident=ResidentFactory(name="Orang Besok"))

        text = page(desk.get(DESK))

        assert "Orang Lain" not in text
        assert "Orang Besok" not in text

    def test_an_operator_cannot_choose_another_office(self, desk, office, today):
        other = OfficeFactory()
        today(other, "Orang Lain")

        assert "Orang Lain" not in page(desk.get(DESK, {"kantor": other.code}))

    def test_a_verifier_chooses_an_office_and_it_stays_chosen(self, office, today):
        OfficeFactory(kind="disdukcapil", code="33.19.00")
        today(office, "Orang Kota")
        desk = signed_in(UserFactory(role="verifier"))
        assert "Orang Kota" not in page(desk.get(DESK))

        assert "Orang Kota" in page(desk.get(DESK, {"kantor": office.code}))
        assert "Orang Kota" in page(desk.get(DESK))

    @pytest.mark.parametrize(
        "query", [{"tanggal": "x"}, {"tanggal": "9999-99-99"}, {"kantor": "\0"}, {"kantor": "'"}, {"tampil": "x"}]
    )
    def test_a_strange_address_shows_today(self, office, query):
        assert signed_in(UserFactory(role="verifier")).get(DESK, query).context["is_today"]

    def test_another_day_can_be_looked_at_without_checking_in(self, desk, office):
        appointment = AppointmentFactory(slot=SlotFactory(office=office))

        response = desk.get(DESK, {"tanggal": appointment.day.isoformat()})

        assert [row.can_check_in for row in response.context["booked"]] == [False]

    def test_it_holds_no_nik(self, desk, office, today):
        appointment = today(office)

        assert appointment.resident.identity.nik not in page(desk.get(DESK))

    def test_htmx_gets_the_lists_alone_and_leaves_no_trail(self, desk, office, today):
        today(office, "Ani")
        page(desk.get(DESK))
        events = AuditEvent.objects.count()

        text = page(desk.get(DESK, headers={"hx-request": "true"}))

        assert "Ani" in text
        assert "<html" not in text
        assert AuditEvent.objects.count() == events

    def test_htmx_is_led_to_the_sign_in_page_after_the_session_ended(self, client):
        response = client.get(DESK, headers={"hx-request": "true"})

        assert response["HX-Redirect"] == "/petugas/masuk/"

    @pytest.mark.parametrize("rows", [1, 3, 100])
    def test_it_costs_the_same_for_any_number_of_people(self, rows, desk, office, django_assert_num_queries):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        slot = SlotFactory(office=office, starts_at=midnight, capacity=200, public_capacity=200)
        for number in range(rows):
            appointment = AppointmentFactory(slot=slot, status="arrived" if number % 2 else "booked")
            DeclarationFactory(appointment=appointment)
            if number % 2:
                QueueTicketFactory(appointment=appointment)

        with django_assert_num_queries(7):  # session, user, office, outage, end of the day, rows, audit event
            desk.get(DESK)


class TestSearch:
    def find(self, desk, text):
        return desk.post(SEARCH, {"q": text})

    @pytest.mark.parametrize("what", ["nik", "code", "scan"])
    def test_nik_code_and_scan_open_todays_appointment(self, what, desk, office, today):
        appointment = today(office)
        code = TrackingCodeFactory(resident=appointment.resident).code
        texts = {
            "nik": appointment.resident.identity.nik,
            "code": display(code).lower(),
            "scan": f"http://127.0.0.1:8000/status/#{code}",
        }

        assert self.find(desk, texts[what]).url == path("desk_appointment", appointment)

    def test_a_name_that_only_one_bears_opens_at_once(self, desk, office, today):
        appointment = today(office, "Sri Wahyuni")
        today(office, "Budi")

        assert self.find(desk, "wahyu").url == path("desk_appointment", appointment)

    def test_a_name_that_several_bear_makes_a_list(self, desk, office, today):
        today(office, "Sri Wahyuni"), today(office, "Sri Rejeki")

        text = page(self.find(desk, "sri"))

        assert "2 janji ditemukan" in text
        assert "Sri Rejeki" in text

    def test_somebody_who_booked_elsewhere_is_found_with_place_and_time(self, desk):
        appointment = AppointmentFactory()

        response = self.find(desk, appointment.resident.identity.nik)
        text = page(desk.get(response.url))

        assert response.url == reverse("desk_person", args=[appointment.resident_id])
        assert "Punya janji di kantor lain" in text
        assert appointment.office.name in text
        assert appointment.resident.identity.nik not in text

    @pytest.mark.parametrize(
        ("typed", "answer"),
        [
            ("3319021708909009", "NIK ini belum dikenal"),
            ("33190217089090", "NIK harus 16 angka"),
            ("K7QX-4M2P-9T", "Kode salah ketik"),
            ("B099", "Nomor antrean ini belum diberikan hari ini"),
            ("Zainuddin", "Tidak ada janji dengan nama itu"),
            ("z", "Ketik sedikitnya dua huruf"),
            ("", "Ketik sedikitnya dua huruf"),
            ("x" * 5000, "Ketik sedikitnya dua huruf"),
        ],
    )
    def test_nothing_found_says_what_to_try(self, typed, answer, desk):
        assert answer in page(self.find(desk, typed))

    def test_what_was_typed_never_stands_in_an_address(self, desk):
        assert desk.get(SEARCH, {"q": "3319021708909009"}).url == DESK


class TestAppointment:
    def test_the_person_at_the_desk_is_shown_in_full_and_the_trail_says_so(self, desk, clerk, office, today):
        appointment = today(office)
        nik = appointment.resident.identity.nik

        text = page(desk.get(path("desk_appointment", appointment)))

        assert f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}" in text
        event = AuditEvent.objects.get(action="resident.read_in_full")
        assert (event.actor, event.resident_id) == (clerk, appointment.resident_id)

    def test_afterwards_the_nik_is_masked_until_asked_for(self, desk, office, today):
        appointment = today(office, status="refused")
        nik = appointment.resident.identity.nik
        full = f"{nik[:4]} {nik[4:8]}"

        masked = page(desk.get(path("desk_appointment", appointment)))
        shown = page(desk.post(path("desk_appointment", appointment)))

        assert full not in masked
        assert f"{nik[:4]} ••••" in masked
        assert full in shown
        assert AuditEvent.objects.filter(action="resident.read_in_full").count() == 1

    def test_what_was_typed_differently_stands_beside_the_register(self, desk, office, today):
        appointment = today(office, "Sri Wahyuni")
        DeclarationFactory(appointment=appointment, name="Sri Wahyuningsih")

        text = page(desk.get(path("desk_appointment", appointment)))

        assert "Data yang diketik berbeda" in text
        assert "Sri Wahyuningsih" in text

    def test_what_agrees_is_not_shown_twice(self, desk, office, today):
        appointment = today(office, "Sri Wahyuni")
        DeclarationFactory(appointment=appointment, name="SRI WAHYUNI")

        assert "Diketik warga" not in page(desk.get(path("desk_appointment", appointment)))

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"special_needs": True, "special_needs_note": "Kursi roda", "places_held": 2}, "Kursi roda"),
            ({"outside_regency": True}, "Warga luar Kudus"),
            ({"helper_name": "Bu Kader", "helper_relation": "village"}, "Bu Kader"),
        ],
    )
    def test_what_the_clerk_must_know_stands_above(self, values, said, desk, office, today):
        assert said in page(desk.get(path("desk_appointment", today(office, **values))))

    def test_after_the_visit_nobody_is_asked_to_compare_anything(self, desk, office, today):
        appointment = today(office, resident=ResidentFactory(source="self"), status="done")

        assert desk.get(path("desk_appointment", appointment)).context["notices"] == []

    def test_another_day_names_that_day(self, desk, office):
        appointment = AppointmentFactory(slot=SlotFactory(office=office))

        text = page(desk.get(path("desk_appointment", appointment)))

        assert "Bukan untuk hari ini" in text
        assert "Lapor hadir" not in text

    @pytest.mark.parametrize(
        ("status", "purpose", "button"),
        [
            ("booked", "first", "Lapor hadir"),
            ("no_show", "first", "Lapor hadir"),
            ("arrived", "first", "Rekam: semua terekam"),
            ("serving", "rerecord", "Rekam: semua terekam"),
            ("arrived", "collect", "Selesai dilayani"),
        ],
    )
    def test_only_the_step_that_is_allowed_now_is_offered(self, status, purpose, button, desk, today):
        appointment = today(desk.office, status=status, purpose=purpose)
        buttons = {"Lapor hadir", "Rekam: semua terekam", "Selesai dilayani"}

        text = page(desk.get(path("desk_appointment", appointment)))

        assert {each for each in buttons if each in text} == {button}

    def test_somebody_recorded_already_cannot_be_recorded(self, desk, office, today):
        appointment = today(office, resident=ResidentFactory(recorded_before=True), status="arrived")

        text = page(desk.get(path("desk_appointment", appointment)))
        desk.post(path("desk_record", appointment), {"outcome": "accepted"})

        assert "Jangan rekam warga ini" in text
        assert "Rekam: semua terekam" not in text
        assert not Recording.objects.exists()


class TestSteps:
    def test_check_in_then_record_takes_two_presses(self, desk, office, today):
        appointment = today(office)

        checked_in = desk.post(path("desk_check_in", appointment), follow=True)
        assert "B001" in page(checked_in)
        recorded = desk.post(path("desk_record", appointment), {"outcome": "accepted", "station": 2}, follow=True)

        code = tracking_code.active_code(appointment.resident)
        assert display(code) in page(recorded)
        assert "Perekaman selesai" in recorded.content.decode()
        assert status_of(appointment) == AppointmentStatus.DONE

    def test_a_second_press_shows_the_same_receipt(self, desk, office, today):
        appointment = today(office, status="arrived")
        for _ in range(2):
            response = desk.post(path("desk_record", appointment), {"outcome": "accepted"}, follow=True)

        assert "Sudah direkam oleh Anda" in page(response)
        assert Recording.objects.count() == 1

    def test_a_second_check_in_says_the_number(self, desk, office, today):
        appointment = today(office)
        for _ in range(2):
            response = desk.post(path("desk_check_in", appointment), follow=True)

        assert "Sudah lapor hadir dengan nomor B001." in page(response)

    def test_a_failure_needs_a_reason_and_then_gives_advice(self, desk, office, today):
        appointment = today(office, status="arrived")

        refused = desk.post(path("desk_record", appointment), {"outcome": "failed"})
        assert "Pilih alasan gagal" in page(refused)
        recorded = desk.post(
            path("desk_record", appointment), {"outcome": "failed", "failure_reason": "fingerprint"}, follow=True
        )

        assert "Perekaman belum berhasil" in page(recorded)
        assert "lembapkan jari" in recorded.content.decode()
        assert Recording.objects.get().failure_reason == "fingerprint"

    def test_an_exception_is_recorded_with_its_reason(self, desk, office, today):
        appointment = today(office, status="arrived")

        desk.post(path("desk_record", appointment), {"outcome": "accepted", "iris": "blind", "note": "tunanetra"})

        recording = Recording.objects.get()
        assert (recording.outcome, recording.missing, recording.note) == ("accepted", {"iris": "blind"}, "tunanetra")

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"outcome": "accepted", "failure_reason": "photo"}, "kembalikan ke"),
            ({"outcome": "failed", "failure_reason": "other"}, "Tulis penjelasan"),
            ({"outcome": "accepted", "iris": "other"}, "Tulis penjelasan"),
            ({"outcome": "accepted", "note": "NIK 3319021708909001"}, "Jangan tulis NIK"),
            ({"outcome": "accepted", "iris": "amputation"}, "Alasan itu tidak cocok"),
            ({"outcome": "accepted", "station": "99"}, "20"),
            ({"outcome": "perhaps"}, "hasil"),
            ({}, "Pilih hasil."),
        ],
    )
    def test_what_cannot_be_right_is_refused_with_words(self, fields, said, desk, office, today):
        appointment = today(office, status="arrived")

        text = page(desk.post(path("desk_record", appointment), fields))

        assert said in text
        assert "Galat" in text
        assert not Recording.objects.exists()

    def test_a_self_declared_resident_needs_the_family_card_first(self, desk, office, today):
        appointment = today(office, resident=ResidentFactory(source="self"), status="arrived")

        asked = page(desk.post(path("desk_record", appointment), {"outcome": "accepted"}))
        desk.post(
            path("desk_record", appointment),
            {
                "outcome": "accepted",
                "papers_checked": "on",
                "family_card": "3319 0220 0115 9001",
                "phone": "081234567890",
            },
        )

        assert "Cocokkan data dengan Kartu Keluarga" in asked
        identity = appointment.resident.identity
        identity.refresh_from_db()
        assert Recording.objects.count() == 1
        assert (identity.family_card, identity.phone) == ("3319022001159001", "+6281234567890")

    def test_a_number_typed_online_counts_once_the_person_confirms_it(self, desk, office, today):
        appointment = today(office, status="arrived")
        DeclarationFactory(appointment=appointment, phone="+6281234567890")

        assert "Nomor HP 0812-3456-7890 benar" in page(desk.get(path("desk_appointment", appointment)))
        desk.post(path("desk_record", appointment), {"outcome": "accepted", "phone_confirmed": "on"})

        identity = appointment.resident.identity
        identity.refresh_from_db()
        assert identity.phone == "+6281234567890"
        assert identity.phone_checked_at

    def test_a_number_that_nobody_confirmed_is_not_kept(self, desk, office, today):
        appointment = today(office, status="arrived")
        DeclarationFactory(appointment=appointment, phone="+6281234567890")

        desk.post(path("desk_record", appointment), {"outcome": "accepted"})

        appointment.resident.identity.refresh_from_db()
        assert appointment.resident.identity.phone == ""

    def test_a_wrong_number_is_refused_with_words(self, desk, office, today):
        appointment = today(office, status="arrived")

        text = page(desk.post(path("desk_record", appointment), {"outcome": "accepted", "phone": "12"}))

        assert "Nomor HP ini belum benar" in text
        assert not Recording.objects.exists()

    def test_refusing_keeps_the_reason(self, desk, office, today):
        appointment = today(office, status="arrived")

        assert "Pilih alasan." in page(desk.post(path("desk_refuse", appointment)))
        desk.post(path("desk_refuse", appointment), {"reason": "papers", "note": "datang besok"})

        assert status_of(appointment) == AppointmentStatus.REFUSED
        assert appointment.status_reason == "Kartu Keluarga tidak dibawa. datang besok"

    def test_refusing_for_another_reason_needs_words(self, desk, office, today):
        appointment = today(office, status="arrived")

        assert "Tulis alasannya" in page(desk.post(path("desk_refuse", appointment), {"reason": "other"}))
        assert status_of(appointment) == AppointmentStatus.ARRIVED

    def test_collecting_is_finished_by_one_press(self, desk, office, today):
        appointment = today(office, status="arrived", purpose="collect")

        assert desk.post(path("desk_finish", appointment)).url == DESK
        assert status_of(appointment) == AppointmentStatus.DONE

    @pytest.mark.parametrize("name", ["desk_check_in", "desk_finish", "desk_refuse", "desk_record"])
    def test_looking_changes_nothing(self, name, desk, office, today):
        appointment = today(office, status="arrived")

        desk.get(path(name, appointment))

        assert status_of(appointment) == AppointmentStatus.ARRIVED

    def test_the_station_is_remembered(self, desk, office, today):
        desk.post(path("desk_record", today(office, status="arrived")), {"outcome": "accepted", "station": 3})

        assert "Stasiun 3" in page(desk.get(path("desk_appointment", today(office, status="arrived"))))


class TestReceipt:
    def test_the_sheet_is_one_small_page_with_the_code_and_without_nik_or_name(self, desk, office, today):
        appointment = today(office, "Sri Wahyuni", status="arrived")
        desk.post(path("desk_record", appointment), {"outcome": "accepted"})

        response = desk.get(path("desk_receipt_pdf", appointment))

        reader = PdfReader(BytesIO(response.content))
        text = reader.pages[0].extract_text()
        assert response["Content-Type"] == "application/pdf"
        assert len(reader.pages) == 1
        assert display(tracking_code.active_code(appointment.resident)) in text
        assert appointment.resident.identity.nik not in text
        assert "Wahyuni" not in text
        assert "Gratis" in text

    @pytest.mark.parametrize("name", ["desk_receipt", "desk_receipt_pdf"])
    def test_there_is_none_before_the_recording(self, name, desk, office, today):
        assert desk.get(path(name, today(office))).status_code == 404

    def test_after_its_day_the_code_needs_a_reason_again(self, desk, office, today):
        appointment = today(office, status="arrived")
        desk.post(path("desk_record", appointment), {"outcome": "accepted"})
        Recording.objects.update(entered_at=timezone.now() - timedelta(days=1))

        for name in ("desk_receipt", "desk_receipt_pdf"):
            assert desk.get(path(name, appointment)).url == reverse("desk_reprint", args=[appointment.resident_id])


class TestReprint:
    def reprint(self, desk, resident, **fields):
        return desk.post(reverse("desk_reprint", args=[resident.pk]), {"papers_checked": "on", **fields}, follow=True)

    def test_the_same_code_is_shown_again_with_a_reason_in_the_trail(self, desk, office, today):
        resident = today(office).resident
        code = TrackingCodeFactory(resident=resident).code

        assert display(code) in page(self.reprint(desk, resident, reason="lost"))
        assert AuditEvent.objects.get(action="tracking_code.reprint").reason == "Bukti hilang atau rusak"

    def test_a_code_that_others_saw_is_replaced(self, desk, office, today):
        resident = today(office).resident
        code = TrackingCodeFactory(resident=resident).code

        text = page(self.reprint(desk, resident, reason="seen"))

        assert display(code) not in text
        assert display(tracking_code.active_code(resident)) in text
        assert tracking_code.find_at_desk(code) is None

    def test_it_needs_a_reason_and_the_family_card(self, desk, office, today):
        resident = today(office).resident

        text = page(desk.post(reverse("desk_reprint", args=[resident.pk])))

        assert "Pilih alasan." in text
        assert "Cocokkan orangnya" in text
        assert tracking_code.active_code(resident) == ""

    def test_without_a_reason_the_code_is_not_shown(self, desk, office, today):
        resident = today(office).resident
        TrackingCodeFactory(resident=resident)

        for name in ("desk_code", "desk_code_pdf"):
            assert desk.get(reverse(name, args=[resident.pk])).url == reverse("desk_reprint", args=[resident.pk])

    def test_somebody_from_elsewhere_opens_by_full_nik_only(self, desk):
        resident = ResidentFactory()
        address = reverse("desk_reprint", args=[resident.pk])
        assert desk.get(address).status_code == 404

        desk.post(SEARCH, {"q": resident.identity.nik})

        assert desk.get(address).status_code == 200
