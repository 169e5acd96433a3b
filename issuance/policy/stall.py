"""What a case that rests too long is called. How long that is, is data: `StallRule`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issuance.enums import CaseStatus

# The record itself is stuck in these; in the later ones only the card is late.
SETTLING_STATUSES = (
    CaseStatus.CAPTURED,
    CaseStatus.SENT,
    CaseStatus.ADJUDICATION,
    CaseStatus.DUPLICATE,
    CaseStatus.FAILED,
    CaseStatus.RERECORD,
)


def word_for(status: CaseStatus | str) -> str | Promise:
    """What staff call a stalled case in `status`: "mengendap" or "terlambat"."""
    return _("mengendap") if status in SETTLING_STATUSES else _("terlambat")
