from datetime import timedelta

import pytest
from django.utils import timezone

from issuance.exceptions import (
    CardIsElsewhere,
    ProxyNotComplete,
    ReasonNeeded,
    SecondIsTheSame,
    StepNotYours,
    WrongOffice,
)
from issuance.models import HandOver
from issuance.services import hand_over
from recording.exceptions import WrongState
from recording.models import AuditEvent, Notification
from recording.policy.code import display
from tests.factories import (
    AppointmentFactory,
    CardPrintFactory,
    CaseFactory,
    NotificationFactory,
    OfficeFactory,
    TrackingCodeFactory,
    UserFactory,
)
from tests.factories.cards import HandOverFactory
from tests.factories.letters import LetterFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PROXY = {"collector": "proxy", "proxy_name": "Siti", "proxy_relation": "anak", "authority": "surat kuasa 20-11-2026"}


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def clerk(office):
    return UserFactory(office=office)


@pytest.fixture
def supervisor(office):
    return UserFactory(role="supervisor", office=office)


def collectable(clerk, status="ready", **values):
    return CaseFactory(recording__operator=clerk, status=status, **values)


def handed(case, by, **values):
    return hand_over.hand_over(case_id=case.pk, by=by, now=NOW, proof=values.pop("proof", "code"), **values)


def status(case):
    case.refresh_from_db()
    return case.status


