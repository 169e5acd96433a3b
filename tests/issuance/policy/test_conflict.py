import pytest

from issuance.enums import CaseStatus
from issuance.policy.conflict import OF_THE_CENTRE, WITH_A_CARD, may_adopt

OURS = [CaseStatus.RERECORD, CaseStatus.READY, CaseStatus.CLOSED, ""]


@pytest.mark.parametrize("observed", [*CaseStatus, ""])
@pytest.mark.parametrize("status", list(CaseStatus))
def test_every_pair(status, observed):
    """What a list can say may be followed, unless the case has ended; with a card, not to before it was printed."""
    open_and_other = status not in ("issued", "closed") and observed != status and observed not in OURS

    assert may_adopt(status=status, observed=observed, has_card=False) is open_and_other
    assert may_adopt(status=status, observed=observed, has_card=True) is (open_and_other and observed in WITH_A_CARD)


def test_what_is_ours_alone_never_comes_from_the_centre():
    assert not OF_THE_CENTRE & {*OURS}
