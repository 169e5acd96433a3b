from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from issuance.enums import CaseStatus
from issuance.models import CentralImport
from issuance.policy.advice import ADVICE, Situation, Stage
from issuance.services.status import public_status
from tests.factories import (
    AppointmentFactory,
    CampaignFactory,
    CaseFactory,
    OfficeFactory,
    RecordingFactory,
    ResidentFactory,
    ServiceHoursFactory,
    SlotFactory,
    StatusChangeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=WIB)  # a Friday
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def calendar():
    """Open every day, four to five days promised, a national list of yesterday."""
    OfficeFactory()
    ServiceHoursFactory(valid_from=date(2026, 1, 1), valid_until=None)
    CampaignFactory(starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31), promised_days_min=4, promised_days_max=5)
    national_list(as_of=YESTERDAY)


def national_list(*, as_of, **values):
    """A list of the centre that was applied."""
    verifier = UserFactory(role="verifier")
    applied = {"state": "applied", "applied_at": as_of, **values}
    return CentralImport.objects.create(as_of=as_of, digest=b"x", size=1, uploaded_by=verifier, **applied)


def case_in(status="captured", *, since=YESTERDAY, birth_date=date(1990, 8, 17), **values):
    """The case of somebody recorded by appointment."""
    resident = ResidentFactory(name="Budi Santoso", birth_date=birth_date, entitlement="none")
    channel = values.pop("channel", "online")
    slot = {"slot": None} if channel == "walk_in" else {}
    appointment = AppointmentFactory(resident=resident, status="done", channel=channel, booked_at=YESTERDAY, **slot)
    recorded_at = values.pop("recorded_at", YESTERDAY)
    recording = RecordingFactory(resident=resident, appointment=appointment, recorded_at=recorded_at)
    return CaseFactory(recording=recording, status=status, status_since=since, **values)


def status_of(resident, now=NOW):
    return public_status(resident_id=resident.pk, now=now)


def told(resident, now=NOW):
    """Everything the page says, as one text."""
    status = status_of(resident, now)
    return " ".join([str(status.advice.headline), status.happened, status.to_do, status.eta])


def states(status):
    return [step.state for step in status.steps]


def test_who_was_recorded_yesterday_is_told_to_wait_and_until_when():
    case = case_in()

    status = status_of(case.resident)

    assert status.situation == Situation.CAPTURED
    assert status.stage == Stage.RECORDED
    assert status.happened == f"Perekaman Anda berhasil Kamis, 19 November 2026 di {case.office.name}."
    assert "Tidak perlu rekam lagi" in status.to_do
    assert status.eta == "23-24 November 2026"
    assert status.next_step == "Dikirim ke pusat"
    assert states(status) == ["done", "done", "current", "next", "next", "next", "next"]


def test_who_is_sixteen_is_told_to_wait_for_the_birthday_without_naming_it():
    case = case_in(birth_date=date(2010, 3, 2))

    status = status_of(case.resident)

    assert status.situation == Situation.UNDER_SEVENTEEN
    assert status.eta == "Setelah ulang tahun ke-17 Anda"
    assert "2 Maret" not in told(case.resident)
    assert "2027" not in told(case.resident)


def test_who_turned_seventeen_meanwhile_waits_like_everybody():
    case = case_in(birth_date=date(2009, 12, 1), status="sent")

    assert status_of(case.resident).situation == Situation.UNDER_SEVENTEEN
    assert status_of(case.resident, NOW + timedelta(days=30)).situation == Situation.SENT


def test_who_was_recorded_before_the_portal_is_never_sent_to_record_again():
    resident = ResidentFactory(recorded_before=True)

    status = status_of(resident)

    assert status.situation == Situation.RECORDED_BEFORE
    assert "Jangan rekam lagi" in status.to_do
    assert "KK asli" in status.to_do
    assert states(status) == ["done", "current", "next", "next", "next", "next"]
    assert status.steps[1].title == "Belum diketahui sampai mana"  # nobody knows whether it was ever sent
    assert status.next_step == "Dicari petugas di data pusat"
    assert (status.office, status.since) == (None, None)


