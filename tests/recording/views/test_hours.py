"""`/kelola/`: what an administrator sees and does, what others may not, and that nobody's name is shown."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recording.exceptions import ChangeNotPossible
from recording.models import Appointment, Closure, HoursChange, Office, OfficeOutage, ServiceHours, Slot
from recording.services import closure as closures
from recording.services import outage
from recording.services import slot as slots
from tests.factories import AppointmentFactory, ClosureFactory, OfficeFactory, ServiceHoursFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = TODAY + timedelta(days=3)


@pytest.fixture
def office():
    office = OfficeFactory()
    ServiceHoursFactory(name="Jam uji", opens=time(8), closes=time(10))
    slots.top_up(today=TODAY)
    return office


@pytest.fixture
def administrator():
    return UserFactory(role="administrator")


@pytest.fixture
def manager(administrator):
    return signed_in(administrator)


def booked(office, day=DAY, hour=8, **values):
    moment = timezone.make_aware(datetime.combine(day, time(hour)))
    return AppointmentFactory(slot=Slot.objects.get(office=office, starts_at=moment), **values)


def rule_data(**values):
    plan = {"rencana-TOTAL_FORMS": 1, "rencana-INITIAL_FORMS": 0, "rencana-0-days": ""}
    return (
        {
            "name": "Jam Ramadan",
            "office": "",
            "weekdays": ["0", "1", "2", "3", "4", "5", "6"],
            "opens": "8",
            "closes": "09.30",
            "valid_from": f"{DAY:%d-%m-%Y}",
            "valid_until": "",
            "slot_minutes": "30",
            "service_minutes": "10",
            "public_percent": "80",
            "reason": "Ramadan",
        }
        | plan
        | values
    )


def propose_closure(manager, **values):
    data = {"first": f"{DAY:%d-%m-%Y}", "part": "penuh", "reason": "Listrik padam", "office": "", "last": ""}
    return manager.post(reverse("closure_new"), data | values)


def apply_seen(manager, change):
    page = manager.get(reverse("hours_change", args=[change.pk]))
    return manager.post(
        reverse("hours_change_apply", args=[change.pk]), {"seen": page.context["preview"].fingerprint}, follow=True
    )


def test_a_closure_is_shown_first_then_applied_then_taken_back(office, manager):
    appointment = booked(office)

    made = propose_closure(manager)
    change = HoursChange.objects.get()
    preview = manager.get(made.url)
    assert made.url == reverse("hours_change", args=[change.pk])
    assert "Listrik padam" in preview.content.decode()
    assert not Closure.objects.exists()

    result = apply_seen(manager, change)
    assert "Sudah berlaku" in result.content.decode()
    appointment.refresh_from_db()
    assert appointment.day == DAY + timedelta(days=1)

    undone = manager.post(reverse("hours_change_undo", args=[change.pk]), follow=True)
    assert "sudah dikembalikan" in undone.content.decode()
    appointment.refresh_from_db()
    assert appointment.day == DAY


def test_an_administrator_sees_times_and_counts_but_no_person(office, manager):
    appointment = booked(office)
    propose_closure(manager)
    change = HoursChange.objects.get()

    before = manager.get(reverse("hours_change", args=[change.pk])).content.decode()
    after = apply_seen(manager, change).content.decode()

    for page in (before, after):
        assert appointment.resident.name not in page
        assert appointment.resident.identity.nik not in page
        assert f"/petugas/janji/{appointment.pk}/" not in page


def test_a_preview_that_is_out_of_date_is_drawn_again(office, manager):
    propose_closure(manager)
    change = HoursChange.objects.get()
    page = manager.get(reverse("hours_change", args=[change.pk]))
    ServiceHours.objects.update(closes=time(12))

    answer = manager.post(
        reverse("hours_change_apply", args=[change.pk]), {"seen": page.context["preview"].fingerprint}, follow=True
    )

    assert "berubah sejak pratinjau" in answer.content.decode()
    assert not Closure.objects.exists()


def test_a_change_can_be_thrown_away(office, manager):
    propose_closure(manager)

    manager.post(reverse("hours_change_discard", args=[HoursChange.objects.get().pk]))

    assert not HoursChange.objects.exists()


def test_a_rule_for_all_offices_that_loses_somewhere_says_so(office, manager):
    own = ServiceHoursFactory(name="Jam khusus", office=office, opens=time(8), closes=time(9))

    made = manager.post(reverse("hours_rule_new"), rule_data())

    page = manager.get(made.url).content.decode()
    assert f"Kalah oleh “{own.name}” di {office.name}" in page


def test_a_rule_with_breaks_is_kept_as_typed(office, manager):
    plan = {"rencana-0-days": "4", "rencana-0-begins": "9", "rencana-0-ends": "09.30", "rencana-0-stations": "0"}

    manager.post(reverse("hours_rule_new"), rule_data(**plan, **{"rencana-0-note": "Salat Jumat"}))
    apply_seen(manager, HoursChange.objects.get())

    rule = ServiceHours.objects.get(name="Jam Ramadan")
    assert rule.station_plan == [
        {"weekdays": [4], "from": "09:00", "until": "09:30", "stations": 0, "reason": "Salat Jumat"}
    ]
    assert (rule.opens, rule.closes, f"{rule.public_share}") == (time(8), time(9, 30), "0.80")
    assert slots.top_up(today=TODAY) == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"closes": "07.00"}, "Jam tutup harus sesudah jam buka."),
        ({"opens": "25.00"}, "Tulis jam seperti 08.30."),
        ({"valid_from": "31-02-2027"}, "Tulis tanggal seperti"),
        ({"service_minutes": "45"}, "tidak boleh lebih panjang"),
        ({"rencana-0-begins": "12.00"}, "Isi jam selesai"),
    ],
)
def test_a_wrong_rule_says_what_to_mend_and_keeps_what_was_typed(office, manager, wrong, says):
    page = manager.post(reverse("hours_rule_new"), rule_data(**wrong)).content.decode()

    assert says in page
    assert "Jam Ramadan" in page
    assert "<title>Galat: " in page
    assert not HoursChange.objects.exists()


def test_editing_a_rule_starts_from_what_it_is_and_ending_one_from_today(office, manager):
    rule = ServiceHours.objects.get()

    form = manager.get(reverse("hours_rule", args=[rule.pk])).content.decode()
    manager.post(reverse("hours_rule_end", args=[rule.pk]), {"last_day": f"{TODAY:%d-%m-%Y}"})
    apply_seen(manager, HoursChange.objects.get())

    assert 'value="08.00"' in form
    rule.refresh_from_db()
    assert rule.valid_until == TODAY


def test_holidays_are_decided_together_and_one_by_one(office, manager):
    first, second = (
        ClosureFactory(day=DAY + timedelta(days=offset), kind="holiday", status="proposed") for offset in range(2)
    )

    manager.post(reverse("closures_decide"), {"hari": [first.pk], "tutup": "1"})
    apply_seen(manager, HoursChange.objects.latest("pk"))
    manager.post(reverse("closure", args=[second.pk]), {"part": "sebagian", "closed_from": "8", "closed_until": "9"})
    apply_seen(manager, HoursChange.objects.latest("pk"))

    first.refresh_from_db(), second.refresh_from_db()
    assert (first.status, second.status, second.closed_until) == ("confirmed", "confirmed", time(9))
    assert Slot.objects.filter(day=second.day, open=True).count() == 2


def test_the_list_of_closures_filters_and_exports(office, manager):
    ClosureFactory(day=DAY, reason="=Genset rusak", office=office)
    ClosureFactory(day=TODAY - timedelta(days=3), reason="Dulu")

    page = manager.get(reverse("closures")).content.decode()
    past = manager.get(reverse("closures"), {"waktu": "lewat"}).content.decode()
    table = b"".join(manager.get(reverse("closures_csv")).streaming_content).decode()

    assert ("Genset rusak" in page, "Dulu" in page) == (True, False)
    assert "Dulu" in past
    assert "'=Genset rusak" in table


def test_a_supervisor_changes_the_stations_of_the_own_office_only(office):
    other = OfficeFactory()
    supervisor = signed_in(UserFactory(role="supervisor", office=office))

    form = supervisor.get(reverse("stations")).content.decode()
    made = supervisor.post(reverse("stations"), {f"loket_{office.pk}": 3, f"loket_{other.pk}": 9})
    apply_seen(supervisor, HoursChange.objects.get())

    assert other.name not in form
    assert made.status_code == 302
    assert Office.objects.get(pk=office.pk).stations == 3
    assert Office.objects.get(pk=other.pk).stations == 2


@pytest.mark.parametrize("role", ["operator", "verifier", "supervisor"])
def test_hours_and_closures_are_the_administrators(office, role):
    manager = signed_in(UserFactory(role=role))
    rule, closure = ServiceHours.objects.get(), ClosureFactory()
    addresses = [
        reverse("hours"),
        reverse("hours_rule_new"),
        reverse("hours_rule", args=[rule.pk]),
        reverse("hours_rule_end", args=[rule.pk]),
        reverse("closures"),
        reverse("closures_csv"),
        reverse("closure_new"),
        reverse("closure", args=[closure.pk]),
    ]

    assert {manager.get(address).status_code for address in addresses} == {403}
    assert propose_closure(manager).status_code == 403


def test_a_change_of_hours_answers_a_supervisor_like_a_missing_one(office, administrator):
    change = closures.propose_closures(first=DAY, last=DAY, reason="Uji", by=administrator, now=timezone.now())
    supervisor = signed_in(UserFactory(role="supervisor"))
    steps = ("hours_change_apply", "hours_change_undo", "hours_change_discard")

    assert supervisor.get(reverse("hours_change", args=[change.pk])).status_code == 404
    assert {supervisor.post(reverse(step, args=[change.pk])).status_code for step in steps} == {404}
    assert "Uji" not in supervisor.get(reverse("hours_changes")).content.decode()


def test_anybody_else_is_led_to_the_sign_in(client, office):
    assert client.get(reverse("manage_home")).url.startswith(reverse("staff_login"))


def test_the_sections_are_those_of_the_role(office, manager):
    supervisor = signed_in(UserFactory(role="supervisor"))

    assert "Hari tutup" in manager.get(reverse("manage_home")).content.decode()
    page = supervisor.get(reverse("manage_home")).content.decode()
    assert ("Jumlah loket" in page, "Hari tutup" in page) == (True, False)


def test_an_outage_begins_offers_new_times_and_ends(office, manager):
    coming = booked(office, day=TODAY + timedelta(days=1))
    manager.post(reverse("outages"), {"office": office.pk, "note": "Pulih sore"})
    going_on = OfficeOutage.objects.get()

    page = manager.get(reverse("outages")).content.decode()
    made = manager.post(reverse("outage_new_times", args=[going_on.pk]))
    preview = manager.get(made.url)
    manager.post(reverse("outage_end", args=[going_on.pk]))

    assert ("Pulih sore" in page, preview.status_code) == (True, 200)
    going_on.refresh_from_db()
    assert going_on.ended_at is not None
    assert Appointment.objects.get(pk=coming.pk).slot_id == coming.slot_id


class TestOutageBySupervisor:
    """Whoever answers for an office switches its outage; the new times close the day, so they are the administrator's."""

    @pytest.fixture
    def supervisor(self, office):
        return signed_in(UserFactory(role="supervisor", office=office))

    def test_the_own_office_is_stopped_and_started_again(self, supervisor, office):
        booked(office, day=TODAY + timedelta(days=1))
        supervisor.post(reverse("outages"), {"office": office.pk})
        going_on = OfficeOutage.objects.get()

        page = supervisor.get(reverse("outages")).content.decode()
        refused = supervisor.post(reverse("outage_new_times", args=[going_on.pk]))
        supervisor.post(reverse("outage_end", args=[going_on.pk]))

        assert (office.name in page, "Beri waktu baru" in page, refused.status_code) == (True, False, 403)
        going_on.refresh_from_db()
        assert going_on.ended_at is not None

    def test_another_office_is_neither_offered_nor_touched(self, supervisor, office, administrator):
        other = OfficeFactory()
        theirs = outage.start(office_id=other.pk, by=administrator, now=timezone.now())

        page = supervisor.get(reverse("outages")).content.decode()
        asked = supervisor.post(reverse("outages"), {"office": OfficeFactory().pk})

        assert other.name not in page
        assert "Galat: " in asked.content.decode()
        assert supervisor.post(reverse("outage_end", args=[theirs.pk])).status_code == 404
        assert OfficeOutage.objects.going_on().get() == theirs

    def test_the_services_hold_it_too(self, office):
        supervisor, other = UserFactory(role="supervisor", office=office), OfficeFactory()

        with pytest.raises(ChangeNotPossible):
            outage.start(office_id=other.pk, by=supervisor, now=timezone.now())

    @pytest.mark.parametrize("role", ["operator", "verifier"])
    def test_nobody_else_may(self, role):
        assert signed_in(UserFactory(role=role)).get(reverse("outages")).status_code == 403


