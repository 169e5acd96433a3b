"""Nobody under 18 is booked or let in without the consent of a parent or guardian, whoever types."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import AppointmentStatus, HelperRelation
from recording.exceptions import GuardianMissing, PersonNotBooked
from recording.models import Appointment, Resident
from recording.services import walk_in
from recording.services.household import Member, book_household, registered
from recording.services.walk_in import Visitor
from tests.factories import ResidentFactory, SlotFactory, UserFactory, VillageFactory, synthetic_nik

pytestmark = pytest.mark.django_db
CONSENT = {"guardian_name": "Siti Aminah", "guardian_relation": HelperRelation.PARENT}


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def years_ago():
    return lambda years: timezone.localdate() - timedelta(days=years * 366)


@pytest.fixture
def slot(clerk):
    return SlotFactory(office=clerk.office, capacity=4, public_capacity=4)


@pytest.fixture
def book(clerk, slot):
    def run(*people):
        members = [
            Member(declared=registered(_loaded(resident), today=timezone.localdate()), **consent)
            for resident, consent in people
        ]
        return book_household(
            members=members, slot_id=slot.pk, idempotency_key=uuid.uuid4(), by=clerk, now=timezone.now()
        )

    return run


@pytest.fixture
def arrives(clerk):
    def run(nik, **values):
        return walk_in.register(
            visitor=Visitor(nik=nik, **values),
            office=clerk.office,
            idempotency_key=uuid.uuid4(),
            by=clerk,
            now=timezone.now(),
        )

    return run


def _loaded(resident):
    return Resident.objects.select_related("identity", "village").get(pk=resident.pk)


class TestBookedByAClerk:
    def test_a_child_without_consent_is_not_booked_and_is_named(self, book, years_ago):
        adult, child = ResidentFactory(), ResidentFactory(birth_date=years_ago(17))

        with pytest.raises(PersonNotBooked) as refused:
            book((adult, {}), (child, {}))

        assert (refused.value.position, type(refused.value.reason)) == (1, GuardianMissing)
        assert not Appointment.objects.exists()

    def test_the_consent_is_kept_with_the_appointment(self, book, years_ago):
        book((ResidentFactory(birth_date=years_ago(17)), CONSENT))

        made = Appointment.objects.get()
        assert (made.guardian_name, made.guardian_relation) == ("Siti Aminah", "parent")
        assert made.guardian_consent_at is not None

    def test_who_is_married_or_grown_up_needs_none(self, book, years_ago):
        book((ResidentFactory(birth_date=years_ago(17), ever_married=True), {}), (ResidentFactory(), {}))

        assert Appointment.objects.count() == 2


class TestWalkIn:
    def test_a_child_without_consent_gets_no_number(self, arrives, years_ago):
        with pytest.raises(GuardianMissing):
            arrives(ResidentFactory(birth_date=years_ago(17)).identity.nik)

        assert not Appointment.objects.exists()

    def test_an_unknown_child_without_consent_is_not_taken_in(self, arrives, years_ago):
        nik = synthetic_nik(birth_date=years_ago(17))

        with pytest.raises(GuardianMissing):
            arrives(nik, name="Baru", village=VillageFactory())

        assert not Resident.objects.exists()

    def test_the_consent_is_kept_with_the_appointment(self, arrives, years_ago):
        ticket = arrives(ResidentFactory(birth_date=years_ago(17)).identity.nik, **CONSENT)

        made = ticket.appointment
        assert (made.status, made.guardian_name) == (AppointmentStatus.ARRIVED, "Siti Aminah")
        assert made.guardian_consent_at is not None

    def test_who_collects_the_card_is_not_asked(self, arrives, years_ago):
        resident = ResidentFactory(birth_date=years_ago(17), entitlement="none")

        assert arrives(resident.identity.nik, collects=True)
