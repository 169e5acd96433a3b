"""The rules of stalls, letters and printing as they are before an administrator changes them."""

from datetime import date

from issuance.enums import CaseStatus, LetterKind, NextStep, PrintPriority
from issuance.models import LetterRule, PriorityRule, StallRule

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


# Kind, first and last day, basis. The circulars' own days of 2020 and 2022 are not known to us, so the rule ends with
# the month before; Kudus issued Biodata WNI in the shortage of July 2023. IKD has no rule until an administrator says.
LETTER_RULES = [
    (LetterKind.SUKET, date(2016, 9, 29), date(2020, 2, 29), "Dirjen Dukcapil 471.13/10231/DUKCAPIL, 29-9-2016"),
    (LetterKind.BIODATA_WNI, date(2023, 7, 1), None, "Kekurangan blanko Juli 2023; suket dilarang 3-2020 dan 11-2022"),
]


def load_letter_rules() -> int:
    """Create the rules where there are none at all; changed ones stay. Returns how many exist. Idempotent."""
    if not LetterRule.objects.exists():
        LetterRule.objects.bulk_create(
            LetterRule(kind=kind, allowed_from=first, until=last, basis=basis)
            for kind, first, last, basis in LETTER_RULES
        )
    return LetterRule.objects.count()


# Who gets scarce blanks first. Basis: the ministry's order (first cards, then whoever holds a letter) and the exchange
# of the oldest letters first, as practised in Kudus in 2019; office standard, not law.
PRIORITY_RULES = (PrintPriority.EXPIRING_LETTER, PrintPriority.FIRST_CARD, PrintPriority.OLDEST)


def load_priority_rules() -> int:
    """Create the rules where there are none at all; changed ones stay. Returns how many exist. Idempotent."""
    if not PriorityRule.objects.exists():
        PriorityRule.objects.bulk_create(
            PriorityRule(priority=priority, position=position)
            for position, priority in enumerate(PRIORITY_RULES, start=1)
        )
    return PriorityRule.objects.count()
