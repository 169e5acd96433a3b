"""Which moves of a case the office may decide, and whom each needs. Basis: architecture.md section 4.

What the national centre's lists report is observed, not decided, and does not pass through this table.
"""

from dataclasses import dataclass

from issuance.enums import CaseStatus
from recording.enums import Role

DESK = frozenset({Role.OPERATOR, Role.VERIFIER})
VERIFIER = frozenset({Role.VERIFIER})
SUPERVISOR = frozenset({Role.SUPERVISOR})
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Step:
    """Whom a move needs. `by` empty: only a new recording makes it.

    `checked_at_centre`: the person states having looked the resident up in the centre's data. `deleted_at_centre`: and
    on which day the centre deleted its record. `second_person`: a granted Approval. `reason`: a note. `same_day`: only
    on the local date of the status being left.
    """

    by: frozenset[Role]
    checked_at_centre: bool = False
    deleted_at_centre: bool = False
    second_person: bool = False
    reason: bool = False
    same_day: bool = False


PRODUCTION = Step(by=DESK)
DECISION = Step(by=VERIFIER)
RERECORDING = Step(by=VERIFIER, checked_at_centre=True)
RERECORDING_AFTER_DELETION = Step(by=VERIFIER, checked_at_centre=True, deleted_at_centre=True, second_person=True)
BY_A_RECORDING = Step(by=NOBODY)
UNDO_HAND_OVER = Step(by=SUPERVISOR, reason=True, same_day=True)
CLOSING = Step(by=VERIFIER, reason=True)

S = CaseStatus
TRANSITIONS: dict[CaseStatus, dict[CaseStatus, Step]] = {
    S.CAPTURED: {S.SENT: DECISION, S.FAILED: DECISION, S.RERECORD: RERECORDING},
    S.SENT: {S.CAPTURED: DECISION, S.FAILED: DECISION},
    S.ADJUDICATION: {S.DUPLICATE: DECISION, S.RERECORD: RERECORDING_AFTER_DELETION},
    S.DUPLICATE: {S.RERECORD: RERECORDING_AFTER_DELETION},
    S.FAILED: {S.CAPTURED: DECISION, S.RERECORD: RERECORDING},
    S.RERECORD: {S.CAPTURED: BY_A_RECORDING},
    S.PRINT_READY: {S.PRINTED: PRODUCTION},
    S.PRINTED: {S.PRINT_READY: PRODUCTION, S.SHIPPED: PRODUCTION, S.READY: PRODUCTION},
    S.SHIPPED: {S.READY: PRODUCTION, S.PRINTED: PRODUCTION},
    S.READY: {S.ISSUED: PRODUCTION, S.PRINTED: PRODUCTION},
    S.ISSUED: {S.READY: UNDO_HAND_OVER},
    S.CLOSED: {},
}
for _status, _steps in TRANSITIONS.items():
    if _status not in (S.ISSUED, S.CLOSED):
        _steps[S.CLOSED] = CLOSING


def step(status: CaseStatus | str, to: CaseStatus | str) -> Step | None:
    """What the move from `status` to `to` needs; None: there is no such move."""
    return TRANSITIONS[CaseStatus(status)].get(CaseStatus(to))


def steps_for(status: CaseStatus | str, role: Role | str) -> list[CaseStatus]:
    """The statuses a member of staff with `role` may move a case to."""
    return [to for to, needs in TRANSITIONS[CaseStatus(status)].items() if role in needs.by]


def decided_steps(status: CaseStatus | str, role: Role | str) -> list[CaseStatus]:
    """Of `steps_for`, what is decided about a case on its page: not what printing and handing over bring about."""
    return [to for to in steps_for(status, role) if TRANSITIONS[CaseStatus(status)][to].by == VERIFIER]
