from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recording.models import AuditEvent
from recording.services import access_log
from tests.factories import OfficeFactory, ResidentFactory, UserFactory

pytestmark = pytest.mark.django_db
LOG = "/pengawas/akses/"


@pytest.fixture
def office():
    return OfficeFactory(name="Kantor Sini")


@pytest.fixture
def clerk(office):
    return UserFactory(name="Operator Sini", office=office)


@pytest.fixture
def signed_in(client, office):
    client.force_login(UserFactory(role="supervisor", office=office))
    return client


def event(actor, *, at=None, action="resident.read", resident_id=None, **values):
    """An audit event of that moment; the table takes no updates, so the clock is set for the insert."""
    row = AuditEvent(actor=actor, action=action, resident_id=resident_id, office=actor.office, **values)
    field = AuditEvent._meta.get_field("occurred_at")
    field.auto_now_add = False
    try:
        row.occurred_at = at or timezone.now()
        row.save(force_insert=True)
    finally:
        field.auto_now_add = True
    return row


def at_noon(days_ago=1):
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def test_a_supervisor_reads_who_looked_at_whom_with_masked_names(signed_in, clerk):
    resident = ResidentFactory(name="Budi Santoso")
    event(clerk, resident_id=resident.pk, reason="kode dicetak ulang")

    page = signed_in.get(LOG).content.decode()

    for shown in ("Operator Sini", "Membuka data warga", f"Nomor {resident.pk}", "B••• S•••", "kode dicetak ulang"):
        assert shown in page
    assert "Budi Santoso" not in page


def test_appointments_voided_with_the_family_card_are_listed_by_clerk(signed_in, clerk):
    event(clerk, action="appointment.void_with_family_card", reason="Kartu Keluarga diperlihatkan")
    event(clerk, action="appointment.cancel")

    response = signed_in.get(LOG, {"kegiatan": "batal-kk", "petugas": clerk.pk})

    assert [row["cells"][2] for row in response.context["rows"]] == ["Membatalkan janji dengan KK"]


def test_another_offices_people_and_events_are_not_shown(signed_in):
    event(UserFactory(name="Operator Sana"))

    page = signed_in.get(LOG).content.decode()

    assert "Operator Sana" not in page
    assert "Tidak ada kegiatan" in page


def test_what_own_people_did_elsewhere_and_others_did_here_is_shown(signed_in, clerk, office):
    elsewhere = OfficeFactory()
    row = event(clerk, action="search.nik")
    visitor = UserFactory(name="Verifikator Pusat", role="verifier")
    AuditEvent.objects.create(actor=visitor, action="case.read", office=office)
    AuditEvent.objects.create(actor=clerk, action="recording.accepted", office=elsewhere)

    assert row in AuditEvent.objects.for_staff(clerk)
    page = signed_in.get(LOG).content.decode()
    assert "Verifikator Pusat" in page
    assert "Mencatat perekaman" in page


def test_filters_by_person_kind_resident_and_days(signed_in, clerk, office):
    other = UserFactory(name="Rekan", office=office)
    event(clerk, at=at_noon(3), resident_id=11)
    event(other, at=at_noon(3), resident_id=12)
    event(clerk, at=at_noon(3), action="appointment.check_in", resident_id=13)
    event(clerk, at=at_noon(20), resident_id=14)
    day = timezone.localdate(at_noon(20)).isoformat()

    def numbers(query):
        page = signed_in.get(f"{LOG}?{query}").content.decode()
        return {number for number in (11, 12, 13, 14) if f"Nomor {number}" in page}

    assert numbers("") == {11, 12, 13}
    assert numbers(f"petugas={clerk.pk}") == {11, 13}
    assert numbers("kegiatan=lihat") == {11, 12}
    assert numbers("kegiatan=janji") == {13}
    assert numbers("warga=12") == {12}
    assert numbers(f"dari={day}&sampai={day}") == {14}