def test_residents_and_clerks_read_of_an_outage_where_they_look(office, administrator, client):
    other, clerk = OfficeFactory(), signed_in(UserFactory(office=office))
    slots.top_up(today=TODAY)
    outage.start(office_id=office.pk, by=administrator, now=timezone.now(), note="Pulih sore")

    here = client.get(reverse("schedule_office", args=[office.code])).content.decode()
    there = client.get(reverse("schedule_office", args=[other.code])).content.decode()
    offices = client.get(reverse("schedule")).content.decode()
    desk = clerk.get(reverse("desk")).content.decode()
    home = clerk.get(reverse("staff_home")).content.decode()

    assert ("Pulih sore" in here, "Pulih sore" in there, "Pulih sore" in offices) == (True, False, True)
    assert "Lapor hadir dihentikan dulu" in desk
    assert "server pusat mati" in home


def test_the_week_of_another_office_and_of_wrong_addresses(office, manager):
    other = OfficeFactory()

    assert other.name in manager.get(reverse("hours"), {"kantor": other.code}).content.decode()
    assert manager.get(reverse("hours"), {"kantor": "99.99.99"}).status_code == 404
    assert manager.get(reverse("hours"), {"minggu": "kemarin", "kantor": office.code}).status_code == 200


def test_lists_ask_the_same_number_of_questions_for_any_number_of_rows(office, manager, administrator):
    add_rows(office, administrator, range(1))
    with CaptureQueriesContext(connection) as few:
        visit(manager)
    add_rows(office, administrator, range(1, 6))
    with CaptureQueriesContext(connection) as many:
        visit(manager)

    assert len(few) == len(many)


def add_rows(office, administrator, offsets):
    for day in (DAY + timedelta(days=offset) for offset in offsets):
        ClosureFactory(day=day, office=office, closed_from=time(8), closed_until=time(9))
        closures.propose_closures(first=day, last=day, reason="Uji", by=administrator, now=timezone.now())
        ServiceHoursFactory(opens=time(8), closes=time(9))


def visit(manager):
    for address in (reverse("closures"), reverse("hours_changes"), reverse("hours"), reverse("outages")):
        manager.get(address)
