from datetime import timedelta

import pytest
from django.utils import timezone

from issuance.exceptions import AskedAlready, DeletionDateNeeded, ReasonNeeded, StepNotYours
from issuance.services import approval as approvals
from issuance.services.case import move
from recording.exceptions import WrongState
from recording.models import Approval, AuditEvent
from tests.factories import ApprovalFactory, CaseFactory, OfficeFactory, UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def duplicate(**values):
    return CaseFactory(**{"status": "duplicate", "status_since": NOW - timedelta(days=1)} | values)


def verifier():
    return UserFactory(role="verifier")


def supervisor(office=None):
    return UserFactory(role="supervisor", office=office)


def ask(case, *, by=None, **values):
    given = {"reason": "pusat sudah menghapus", "central_deletion_on": TODAY} | values
    return approvals.ask(case_id=case.pk, by=by or verifier(), now=NOW, **given)


def decide(approval, *, granted=True, by=None, note=""):
    return approvals.decide(approval_id=approval.pk, granted=granted, by=by or supervisor(), now=NOW, note=note)


def test_ask_keeps_the_reason_and_the_day_of_deletion():
    case, by = duplicate(), verifier()

    approval = ask(case, by=by)

    case.refresh_from_db()
    assert (approval.subject, approval.asked_by, approval.granted) == (f"case:{case.pk}", by, None)
    assert (case.status, case.central_deletion_on) == ("duplicate", TODAY)
    assert case.history.last().note == "Minta persetujuan: pusat sudah menghapus"
    assert AuditEvent.objects.get().action == "case.ask_second_person"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"reason": " "}, ReasonNeeded),
        ({"central_deletion_on": None}, DeletionDateNeeded),
        ({"central_deletion_on": TODAY + timedelta(days=1)}, DeletionDateNeeded),
    ],
)
def test_ask_needs_its_facts(values, refusal):
    with pytest.raises(refusal):
        ask(duplicate(), **values)


def test_ask_is_the_verifiers_and_only_where_it_is_needed():
    with pytest.raises(StepNotYours):
        ask(duplicate(), by=UserFactory())
    with pytest.raises(WrongState):
        ask(CaseFactory(status="failed"))


def test_ask_once_until_it_is_answered():
    case = duplicate()
    first = ask(case)

    with pytest.raises(AskedAlready):
        ask(case)
    decide(first, granted=False, note="belum yakin")

    assert ask(case).pk != first.pk


def test_decide_lets_the_verifier_complete():
    case, by = duplicate(), verifier()
    approval = decide(ask(case, by=by))

    assert approval.granted and approvals.standing(case) == approval
    assert [each[1].pk for each in approvals.granted_to(by=by, now=NOW)] == [case.pk]
    move(
        case_id=case.pk,
        to="rerecord",
        by=by,
        now=NOW + timedelta(minutes=1),
        note="rekaman dihapus",
        checked_at_centre=True,
        central_deletion_on=TODAY,
        approval=approval,
    )

    case.refresh_from_db()
    assert case.status == "rerecord"
    assert approvals.granted_to(by=by, now=NOW) == []
    assert AuditEvent.objects.filter(action="case.second_person_granted").count() == 1


def test_decide_against_needs_a_reason_and_forgets_the_deletion():
    case = duplicate()
    approval = ask(case)

    with pytest.raises(ReasonNeeded):
        decide(approval, granted=False)
    decide(approval, granted=False, note="pusat belum menghapus")

    case.refresh_from_db()
    assert case.central_deletion_on is None
    assert case.history.last().note == "Orang kedua menolak: pusat belum menghapus"


def test_decide_is_for_supervisors_of_the_cases_office():
    case = duplicate()
    approval = ask(case)

    for other in (verifier(), approval.asked_by, supervisor(OfficeFactory())):
        with pytest.raises(StepNotYours):
            decide(approval, by=other)
    assert decide(approval, by=supervisor(case.office)).granted


def test_decide_comes_too_late_once_the_case_has_moved():
    case = duplicate()
    approval = ask(case)
    type(case).objects.filter(pk=case.pk).update(status_since=timezone.now() + timedelta(hours=1))

    with pytest.raises(WrongState):
        decide(approval)
    assert approvals.waiting(by=supervisor()) == []


def test_waiting_is_what_the_own_offices_ask_oldest_first():
    first, second, elsewhere = duplicate(), duplicate(status="adjudication"), duplicate()
    for case in (first, second, elsewhere):
        ApprovalFactory(subject=f"case:{case.pk}")

    assert [case.pk for _approval, case in approvals.waiting(by=supervisor())] == [first.pk, second.pk, elsewhere.pk]
    assert [case.pk for _approval, case in approvals.waiting(by=supervisor(second.office))] == [second.pk]


@pytest.mark.django_db(transaction=True)
def test_decide_by_two_at_once_happens_once():
    approval = ask(duplicate())
    people = [supervisor() for _ in range(4)]
    turns = iter(people)

    results = at_once(4, lambda: decide(approval, by=next(turns)))

    assert sum(isinstance(result, Approval) for result in results) == 1
    assert sum(isinstance(result, WrongState) for result in results) == 3
