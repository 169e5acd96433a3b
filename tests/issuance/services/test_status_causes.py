"""Why somebody waits, cause by cause: each has its own sentence, its own next step, and never a wrong one."""

from datetime import date, timedelta

import pytest

from issuance.models import CentralImport, IssueTime, PrintPick, PrintRun
from issuance.policy.advice import ADVICE, COME, Situation
from recording.enums import CardOutlook
from tests.factories import (
    AppointmentFactory,
    CaseFactory,
    OfficeFactory,
    RecordingFactory,
    ResidentFactory,
    SlotFactory,
    StatusChangeFactory,
)
from tests.factories.letters import LetterFactory
from tests.issuance.services.test_status import (  # noqa: F401 - the fixture is used by every test
    NOW,
    YESTERDAY,
    calendar,
    case_in,
    national_list,
    status_of,
    told,
)

pytestmark = pytest.mark.django_db


def waiting_for_a_blank(**values):
    return case_in("print_ready", waiting_for="blank", **values)


def invite(case, until):
    run = PrintRun.objects.create(office=case.office, mode="invite", size=1, proposed_at=NOW)
    return PrintPick.objects.create(
        run=run, case=case, position=1, priority="oldest", state="invited", invited_at=NOW, until=until
    )


class TestBlanks:
    def test_who_waits_for_a_blank_is_told_of_letters_and_of_no_date(self):
        status = status_of(waiting_for_a_blank().resident)

        assert status.situation == Situation.NO_BLANKS
        assert "surat pengganti" in status.to_do
        assert status.eta == "Belum ada tanggalnya: menunggu kiriman blanko berikutnya"
        assert next(step for step in status.steps if step.state == "warning").title == "Menunggu blanko"

    def test_who_holds_a_letter_is_told_to_use_it(self):
        case = waiting_for_a_blank()
        LetterFactory(case=case, issued_on=date(2026, 11, 1), valid_until=date(2027, 5, 1))

        status = status_of(case.resident)

        assert status.situation == Situation.LETTER_IN_HAND
        assert "Biodata WNI, berlaku sampai 1 Mei 2027" in status.to_do
        assert status.letter == "Biodata WNI, berlaku sampai 1 Mei 2027"

    def test_a_letter_that_has_run_out_helps_nobody(self):
        case = waiting_for_a_blank()
        LetterFactory(case=case, issued_on=date(2026, 4, 1), valid_until=date(2026, 10, 1), status="expired")

        status = status_of(case.resident)

        assert status.situation == Situation.NO_BLANKS
        assert "habis 1 Oktober 2026" in status.letter

    def test_a_revoked_letter_is_not_spoken_of(self):
        case = waiting_for_a_blank()
        LetterFactory(case=case, status="revoked", revoked_reason="salah ketik")

        assert status_of(case.resident).letter == ""
        assert "salah ketik" not in told(case.resident)

    def test_who_is_invited_is_told_until_when_the_blank_is_held(self):
        case = case_in("print_ready", waiting_for="resident")
        invite(case, date(2026, 11, 27))

        status = status_of(case.resident)

        assert status.situation == Situation.PRINT_INVITED
        assert "paling lambat Jumat, 27 November 2026" in status.to_do
        assert status.eta == "Saat Anda datang ke kantor"
        assert status.hours == "Hari ini, 08.00-21.00 WIB"

    @pytest.mark.parametrize(
        ("outlook", "says"),
        [
            (CardOutlook.CARD, "Tersedia di kantor ini"),
            (CardOutlook.LETTER, "Sedang kurang; kemungkinan surat pengganti dulu"),
            (CardOutlook.UNKNOWN, ""),
        ],
    )
    def test_the_outlook_of_the_office_is_said_until_the_card_is_printed(self, outlook, says):
        office = OfficeFactory(card_outlook=outlook)

        assert status_of(case_in("sent", pickup_office=office, office=office).resident).outlook == says
        assert status_of(case_in("printed", pickup_office=office, office=office).resident).outlook == ""


