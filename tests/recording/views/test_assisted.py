from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from recording.models import Appointment, AuditEvent, Resident
from recording.policy.code import display
from recording.services import tracking_code
from tests.factories import (
    AppointmentFactory,
    OfficeFactory,
    ResidentFactory,
    SlotFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
PERSON, FAMILY, TIME = "/petugas/pesankan/", "/petugas/pesankan/keluarga/", "/petugas/pesankan/waktu/"
REVIEW, DONE, SLIP = "/petugas/pesankan/periksa/", "/petugas/pesankan/selesai/", "/petugas/pesankan/bukti.pdf"


@pytest.fixture
def slot(office):
    return next(slots_of(office, 3))


def slots_of(office, *places):
    """Open half hours from 08:00 in two days, one after the other."""
    first = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=2)
    for number, capacity in enumerate(places):
        starts_at = first + timedelta(minutes=30 * number)
        yield SlotFactory(office=office, starts_at=starts_at, capacity=capacity, public_capacity=capacity)


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def add(browser, *residents, address=FAMILY, **values):
    for resident in residents:
        response = browser.post(address, {"nik": resident.identity.nik, **values})
    return response


def confirm(browser, slot, **values):
    """Press the button of the review page."""
    form = browser.get(REVIEW, {"pilih": slot.pk, **values}).context["form"]
    data = {name: form.initial[name] for name in ("pilih", "tempat", "idempotency_key", "language")}
    return browser.post(REVIEW, data)


def pdf_text(response):
    assert response["Content-Type"] == "application/pdf"
    return "".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)


class TestOnePerson:
    def test_a_known_nik_is_booked_in_three_steps_and_printed(self, desk, clerk, slot):
        resident = ResidentFactory(name="Sri Wahyuni")

        assert add(desk, resident, address=PERSON).url == TIME
        assert f"pilih={slot.pk}" in text_of(desk.get(TIME, {"tanggal": slot.day.isoformat()}))
        assert "Sri Wahyuni" in text_of(desk.get(REVIEW, {"pilih": slot.pk}))
        assert confirm(desk, slot).url == DONE

        made = Appointment.objects.get()
        code = display(tracking_code.active_code(resident))
        assert (made.resident, made.slot, made.channel, made.booked_by) == (resident, slot, "desk", clerk)
        assert code in text_of(desk.get(DONE))
        assert code in pdf_text(desk.get(SLIP))
        trail = AuditEvent.objects.filter(actor=clerk, resident_id=resident.pk).values_list("action", flat=True)
        assert {"search.nik", "appointment.book"} <= set(trail)

    def test_a_clerk_books_at_any_office(self, desk):
        slot = next(slots_of(OfficeFactory(), 1))
        add(desk, ResidentFactory(), address=PERSON)

        confirm(desk, slot)

        assert Appointment.objects.get().office == slot.office

    def test_places_kept_from_the_public_are_offered_on_demand(self, desk, slot):
        type(slot).objects.update(public_capacity=0)
        add(desk, ResidentFactory(), address=PERSON)

        assert f"pilih={slot.pk}" not in text_of(desk.get(TIME, {"tanggal": slot.day.isoformat()}))
        shown = text_of(desk.get(TIME, {"tanggal": slot.day.isoformat(), "tempat": "cadangan"}))
        assert f"pilih={slot.pk}&amp;tempat=cadangan" in shown
        confirm(desk, slot, tempat="cadangan")

        assert Appointment.objects.get().pool == "reserved"

    def test_an_unknown_nik_needs_the_family_card(self, desk, slot):
        nik = synthetic_nik(birth_date=timezone.localdate() - timedelta(days=30 * 365))
        village = VillageFactory()

        asked = desk.post(PERSON, {"nik": nik})

        assert {"name", "village", "papers_checked"} <= set(asked.context["form"].errors)
        given = {"nik": nik, "name": "Baru Datang", "village": village.code, "papers_checked": "on"}
        assert desk.post(PERSON, given).url == TIME
        confirm(desk, slot)
        assert Resident.objects.get(name="Baru Datang").village == village

    def test_who_has_an_appointment_is_pointed_at_it(self, desk, office):
        live = AppointmentFactory(slot=SlotFactory(office=office))

        page = text_of(add(desk, live.resident, address=PERSON))

        assert "sudah punya janji" in page
        assert reverse("desk_move", args=[live.pk]) in page

    def test_who_is_recorded_is_not_booked(self, desk):
        page = text_of(add(desk, ResidentFactory(recorded_before=True), address=PERSON))

        assert "sudah direkam" in page

    def test_a_time_that_filled_up_leads_back_to_the_times(self, desk, slot):
        add(desk, ResidentFactory(), address=PERSON)
        form = desk.get(REVIEW, {"pilih": slot.pk}).context["form"]
        AppointmentFactory.create_batch(3, slot=slot)

        response = desk.post(REVIEW, form.initial, follow=True)

        assert "baru saja penuh" in text_of(response)
        assert Appointment.objects.count() == 3

    def test_a_second_press_shows_the_same_booking(self, desk, slot):
        add(desk, ResidentFactory(), address=PERSON)
        form = desk.get(REVIEW, {"pilih": slot.pk}).context["form"]
        desk.post(REVIEW, form.initial)

        assert desk.post(REVIEW, form.initial).url == DONE
        assert Appointment.objects.count() == 1

    def test_without_a_person_there_is_nothing_to_choose(self, desk, slot):
        assert desk.get(TIME).url == PERSON
        assert desk.get(REVIEW, {"pilih": slot.pk}).url == PERSON
        assert desk.get(DONE).url == PERSON
        assert desk.get(SLIP).url == PERSON

    def test_the_open_person_is_booked_without_typing_the_nik_again(self, desk, office, slot):
        missed = AppointmentFactory(slot=SlotFactory(office=office), status="no_show")
        page = text_of(desk.get(reverse("desk_appointment", args=[missed.pk])))
        address = reverse("assisted_for_person", args=[missed.resident_id])

        assert address in page
        assert desk.post(address).url == TIME
        confirm(desk, slot)
        assert missed.resident.appointments.filter(status="booked", slot=slot).exists()

    def test_the_codes_disappear_after_ten_minutes(self, desk, slot, monkeypatch):
        add(desk, ResidentFactory(), address=PERSON)
        confirm(desk, slot)
        later = timezone.now() + timedelta(minutes=11)
        monkeypatch.setattr("recording.views.opened.timezone.now", lambda: later)

        assert desk.get(DONE).url == PERSON


