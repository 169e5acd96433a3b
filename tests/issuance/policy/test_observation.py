import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from issuance.enums import CaseStatus
from issuance.policy.observation import RAW_STATUS, RESULT, Decision, compare, decide, message_for

NOW = timezone.now()
OBSERVABLE = (*sorted(set(RAW_STATUS.values()), key=CaseStatus.values.index), None)
COLUMNS = [
    "captured",
    "sent",
    "adjudication",
    "duplicate",
    "failed",
    "print_ready",
    "printed",
    "shipped",
    "issued",
    "none",
]
# Rows: our status. A advance, B back, O stored only, C conflict, = unchanged.
TABLE = {
    "captured": "= A A A A A A A A O",
    "sent": "B = A A A A A A A C",
    "adjudication": "B B = A A A A A A C",
    "duplicate": "B B A = A A A A A C",
    "failed": "B B A A = A A A A C",
    "rerecord": "C C O O O A A A A O",
    "print_ready": "C C C C C = A A A C",
    "printed": "C C C C C O = A A C",
    "shipped": "C C C C C O O = A C",
    "ready": "C C C C C O O O A C",
    "issued": "C C C C C O O O = C",
    "closed": "O O O O O O O O O O",
}
MEANS = {
    "A": Decision.ADVANCE,
    "B": Decision.BACK,
    "O": Decision.OBSERVE,
    "C": Decision.CONFLICT,
    "=": Decision.UNCHANGED,
}
EXPECTED = {
    (status, observed): MEANS[mark]
    for status, marks in TABLE.items()
    for observed, mark in zip(COLUMNS, marks.split(), strict=True)
}
PAIRS = list(itertools.product(CaseStatus, OBSERVABLE))


def test_the_table_covers_every_pair():
    assert set(EXPECTED) == {(status.value, observed.value if observed else "none") for status, observed in PAIRS}


@pytest.mark.parametrize(("status", "observed"), PAIRS)
def test_a_newer_list_does_to_each_pair_what_the_table_says(status, observed):
    decision = decide(status=status, status_since=NOW - timedelta(days=1), observed=observed, observed_at=NOW)

    assert decision == compare(status=status, observed=observed) == EXPECTED[status, observed or "none"]


@pytest.mark.parametrize(("status", "observed"), PAIRS)
@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=1)])
def test_an_older_list_never_moves_a_case_nor_contradicts_one(status, observed, age):
    decision = decide(status=status, status_since=NOW, observed=observed, observed_at=NOW - age)

    assert decision == (Decision.UNCHANGED if observed == status else Decision.OLDER)


def test_what_our_own_office_decides_is_never_taken_back_by_a_list():
    decided = [status for status in CaseStatus if status not in ("captured", "sent", *COLUMNS[2:5])]

    assert not [
        pair
        for pair in itertools.product(decided, OBSERVABLE)
        if compare(status=pair[0], observed=pair[1]) == Decision.BACK
    ]


def test_every_decision_has_a_result_to_show():
    assert set(RESULT) == set(Decision)


@pytest.mark.parametrize("status", CaseStatus)
def test_people_are_told_of_checks_and_of_cards_to_print(status):
    kind = {"failed": "being_checked", "adjudication": "being_checked", "duplicate": "being_checked"}

    assert message_for(status) == kind.get(status, "print_ready" if status == "print_ready" else "")
