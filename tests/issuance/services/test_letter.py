import contextlib
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from issuance.enums import LetterKind
from issuance.exceptions import LetterNotPossible, NumberTaken, ReasonNeeded, StepNotYours
from issuance.models import Case, InterimLetter
from issuance.policy.letter import BLANKS_THERE, NEEDS_SECOND_PERSON
from issuance.services import letter
from issuance.services.reference import load_letter_rules
from recording.exceptions import WrongState
from recording.models import AuditEvent, Notification
from tests.factories import ApprovalFactory, CaseFactory, NotificationFactory, ResidentFactory, UserFactory
from tests.factories.letters import BlankFactory, LetterFactory, LetterRuleFactory

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
TODAY = NOW.date()
PHONE = "+6281200000001"
pytestmark = pytest.mark.django_db


@pytest.fixture
def verifier():
    return UserFactory(role="verifier")


@pytest.fixture
def rule():
    return LetterRuleFactory()


def waiting(**values):
    """The case of an adult whose card waits for a blank."""
    values.setdefault("recording__resident__identity__phone", PHONE)
    return CaseFactory(
        **{"status": "print_ready", "waiting_for": "blank", "status_since": NOW - timedelta(9), **values}
    )


def issue(case, by, number="471.1/7/33.19/2026", kind="biodata_wni"):
    return letter.issue(case_id=case.pk, kind=kind, number=number, by=by, now=NOW)


class TestIssue:
    def test_writes_the_letter_the_message_and_the_trail(self, rule, verifier):
        case = waiting()

        written = issue(case, verifier, number=" 471.1/7/dukcapil ")

        stored = InterimLetter.objects.get()
        assert stored.pk == written.pk
        assert (stored.number, stored.status, stored.case_id) == ("471.1/7/DUKCAPIL", "valid", case.pk)
        assert (stored.issued_on, stored.valid_until) == (TODAY, date(2027, 5, 24))
        assert (stored.office_id, stored.issued_by) == (case.pickup_office_id, verifier)
        message = Notification.objects.get()
        assert (message.kind, message.context) == ("letter_issued", {"letter": stored.pk})
        event = AuditEvent.objects.get(action="letter.issue")
        assert (event.resident_id, event.subject) == (case.resident_id, f"letter:{stored.pk}")

    def test_a_taken_number_is_said_and_nothing_is_written(self, rule, verifier):
        issue(waiting(), verifier, number="471.1/7/DUKCAPIL")

        with pytest.raises(NumberTaken, match="sudah dipakai surat lain"):
            issue(waiting(), verifier, number="471.1/7/dukcapil")
        assert InterimLetter.objects.count() == Notification.objects.count() == 1

    def test_one_valid_letter_for_each_case(self, rule, verifier):
        case = waiting()
        issue(case, verifier)

        with pytest.raises(LetterNotPossible, match="sudah punya surat"):
            issue(case, verifier, number="471.1/8")

    def test_only_a_kind_that_is_allowed_today(self, rule, verifier):
        with pytest.raises(LetterNotPossible, match="Pilih jenis lain"):
            issue(waiting(), verifier, kind="suket")

    def test_without_any_rule_there_is_no_letter(self, verifier):
        with pytest.raises(LetterNotPossible, match="Administrator"):
            issue(waiting(), verifier)

    @pytest.mark.parametrize("role", ["operator", "supervisor", "administrator"])
    def test_only_a_verifier(self, rule, role):
        with pytest.raises(StepNotYours):
            issue(waiting(), UserFactory(role=role))

    def test_not_before_seventeen_but_for_who_is_married(self, rule, verifier):
        young = ResidentFactory(birth_date=date(2010, 1, 1), entitlement="none")
        married = ResidentFactory(birth_date=date(2010, 1, 1), entitlement="none", ever_married=True)

        with pytest.raises(LetterNotPossible, match="belum 17 tahun"):
            issue(waiting(recording__resident=young), verifier)
        assert issue(waiting(recording__resident=married), verifier)

    def test_where_blanks_are_there_the_card_is_printed(self, rule, verifier):
        case = waiting(waiting_for="none")
        BlankFactory.enough(case.pickup_office)

        with pytest.raises(LetterNotPossible, match="Cetak kartunya"):
            issue(case, verifier)

    def test_blanks_without_ribbon_are_no_cards(self, rule, verifier):
        case = waiting(waiting_for="none")
        BlankFactory(office=case.pickup_office, quantity=500)

        assert issue(case, verifier)

    def test_blanks_below_the_offices_own_reserve_are_kept(self, rule, verifier):
        case = waiting(waiting_for="none")
        BlankFactory.enough(case.pickup_office, alarm_below=1000)

        assert issue(case, verifier)

    @pytest.mark.parametrize(("hours", "may"), [(-1, False), (1, True)])
    def test_a_duplicate_needs_a_second_person_since_it_became_one(self, rule, verifier, hours, may):
        case = waiting(status="duplicate", waiting_for="none")
        supervisor = UserFactory(role="supervisor")
        decided_at = case.status_since + timedelta(hours=hours)
        approval = {"decided_by": supervisor, "granted": True, "decided_at": decided_at}
        ApprovalFactory(subject=f"case:{case.pk}", action="letter", asked_by=verifier, **approval)

        if may:
            assert issue(case, verifier)
        else:
            with pytest.raises(LetterNotPossible, match=NEEDS_SECOND_PERSON):
                issue(case, verifier)


