import itertools

import pytest

from issuance.enums import CaseStatus
from issuance.policy.transitions import TRANSITIONS, step, steps_for
from recording.enums import Role

ALLOWED = {
    ("captured", "sent"),
    ("captured", "failed"),
    ("captured", "rerecord"),
    ("sent", "captured"),
    ("sent", "failed"),
    ("adjudication", "duplicate"),
    ("adjudication", "rerecord"),
    ("duplicate", "rerecord"),
    ("failed", "captured"),
    ("failed", "rerecord"),
    ("rerecord", "captured"),
    ("print_ready", "printed"),
    ("printed", "print_ready"),
    ("printed", "shipped"),
    ("printed", "ready"),
    ("shipped", "ready"),
    ("shipped", "printed"),
    ("ready", "issued"),
    ("ready", "printed"),
    ("issued", "ready"),
} | {(status.value, "closed") for status in CaseStatus if status not in (CaseStatus.ISSUED, CaseStatus.CLOSED)}


@pytest.mark.parametrize(("status", "to"), list(itertools.product(CaseStatus.values, repeat=2)))
def test_every_pair_of_statuses_is_allowed_or_not(status, to):
    assert (step(status, to) is not None) == ((status, to) in ALLOWED)


def test_every_status_has_an_entry():
    assert set(TRANSITIONS) == set(CaseStatus)


@pytest.mark.parametrize("status", ["captured", "adjudication", "duplicate", "failed"])
def test_nobody_is_sent_to_record_again_without_a_look_at_the_centre(status):
    assert step(status, "rerecord").checked_at_centre


@pytest.mark.parametrize(("status", "second"), [("captured", False), ("adjudication", True), ("duplicate", True)])
def test_what_the_centre_holds_needs_a_second_person(status, second):
    assert step(status, "rerecord").second_person == second


def test_only_a_recording_ends_a_re_recording():
    assert step("rerecord", "captured").by == frozenset()


def test_steps_for_an_operator_are_production_only():
    assert steps_for("printed", Role.OPERATOR) == ["print_ready", "shipped", "ready"]
    assert steps_for("captured", Role.OPERATOR) == []
    assert steps_for("ready", Role.ADMINISTRATOR) == []