class TestFamily:
    def test_everybody_gets_a_code_on_one_slip(self, desk, office):
        first, second = slots_of(office, 2, 2)
        people = [ResidentFactory(name=name) for name in ("Ani Lestari", "Budi Santoso", "Citra Dewi")]
        add(desk, *people)

        review = text_of(desk.get(REVIEW, {"pilih": first.pk}))
        confirm(desk, first)

        assert "Jamnya dibagi" in review
        made = Appointment.objects.order_by("pk")
        assert [each.slot_id for each in made] == [first.pk, first.pk, second.pk]
        assert len({each.group for each in made}) == 1
        page, slip = text_of(desk.get(DONE)), pdf_text(desk.get(SLIP))
        for person in people:
            code = display(tracking_code.active_code(person))
            assert code in page
            assert code in slip
            assert person.name not in slip
            assert person.identity.nik not in slip

    def test_the_longest_slip_is_one_page(self, desk, office):
        slot = next(slots_of(office, 6))
        add(desk, *[ResidentFactory(name="Raden Ajeng Kusumaningtyas Wulandari") for _ in range(6)])
        confirm(desk, slot)

        assert len(PdfReader(BytesIO(desk.get(SLIP).content)).pages) == 1

    def test_all_may_be_shifted_together(self, desk, office):
        first, second = slots_of(office, 1, 3)
        add(desk, ResidentFactory(), ResidentFactory())

        review = desk.get(REVIEW, {"pilih": first.pk})

        assert "Semua bergeser bersama" in text_of(review)
        assert {row["time"] for row in review.context["plan"]} == {"08.30"}
        assert confirm(desk, first).url == DONE
        assert second.appointments.count() == 2

    def test_nobody_is_listed_twice_and_no_more_than_six(self, desk):
        people = [ResidentFactory() for _ in range(6)]
        add(desk, *people[:2])

        assert "sudah ada di daftar" in text_of(add(desk, people[0]))
        add(desk, *people[2:])
        assert "Paling banyak 6 orang" in text_of(add(desk, ResidentFactory()))

    def test_one_is_taken_off_the_list(self, desk):
        add(desk, ResidentFactory(name="Ani"), ResidentFactory(name="Budi"))

        desk.post(reverse("assisted_remove"), {"orang": "0"})

        assert [person.name for person in desk.get(FAMILY).context["people"]] == ["Budi"]

    def test_one_who_booked_meanwhile_is_named_and_nobody_is_booked(self, desk, office):
        slot = next(slots_of(office, 4))
        people = [ResidentFactory(name="Ani"), ResidentFactory(name="Budi")]
        add(desk, *people)
        form = desk.get(REVIEW, {"pilih": slot.pk}).context["form"]
        AppointmentFactory(resident=people[1])

        response = desk.post(REVIEW, form.initial, follow=True)

        assert "Budi: Warga ini sudah punya janji yang berlaku. Belum ada yang dipesan." in text_of(response)
        assert Appointment.objects.count() == 1

    def test_a_list_changed_in_another_window_is_shown_again(self, desk, office):
        slot = next(slots_of(office, 4))
        add(desk, ResidentFactory())
        form = desk.get(REVIEW, {"pilih": slot.pk}).context["form"]
        add(desk, ResidentFactory())

        assert desk.post(REVIEW, form.initial).url == TIME
        assert not Appointment.objects.exists()

    def test_the_pages_ask_the_same_however_many_people(self, desk, office):
        slot = next(slots_of(office, 6))
        counts = []
        for more in (1, 2, 2):
            add(desk, *[ResidentFactory() for _ in range(more)])
            queries(desk, FAMILY, {})  # what is kept after the first time is not counted
            counts.append(queries(desk, REVIEW, {"pilih": slot.pk}) + queries(desk, FAMILY, {}))

        assert len(set(counts)) == 1, counts


