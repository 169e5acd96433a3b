import pytest

from issuance.enums import CaseStatus, NextStep, WaitingFor
from issuance.policy.case_words import BRINGS, STANDS, STEPS, next_words, step_label
from issuance.policy.transitions import decided_steps
from recording.enums import Role


def words(**values):
    given = {"status": "print_ready", "next_step": "none", "waiting_for": "none", "differs": False} | values
    return next_words(**given)


@pytest.mark.parametrize("status", list(CaseStatus))
def test_every_status_and_every_decided_step_has_words(status):
    steps = decided_steps(status, Role.VERIFIER)

    assert STANDS[status]
    assert all(BRINGS[to] for to in steps)
    assert not [to for to in steps if step_label(status, to).startswith("Ubah menjadi")]


def test_only_a_verifier_decides():
    assert not [status for status in CaseStatus if decided_steps(status, Role.OPERATOR)]


def test_no_words_for_a_step_that_does_not_exist():
    assert not [pair for pair in STEPS if pair[1] not in decided_steps(pair[0], Role.VERIFIER)]


def test_what_is_next_is_the_gravest_first():
    assert words() == "Cetak, atau undang warga untuk dicetak saat datang."
    assert words(waiting_for=WaitingFor.AGE) == "Tunggu umur 17; warga dikabari pada harinya."
    assert words(next_step=NextStep.INVITE_OR_LETTER) == "Undang cetak atau beri surat keterangan."
    assert words(differs=True, next_step=NextStep.SHIP).startswith("Verifikator menyelesaikan perbedaan")
    assert words(status="issued") == words(status="closed") == ""
