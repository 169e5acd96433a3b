"""One demo, looked at from all sides."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from issuance.enums import CaseStatus
from issuance.models import Case, StatusChange
from issuance.services import demo, integrity
from issuance.services.demo import stories
from issuance.services.reference import load_stall_rules
from issuance.services.stall import flag_stalled
from recording.models import (
    Appointment,
    Campaign,
    Declaration,
    Notification,
    QueueTicket,
    Recording,
    RegisterSnapshot,
    Resident,
    ResidentIdentity,
    Slot,
    TrackingCode,
)
from recording.policy.nik import mismatches, parse
from recording.services import integrity as ground
from recording.services import reference, tracking_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("report")]

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 13:30 in Kudus
PEOPLE = 2000


@pytest.fixture(scope="module")
def report(django_db_setup, django_db_blocker):
    """The demo's report; its rows are there for the whole module; what a test changes is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        reference.load(today=timezone.localdate(NOW))
        load_stall_rules()
        yield demo.seed(residents=PEOPLE, history_days=28, seed=7, now=NOW)
        transaction.set_rollback(True)


def test_every_invariant_holds():
    checks = [*ground.CHECKS.values(), *integrity.CHECKS.values()]

    assert [check() for check in checks] == [[]] * len(checks)


def test_report_counts_what_is_there(report):
    assert report.residents == Resident.objects.count() == PEOPLE
    assert report.appointments == Appointment.objects.count()
    assert (report.recordings, report.cases) == (Recording.objects.count(), Case.objects.count())
    must_hold = sum(RegisterSnapshot.objects.filter(source="Penduduk contoh").values_list("must_hold", flat=True))
    assert Campaign.objects.get(name=reference.CAMPAIGN_NAME).target == report.target == must_hold
    assert 0.95 * PEOPLE < must_hold < PEOPLE  # the 16-year-olds need no card yet


def test_people_are_nobody():
    identities = ResidentIdentity.objects.select_related("resident")[:300]

    for identity in identities:
        nik = parse(identity.nik)
        birth_date = datetime.fromisoformat(identity.birth_date).date()
        assert nik.serial >= 9001
        assert mismatches(nik, birth_date=birth_date, sex=identity.resident.sex) == []
        assert identity.phone == "" or identity.phone.startswith("+62860")
        assert birth_date.year == identity.resident.birth_year


def test_the_population_is_believable():
    people = Resident.objects.aggregate(
        women=Count("pk", filter=Q(sex="P")),
        one_word=Count("pk", filter=~Q(name__contains=" ")),
        young=Count("pk", filter=Q(birth_year__gte=2009)),
        entitled=Count("pk", filter=Q(entitlement="first")),
        villages=Count("village", distinct=True),
    )

    assert 0.45 < people["women"] / PEOPLE < 0.55
    assert 0.2 < people["one_word"] / PEOPLE < 0.5
    assert 0.02 < people["young"] / PEOPLE < 0.09
    assert 0.08 < people["entitled"] / PEOPLE < 0.35
    assert people["villages"] > 120


def test_visits_are_believable():
    ended = Appointment.objects.filter(status__in=["done", "refused", "no_show"]).exclude(channel="walk_in")
    missed = ended.filter(status="no_show").count() / ended.count()
    hours = [timezone.localtime(at).hour for at in QueueTicket.objects.values_list("issued_at", flat=True)]

    assert 0.2 < missed < 0.5
    assert 0.15 < sum(hour >= 18 for hour in hours) / len(hours) < 0.45
    assert min(hours) >= 7
    assert max(hours) <= 21


def test_nothing_lies_in_the_future_but_bookings():
    assert not Appointment.objects.filter(Q(booked_at__gt=NOW) | Q(status_at__gt=NOW)).exists()
    assert not Recording.objects.filter(recorded_at__gt=NOW).exists()
    assert not StatusChange.objects.filter(occurred_at__gt=NOW).exists()
    assert not Notification.objects.filter(send_after__gt=NOW).exists()
    later = Appointment.objects.filter(slot__starts_at__gt=NOW)
    assert set(later.values_list("status", flat=True)) <= {"booked", "cancelled", "arrived"}


def test_today_has_all_kinds_of_visitors_on_the_desk():
    today = Appointment.objects.filter(day=timezone.localdate(NOW))
    statuses = set(today.values_list("status", flat=True))

    assert {"booked", "done"} <= statuses
    assert Appointment.objects.filter(day__gt=timezone.localdate(NOW), status="booked").exists()


def test_appointments_stay_within_their_slots():
    over = Slot.objects.filter(Q(booked__gt=F("capacity")) | Q(booked_public__gt=F("public_capacity")))

    assert not over.exists()
    assert not Appointment.objects.filter(slot__isnull=False).exclude(office=F("slot__office")).exists()
    assert not Appointment.objects.filter(booked_at__gt=F("slot__starts_at")).exists()


def test_queue_numbers_follow_the_arrivals():
    tickets = QueueTicket.objects.order_by("office", "day", "series", "number")

    for before, ticket in pairwise(tickets):
        if (before.office_id, before.day, before.series) == (ticket.office_id, ticket.day, ticket.series):
            assert ticket.number == before.number + 1
            assert ticket.issued_at >= before.issued_at
        assert ticket.started_at is None or ticket.issued_at < ticket.started_at < ticket.ended_at <= NOW


def test_cases_are_in_every_status_but_closed():
    assert set(Case.objects.values_list("status", flat=True)) == set(CaseStatus) - {CaseStatus.CLOSED}


def test_histories_go_forward_and_join_up():
    lines = StatusChange.objects.order_by("case", "pk")

    for before, line in pairwise(lines):
        if before.case_id == line.case_id:
            assert line.occurred_at >= before.occurred_at
            assert line.from_status == before.to_status
        else:
            assert (line.event, line.from_status) == ("opened", "")


def test_some_cases_are_stalled_and_the_sweep_agrees(report):
    stalled = Case.objects.filter(stalled_since__isnull=False)

    assert 0.02 < stalled.count() / report.cases < 0.15
    flagged_late = flag_stalled(as_of=NOW)
    assert flagged_late <= 5  # only what became due since the last full hour


def test_sealed_values_open_in_their_rows():
    declaration = Declaration.objects.select_related("appointment__resident__identity")[10]
    code = TrackingCode.objects.select_related("resident__identity")[10]

    assert declaration.nik == declaration.appointment.resident.identity.nik
    assert tracking_code.find(nik=code.resident.identity.nik, code=code.code) == code.resident


def test_stories_find_somebody_for_everything_the_portal_says():
    found = {story.title: story for story in stories.collect(now=NOW)}

    told_apart = {"direkam kemarin", "umur 16, sudah direkam", "perekaman gagal di loket", "mengendap"}
    assert told_apart | {"direkam sebelum portal, tanpa kode"} <= set(found)
    assert found["direkam sebelum portal, tanpa kode"].code == ""
    assert found["mengendap"].code != ""
