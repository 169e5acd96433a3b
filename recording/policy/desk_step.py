"""What the clerk does next with an appointment: one step, decided here and nowhere in a template."""

from datetime import date
from enum import StrEnum

from recording.enums import AppointmentStatus, Entitlement, Purpose


class DeskStep(StrEnum):
    CHECK_IN = "check_in"
    OTHER_DAY = "other_day"  # booked or missed, but not for today
    RECORD = "record"
    NOT_ENTITLED = "not_entitled"  # here, but recorded already: a second recording would make a duplicate
    COLLECT = "collect"
    RECORDED = "recorded"
    ENDED = "ended"


def next_step(*, status: str, day: date, today: date, purpose: str, entitlement: str) -> DeskStep:
    """The one step that an appointment on `day` in `status` allows on `today`."""
    match status:
        case AppointmentStatus.BOOKED | AppointmentStatus.NO_SHOW:
            return DeskStep.CHECK_IN if day == today else DeskStep.OTHER_DAY
        case AppointmentStatus.ARRIVED | AppointmentStatus.SERVING if purpose == Purpose.COLLECT:
            return DeskStep.COLLECT
        case AppointmentStatus.ARRIVED | AppointmentStatus.SERVING:
            return DeskStep.NOT_ENTITLED if entitlement == Entitlement.NONE else DeskStep.RECORD
        case AppointmentStatus.DONE if purpose != Purpose.COLLECT:
            return DeskStep.RECORDED
    return DeskStep.ENDED


def shows_identity(step: DeskStep) -> bool:
    """Whether the particulars are shown in full: only while the person is here, or about to be, to be compared."""
    return step in (DeskStep.CHECK_IN, DeskStep.RECORD, DeskStep.NOT_ENTITLED, DeskStep.COLLECT)
