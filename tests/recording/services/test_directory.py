from datetime import timedelta

import pytest
from django.utils import timezone

from recording.models import AuditEvent
from recording.policy.code import display
from recording.services import directory
from recording.services.directory import Sought
from tests.factories import (
    AppointmentFactory,
    OfficeFactory,
    QueueTicketFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def clerk():
    return UserFactory()


def _find(text, clerk, now):
    return directory.find(text=text, by=clerk, now=now)


def _appointment(office, name, days=1):
    slot = SlotFactory(office=office, starts_at=timezone.now() + timedelta(days=days))
    return AppointmentFactory(slot=slot, resident=ResidentFactory(name=name))


class TestNik:
    @pytest.mark.parametrize("typed", ["{0}", " {1} {2} {3} {4} ", "{1}.{2}-{3} {4}"])
    def test_a_full_nik_finds_the_person_however_it_is_spaced(self, typed, clerk, now):
        person = ResidentFactory()
        nik = person.identity.nik

        found = _find(typed.format(nik, nik[:4], nik[4:8], nik[8:12], nik[12:]), clerk, now)

        assert (found.sought, found.person) == (Sought.NIK, person)

    def test_an_unknown_nik_finds_nobody(self, clerk, now):
        found = _find("3319021708909009", clerk, now)

        assert (found.sought, found.person) == (Sought.NIK, None)

    @pytest.mark.parametrize("typed", ["331902170890900", "33190217089090011", "0" * 1000])
    def test_a_wrong_number_of_digits_is_said(self, typed, clerk, now):
        assert _find(typed, clerk, now).sought == Sought.WRONG_NIK


class TestCode:
    @pytest.mark.parametrize(
        "form", ["{code}", "{shown}", "{lower}", "https://ktp.example/#{code}", "http://x/status/#{shown}"]
    )
    def test_code_and_scanned_address_find_the_person(self, form, clerk, now):
        code = TrackingCodeFactory()
        text = form.format(code=code.code, shown=display(code.code), lower=display(code.code).lower())

        found = _find(text, clerk, now)

        assert (found.sought, found.person) == (Sought.CODE, code.resident)

    def test_a_revoked_code_finds_nobody(self, clerk, now):
        code = TrackingCodeFactory(code="K7QX4M2P90A", revoked_at=now)

        assert _find(f"x#{code.code}", clerk, now).person is None

    @pytest.mark.parametrize("typed", ["https://ktp.example/#K7QX-4M2P-9TA", "K7QX-4M2P-9T"])
    def test_a_mistyped_code_is_said(self, typed, clerk, now):
        assert _find(typed, clerk, now).sought == Sought.WRONG_CODE


class TestTicket:
    @pytest.mark.parametrize("typed", ["B012", "b12", "B 012"])
    def test_a_queue_number_of_today_finds_its_appointment(self, typed, clerk, now):
        ticket = QueueTicketFactory(
            appointment=_appointment(clerk.office, "Sutrisno"), number=12, day=timezone.localdate(now)
        )

        assert _find(typed, clerk, now).appointments == [ticket.appointment]

    def test_not_one_of_another_day_or_office(self, clerk, now):
        today = timezone.localdate(now)
        yesterday = today - timedelta(days=1)
        QueueTicketFactory(appointment=_appointment(clerk.office, "A"), number=12, day=yesterday)
        QueueTicketFactory(appointment=_appointment(OfficeFactory(), "B"), number=12, day=today)

        assert _find("B012", clerk, now).appointments == []


class TestName:
    @pytest.mark.parametrize("typed", ["wa", "WAHYU", "sri wah", "wah sri", "  sri  "])
    def test_beginnings_of_words_find_own_appointments(self, typed, clerk, now):
        wanted = _appointment(clerk.office, "Sri Wahyuni")
        _appointment(clerk.office, "Budi Santoso", days=2)

        found = _find(typed, clerk, now)

        assert (found.sought, found.appointments) == (Sought.NAME, [wanted])

    def test_other_offices_stay_out_of_sight(self, clerk, now):
        _appointment(OfficeFactory(), "Sri Wahyuni")

        assert _find("Sri", clerk, now).appointments == []

    def test_whoever_works_for_all_offices_finds_all(self, now):
        wanted = _appointment(OfficeFactory(), "Sri Wahyuni")

        assert _find("Sri", UserFactory(role="verifier"), now).appointments == [wanted]

    def test_what_is_nearest_to_today_comes_first(self, clerk, now):
        days = (-9, 5, 0, -2, 1)
        for each in days:
            _appointment(clerk.office, "Sri Wahyuni", days=each)

        found = _find("sri", clerk, now).appointments

        assert [(row.day - timezone.localdate(now)).days for row in found] == [0, 1, -2, 5, -9]

    def test_long_past_appointments_stay_out(self, clerk, now):
        _appointment(clerk.office, "Sri Wahyuni", days=-60)

        assert _find("Sri", clerk, now).appointments == []

    @pytest.mark.parametrize("typed", ["", " ", "s", "%", "_", "1", "**", "😀", "<>"])
    def test_less_than_two_letters_is_too_short(self, typed, clerk, now):
        assert _find(typed, clerk, now).sought == Sought.TOO_SHORT

    @pytest.mark.parametrize(
        "typed", ["o'neil:*", "a & !b | c", "sri\0w", "' OR 1=1--", "%00ab", "{{7*7}}ab", "ab\\", "<script>", "é" * 100]
    )
    def test_hostile_text_is_only_text(self, typed, clerk, now):
        assert _find(typed, clerk, now).appointments == []

    def test_an_eleven_letter_name_is_not_mistaken_for_a_code(self, clerk, now):
        wanted = _appointment(clerk.office, "Kartikasari")

        assert _find("Kartikasari", clerk, now).appointments == [wanted]


class TestTrail:
    def test_a_look_up_of_a_person_names_who_and_whom_but_not_the_text(self, clerk, now):
        person = ResidentFactory()

        _find(person.identity.nik, clerk, now)

        event = AuditEvent.objects.get()
        assert (event.actor, event.resident_id, event.action) == (clerk, person.pk, "search.nik")
        assert person.identity.nik not in f"{event.subject}{event.reason}"

    def test_a_search_that_finds_nobody_is_noted_too(self, clerk, now):
        _find("Zainuddin", clerk, now)

        assert AuditEvent.objects.get().action == "search.name"


class TestAppointmentToOpen:
    def test_todays_live_one_of_the_own_office(self, clerk, now):
        today = _appointment(clerk.office, "Sri", days=0)

        assert directory.appointment_to_open(today.resident, by=clerk, now=now) == today

    def test_none_for_another_day_or_office(self, clerk, now):
        tomorrow, elsewhere = _appointment(clerk.office, "Sri"), _appointment(OfficeFactory(), "Sri", days=0)

        assert directory.appointment_to_open(tomorrow.resident, by=clerk, now=now) is None
        assert directory.appointment_to_open(elsewhere.resident, by=clerk, now=now) is None


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_a_name_search_costs_the_same_however_many_it_finds(rows, clerk, now, django_assert_num_queries):
    office = clerk.office
    slot = SlotFactory(office=office, capacity=200, public_capacity=200)
    for _ in range(rows):
        AppointmentFactory(slot=slot, resident=ResidentFactory(name="Sri Wahyuni"))

    with django_assert_num_queries(2):  # the rows, the audit event
        found = _find("sri", clerk, now)
        assert [(row.resident.village.name, row.slot.starts_at, row.office.name) for row in found.appointments]
