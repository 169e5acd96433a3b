from datetime import date, timedelta

import pytest
from django.utils import timezone

from recording.exceptions import RosterNotOpen
from recording.models import Resident, Roster
from recording.policy.sheet import NotASheet
from recording.services import roster
from recording.services.roster import Plan
from tests.factories import (
    AppointmentFactory,
    ResidentFactory,
    RosterEntryFactory,
    RosterFactory,
    UserFactory,
    VillageFactory,
    synthetic_nik,
)

pytestmark = pytest.mark.django_db
BORN = date(1990, 8, 17)


@pytest.fixture
def clerk():
    return UserFactory()


@pytest.fixture
def upload(clerk):
    def make(text, *, in_days=3, **values):
        content = text if isinstance(text, bytes) else text.encode()
        now = timezone.now()
        held_on = timezone.localdate(now) + timedelta(days=in_days)
        plan = Plan(office=clerk.office, place="SMA 1 Contoh", held_on=held_on, **values)
        return roster.create(plan=plan, content=content, by=clerk, now=now)

    return make


def line(resident, *more):
    return ";".join([resident.identity.nik, "Siapa", "1990-08-17", *more])


def judged(session):
    return list(session.entries.order_by("number").values_list("eligibility", flat=True))


class TestList:
    def test_each_person_is_judged_for_that_day(self, upload):
        on = timezone.localdate() + timedelta(days=3)
        sixteen, younger = date(on.year - 16, on.month, min(on.day, 28)), date(on.year - 15, on.month, min(on.day, 28))
        people = [
            ResidentFactory(),
            ResidentFactory(recorded_before=True),
            ResidentFactory(birth_date=sixteen),
            ResidentFactory(birth_date=younger),
            ResidentFactory(birth_date=younger, ever_married=True),
            ResidentFactory(entitlement="rerecord"),
            AppointmentFactory().resident,
        ]
        stranger = f"{synthetic_nik(birth_date=BORN)};Sri;17/08/1990"

        session = upload("\n".join(["nik;nama;tanggal lahir", *map(line, people), stranger]))

        assert judged(session) == [
            "first",
            "recorded",
            "first",
            "young",
            "first",
            "rerecord",
            "appointment",
            "unknown",
        ]
        assert session.status == "draft"
        assert not Resident.objects.filter(source="self").exists()

    def test_the_list_is_sealed_and_opens_again(self, upload):
        session = upload(f"{synthetic_nik(birth_date=BORN)};Sri Wahyuni;17/08/1990;P;;ya;0812 3456 7890")

        entry = session.entries.get()
        assert (entry.name, entry.birth_date, entry.sex, entry.married) == ("Sri Wahyuni", "1990-08-17", "P", True)
        assert entry.phone == "+6281234567890"
        assert b"Sri" not in bytes(entry.name_ct)

    def test_bad_lines_are_told_by_number_and_the_good_ones_stay(self, upload):
        good = ResidentFactory()
        bad = {
            "3.3E+15;Budi;1990-08-17": "3,3E+15",
            "3319021708909001;Budi;1990-02-31": "Tanggal lahir tidak terbaca",
            "3319021708900000;Budi;1990-08-17": "0000",
            "3319021708909002;Bu\x00di;1990-08-17": "tidak terbaca",
            "3319021708909003;" + "x" * 5000: "terlalu panjang",
            '3319021708909004;"Budi;1990-08-17': "tanda kutip",
            line(good): "sudah ada di baris 2",
        }

        session = upload("\n".join(["nik;nama;tanggal_lahir", line(good), *bad]))

        assert session.entries.count() == 1
        told = dict(session.rejects.values_list("line", "reason"))
        assert sorted(told) == [3, 4, 5, 6, 7, 8, 9]
        for number, says in enumerate(bad.values(), start=3):
            assert says in told[number]
        assert session.rejects.get(line=3).text == "3.3E+15;Budi;1990-08-17"

    @pytest.mark.parametrize(
        "encode",
        [
            lambda text: text.encode("utf-8-sig"),
            lambda text: text.encode("latin-1"),
            lambda text: text.encode("utf-16"),
            lambda text: text.replace(";", ",").encode(),
            lambda text: text.replace(";", "\t").replace("\n", "\r\n").encode(),
        ],
        ids=["bom", "latin-1", "utf-16", "commas", "tabs"],
    )
    def test_files_as_spreadsheets_save_them(self, upload, encode):
        nik = synthetic_nik(birth_date=BORN)

        session = upload(encode(f"NIK;Nama;Tanggal Lahir\n{nik};Renée;17/08/1990\n;;\n"))

        assert session.entries.get().name == "Renée"
        assert not session.rejects.exists()

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"PK\x03\x04xxxx", "bukan CSV"),
            (b"nama;umur\nBudi;17", "Kolom nik"),
            (b"nik;nik;name;birth_date\n1;1;a;b", "dua kali"),
            (b"x" * 1_000_001, "1 MB"),
            (b"nik;name;birth_date\n" + b"1;a;b\n" * 2001, "2000 baris"),
        ],
        ids=["xlsx", "columns", "twice", "large", "long"],
    )
    def test_what_is_no_list_leaves_nothing(self, upload, content, says):
        with pytest.raises(NotASheet, match=says):
            upload(content)
        assert not Roster.objects.exists()

    def test_a_session_may_begin_without_people(self, upload):
        assert not upload(b"").entries.exists()

    def test_the_village_of_the_session_is_that_of_its_people(self, upload):
        village = VillageFactory()

        session = upload(f"{synthetic_nik(birth_date=BORN)};Sri;1990-08-17;P;luar\n", village=village)
        other = upload(f"{synthetic_nik(birth_date=BORN)};Sri;1990-08-17\n", village=village)

        assert session.entries.get().village is None
        assert other.entries.get().village == village


class TestSteps:
    def test_confirming_looks_once_more(self, upload, clerk):
        resident = ResidentFactory()
        session = upload(line(resident))
        Resident.objects.filter(pk=resident.pk).update(entitlement="none")

        roster.confirm(roster_id=session.pk, by=clerk)

        session.refresh_from_db()
        assert (session.status, judged(session)) == ("planned", ["recorded"])

    def test_a_draft_can_be_thrown_away(self, upload, clerk):
        roster.discard(roster_id=upload(line(ResidentFactory())).pk, by=clerk)

        assert not Roster.objects.exists()

    def test_closing_makes_the_rest_absent_and_drops_what_could_not_be_used(self, clerk):
        session = RosterFactory(created_by=clerk, status="recorded")
        RosterEntryFactory(roster=session)

        roster.close(roster_id=session.pk, by=clerk)

        session.refresh_from_db()
        assert (session.status, session.entries.get().outcome) == ("closed", "absent")

    @pytest.mark.parametrize("step", [roster.confirm, roster.discard, roster.close])
    def test_steps_of_another_state_or_office_are_refused(self, step, clerk):
        with pytest.raises(RosterNotOpen):
            step(roster_id=RosterFactory(created_by=clerk).pk, by=clerk)
        with pytest.raises(RosterNotOpen):
            step(roster_id=RosterFactory(status="draft").pk, by=clerk)

    def test_the_list_costs_as_many_queries_for_one_as_for_a_hundred(self, upload, django_assert_num_queries):
        def text(count):
            return "\n".join(f"{synthetic_nik(birth_date=BORN)};Sri;1990-08-17" for _ in range(count))

        for count in (1, 3, 100):
            with django_assert_num_queries(7):
                upload(text(count))