def test_whose_recording_failed_is_told_to_record_again():
    visit = AppointmentFactory(status="done", booked_at=YESTERDAY)
    recording = RecordingFactory(appointment=visit, failed=True, recorded_at=YESTERDAY)
    case = CaseFactory(recording=recording, status="rerecord", rerecord_reason="Sidik jari tidak terbaca")

    status = status_of(case.resident)

    assert status.situation == Situation.RERECORD
    assert "Pesan jadwal rekam ulang" in status.to_do
    assert "Sidik jari" not in told(case.resident)
    assert (status.steps[1].title, status.steps[1].when) == ("Perekaman belum berhasil", "Kamis, 19 November 2026")
    assert status.steps[2].title == "Menunggu rekam ulang"
    assert states(status) == ["done", "failed", "warning", "next", "next", "next", "next", "next"]


def test_whose_record_settled_is_told_that_we_look_and_not_to_record_again():
    case = case_in(stalled_since=NOW, recorded_at=NOW - timedelta(days=4))

    status = status_of(case.resident)

    assert status.situation == Situation.CAPTURED_STALLED
    assert status.advice.headline == "Sedang kami periksa, jangan rekam ulang dulu"
    assert "jangan rekam ulang dulu" in status.to_do.lower()
    assert states(status)[2] == "warning"
    assert status.eta == "Belum dapat dipastikan; kami mengabari begitu ada hasil"


def test_five_people_get_five_sentences():
    failed = RecordingFactory(failed=True, recorded_at=YESTERDAY)
    people = [
        case_in().resident,
        case_in(birth_date=date(2010, 3, 2)).resident,
        ResidentFactory(recorded_before=True),
        CaseFactory(recording=failed, status="rerecord").resident,
        case_in(stalled_since=NOW).resident,
    ]

    assert len({told(person) for person in people}) == 5
    assert len({status_of(person).to_do for person in people}) == 5


@pytest.mark.parametrize(
    ("status", "stalled", "situation"),
    [
        ("captured", False, Situation.CAPTURED),
        ("captured", True, Situation.CAPTURED_STALLED),
        ("sent", False, Situation.SENT),
        ("sent", True, Situation.SENT_STALLED),
        ("adjudication", False, Situation.CENTRE_CHECKS),
        ("adjudication", True, Situation.CENTRE_CHECKS_STALLED),
        ("duplicate", False, Situation.COME_TO_DISDUKCAPIL),
        ("duplicate", True, Situation.COME_TO_DISDUKCAPIL),
        ("failed", False, Situation.OFFICE_CHECKS),
        ("failed", True, Situation.OFFICE_CHECKS),
        ("rerecord", False, Situation.RERECORD),
        ("rerecord", True, Situation.RERECORD),
        ("print_ready", False, Situation.PRINT_ON_REQUEST),
        ("print_ready", True, Situation.PRINT_LATE),
        ("printed", False, Situation.ON_ITS_WAY),
        ("printed", True, Situation.ON_ITS_WAY_LATE),
        ("shipped", False, Situation.ON_ITS_WAY),
        ("shipped", True, Situation.ON_ITS_WAY_LATE),
        ("ready", False, Situation.READY),
        ("ready", True, Situation.READY),
        ("issued", False, Situation.COLLECTED),
        ("closed", False, Situation.CLOSED),
    ],
)
def test_every_status_has_its_situation(status, stalled, situation):
    closed = {"closed_reason": "meninggal dunia"} if status == "closed" else {}
    case = case_in(status, stalled_since=NOW if stalled else None, **closed)

    assert status_of(case.resident).situation == situation
    assert "meninggal" not in told(case.resident)
    assert "%(" not in told(case.resident)


def test_print_ready_depends_on_the_office_and_its_blanks():
    case = case_in("print_ready", pickup_office=OfficeFactory(print_policy="in_advance"))
    assert status_of(case.resident).situation == Situation.PRINT_READY

    elsewhere = case_in("print_ready", pickup_office=OfficeFactory(prints_here=False))
    assert status_of(elsewhere.resident).situation == Situation.PRINT_READY

    waiting = case_in("print_ready", waiting_for="blank")
    assert status_of(waiting.resident).situation == Situation.NO_BLANKS


def test_every_situation_has_advice():
    assert set(ADVICE) == set(Situation)


@pytest.mark.parametrize(
    ("status", "situation"),
    [
        ("booked", Situation.BOOKED),
        ("arrived", Situation.ARRIVED),
        ("serving", Situation.ARRIVED),
        ("no_show", Situation.MISSED),
        ("cancelled", Situation.CANCELLED),
        ("refused", Situation.REFUSED),
    ],
)
def test_who_has_only_an_appointment(status, situation):
    appointment = AppointmentFactory(status=status)

    found = status_of(appointment.resident)

    assert found.situation == situation
    assert found.office == appointment.office
    assert "%(" not in told(appointment.resident)