def queries(browser, address, data):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address, data).status_code == 200
    return len(captured)


class TestMoveAndCancel:
    @pytest.fixture
    def appointment(self, office):
        return AppointmentFactory(slot=SlotFactory(office=office))

    def test_a_move_keeps_row_and_code_and_prints_a_new_slip(self, desk, clerk, appointment, slot):
        tracking_code.ensure(resident=appointment.resident, nik=appointment.resident.identity.nik, now=timezone.now())
        address = reverse("desk_move", args=[appointment.pk])

        times = text_of(desk.get(address, {"tanggal": slot.day.isoformat()}))
        question = text_of(desk.get(address, {"pilih": slot.pk}))
        moved = desk.post(address, {"slot": slot.pk})

        appointment.refresh_from_db()
        assert f"pilih={slot.pk}" in times
        assert "Ubah ke jadwal ini?" in question
        assert (appointment.slot, appointment.changes.get().moved_by) == (slot, clerk)
        assert moved.url == reverse("desk_slip", args=[appointment.pk])
        assert "Cetak bukti baru" in text_of(desk.get(moved.url))
        code = display(tracking_code.active_code(appointment.resident))
        assert code in pdf_text(desk.get(reverse("desk_slip_pdf", args=[appointment.pk])))

    def test_two_moves_are_the_most_also_for_a_clerk(self, desk, appointment, slot):
        Appointment.objects.update(moves=2)

        assert "sudah dua kali diubah" in text_of(desk.get(reverse("desk_move", args=[appointment.pk])))
        desk.post(reverse("desk_move", args=[appointment.pk]), {"slot": slot.pk})
        appointment.refresh_from_db()
        assert appointment.slot != slot

    def test_a_cancellation_keeps_its_reason_and_who_did_it(self, desk, clerk, appointment):
        address = reverse("desk_cancel", args=[appointment.pk])

        assert "Batalkan janji ini?" in text_of(desk.get(address))
        assert "other" in text_of(desk.post(address, {"reason": "other"}))
        desk.post(address, {"reason": "ill"})

        appointment.refresh_from_db()
        assert (appointment.status, appointment.status_reason) == ("cancelled", "Warga sakit atau berhalangan")
        assert AuditEvent.objects.filter(action="appointment.cancel", actor=clerk).exists()

    @pytest.mark.parametrize("name", ["desk_move", "desk_cancel"])
    def test_what_is_over_is_not_changed(self, desk, appointment, name):
        Appointment.objects.update(status="done")

        assert desk.get(reverse(name, args=[appointment.pk])).status_code == 302
        assert desk.post(reverse(name, args=[appointment.pk]), {"reason": "asked"}).status_code == 302
        appointment.refresh_from_db()
        assert appointment.status == "done"

    def test_another_offices_appointment_opens_only_to_who_typed_the_nik(self, appointment):
        stranger = signed_in(UserFactory())
        address = reverse("desk_cancel", args=[appointment.pk])

        assert stranger.get(address).status_code == 404
        found = stranger.post("/petugas/cari/", {"q": appointment.resident.identity.nik}, follow=True)

        assert address in text_of(found)
        assert stranger.get(address).status_code == 200
        cancelled = stranger.post(address, {"reason": "asked"})
        assert cancelled.url == reverse("desk_person", args=[appointment.resident_id])

    def test_an_earlier_visit_here_does_not_open_an_appointment_elsewhere(self, desk, office, appointment):
        elsewhere = AppointmentFactory(resident=ResidentFactory())
        AppointmentFactory(slot=SlotFactory(office=office), resident=elsewhere.resident, status="done")

        assert desk.get(reverse("desk_move", args=[elsewhere.pk])).status_code == 404

    def test_the_slip_shows_a_code_only_after_a_step(self, desk, appointment):
        assert desk.get(reverse("desk_slip_pdf", args=[appointment.pk])).url == reverse(
            "desk_reprint", args=[appointment.resident_id]
        )