class TestExtend:
    def test_six_months_from_the_end(self, rule, verifier):
        old = LetterFactory(case=waiting(), issued_on=date(2026, 6, 1), valid_until=date(2026, 12, 1))
        NotificationFactory(resident=old.case.resident, kind="letter_expiring")

        extended = letter.extend(letter_id=old.pk, by=verifier, now=NOW)

        assert (extended.valid_until, extended.extended_times, extended.number) == (date(2027, 6, 1), 1, old.number)
        assert Notification.objects.get().state == "withdrawn"
        assert AuditEvent.objects.filter(action="letter.extend").exists()

    def test_one_that_has_run_out_holds_again_from_today(self, rule, verifier):
        old = LetterFactory(
            case=waiting(),
            issued_on=date(2026, 4, 1),
            valid_until=date(2026, 10, 1),
            status="expired",
            ended_at=NOW - timedelta(50),
        )

        extended = letter.extend(letter_id=old.pk, by=verifier, now=NOW)

        assert (extended.status, extended.valid_until, extended.ended_at) == ("valid", date(2027, 5, 24), None)

    def test_not_beside_another_valid_one(self, rule, verifier):
        case = waiting()
        old = LetterFactory(case=case, issued_on=date(2026, 4, 1), valid_until=date(2026, 10, 1), status="expired")
        LetterFactory(case=case, issued_on=TODAY)

        with pytest.raises(WrongState):
            letter.extend(letter_id=old.pk, by=verifier, now=NOW)

    def test_not_early_not_revoked_not_forbidden_not_when_the_card_can_be_printed(self, rule, verifier):
        ending = {"issued_on": date(2026, 6, 1), "valid_until": date(2026, 12, 1)}
        printable = waiting(waiting_for="none")
        BlankFactory.enough(printable.pickup_office)
        for wrong, error in [
            (LetterFactory(case=waiting(), issued_on=TODAY), LetterNotPossible),
            (LetterFactory(case=waiting(), status="revoked", revoked_reason="hilang", **ending), WrongState),
            (LetterFactory(case=waiting(), kind="suket", **ending), LetterNotPossible),
            (LetterFactory(case=printable, **ending), LetterNotPossible),
            (LetterFactory(case=waiting(status="issued", waiting_for="none"), **ending), LetterNotPossible),
        ]:
            with pytest.raises(error):
                letter.extend(letter_id=wrong.pk, by=verifier, now=NOW)


class TestRevoke:
    def test_ends_it_with_a_reason(self, verifier):
        valid = LetterFactory()

        letter.revoke(letter_id=valid.pk, by=verifier, reason="salah ketik nomor", now=NOW)

        valid.refresh_from_db()
        assert (valid.status, valid.ended_at, valid.revoked_reason) == ("revoked", NOW, "salah ketik nomor")
        assert AuditEvent.objects.get().reason == "salah ketik nomor"

    def test_needs_a_reason_a_verifier_and_a_valid_letter(self, verifier):
        valid, ended = LetterFactory(), LetterFactory(status="expired")
        with pytest.raises(ReasonNeeded):
            letter.revoke(letter_id=valid.pk, by=verifier, reason=" ", now=NOW)
        with pytest.raises(StepNotYours):
            letter.revoke(letter_id=valid.pk, by=UserFactory(), reason="x", now=NOW)
        with pytest.raises(WrongState):
            letter.revoke(letter_id=ended.pk, by=verifier, reason="x", now=NOW)