def test_a_booked_appointment_names_time_and_office():
    starts_at = datetime(2026, 11, 23, 9, 30, tzinfo=WIB)
    appointment = AppointmentFactory(slot=SlotFactory(starts_at=starts_at))

    status = status_of(appointment.resident)

    assert "Senin, 23 November 2026 pukul 09.30 WIB" in status.happened
    assert appointment.office.name in status.happened
    assert status.eta == "27-28 November 2026"
    assert states(status) == ["done", "current", "next", "next", "next", "next", "next"]


def test_a_sixteen_year_old_who_booked_is_not_promised_a_card_within_days():
    starts_at = datetime(2026, 11, 23, 9, 30, tzinfo=WIB)
    young = ResidentFactory(birth_date=date(2010, 3, 2))
    AppointmentFactory(resident=young, slot=SlotFactory(starts_at=starts_at))

    assert status_of(young).eta == "Setelah ulang tahun ke-17 Anda"


def test_who_booked_nothing_is_shown_the_way():
    assert status_of(ResidentFactory()).situation == Situation.NOT_BOOKED


def test_who_holds_the_card_needs_no_recording():
    resident = ResidentFactory(recorded_before=True, card_held=True)

    status = status_of(resident)

    assert status.situation == Situation.HOLDS_CARD
    assert set(states(status)) == {"done"}


def test_an_appointment_to_record_again_counts_before_the_failed_recording():
    case = case_in("rerecord")
    AppointmentFactory(resident=case.resident, purpose="rerecord")

    assert status_of(case.resident).situation == Situation.BOOKED_AGAIN


def test_the_open_case_counts_before_an_ended_one():
    ended = case_in("closed", closed_reason="pindah")
    CaseFactory(recording=RecordingFactory(resident=ended.resident, attempt=2), status="sent")

    assert status_of(ended.resident).situation == Situation.SENT


def test_who_walked_in_booked_nothing():
    step = status_of(case_in(channel="walk_in").resident).steps[0]

    assert (step.title, step.when) == ("Datang langsung", "Kamis, 19 November 2026")


def test_a_case_that_a_list_opened_begins_with_the_recording():
    case = CaseFactory(recording=None, resident=ResidentFactory(), office=OfficeFactory(), opened_by="import")

    assert [step.title for step in status_of(case.resident).steps][:2] == ["Direkam", "Menunggu dikirim ke pusat"]


def test_going_back_takes_later_steps_away():
    case = case_in("captured")
    for day, to in enumerate(["sent", "print_ready", "captured"]):
        StatusChangeFactory(case=case, to_status=to, occurred_at=NOW + timedelta(days=day))

    assert states(status_of(case.resident)) == ["done", "done", "current", "next", "next", "next", "next"]


def test_each_step_carries_its_own_day():
    case = case_in("print_ready")
    StatusChangeFactory(case=case, to_status="sent", occurred_at=NOW)
    StatusChangeFactory(case=case, to_status="print_ready", occurred_at=NOW + timedelta(days=1))

    steps = status_of(case.resident).steps

    assert [step.when for step in steps[2:5]] == ["Jumat, 20 November 2026", "Sabtu, 21 November 2026", ""]


def test_a_broken_promise_is_admitted():
    case = case_in("sent", recorded_at=NOW - timedelta(days=9))

    assert status_of(case.resident).eta.startswith("Lebih lama dari perkiraan semula (15-16 November 2026)")


def test_the_page_shows_no_more_than_initials():
    case = case_in()

    status = status_of(case.resident)

    assert status.name == "B••• S•••"
    assert "Budi" not in f"{status}"
    assert case.resident.identity.nik not in f"{status}"


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_queries_do_not_depend_on_the_length_of_the_history(rows, django_assert_num_queries):
    case = case_in()
    for _n in range(rows - 1):
        StatusChangeFactory(case=case)

    with django_assert_num_queries(11):
        status_of(case.resident)


def test_every_case_status_reaches_a_step_or_is_closed():
    for status in CaseStatus:
        case = case_in(status.value, **({"closed_reason": "pindah"} if status == "closed" else {}))
        assert (status_of(case.resident).stage is not None) or status == "closed"
