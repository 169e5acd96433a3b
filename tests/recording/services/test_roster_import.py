from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from issuance.models import Case
from recording.exceptions import RosterNotHeldYet, RosterNotOpen
from recording.models import Appointment, AuditEvent, Recording, Resident, RosterReject
from recording.policy.sheet import NotASheet
from recording.services import roster_import, tracking_code
from tests.factories import (
    AppointmentFactory,
    ResidentFactory,
    RosterEntryFactory,
    RosterFactory,
    UserFactory,
    synthetic_nik,
)

pytestmark = pytest.mark.django_db
BORN = date(1990, 8, 17)
HEAD = "nomor;nik;nama;tanggal_lahir;desa;hasil;jam;alasan;tidak_ada;kk;alat"


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def session(clerk):
    """A session of three days ago."""
    held_on = timezone.localdate() - timedelta(days=3)
    return RosterFactory(created_by=clerk, held_on=held_on, device="KIT-07", batch="B-12")


@pytest.fixture
def enter(session, clerk):
    def make(*lines, head=HEAD, by=clerk, **values):
        content = "\n".join([head, *lines]).encode()
        return roster_import.take_in(roster_id=session.pk, content=content, by=by, now=timezone.now(), **values)

    return make


def moment(session, clock):
    hour, minute = clock.split(".")
    naive = datetime(session.held_on.year, session.held_on.month, session.held_on.day, int(hour), int(minute))  # noqa: DTZ001
    return timezone.make_aware(naive)


class TestAccepted:
    def test_three_days_late_it_keeps_the_day_the_hour_and_the_device(self, session, enter):
        entry = RosterEntryFactory(roster=session, resident=ResidentFactory())

        report = enter("1;;;;;terekam;09.15;;iris: tunanetra;;")

        recording = Recording.objects.get()
        assert report.accepted == 1 and not report.rejected
        assert (recording.recorded_at, recording.day) == (moment(session, "09.15"), session.held_on)
        assert (recording.device, recording.batch, recording.missing) == ("KIT-07", "B-12", {"iris": "blind"})
        assert recording.sent_locally_at is None
        appointment = recording.appointment
        assert (appointment.channel, appointment.slot, appointment.status) == ("roster", None, "done")
        assert (appointment.day, appointment.places_held) == (session.held_on, 0)
        entry.refresh_from_db()
        session.refresh_from_db()
        assert (entry.outcome, entry.recording, session.status) == ("accepted", recording, "recorded")
        assert tracking_code.active_code(recording.resident)
        assert AuditEvent.objects.filter(action="recording.accepted", resident_id=recording.resident_id).exists()

    def test_the_clock_of_the_case_starts_on_the_real_day(self, session, enter):
        RosterEntryFactory(roster=session, resident=ResidentFactory())

        enter("1;;;;;terekam;09.15;;;;")

        case = Case.objects.get()
        assert case.status == "captured"
        assert {case.clock_from, case.opened_at, case.status_since} == {moment(session, "09.15")}

    def test_a_line_may_name_another_device_and_day(self, session, enter):
        RosterEntryFactory(roster=session, resident=ResidentFactory())
        next_day = session.held_on + timedelta(days=1)

        enter(f"1;terekam;08:30;{next_day};KIT-09", head="nomor;hasil;jam;tanggal;alat")

        recording = Recording.objects.get()
        assert (recording.day, recording.device) == (next_day, "KIT-09")

    def test_a_booking_elsewhere_is_given_up(self, session, enter):
        booked = AppointmentFactory()
        RosterEntryFactory(roster=session, resident=booked.resident)

        enter("1;;;;;terekam;09.15;;;;")

        booked.refresh_from_db()
        assert booked.status == "cancelled"

    def test_an_unknown_nik_becomes_a_resident_once_the_family_card_was_compared(self, session, enter):
        nik = synthetic_nik(birth_date=BORN, sex="P")
        line = f";{nik};Sri Wahyuni;17/08/1990;luar;terekam;10.00;;;"

        assert enter(line + ";").rejected == [(2, roster_import.PAPERS)]
        assert not Resident.objects.exists()
        report = enter(line + "ya;")

        resident = Resident.objects.get()
        assert (report.accepted, report.walk_ups) == (1, 1)
        assert (resident.name, resident.source, resident.outside_regency) == ("Sri Wahyuni", "self", True)
        assert session.entries.get().walk_up
        assert not RosterReject.objects.exists()


class TestOther:
    def test_failed_keeps_its_reason_and_opens_the_case_for_recording_again(self, session, enter):
        RosterEntryFactory(roster=session, resident=ResidentFactory())

        report = enter("1;;;;;gagal;09.15;sidik jari;;;")

        assert report.failed == 1
        assert Recording.objects.get().failure_reason == "fingerprint"
        assert (Case.objects.get().status, Resident.objects.get().entitlement) == ("rerecord", "rerecord")

    def test_absent_records_nothing_and_may_be_corrected(self, session, enter):
        entry = RosterEntryFactory(roster=session, resident=ResidentFactory())

        assert enter("1;;;;;tidak hadir;;;;;").absent == 1
        assert not Recording.objects.exists()
        assert enter("1;;;;;terekam;11.00;;;;").accepted == 1
        entry.refresh_from_db()
        assert entry.outcome == "accepted"

    def test_a_walk_up_who_is_in_the_register_needs_no_more_than_the_nik(self, session, enter):
        resident = ResidentFactory()

        assert enter(f";{resident.identity.nik};;;;terekam;09.15;;;;").walk_ups == 1
        assert Recording.objects.get().resident == resident


