"""The public doors that NIK and code open. Every try leaves an `AccessAttempt`, hit or miss alike."""

from datetime import datetime

from recording.enums import AccessKind
from recording.models import AccessAttempt, Resident
from recording.services import rate_limit, tracking_code

# Carriers and offices share addresses, so the address limit is wide; a NIK has few wrong tries.
TRIES_PER_ADDRESS = {"capacity": 60, "per_seconds": 60}
MISSES_PER_NIK = {"capacity": 5, "per_seconds": 15 * 60}
BOOKINGS_PER_ADDRESS = {"capacity": 60, "per_seconds": 60}


def prove(*, nik: str, code: str, kind: AccessKind, address: str, now: datetime) -> Resident | None:
    """The resident who holds both `nik` and the active `code`; None for an unknown NIK and a wrong code alike.

    Only misses use up a NIK's tries, so nobody is locked out of the own appointment by another's guessing.
    Raises TooManyTries.
    """
    rate_limit.take(scope="door.address", key=address, now=now, **TRIES_PER_ADDRESS)
    resident = tracking_code.find(nik=nik, code=code)
    note(kind=kind, resident=resident)
    if resident is None:
        rate_limit.take(scope="door.nik", key=nik, now=now, **MISSES_PER_NIK)
    return resident


def admit_booking(*, address: str, now: datetime) -> None:
    """Use one of an address's tries to book. Raises TooManyTries."""
    rate_limit.take(scope="booking.address", key=address, now=now, **BOOKINGS_PER_ADDRESS)


def note(*, kind: AccessKind, resident: Resident | None) -> None:
    """Write down one try of a public door."""
    AccessAttempt.objects.create(
        kind=kind, resident_id=resident.pk if resident else None, succeeded=resident is not None
    )