def test_the_card_is_in_the_hand_and_the_letter_ends_at_that_moment(clerk):
    case = collectable(clerk)
    letter = LetterFactory(case=case)
    for kind in ("card_ready", "collect_reminder"):
        NotificationFactory(resident=case.resident, kind=kind)

    row = handed(case, clerk)

    letter.refresh_from_db()
    assert (status(case), letter.status, letter.ended_at) == ("issued", "revoked", NOW)
    assert (row.collector, row.proof, row.handed_by, row.office) == ("resident", "code", clerk, clerk.office)
    assert set(Notification.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert AuditEvent.objects.get(action="case.issued").resident_id == case.resident_id


def test_straight_from_the_printer_nobody_is_told_to_come(clerk):
    case = collectable(clerk, "printed")
    CardPrintFactory(case=case, office=clerk.office)

    handed(case, clerk)

    assert status(case) == "issued"
    assert list(case.history.order_by("pk").values_list("to_status", flat=True)) == ["printed", "ready", "issued"]
    assert not Notification.objects.exclude(state="withdrawn").exists()


def test_a_card_that_lies_elsewhere_or_is_not_there_is_not_given(clerk):
    elsewhere = collectable(clerk, "printed")
    CardPrintFactory(case=elsewhere, office=OfficeFactory())

    with pytest.raises(CardIsElsewhere):
        handed(elsewhere, clerk)
    with pytest.raises(WrongState):
        handed(collectable(clerk, "print_ready"), clerk)
    with pytest.raises(WrongOffice):
        handed(collectable(clerk), UserFactory())
    assert not HandOver.objects.exists()


def test_the_register_learns_of_the_card_of_somebody_it_knew(clerk, supervisor):
    before = collectable(clerk, recording__resident__recorded_before=True)
    new = collectable(clerk)

    handed(before, clerk), handed(new, clerk)

    assert [status(case) for case in (before, new)] == ["issued", "issued"]
    before.resident.refresh_from_db(), new.resident.refresh_from_db()
    assert (before.resident.card_held, new.resident.card_held) == (True, False)
    hand_over.undo(case_id=before.pk, by=supervisor, reason="salah orang", now=NOW)
    before.resident.refresh_from_db()
    assert not before.resident.card_held


def test_a_proxy_needs_authority_and_a_second_member_of_staff(clerk, supervisor):
    case = collectable(clerk)

    row = handed(case, clerk, second_staff=supervisor, **PROXY)

    assert (row.collector, row.proxy_name, row.proxy_relation) == ("proxy", "Siti", "anak")
    assert (row.authority, row.second_staff) == ("surat kuasa 20-11-2026", supervisor)


@pytest.mark.parametrize("missing", ["proxy_name", "proxy_relation", "authority"])
def test_a_proxy_without_one_of_these_gets_nothing(clerk, supervisor, missing):
    with pytest.raises(ProxyNotComplete):
        handed(collectable(clerk), clerk, second_staff=supervisor, **PROXY | {missing: " "})


def test_the_second_member_of_staff_is_somebody_else_of_this_office(clerk):
    case = collectable(clerk)
    with pytest.raises(ProxyNotComplete):
        handed(case, clerk, **PROXY)
    strangers = [
        clerk,
        UserFactory(),
        UserFactory(role="administrator"),
        UserFactory(office=clerk.office, is_active=False),
    ]
    for second in strangers:
        with pytest.raises(SecondIsTheSame):
            handed(case, clerk, second_staff=second, **PROXY)
    assert handed(case, clerk, second_staff=UserFactory(role="verifier"), **PROXY)


def test_undo_the_same_day_by_a_supervisor_with_a_reason(clerk, supervisor):
    case = collectable(clerk)
    row = handed(case, clerk)
    values = {"case_id": case.pk, "now": NOW}

    with pytest.raises(StepNotYours):
        hand_over.undo(by=clerk, reason="salah orang", **values)
    with pytest.raises(WrongOffice):
        hand_over.undo(by=UserFactory(role="supervisor", office=OfficeFactory()), reason="salah orang", **values)
    with pytest.raises(ReasonNeeded):
        hand_over.undo(by=supervisor, reason=" ", **values)
    with pytest.raises(WrongState):
        hand_over.undo(case_id=case.pk, by=supervisor, reason="salah orang", now=NOW + timedelta(days=1))
    assert hand_over.may_undo(row, by=supervisor, now=NOW)
    hand_over.undo(by=supervisor, reason="salah orang", **values)

    row.refresh_from_db()
    assert (status(case), row.undone_at) == ("ready", NOW)
    assert not hand_over.may_undo(row, by=supervisor, now=NOW)
    assert handed(case, clerk).pk != row.pk


@pytest.mark.django_db(transaction=True)
def test_two_clerks_give_one_card(clerk):
    case = collectable(clerk)

    done = at_once(4, lambda: handed(case, clerk))

    assert sum(isinstance(one, HandOver) for one in done) == 1
    assert sum(isinstance(one, WrongState) for one in done) == 3
    assert HandOver.objects.count() == 1


def ready_for(days, clerk=None, **values):
    since = NOW - timedelta(days=days)
    return collectable(
        clerk or UserFactory(), status_since=since, recording__resident__identity__phone="+6281200000001", **values
    )


def test_reminders_go_out_at_7_and_30_days_once_each():
    ready_for(6), ready_for(95)
    week, month = ready_for(7), ready_for(31)

    assert hand_over.remind(now=NOW) == 2
    assert hand_over.remind(now=NOW) == 0
    assert set(Notification.objects.values_list("resident", flat=True)) == {week.resident_id, month.resident_id}
    assert hand_over.remind(now=NOW + timedelta(days=23)) == 2  # the week's card at 30 days, the fresh one's first
    assert {key.rpartition(":")[2] for key in Notification.objects.values_list("dedup_key", flat=True)} == {"7", "30"}


def test_reminders_wait_for_the_morning():
    ready_for(8)
    night = timezone.localtime(NOW).replace(hour=2, minute=0, second=0, microsecond=0)

    hand_over.remind(now=night)

    assert timezone.localtime(Notification.objects.get().send_after).hour == 9


def test_uncollected_cards_of_the_own_office_oldest_first(clerk):
    old, older = ready_for(91, clerk), ready_for(200, clerk)
    ready_for(89, clerk), ready_for(100)

    assert list(hand_over.uncollected(by=clerk, now=NOW, days=90)) == [older, old]


def test_whoever_stands_there_is_found_by_name_at_the_own_office(clerk):
    here = collectable(clerk, recording__resident__name="Sri Wahyuni")
    collectable(UserFactory(), recording__resident__name="Sri Lestari")
    collectable(clerk, "sent", recording__resident__name="Sri Rahayu")

    assert hand_over.find_by_name(text="sri", by=clerk) == [here]
    assert hand_over.find_by_name(text="s", by=clerk) == []
    assert AuditEvent.objects.get().action == "search.name"
    assert hand_over.case_of(resident_id=here.resident_id, by=clerk) == here
    assert hand_over.case_of(resident_id=here.resident_id, by=UserFactory()) is None


def test_code_and_nik_prove_who_somebody_is(clerk):
    case = collectable(clerk)
    code = TrackingCodeFactory(resident=case.resident).code
    other = TrackingCodeFactory().code

    def proof(text):
        return hand_over.is_proof_of(text=text, resident_id=case.resident_id)

    assert proof(f"https://x.example/#{display(code)}") == "code"
    assert proof(display(code).lower()) == "code"
    assert proof(case.resident.identity.nik) == "nik"
    assert proof(other) is None
    assert proof("9" * 16) is None
    assert proof("Sri") is None


def test_codes_end_90_days_after_the_card_was_handed_over():
    def with_code(days, **values):
        row = HandOverFactory(handed_at=NOW - timedelta(days=days), **values)
        code = TrackingCodeFactory(resident=row.case.resident, issued_at=NOW - timedelta(days=days + 20))
        return row, code

    over, code = with_code(91)
    _recent = with_code(89)
    _undone = with_code(100, undone_at=NOW)
    busy, _code = with_code(100)
    AppointmentFactory(resident=busy.case.resident)
    again, _code = with_code(100)
    CaseFactory(recording__resident=again.case.resident, recording__attempt=2, status="captured")

    assert hand_over.end_codes(now=NOW) == 1
    assert hand_over.end_codes(now=NOW) == 0
    code.refresh_from_db()
    assert code.revoked_at == NOW
    assert over.case.resident.codes.filter(revoked_at__isnull=True).count() == 0