class TestDuplicates:
    def test_the_same_file_twice_changes_nothing(self, session, enter):
        RosterEntryFactory(roster=session, resident=ResidentFactory())
        RosterEntryFactory(roster=session)
        lines = ("1;;;;;terekam;09.15;;;;", "2;;;;;tidak hadir;;;;;", "7;;;;;terekam;09.15;;;;")
        enter(*lines)
        before = list(session.entries.order_by("pk").values())

        report = enter(*lines)

        assert (report.accepted, report.absent, report.unchanged, len(report.rejected)) == (0, 0, 2, 1)
        assert list(session.entries.order_by("pk").values()) == before
        assert Recording.objects.count() == Appointment.objects.count() == RosterReject.objects.count() == 1

    def test_the_same_person_twice_in_one_file_counts_once(self, session, enter):
        resident = ResidentFactory()
        RosterEntryFactory(roster=session, resident=resident)

        report = enter("1;;;;;terekam;09.15;;;;", f";{resident.identity.nik};;;;terekam;10.15;;;;")

        assert report.rejected == [(3, "Orang yang sama sudah ada di baris 2.")]
        assert Recording.objects.get().recorded_at == moment(session, "09.15")

    def test_who_was_recorded_elsewhere_meanwhile_is_named_and_not_recorded_again(self, session, enter):
        entry = RosterEntryFactory(roster=session, resident=ResidentFactory(entitlement="none"))

        report = enter("1;;;;;terekam;09.15;;;;")

        entry.refresh_from_db()
        assert report.rejected == [(2, roster_import.RECORDED_MEANWHILE)]
        assert (entry.outcome, entry.problem) == ("", roster_import.RECORDED_MEANWHILE)
        assert not Recording.objects.exists()

    def test_another_result_later_does_not_change_the_first(self, session, enter):
        RosterEntryFactory(roster=session, resident=ResidentFactory())
        enter("1;;;;;terekam;09.15;;;;")

        assert enter("1;;;;;gagal;09.15;foto;;;").rejected == [(2, roster_import.ANOTHER_RESULT)]
        assert Recording.objects.get().outcome == "accepted"

    def test_who_is_being_served_at_an_office_is_settled_there_first(self, session, enter):
        serving = AppointmentFactory(status="serving")
        RosterEntryFactory(roster=session, resident=serving.resident)

        [(line, reason)] = enter("1;;;;;terekam;09.15;;;;").rejected
        assert (line, "sedang dilayani" in reason) == (2, True)


class TestBadLines:
    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("1;;;;;terekam;;;;;", "Jam perekaman"),
            ("1;;;;;terekam;25.00;;;;", "Jam perekaman"),
            ("1;;;;;mungkin;09.15;;;;", "Hasil harus"),
            ("1;;;;;gagal;09.15;;;;", "Alasan gagal"),
            ("1;;;;;terekam;09.15;;foto: luka;;", "Tanpa pas foto"),
            ("1;;;;;terekam;09.15;;iris;;", "ditulis seperti"),
            ("1;;;;;terekam;09.15;;;3.3E+15;", "KK dibulatkan"),
            ("99;;;;;terekam;09.15;;;;", "tidak ada pada daftar"),
            ("1;3319021708909999;;;;terekam;09.15;;;;", "bukan milik nomor"),
            (";3.3E+15;;;;terekam;09.15;;;;", "3,3E+15"),
            (";;Sri;;;terekam;09.15;;;;", "Isi nomor"),
            ("x;;;;;terekam;09.15;;;;", "Nomor harus"),
            ("1;;;;;terekam;09.15;;;;;;;x", "tidak terbaca"),
        ],
    )
    def test_are_told_and_kept_and_the_good_ones_are_not_lost(self, session, enter, line, says):
        for _ in range(2):
            RosterEntryFactory(roster=session, resident=ResidentFactory())

        report = enter(line, "2;;;;;terekam;09.20;;;;")

        [(number, reason)] = report.rejected
        assert (number, says in reason) == (2, True)
        assert report.accepted == 1
        assert RosterReject.objects.get().text == line

    def test_a_young_person_on_that_day(self, session, enter):
        born = session.held_on - timedelta(days=15 * 365)
        RosterEntryFactory(roster=session, resident=ResidentFactory(birth_date=born))

        [(_line, reason)] = enter("1;;;;;terekam;09.15;;;;").rejected
        assert "16 tahun" in reason

    def test_not_before_the_day(self, session, enter):
        session.held_on = timezone.localdate() + timedelta(days=1)
        session.save()

        with pytest.raises(RosterNotHeldYet):
            enter("1;;;;;terekam;09.15;;;;")

    def test_not_for_another_office_nor_a_draft(self, session, enter):
        with pytest.raises(RosterNotOpen):
            enter("1;;;;;terekam;09.15;;;;", by=UserFactory())
        session.status = "draft"
        session.save()
        with pytest.raises(RosterNotOpen):
            enter("1;;;;;terekam;09.15;;;;")

    def test_a_file_without_results_changes_nothing(self, enter):
        with pytest.raises(NotASheet):
            enter("1;Budi", head="nomor;nama")
