"""What the national centre's lists say, and what that means for a case. Basis: architecture.md section 4.

Every observation is stored as received. It moves a case only where the step is the centre's to report; what our own
office decides is compared with it, and where the two cannot both be true an officer looks.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from issuance.enums import CaseStatus, ImportResult

S = CaseStatus

# Raw texts in upper case with underscores. Source: domain.md section 3; the two that nobody has seen are aliases.
RAW_STATUS: dict[str, CaseStatus] = {
    "BIO_CAPTURED": S.CAPTURED,
    "PROCESSING": S.CAPTURED,
    "SENT_FOR_ENROLLMENT": S.SENT,
    "SFE": S.SENT,
    "RECEIVED_AT_CENTRAL": S.SENT,
    "SENT_FOR_DEDUP": S.SENT,
    "ADJUDICATE_RECORD": S.ADJUDICATION,
    "ADJUDICATE_IN_PROCESS": S.ADJUDICATION,
    "DUPLICATE_RECORD": S.DUPLICATE,
    "ENROLL_FAILURE_AT_CENTRAL": S.FAILED,
    "ENROLL_FAILURE_AT_REGIONAL": S.FAILED,
    "SEARCH_FAILURE_AT_CENTRAL": S.FAILED,
    "PRINT_READY_RECORD": S.PRINT_READY,
    "PRR": S.PRINT_READY,
    "SENT_FOR_CARD_PRINTING": S.PRINTED,
    "CARD_PRINTED": S.PRINTED,
    "CARD_SHIPPED": S.SHIPPED,
    "CARD_ISSUED": S.ISSUED,
}
UNREGISTERED = "UNREGISTERED"  # has a NIK and was never recorded: known to us, and no status of a case

CENTRE = (S.CAPTURED, S.SENT, S.ADJUDICATION, S.DUPLICATE, S.FAILED)  # the centre's to report
OUTPUT = (S.PRINTED, S.SHIPPED, S.ISSUED)  # what the centre may report ahead of us
# How far along the road to the hand each status is. The centre's three answers stand side by side.
ROAD = {
    S.CAPTURED: 0,
    S.SENT: 1,
    S.ADJUDICATION: 2,
    S.DUPLICATE: 2,
    S.FAILED: 2,
    S.RERECORD: 2,
    S.PRINT_READY: 3,
    S.PRINTED: 4,
    S.SHIPPED: 5,
    S.READY: 6,
    S.ISSUED: 7,
}
NOT_THERE = (S.CAPTURED, S.RERECORD, S.CLOSED)  # what we say of people whom the centre need not know

UNDO_WITHIN = timedelta(minutes=30)  # messages of a list wait as long; office standard
FRESH_FOR = timedelta(days=3)  # without a list newer than that we do not know what the centre says
UNDONE = "Daftar pusat diurungkan"  # why a case that a list opened by mistake is closed

CHECKING_KIND, PRINT_READY_KIND, FOUND_KIND = "being_checked", "print_ready", "found_in_list"


class Decision(StrEnum):
    """What one observation does to a case. Every one but OLDER is stored in its `observed_*`."""

    ADVANCE = "advance"
    BACK = "back"
    OBSERVE = "observe"
    CONFLICT = "conflict"
    OLDER = "older"
    UNCHANGED = "unchanged"


RESULT: dict[Decision, ImportResult] = {
    Decision.ADVANCE: ImportResult.ADVANCED,
    Decision.BACK: ImportResult.BACK,
    Decision.OBSERVE: ImportResult.OBSERVED,
    Decision.CONFLICT: ImportResult.CONFLICT,
    Decision.OLDER: ImportResult.OLDER,
    Decision.UNCHANGED: ImportResult.UNCHANGED,
}


def decide(
    *, status: CaseStatus, status_since: datetime, observed: CaseStatus | None, observed_at: datetime
) -> Decision:
    """What a list that speaks of `observed_at` does to a case in `status` since `status_since` (the later of its last
    change and its last observation). `observed` None: the centre has never recorded this person.

    An older list never moves a case, nor does it contradict one: it tells what was true before.
    """
    if observed == status:
        return Decision.UNCHANGED
    if observed_at <= status_since:
        return Decision.OLDER
    return compare(status=status, observed=observed)


def compare(*, status: CaseStatus, observed: CaseStatus | None) -> Decision:
    """`decide` for a list that is newer than everything we know about the case."""
    if observed == status:
        return Decision.UNCHANGED
    if observed is None:
        return Decision.OBSERVE if status in NOT_THERE else Decision.CONFLICT
    if status == S.CLOSED:
        return Decision.OBSERVE  # nobody's work any more, and on every complete list
    ahead = ROAD[observed] >= ROAD[status]
    if status in CENTRE:
        return Decision.ADVANCE if ahead else Decision.BACK
    if status == S.RERECORD:
        return _after_the_decision_to_record_again(observed)
    if observed in OUTPUT and ahead:
        return Decision.ADVANCE
    # The centre hears of our prints late, if at all: that it is behind contradicts nothing.
    return Decision.OBSERVE if observed == S.PRINT_READY or observed in OUTPUT else Decision.CONFLICT


def _after_the_decision_to_record_again(observed: CaseStatus) -> Decision:
    """The centre's refusal is why we decided so; a card contradicts it and comes first; a running check is a question
    for an officer."""
    if observed == S.PRINT_READY or observed in OUTPUT:
        return Decision.ADVANCE
    return Decision.CONFLICT if observed in (S.CAPTURED, S.SENT) else Decision.OBSERVE


def message_for(to: CaseStatus) -> str:
    """Which message a resident is owed when a list moves the case to `to`; "" for none."""
    if to in (S.FAILED, S.ADJUDICATION, S.DUPLICATE):
        return CHECKING_KIND
    return PRINT_READY_KIND if to == S.PRINT_READY else ""


def is_stale(latest: datetime | None, *, now: datetime) -> bool:
    """Whether we do not know any more what the centre says. `latest`: until when the latest list speaks."""
    return latest is None or now - latest > FRESH_FOR
