import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from recording.exceptions import (
    HasAppointment,
    NotEntitled,
    ParticularsMissing,
    RecordingPaused,
    TooYoung,
    WrongState,
)
from recording.models import Appointment, AuditEvent, QueueTicket, Resident
from recording.services import outage, tracking_code, walk_in
from recording.services.walk_in import Visitor
from tests.factories import (
    AppointmentFactory,
    OfficeFactory,
    ResidentFactory,
    SlotFactory,
    TrackingCodeFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)
from tests.recording.services.test_appointment_races import race

BORN = date(1990, 8, 17)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def office(db):
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def register(office, clerk, now):
    def make(resident=None, *, by=clerk, seen=False, **values):
        visitor = Visitor(nik=values.pop("nik", None) or resident.identity.nik, **values)
        return walk_in.register(
            visitor=visitor, office=office, idempotency_key=uuid.uuid4(), by=by, now=now, family_card_seen=seen
        )

    return make


@pytest.fixture
def present_slot(office, now):
    return SlotFactory(office=office, starts_at=now - timedelta(minutes=10), day=timezone.localdate(now), capacity=2)


@pytest.mark.django_db
class TestRegister:
    def test_a_known_resident_gets_a_number_by_the_nik_alone(self, register, office, clerk, now):
        resident = ResidentFactory()

        ticket = register(resident)

        appointment = ticket.appointment
        assert f"{ticket}" == "W001"
        assert (appointment.resident, appointment.status, appointment.channel) == (resident, "arrived", "walk_in")
        assert (appointment.slot, appointment.places_held) == (None, 0)
        event = AuditEvent.objects.get(action="appointment.walk_in")
        assert (event.actor, event.resident_id, event.office) == (clerk, resident.pk, office)

    def test_it_takes_a_place_of_the_slot_going_on(self, register, present_slot):
        appointment = register(ResidentFactory()).appointment

        present_slot.refresh_from_db()
        assert (appointment.slot, appointment.pool, appointment.places_held) == (present_slot, "reserved", 1)
        assert (present_slot.booked, present_slot.booked_public) == (1, 0)

    def test_a_full_slot_refuses_nobody(self, register, present_slot):
        for _ in range(3):
            register(ResidentFactory())

        present_slot.refresh_from_db()
        assert present_slot.booked == 2
        assert sorted(Appointment.objects.values_list("places_held", flat=True)) == [0, 1, 1]
        assert QueueTicket.objects.count() == 3

    def test_special_needs_take_two_places_or_the_one_that_is_left(self, register, present_slot):
        assert register(ResidentFactory(), special_needs=True).appointment.places_held == 2
        assert register(ResidentFactory(), special_needs=True).appointment.places_held == 0

    def test_an_unknown_nik_becomes_a_self_declared_resident(self, register):
        nik, village = synthetic_nik(birth_date=date(1990, 8, 17), sex="P"), VillageFactory()

        register(nik=nik, name="Sri Wahyuni", village=village)

        resident = Resident.objects.get()
        assert (resident.name, resident.sex, resident.source) == ("Sri Wahyuni", "P", "self")
        assert (resident.village, resident.outside_regency) == (village, False)
        assert resident.identity.birth_date == "1990-08-17"

    def test_somebody_from_elsewhere(self, register):
        register(nik=synthetic_nik(birth_date=BORN), name="Budi", outside_regency=True)

        assert Resident.objects.get().outside_regency

    @pytest.mark.parametrize(
        ("fields", "values"),
        [
            ({"name", "village"}, {}),
            ({"village"}, {"name": "Sri"}),
            ({"birth_date"}, {"name": "Sri", "outside_regency": True}),
        ],
    )
    def test_what_an_unknown_nik_does_not_say_is_asked(self, register, fields, values):
        born = date(2012, 1, 1) if "birth_date" in fields else BORN  # 14 or 114 years old: the NIK alone cannot tell
        nik = synthetic_nik(birth_date=born)

        with pytest.raises(ParticularsMissing) as asked:
            register(nik=nik, **values)

        assert set(asked.value.fields) == fields
        assert not Resident.objects.exists()

    def test_a_second_recording_is_refused_with_what_to_do(self, register):
        with pytest.raises(NotEntitled):
            register(ResidentFactory(recorded_before=True))
        assert not QueueTicket.objects.exists()

    def test_who_was_recorded_may_collect(self, register):
        assert register(ResidentFactory(recorded_before=True), collects=True).appointment.purpose == "collect"

    def test_a_rerecording_has_its_purpose_and_priority(self, register):
        ticket = register(ResidentFactory(entitlement="rerecord"))

        assert (ticket.appointment.purpose, ticket.priority_reason) == ("rerecord", "rerecord")

    def test_pregnancy_is_seen_at_the_desk(self, register):
        assert register(ResidentFactory(), pregnant=True).priority_reason == "pregnant"

    def test_the_age_is_looked_at(self, register, now):
        born = timezone.localdate(now) - timedelta(days=15 * 365)

        with pytest.raises(TooYoung):
            register(ResidentFactory(birth_date=born))

    def test_who_booked_for_today_is_checked_in_instead(self, register, office, now):
        slot = SlotFactory(office=office, starts_at=now + timedelta(minutes=5), day=timezone.localdate(now))
        appointment = AppointmentFactory(slot=slot)

        with pytest.raises(HasAppointment) as told:
            register(appointment.resident)

        assert (told.value.appointment_id, told.value.here_today) == (appointment.pk, True)

    def test_who_missed_the_time_today_is_checked_in_too(self, register, office, now):
        slot = SlotFactory(office=office, starts_at=now - timedelta(hours=3), day=timezone.localdate(now))
        appointment = AppointmentFactory(slot=slot, status="no_show")

        with pytest.raises(HasAppointment) as told:
            register(appointment.resident)

        assert told.value.here_today

    def test_a_second_press_leads_to_the_number_given(self, register):
        resident = ResidentFactory()
        ticket = register(resident)

        with pytest.raises(HasAppointment) as told:
            register(resident)

        assert (told.value.appointment_id, told.value.here_today) == (ticket.appointment_id, True)

    def test_of_another_office_is_refused(self, register):
        with pytest.raises(WrongState):
            register(ResidentFactory(), by=UserFactory())

    def test_nothing_is_recorded_while_the_centre_is_down(self, register, office, clerk, now):
        outage.start(office_id=office.pk, by=clerk, now=now)

        with pytest.raises(RecordingPaused):
            register(ResidentFactory())
        assert register(ResidentFactory(recorded_before=True), collects=True)


