"""Which recording a case leaves its resident. `check_integrity` holds the two together."""

from issuance.enums import CaseStatus
from recording.enums import Entitlement

CASE_OPEN = "case_open"
RERECORD = "rerecord"
CARD_ISSUED = "card_issued"
CASE_CLOSED = "case_closed"


def entitlement_for(status: CaseStatus | str) -> tuple[Entitlement, str]:
    """Entitlement and its reason while a case is in `status`. Only RERECORD allows a recording: any other second one
    would make a duplicate in the national data."""
    match CaseStatus(status):
        case CaseStatus.RERECORD:
            return Entitlement.RERECORD, RERECORD
        case CaseStatus.ISSUED:
            return Entitlement.NONE, CARD_ISSUED
        case CaseStatus.CLOSED:
            return Entitlement.NONE, CASE_CLOSED
        case _:
            return Entitlement.NONE, CASE_OPEN
