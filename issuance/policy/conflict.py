"""When the centre's latest list and our record differ: whether an officer may follow the centre."""

from issuance.enums import ENDED_STATUSES, CaseStatus

# What a national list can say; RERECORD, READY and CLOSED are ours alone.
OF_THE_CENTRE = frozenset(
    {
        CaseStatus.CAPTURED,
        CaseStatus.SENT,
        CaseStatus.ADJUDICATION,
        CaseStatus.DUPLICATE,
        CaseStatus.FAILED,
        CaseStatus.PRINT_READY,
        CaseStatus.PRINTED,
        CaseStatus.SHIPPED,
        CaseStatus.ISSUED,
    }
)
WITH_A_CARD = frozenset({CaseStatus.PRINTED, CaseStatus.SHIPPED, CaseStatus.READY, CaseStatus.ISSUED})


def may_adopt(*, status: CaseStatus | str, observed: CaseStatus | str, has_card: bool) -> bool:
    """Whether a verifier may set a case in `status` to the `observed` one.

    An ended case stays ended. While a good card of ours exists (`has_card`) the case cannot go back to before it was
    printed: the card has to be marked as spoiled first, or a second one would be printed beside it.
    """
    if status in ENDED_STATUSES or observed not in OF_THE_CENTRE or observed == status:
        return False
    return not has_card or observed in WITH_A_CARD
