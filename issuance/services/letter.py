"""Interim letters: papers of the national system that stand in for a card, of which we keep book."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from issuance.enums import LetterStatus
from issuance.models import InterimLetter
from recording.models import User
from recording.services import audit, notification

ISSUED_KIND = "letter_issued"
EXPIRING_KIND = "letter_expiring"


@transaction.atomic
def revoke_for_cases(*, case_ids: Sequence[int], reason: str, at: datetime, by: User | None = None) -> int:
    """End every valid letter of cases that have just ended (card in the hand, or closed). Returns how many.

    `reason` is shown to staff only. Three statements whatever the number of cases; one when none has a valid letter.
    Idempotent. Locks the letters.
    """
    valid = InterimLetter.objects.filter(case_id__in=case_ids, status=LetterStatus.VALID)
    letters = list(valid.select_related("case").select_for_update(no_key=True, of=["self"]).order_by("pk"))
    if not letters:
        return 0
    InterimLetter.objects.filter(pk__in=[letter.pk for letter in letters]).update(
        status=LetterStatus.REVOKED, ended_at=at, revoked_reason=reason[:120]
    )
    notification.withdraw_many(
        resident_ids=[letter.case.resident_id for letter in letters], kinds=[ISSUED_KIND, EXPIRING_KIND]
    )
    audit.record_many(
        action="letter.revoke",
        about=[(letter.case.resident_id, f"letter:{letter.pk}", letter.office_id) for letter in letters],
        actor=by,
        reason=reason,
    )
    return len(letters)
