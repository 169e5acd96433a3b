"""A new code for somebody who lost it, sent only to a contact that we hold."""

import hmac
from datetime import datetime

from django.db import transaction

from recording.enums import LIVE_STATUSES, AccessKind
from recording.models import Appointment, Resident
from recording.services import access_attempt, audit, notification, rate_limit, tracking_code
from recording.services.resident import find_by_nik

TRIES_PER_ADDRESS = {"capacity": 20, "per_seconds": 10 * 60}
TRIES_PER_NIK = {"capacity": 3, "per_seconds": 60 * 60}


def request(*, nik: str, phone: str, address: str, now: datetime) -> bool:
    """Issue a new code and owe its message when `phone` (E.164) is the number we hold for `nik`.

    Returns whether it was; the page must not show it. Raises TooManyTries.
    """
    rate_limit.take(scope="lost_code.address", key=address, now=now, **TRIES_PER_ADDRESS)
    rate_limit.take(scope="lost_code.nik", key=nik, now=now, **TRIES_PER_NIK)
    resident = find_by_nik(nik)
    appointment = _live_appointment(resident)
    declared = bool(appointment and _is(phone, appointment.declaration.phone))
    known = bool(resident and _is(phone, resident.identity.phone))
    access_attempt.note(kind=AccessKind.LOST_CODE, resident=resident if declared or known else None)
    if resident is None or not (declared or known):
        return False
    _reissue(resident=resident, nik=nik, appointment=appointment if declared else None, now=now)
    return True


def _live_appointment(resident: Resident | None) -> Appointment | None:
    """The live appointment that was declared online; also asked for an unknown NIK, so that both take as long."""
    return (
        Appointment.objects.select_related("declaration")
        .filter(resident_id=resident.pk if resident else 0, status__in=LIVE_STATUSES, declaration__isnull=False)
        .first()
    )


def _is(typed: str, held: str) -> bool:
    return bool(held) and hmac.compare_digest(typed.encode(), held.encode())


@transaction.atomic
def _reissue(*, resident: Resident, nik: str, appointment: Appointment | None, now: datetime) -> None:
    tracking_code.issue(resident=resident, nik=nik, now=now)
    notification.enqueue(
        resident_id=resident.pk,
        kind="code_reissued",
        dedup_key=f"code_reissued:{resident.pk}:{now.isoformat()}",
        now=now,
        appointment=appointment,
        language=appointment.language if appointment else "id",
    )
    audit.record(action="tracking_code.reissue", resident_id=resident.pk, subject=f"resident:{resident.pk}")
