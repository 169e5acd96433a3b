"""Hand somebody at the desk their code again."""

from datetime import datetime

from django.db import transaction

from recording.models import Resident, User
from recording.services import audit, tracking_code


@transaction.atomic
def reprint(*, resident_id: int, by: User, reason: str, fresh: bool, now: datetime) -> str:
    """The resident's code for a new slip. `fresh`: the old code was seen by others, so it is revoked.

    Returns the canonical code. Locks the resident, so that two clerks never issue two codes.
    """
    resident = Resident.objects.select_for_update(no_key=True).get(pk=resident_id)
    give = tracking_code.issue if fresh else tracking_code.ensure
    code = give(resident=resident, nik=resident.identity.nik, now=now)
    audit.record(
        action="tracking_code.replace" if fresh else "tracking_code.reprint",
        actor=by,
        resident_id=resident_id,
        office_id=by.office_id,
        reason=reason,
    )
    return code
