"""What the templates of `templates/messages/issuance/` need beyond the ground floor's own context."""

from typing import Any

from django.utils.formats import date_format

from issuance.enums import CaseStatus
from issuance.models import Case, InterimLetter
from issuance.policy.advice import STALLED_MESSAGE
from issuance.policy.promise import Promise
from issuance.services.promise import promise
from recording.models import Notification


def about_recording(notification: Notification) -> dict[str, Any]:
    """`office`, and for an accepted recording `expected` (dates in words) or `at_seventeen`."""
    case = _case(notification)
    if case.recording is None:
        return {"office": case.office}
    promised = promise(resident=case.resident, recorded_at=case.recording.recorded_at, office=case.pickup_office)
    expected = "" if promised.open_ended else between(promised)
    return {"office": case.office, "expected": expected, "at_seventeen": promised.at_seventeen}


def about_stall(notification: Notification) -> dict[str, Any]:
    """`sentence`: what is the matter and what to do, for the status the case was flagged in; `checking`: we do, not
    the resident."""
    case = _case(notification)
    status = CaseStatus(notification.context["status"])
    return {
        "sentence": STALLED_MESSAGE[status] % {"office": _where(case, status).name},
        "checking": status not in (CaseStatus.RERECORD, CaseStatus.PRINT_READY, CaseStatus.READY),
    }


def about_case(notification: Notification) -> dict[str, Any]:
    """`office`: where the resident should go."""
    case = _case(notification)
    return {"office": _where(case, CaseStatus(case.status))}


def about_letter(notification: Notification) -> dict[str, Any]:
    """`office`, `kind` of the letter, and `until` when it is valid, in words. Never its number: that is for paper."""
    letter = InterimLetter.objects.select_related("office").get(pk=notification.context["letter"])
    return {
        "office": letter.office,
        "kind": letter.get_kind_display(),
        "until": date_format(letter.valid_until, "j F Y"),
    }


def between(promised: Promise) -> str:
    """ "27-28 November 2026", in the active language."""
    first, last = promised.earliest, promised.latest
    if first == last:
        return date_format(last, "j F Y")
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{date_format(last, 'j F Y')}"
    return f"{date_format(first, 'j F')} - {date_format(last, 'j F Y')}"


def _case(notification: Notification) -> Case:
    return Case.objects.select_related("resident__identity", "recording", "office", "pickup_office").get(
        pk=notification.context["case"]
    )


def _where(case: Case, status: CaseStatus):
    """Once there is a card, it is about where to collect it."""
    collecting = (CaseStatus.PRINT_READY, CaseStatus.PRINTED, CaseStatus.SHIPPED, CaseStatus.READY)
    return case.pickup_office if status in collecting else case.office