class TestGuardian:
    """A parent or guardian agrees at the desk as well."""

    CONSENT = {"guardian_name": "Siti Aminah", "guardian_relation": "parent", "guardian_consent": "on"}

    @pytest.fixture
    def child(self):
        return ResidentFactory(name="Bayu", birth_date=timezone.localdate() - timedelta(days=17 * 366))

    @pytest.mark.parametrize("address", [PERSON, FAMILY])
    def test_the_consent_is_asked_for_a_known_child_and_kept(self, desk, slot, child, address):
        asked = add(desk, child, address=address)

        assert "Persetujuan orang tua atau wali" in text_of(asked)
        assert set(self.CONSENT) <= set(asked.context["form"].errors)
        assert add(desk, child, address=address, **self.CONSENT).url in (TIME, FAMILY)
        confirm(desk, slot)
        assert Appointment.objects.get().guardian_name == "Siti Aminah"

    def test_it_is_asked_for_an_unknown_child_with_the_other_particulars(self, desk):
        nik = synthetic_nik(birth_date=timezone.localdate() - timedelta(days=17 * 366))

        asked = desk.post(PERSON, {"nik": nik})

        assert {"name", "guardian_name"} <= set(asked.context["form"].errors)

    def test_nobody_else_is_asked(self, desk):
        assert "Persetujuan orang tua" not in text_of(desk.get(PERSON))
        assert add(desk, ResidentFactory(), address=PERSON).url == TIME

    def test_the_open_child_is_booked_after_the_consent(self, desk, office, slot, child):
        opened = AppointmentFactory(
            resident=child,
            slot=SlotFactory(office=office, starts_at=timezone.now() - timedelta(days=3)),
            status="no_show",
        )
        desk.get(reverse("desk_appointment", args=[opened.pk]))
        address = reverse("assisted_for_person", args=[child.pk])

        assert "Persetujuan orang tua atau wali" in text_of(desk.post(address))
        assert desk.post(address, self.CONSENT).url == TIME
        confirm(desk, slot)
        assert Appointment.objects.get(status="booked").guardian_name == "Siti Aminah"
