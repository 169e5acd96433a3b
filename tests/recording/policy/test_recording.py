import pytest

from recording.enums import BiometricElement, FailureReason, MissingReason, RecordingOutcome
from recording.policy.recording import advice, captured, missing_is_acceptable

ACCEPTED, FAILED = RecordingOutcome.ACCEPTED, RecordingOutcome.FAILED


def test_a_blind_resident_is_recorded_without_iris():
    missing = {BiometricElement.IRIS: MissingReason.BLIND}

    assert missing_is_acceptable(missing)
    assert captured(ACCEPTED, missing) == ["photo", "fingerprints", "signature"]


@pytest.mark.parametrize("reason", MissingReason)
def test_a_photograph_is_never_left_out(reason):
    assert not missing_is_acceptable({BiometricElement.PHOTO: reason})


@pytest.mark.parametrize(
    "missing",
    [
        {"iris": "amputation"},
        {"fingerprints": "blind"},
        {"signature": "worn"},
        {"iris": ""},
        {"iris": "nonsense"},
        {"toes": "other"},
    ],
)
def test_a_reason_that_does_not_fit_its_element_is_refused(missing):
    assert not missing_is_acceptable(missing)


def test_everything_may_be_missing_but_the_photograph():
    missing = {"fingerprints": "amputation", "iris": "blind", "signature": "tremor"}

    assert missing_is_acceptable(missing)
    assert captured(ACCEPTED, missing) == ["photo"]


def test_a_failed_sitting_leaves_nothing_that_can_be_used():
    assert captured(FAILED, {}) == []


@pytest.mark.parametrize("reason", FailureReason)
def test_every_failure_comes_with_advice(reason):
    assert len(advice(reason)) > 30


def test_a_recording_that_did_not_fail_needs_no_advice():
    assert advice("") == ""
