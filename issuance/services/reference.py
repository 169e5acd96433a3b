"""The stall clock's rules as they are before an administrator changes them."""

from issuance.enums import CaseStatus, NextStep
from issuance.models import StallRule

# Status: service days until late, until stalled, and the remedy then. Basis: office standard; not law.
STALL_RULES = {
    CaseStatus.CAPTURED: (1, 3, NextStep.OFFICE_RESEND),
    CaseStatus.SENT: (5, 14, NextStep.CHECK_CENTRE),
    CaseStatus.ADJUDICATION: (10, 30, NextStep.CALL_TO_OFFICE),
    CaseStatus.DUPLICATE: (2, 10, NextStep.CHOOSE_DUPLICATE),
    CaseStatus.FAILED: (1, 2, NextStep.PROPOSE_RERECORD),
    CaseStatus.RERECORD: (7, 30, NextStep.INVITE_RERECORD),
    CaseStatus.PRINT_READY: (1, 5, NextStep.INVITE_OR_LETTER),
    CaseStatus.PRINTED: (1, 3, NextStep.SHIP),
    CaseStatus.SHIPPED: (2, 5, NextStep.TRACE),
    CaseStatus.READY: (7, 90, NextStep.REMIND),
}


def load_stall_rules() -> int:
    """Create the rules that are missing; existing ones keep what was changed. Returns how many exist. Idempotent."""
    StallRule.objects.bulk_create(
        [
            StallRule(status=status, late_after=late, stalled_after=stalled, remedy=remedy)
            for status, (late, stalled, remedy) in STALL_RULES.items()
        ],
        ignore_conflicts=True,
    )
    return StallRule.objects.count()