@pytest.mark.parametrize(
    "query",
    [
        "dari=besok",
        "dari=2026-12-31&sampai=2026-01-01",
        "dari=0001-01-01",
        "sampai=9999-12-31",
        "warga=x",
        "warga=-1",
        "warga=99999999999999999999",
        "petugas=%00",
        "kegiatan=%25",
        "halaman=zzz",
    ],
)
def test_odd_addresses_break_nothing(signed_in, query):
    assert signed_in.get(f"{LOG}?{query}").status_code == 200


def test_the_page_asks_the_database_the_same_for_one_three_and_sixty(signed_in, clerk):
    signed_in.get(LOG)
    counts = []
    for more in (1, 2, 57):
        for _turn in range(more):
            event(clerk, resident_id=ResidentFactory().pk)
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(LOG)
        counts.append(len(queries))

    assert len(set(counts)) == 1


def test_the_export_names_people_by_number_only(signed_in, clerk):
    resident = ResidentFactory(name="Budi Santoso")
    event(clerk, resident_id=resident.pk, reason="=1+1")

    text = b"".join(signed_in.get(f"{LOG}unduh.csv").streaming_content).decode()

    assert f",{resident.pk}," in text
    assert "Budi" not in text
    assert "'=1+1" in text
    assert AuditEvent.objects.filter(action="access_log.export").exists()


def week_of(clerk, supervisor=None, now=None):
    supervisor = supervisor or UserFactory(role="supervisor")
    weeks = access_log.weeks(by=supervisor, now=now or timezone.now())
    return next(week for week in weeks if week.user_id == clerk.pk)


def test_a_look_with_work_on_the_same_person_soon_after_does_not_stand_out(clerk):
    for resident_id in range(1, 11):
        event(clerk, at=at_noon(), resident_id=resident_id)
        event(clerk, at=at_noon() + timedelta(minutes=29), action="appointment.check_in", resident_id=resident_id)

    week = week_of(clerk)

    assert (week.reads, week.people, week.without_work, week.reasons) == (10, 10, 0, [])


@pytest.mark.parametrize(("looks", "reasons"), [(4, []), (5, ["sering tanpa layanan"])])
def test_looks_without_work_stand_out_from_five_on(clerk, looks, reasons):
    for resident_id in range(looks):
        event(clerk, at=at_noon(), resident_id=resident_id)
        event(clerk, at=at_noon() + timedelta(minutes=31), action="appointment.check_in", resident_id=resident_id)

    assert week_of(clerk).reasons == reasons


def test_work_on_somebody_else_or_by_somebody_else_is_no_excuse(clerk, office):
    for resident_id in range(5):
        event(clerk, at=at_noon(), resident_id=resident_id)
        event(clerk, at=at_noon(), action="appointment.check_in", resident_id=100 + resident_id)
        event(UserFactory(office=office), at=at_noon(), action="appointment.check_in", resident_id=resident_id)

    assert week_of(clerk).without_work == 5


@pytest.mark.parametrize(("hour", "outside"), [(6, 1), (7, 0), (21, 0), (22, 1)])
def test_looks_outside_all_hours_stand_out(clerk, hour, outside):
    event(clerk, at=at_noon(2).replace(hour=hour), resident_id=1)

    assert week_of(clerk).off_hours == outside


def test_far_more_than_anybody_before_stands_out(clerk, office):
    for day in range(8, 29):
        event(UserFactory(office=office), at=at_noon(day), resident_id=1)
    for resident_id in range(3):
        event(clerk, at=at_noon(), resident_id=resident_id)

    assert week_of(clerk).reasons == ["jauh lebih banyak dari biasanya"]


def test_a_supervisor_of_one_office_sees_only_its_people(clerk, signed_in):
    event(clerk, at=at_noon(), resident_id=1)
    event(UserFactory(name="Operator Sana"), at=at_noon(), resident_id=1)

    page = signed_in.get(f"{LOG}mencolok/").content.decode()

    assert "Operator Sini" in page
    assert "Operator Sana" not in page


def test_the_time_of_day_is_kudus_time():
    assert timezone.localtime(datetime(2026, 12, 7, 2, tzinfo=timezone.get_fixed_timezone(0))).hour == 9
