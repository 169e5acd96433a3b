from datetime import date, timedelta

import pytest
from django.utils import timezone

from recording.exceptions import RosterNotOpen, TooManyTries, VisitNotOpen
from recording.models import HomeVisit
from recording.services import home_visit, resident, roster, roster_import
from recording.services.home_visit import Asked
from tests.factories import (
    HomeVisitFactory,
    OfficeFactory,
    ResidentFactory,
    RosterEntryFactory,
    RosterFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)

pytestmark = pytest.mark.django_db
BORN = date(1940, 8, 17)


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def session(clerk):
    return RosterFactory(created_by=clerk, held_on=timezone.localdate() - timedelta(days=1))


def asked(**values):
    nik = values.pop("nik", None) or synthetic_nik(birth_date=BORN)
    given = {"name": "Mbah Karto", "birth_date": BORN, "address": "Gang Melati 3", "phone": "+6281234567890"}
    return Asked(nik=nik, reason="elderly", **{"village": VillageFactory(), **given, **values})


class TestRequest:
    def test_goes_to_the_office_of_the_kecamatan_and_is_sealed(self):
        village = VillageFactory()
        office = OfficeFactory(district=village.district)

        visit = home_visit.request(asked=asked(village=village, helper_name="Siti"), now=timezone.now())

        kept = HomeVisit.objects.get(pk=visit.pk)
        assert (kept.office, kept.status, kept.name, kept.helper_name) == (office, "new", "Mbah Karto", "Siti")
        assert b"Karto" not in bytes(kept.name_ct)

    def test_where_the_kecamatan_has_no_office_disdukcapil_answers(self):
        office = OfficeFactory(kind="disdukcapil")

        assert home_visit.request(asked=asked(), now=timezone.now()).office == office

    def test_online_a_nik_has_few_tries(self):
        OfficeFactory()
        wanted = asked()

        with pytest.raises(TooManyTries):
            for _ in range(4):
                home_visit.request_online(asked=wanted, address="192.0.2.1", now=timezone.now())
        assert HomeVisit.objects.count() == 3


class TestPlan:
    def test_puts_people_on_the_list_once(self, session, clerk):
        known = ResidentFactory(birth_date=BORN)
        first = HomeVisitFactory(office=clerk.office, nik=known.identity.nik)
        again = HomeVisitFactory(office=clerk.office, nik=known.identity.nik)
        stranger = HomeVisitFactory(office=clerk.office)

        count = home_visit.plan(visit_ids=[first.pk, again.pk, stranger.pk], roster_id=session.pk, by=clerk)

        entries = list(session.entries.order_by("number").values_list("resident", "eligibility"))
        assert count == 3
        assert entries == [(known.pk, "first"), (None, "unknown")]
        assert set(HomeVisit.objects.values_list("status", flat=True)) == {"planned"}

    def test_somebody_on_the_list_already_keeps_the_number(self, session, clerk):
        entry = RosterEntryFactory(roster=session, resident=ResidentFactory())
        visit = HomeVisitFactory(office=clerk.office, nik=entry.nik)

        home_visit.plan(visit_ids=[visit.pk], roster_id=session.pk, by=clerk)

        visit.refresh_from_db()
        assert visit.entry == session.entries.get() == entry

    def test_of_another_office_or_answered_before_is_refused(self, session, clerk):
        for visit in (HomeVisitFactory(), HomeVisitFactory(office=clerk.office, status="done")):
            with pytest.raises(VisitNotOpen):
                home_visit.plan(visit_ids=[visit.pk], roster_id=session.pk, by=clerk)
        with pytest.raises(RosterNotOpen):
            home_visit.plan(visit_ids=[], roster_id=RosterFactory().pk, by=clerk)
        assert not session.entries.exists()


class TestResults:
    @pytest.mark.parametrize(
        ("result", "status"), [("terekam;09.15", "done"), ("tidak hadir;", "new")], ids=["recorded", "absent"]
    )
    def test_settle_the_request(self, session, clerk, result, status):
        visit = HomeVisitFactory(office=clerk.office, nik=ResidentFactory(birth_date=BORN).identity.nik)
        home_visit.plan(visit_ids=[visit.pk], roster_id=session.pk, by=clerk)

        content = f"nomor;hasil;jam\n1;{result}".encode()
        roster_import.take_in(roster_id=session.pk, content=content, by=clerk, now=timezone.now())

        visit.refresh_from_db()
        assert visit.status == status

    def test_closing_the_session_frees_whoever_was_not_seen(self, session, clerk):
        visit = HomeVisitFactory(office=clerk.office)
        home_visit.plan(visit_ids=[visit.pk], roster_id=session.pk, by=clerk)
        session.status = "recorded"
        session.save()

        roster.close(roster_id=session.pk, by=clerk)

        visit.refresh_from_db()
        assert (visit.status, visit.entry) == ("new", None)


class TestDecline:
    def test_keeps_the_reason_and_is_final(self, clerk):
        visit = HomeVisitFactory(office=clerk.office)

        home_visit.decline(visit_id=visit.pk, reason="Sudah direkam", by=clerk)

        visit.refresh_from_db()
        assert (visit.status, visit.declined_reason) == ("declined", "Sudah direkam")
        with pytest.raises(VisitNotOpen):
            home_visit.decline(visit_id=visit.pk, reason="Lagi", by=clerk)

    def test_only_by_the_own_office(self, clerk):
        with pytest.raises(VisitNotOpen):
            home_visit.decline(visit_id=HomeVisitFactory().pk, reason="Lain", by=clerk)


def test_erasing_a_person_erases_requests_and_lists(session, clerk):
    person = ResidentFactory(birth_date=BORN)
    entry = RosterEntryFactory(roster=session, resident=person)
    HomeVisitFactory(nik=person.identity.nik)

    resident.erase(resident=person, by=clerk, reason="permintaan warga")

    entry.refresh_from_db()
    assert (entry.nik, entry.name, entry.birth_date) == ("", "", "")
    assert not HomeVisit.objects.exists()