class TestEndOfTheCase:
    def test_letters_end_with_their_cases(self):
        ending, other = LetterFactory(), LetterFactory()

        assert letter.revoke_for_cases(case_ids=[ending.case_id], reason="kartu diterima", at=NOW) == 1

        ending.refresh_from_db()
        other.refresh_from_db()
        assert (ending.status, ending.ended_at, ending.revoked_reason) == ("revoked", NOW, "kartu diterima")
        assert other.status == "valid"
        assert AuditEvent.objects.get().subject == f"letter:{ending.pk}"

    def test_an_expired_letter_stays_expired(self):
        expired = LetterFactory(status="expired", ended_at=NOW)

        assert letter.revoke_for_cases(case_ids=[expired.case_id], reason="kartu diterima", at=NOW) == 0

        expired.refresh_from_db()
        assert expired.status == "expired"

    def test_unsent_messages_about_it_are_taken_back(self):
        ending = LetterFactory()
        for kind in ("letter_issued", "letter_expiring", "card_ready"):
            NotificationFactory(resident=ending.case.resident, kind=kind)

        letter.revoke_for_cases(case_ids=[ending.case_id], reason="kartu diterima", at=NOW)

        assert list(Notification.objects.filter(state="waiting").values_list("kind", flat=True)) == ["card_ready"]

    @pytest.mark.parametrize("count", [1, 3, 100])
    def test_ending_many_costs_as_much_as_one(self, count, django_assert_num_queries):
        cases = [LetterFactory().case_id for _n in range(count)]

        with django_assert_num_queries(6):  # savepoint, letters, end, messages, audit, release
            assert letter.revoke_for_cases(case_ids=cases, reason="ditutup", at=NOW) == count

    @pytest.mark.django_db(transaction=True)
    def test_a_letter_issued_while_the_card_is_handed_over_does_not_outlive_it(self, rule, verifier):
        case = waiting()
        start = Barrier(2)

        def hand_over():
            try:
                start.wait()
                with transaction.atomic():
                    Case.objects.filter(pk=case.pk).update(status="issued", waiting_for="none", clock_from=None)
                    letter.revoke_for_cases(case_ids=[case.pk], reason="kartu diterima", at=NOW)
            finally:
                connection.close()

        other = Thread(target=hand_over)
        other.start()
        start.wait()
        with contextlib.suppress(LetterNotPossible):
            issue(case, verifier)
        other.join()

        assert not InterimLetter.objects.filter(status="valid").exists()


class TestDailyJob:
    def test_what_has_run_out_ends_the_day_after(self):
        yesterday, today = TODAY - timedelta(1), TODAY
        gone = LetterFactory(issued_on=date(2026, 5, 1), valid_until=yesterday)
        last_day = LetterFactory(issued_on=date(2026, 5, 1), valid_until=today)

        assert letter.expire_due(now=NOW) == 1
        assert letter.expire_due(now=NOW) == 0

        gone.refresh_from_db()
        last_day.refresh_from_db()
        assert (gone.status, gone.ended_at, last_day.status) == ("expired", NOW, "valid")

    def test_holders_are_warned_once_for_each_end(self):
        def holder(days, **values):
            case = CaseFactory(status="print_ready", recording__resident__identity__phone=PHONE)
            return LetterFactory(case=case, issued_on=date(2026, 6, 1), valid_until=TODAY + timedelta(days), **values)

        soon = holder(14)
        holder(15)
        holder(3, status="revoked", revoked_reason="hilang")

        letter.expire_due(now=NOW)
        letter.expire_due(now=NOW + timedelta(days=0, hours=1))

        assert [m.context for m in Notification.objects.all()] == [{"letter": soon.pk}]
        InterimLetter.objects.filter(pk=soon.pk).update(valid_until=soon.valid_until - timedelta(days=1))
        letter.expire_due(now=NOW)
        assert Notification.objects.count() == 2


def test_today_biodata_is_allowed_and_the_letter_of_2016_is_not():
    assert load_letter_rules() == load_letter_rules() == 2

    assert letter.allowed_kinds(on=TODAY) == [LetterKind.BIODATA_WNI]
    assert letter.allowed_kinds(on=date(2018, 1, 8)) == [LetterKind.SUKET]
    assert letter.allowed_kinds(on=date(2016, 9, 28)) == []
    assert letter.allowed_kinds(on=date(2021, 1, 1)) == []


def test_the_obstacle_is_said_before_anybody_types(verifier, rule):
    case = waiting(waiting_for="none")
    BlankFactory.enough(case.pickup_office)

    assert letter.obstacle_to(case=case, now=NOW) == BLANKS_THERE
