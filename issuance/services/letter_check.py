"""`/suket/`: what anybody who is shown a letter may learn about it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.utils import timezone

from issuance.enums import ENDED_STATUSES, LetterStatus
from issuance.models import InterimLetter
from issuance.policy.letter import read_token
from recording.policy.mask import mask_name
from recording.services import rate_limit

TRIES_PER_ADDRESS = {"capacity": 30, "per_seconds": 60}  # a counter may check many papers; guessing needs 2**40 tries


class Standing(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class PublicLetter:
    """Whether a letter holds today, whose it is as initials, its number and days. Nothing else."""

    standing: Standing
    kind: str = ""
    number: str = ""
    name: str = ""
    issued_on: date | None = None
    valid_until: date | None = None


def check(*, token: str, address: str, now: datetime) -> PublicLetter:
    """What the paper with `token` is worth at `now`. One look-up, whether `token` is one or not.

    Raises TooManyTries: `address` has asked too often.
    """
    rate_limit.take(scope="letter.address", key=address, now=now, **TRIES_PER_ADDRESS)
    letters = InterimLetter.objects.filter(token=read_token(token)).select_related("case__resident")
    letter = letters.first()
    if letter is None:
        return PublicLetter(standing=Standing.UNKNOWN)
    return PublicLetter(
        standing=_standing(letter, timezone.localdate(now)),
        kind=str(letter.get_kind_display()),
        number=letter.number,
        name=mask_name(letter.case.resident.name),
        issued_on=letter.issued_on,
        valid_until=letter.valid_until,
    )


def _standing(letter: InterimLetter, today: date) -> Standing:
    """The day decides, not the nightly job; and never valid beside a card."""
    if letter.status == LetterStatus.REVOKED or letter.case.status in ENDED_STATUSES:
        return Standing.REVOKED
    if letter.status == LetterStatus.EXPIRED or letter.valid_until < today:
        return Standing.EXPIRED
    return Standing.VALID