class TestList:
    def test_without_a_fresh_list_a_stalled_case_says_so_instead(self):
        CentralImport.objects.all().delete()
        national_list(as_of=NOW - timedelta(days=4))
        case = case_in("sent", stalled_since=NOW)

        status = status_of(case.resident)

        assert status.situation == Situation.NOT_UPDATED
        assert "bertanggal 16 November 2026, 4 hari lalu" in status.happened
        assert "Jangan rekam ulang dulu" in status.to_do
        assert (status.list_as_of, status.list_days) == (date(2026, 11, 16), 4)

    @pytest.mark.parametrize(("days", "old"), [(3, False), (4, True)])
    def test_three_days_are_fresh(self, days, old):
        CentralImport.objects.all().delete()
        national_list(as_of=NOW - timedelta(days=days))

        situation = status_of(case_in("adjudication", stalled_since=NOW).resident).situation

        assert (situation == Situation.NOT_UPDATED) is old

    @pytest.mark.parametrize("state", ["undone", "preview", "discarded"])
    def test_a_list_that_was_not_applied_does_not_count(self, state):
        CentralImport.objects.update(state=state)

        status = status_of(case_in("sent", stalled_since=NOW).resident)

        assert status.situation == Situation.NOT_UPDATED
        assert "belum menerima daftar" in status.happened

    def test_what_rests_in_the_office_needs_no_list(self):
        CentralImport.objects.all().delete()

        assert status_of(case_in("captured", stalled_since=NOW).resident).situation == Situation.CAPTURED_STALLED

    def test_once_printed_the_list_says_nothing(self):
        assert status_of(case_in("ready").resident).list_as_of is None


class TestExpectedDate:
    @pytest.fixture
    def measured(self):
        office = OfficeFactory()
        IssueTime.objects.create(office=office, computed_at=NOW, p50_days=6, p90_days=11, sample=312)
        return office

    def test_the_office_s_own_measure_with_its_sample(self, measured):
        case = case_in("sent", office=measured, pickup_office=measured)

        assert status_of(case.resident).eta == "25-30 November 2026 (dari 312 kartu di kantor ini)"

    def test_a_small_sample_leaves_the_campaigns_promise(self, measured):
        IssueTime.objects.update(sample=29)

        assert status_of(case_in("sent", pickup_office=measured).resident).eta == "23-24 November 2026"

    def test_a_booking_counts_from_its_day(self, measured):
        slot = SlotFactory(office=measured, starts_at=NOW + timedelta(days=1))
        appointment = AppointmentFactory(slot=slot)

        assert status_of(appointment.resident).eta == "27 November - 2 Desember 2026 (dari 312 kartu di kantor ini)"

    def test_where_too_many_wait_no_last_day_is_named(self, measured):
        IssueTime.objects.update(p90_days=None)

        eta = status_of(case_in("sent", pickup_office=measured).resident).eta

        assert eta == "Paling cepat 25 November 2026 (dari 312 kartu di kantor ini)"

    def test_scarce_blanks_leave_only_an_earliest_day(self, measured):
        type(measured).objects.update(card_outlook=CardOutlook.LETTER)

        eta = status_of(
            case_in("print_ready", pickup_office=OfficeFactory(card_outlook="letter", prints_here=False)).resident
        ).eta

        assert eta == "Paling cepat 23 November 2026; blanko sedang kurang, jadi bisa lebih lama"

    def test_the_birthday_still_decides(self, measured):
        young = case_in("sent", birth_date=date(2010, 3, 2), office=measured, pickup_office=measured)

        assert status_of(young.resident).eta == "Setelah ulang tahun ke-17 Anda"


