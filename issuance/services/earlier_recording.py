"""People recorded before the portal: they stand at the desk with their family card and go home with a code."""

import hmac
from datetime import datetime

from django.db import transaction

from issuance.exceptions import FamilyCardDiffers, HasCase, HoldsCard, NotRecordedBefore
from issuance.models import Case
from issuance.services import case as cases
from recording.models import Office, Resident, User
from recording.policy.access import Permission, allows
from recording.services import audit, rate_limit, tracking_code

# A family card is typed off paper: more wrong numbers than that are guesses. Office standard, not law.
TRIES = {"capacity": 5, "per_seconds": 60 * 60}


def obstacle(resident: Resident) -> type[NotRecordedBefore | HoldsCard | HasCase] | None:
    """Why no case can be opened for `resident` at the desk; None: one can."""
    if not resident.recorded_before_portal:
        return NotRecordedBefore
    if resident.card_held:
        return HoldsCard
    return HasCase if Case.objects.filter(resident=resident).exists() else None


def note_try(*, resident_id: int, by: User, now: datetime) -> None:
    """Use one of the tries `by` has for this person's family card, whatever comes of it. Raises TooManyTries."""
    rate_limit.take(scope="earlier_recording", key=f"{by.pk}:{resident_id}", now=now, **TRIES)


@transaction.atomic
def open_case(*, resident_id: int, family_card: str, office: Office, by: User, now: datetime, reason: str = "") -> Case:
    """Open the case of somebody recorded before the portal and issue a code. `family_card`: 16 digits as on the paper.

    A code issued before is revoked: whoever held it knew nothing yet, and need not be this person.
    Raises FamilyCardDiffers: not the number we hold, or we hold none; a verifier goes on all the same with a `reason`.
    Raises NotRecordedBefore, HoldsCard, HasCase. Locks the resident.
    """
    resident = Resident.objects.select_related("identity").get(pk=resident_id)
    held = resident.identity.family_card
    is_same = bool(held) and hmac.compare_digest(held.encode(), family_card.encode())
    if not is_same and not (allows(by, Permission.DECIDE_CASES) and reason.strip()):
        raise FamilyCardDiffers
    case = cases.open_by_officer(resident=resident, by=by, now=now, office=office)
    if not is_same:
        cases.note(
            case_id=case.pk, by=by, now=now, text=f"Nomor KK berbeda: {reason}", action="case.family_card_differs"
        )
    tracking_code.issue(resident=resident, nik=resident.identity.nik, now=now)
    audit.record(
        action="tracking_code.issue_at_desk",
        actor=by,
        resident_id=resident.pk,
        subject=f"case:{case.pk}",
        office_id=office.pk,
        reason=cases.BEFORE_PORTAL_NOTE,
    )
    return case
