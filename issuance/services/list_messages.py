"""What the messages that a national list causes need beyond the ground floor's own context."""

from typing import Any

from issuance.enums import CaseStatus, WaitingFor
from issuance.models import Case
from issuance.policy.list_words import FOUND, PRINTED_AT_SEVENTEEN, PRINTED_LATER, PRINTED_ON_REQUEST, WAIT_FOR_CHECK
from recording.enums import CardOutlook, PrintPolicy
from recording.models import Notification


def about_print_ready(notification: Notification) -> dict[str, Any]:
    """`sentence`: what is next until the card is in the hand."""
    case = _case(notification)
    return {"sentence": _printing(case), "office": case.pickup_office}


def about_found(notification: Notification) -> dict[str, Any]:
    """`sentence`: where the recording stands at this moment, and what to do."""
    case = _case(notification)
    if case.status == CaseStatus.PRINT_READY:
        sentence = _printing(case)
    else:
        sentence = str(FOUND.get(case.status, WAIT_FOR_CHECK)) % {"office": case.pickup_office.name}
    return {"sentence": sentence, "office": case.pickup_office}


def _printing(case: Case) -> str:
    """Nobody is asked to come where there may be no blank."""
    office = case.pickup_office
    if case.waiting_for == WaitingFor.AGE:
        return str(PRINTED_AT_SEVENTEEN)
    at_once = office.prints_here and office.print_policy == PrintPolicy.ON_REQUEST
    words = PRINTED_ON_REQUEST if at_once and office.card_outlook == CardOutlook.CARD else PRINTED_LATER
    return str(words) % {"office": office.name}


def _case(notification: Notification) -> Case:
    return Case.objects.select_related("pickup_office").get(pk=notification.context["case"])