class TestRecordedBefore:
    def test_a_case_opened_at_the_desk_is_being_looked_for(self):
        case = CaseFactory(
            recording=None,
            resident=ResidentFactory(recorded_before=True),
            office=OfficeFactory(),
            opened_by="officer",
            status="sent",
        )

        status = status_of(case.resident)

        assert status.situation == Situation.OPENED_AT_DESK
        assert "Jangan rekam lagi" in status.to_do
        assert [step.state for step in status.steps][:2] == ["done", "current"]
        assert status.steps[1].title == "Belum diketahui sampai mana"

    def test_once_a_list_names_the_person_it_goes_on_as_usual(self):
        case = CaseFactory(
            recording=None,
            resident=ResidentFactory(recorded_before=True),
            office=OfficeFactory(),
            opened_by="officer",
            status="sent",
            observed_raw="SENT_FOR_DEDUP",
        )

        assert status_of(case.resident).situation == Situation.SENT

    @pytest.mark.parametrize("status", ["captured", "print_ready", "rerecord"])
    def test_a_case_of_a_list_never_names_a_recording_we_do_not_know(self, status):
        case = CaseFactory(
            recording=None, resident=ResidentFactory(), office=OfficeFactory(), opened_by="import", status=status
        )

        assert "berhasil  di" not in told(case.resident)
        assert "  " not in told(case.resident)

    def test_a_young_person_of_a_list_waits_for_the_birthday(self):
        case = CaseFactory(
            recording=None,
            resident=ResidentFactory(birth_date=date(2010, 3, 2)),
            office=OfficeFactory(),
            opened_by="import",
            status="print_ready",
            waiting_for="age",
        )

        status = status_of(case.resident)

        assert status.situation == Situation.UNDER_SEVENTEEN
        assert "Menurut data pusat, Anda sudah pernah direkam." in status.happened


class TestTimeline:
    @pytest.mark.parametrize(
        ("booked_days_ago", "order"),
        [
            (10, ["Janji dipesan", "Perekaman belum berhasil", "Direkam"]),
            (4, ["Perekaman belum berhasil", "Janji dipesan", "Direkam"]),
        ],
    )
    def test_failed_attempts_stay_visible_after_the_good_one(self, booked_days_ago, order):
        booked_at = NOW - timedelta(days=booked_days_ago)
        appointment = AppointmentFactory(status="done", booked_at=booked_at)
        recording = RecordingFactory(appointment=appointment, recorded_at=YESTERDAY)
        case = CaseFactory(recording=recording, status="captured", history=None, attempt=2)
        for day, to in ((9, "rerecord"), (1, "captured")):
            event = "opened" if to == "rerecord" else "moved"
            StatusChangeFactory(case=case, event=event, to_status=to, occurred_at=NOW - timedelta(days=day))
        StatusChangeFactory(case=case, event="noted", to_status="captured", occurred_at=NOW)

        steps = status_of(case.resident).steps

        assert [step.title for step in steps[:4]] == [*order, "Menunggu dikirim ke pusat"]
        failed = next(step for step in steps if step.state == "failed")
        assert failed.when == "Rabu, 11 November 2026"

    def test_a_stall_is_no_second_failure(self):
        case = case_in("rerecord")
        StatusChangeFactory(case=case, event="flagged", to_status="rerecord", occurred_at=NOW)

        assert sum(step.state == "failed" for step in status_of(case.resident).steps) == 1


def test_ready_says_what_to_bring_and_who_may_come_instead():
    office = OfficeFactory(address="Jl. Contoh 1")
    status = status_of(case_in("ready", pickup_office=office).resident)

    assert "KK asli" in status.to_do
    assert "surat kuasa" in str(status.advice.help_text)
    assert status.hours == "Hari ini, 08.00-21.00 WIB"
    assert status_of(case_in("ready", pickup_office=office).resident, NOW.replace(hour=22)).hours.startswith(
        "Sabtu, 21"
    )


def test_a_second_recording_is_advised_in_one_situation_only():
    """Every other sentence either says not to, or speaks of no recording at all."""
    for situation, advice in ADVICE.items():
        words = f"{advice.to_do}".lower()
        if situation in (Situation.RERECORD, Situation.BOOKED_AGAIN):
            continue
        allowed = words.replace("jangan rekam ulang", "").replace("jangan rekam lagi", "")
        allowed = allowed.replace("tidak perlu rekam lagi", "")
        assert "rekam ulang" not in allowed, situation
        assert "rekam lagi" not in allowed, situation


def test_who_has_to_come_is_told_where_and_when():
    assert {Situation.READY, Situation.PRINT_INVITED, Situation.COME_TO_DISDUKCAPIL} <= set(COME)