@pytest.mark.django_db
class TestVoidWithFamilyCard:
    def test_a_booking_elsewhere_is_said_first(self, register):
        booked = AppointmentFactory()

        with pytest.raises(HasAppointment) as told:
            register(booked.resident)

        assert (told.value.appointment_id, told.value.here_today) == (booked.pk, False)
        booked.refresh_from_db()
        assert booked.status == "booked"

    def test_with_the_family_card_it_is_voided_and_the_clerk_is_named(self, register, clerk, office):
        resident = ResidentFactory()
        code = TrackingCodeFactory(resident=resident).code
        booked = AppointmentFactory(resident=resident)

        ticket = register(resident, seen=True)

        booked.refresh_from_db()
        assert booked.status == "cancelled"
        assert ticket.appointment.status == "arrived"
        assert tracking_code.active_code(resident) != code
        event = AuditEvent.objects.get(action="appointment.void_with_family_card")
        assert (event.actor, event.office, event.subject) == (clerk, office, f"appointment:{booked.pk}")

    def test_what_is_refused_voids_nothing(self, register):
        booked = AppointmentFactory(resident=ResidentFactory(entitlement="none"))

        with pytest.raises(NotEntitled):
            register(booked.resident, seen=True)

        booked.refresh_from_db()
        assert booked.status == "booked"

    def test_somebody_being_served_elsewhere_stays_there(self, register):
        served = AppointmentFactory(status="serving")

        with pytest.raises(WrongState):
            register(served.resident, seen=True)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_twenty_walk_ins_at_once_get_twenty_numbers_and_the_places_there_are(self, office, now):
        slot = SlotFactory(office=office, starts_at=now - timedelta(minutes=5), day=timezone.localdate(now), capacity=6)
        people = [ResidentFactory() for _ in range(20)]
        clerks = [UserFactory(office=office) for _ in people]

        outcomes = race(*(self.attempt(*pair, office, now) for pair in zip(people, clerks, strict=True)))

        slot.refresh_from_db()
        assert outcomes == {"done": 20}
        assert sorted(QueueTicket.objects.values_list("number", flat=True)) == list(range(1, 21))
        assert slot.booked == 6
        assert sum(Appointment.objects.values_list("places_held", flat=True)) == 6

    def test_two_clerks_with_the_same_person_give_one_number(self, office, now):
        resident = ResidentFactory()
        clerks = [UserFactory(office=office) for _ in range(6)]

        outcomes = race(*(self.attempt(resident, clerk, office, now) for clerk in clerks))

        assert outcomes == {"done": 1, "HasAppointment": 5}
        assert QueueTicket.objects.count() == 1

    @staticmethod
    def attempt(resident, clerk, office, now):
        visitor = Visitor(nik=resident.identity.nik)
        return lambda: walk_in.register(visitor=visitor, office=office, idempotency_key=uuid.uuid4(), by=clerk, now=now)
