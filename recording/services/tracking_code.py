"""Issue and find the code a resident holds; sole writer of `TrackingCode`."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from recording.crypto import blind_index
from recording.models import Resident, TrackingCode
from recording.policy.code import new_code


def lookup_index(*, nik: str, code: str) -> bytes:
    """The index of NIK and code together: one probe says yes or no to both."""
    return blind_index(f"{nik}|{code}", purpose="tracking_code.lookup")


def desk_index(code: str) -> bytes:
    """The index of the code alone, for staff who hold the slip in their hand."""
    return blind_index(code, purpose="tracking_code.desk")


@transaction.atomic
def issue(*, resident: Resident, nik: str, now: datetime) -> str:
    """Give `resident` a new code and revoke the one before. Returns the canonical code (11 characters).

    Locks the resident's row, so that two requests for one person come one after the other.
    """
    Resident.objects.select_for_update(no_key=True).get(pk=resident.pk)
    resident.codes.filter(revoked_at__isnull=True).update(revoked_at=now)
    code = new_code()
    row = TrackingCode(resident=resident, lookup=lookup_index(nik=nik, code=code), desk=desk_index(code), issued_at=now)
    row.code = code
    row.save(force_insert=True)
    return code


@transaction.atomic
def ensure(*, resident: Resident, nik: str, now: datetime) -> str:
    """The active code of `resident`, or a new one."""
    return active_code(resident) or issue(resident=resident, nik=nik, now=now)


def end(*, resident_ids: Sequence[int], now: datetime) -> int:
    """Let the active codes of these residents end: nothing is left to follow with them. Returns how many."""
    return TrackingCode.objects.filter(resident_id__in=resident_ids, revoked_at__isnull=True).update(revoked_at=now)


def active_code(resident: Resident) -> str:
    """The canonical active code, or "" when there is none."""
    row = resident.codes.filter(revoked_at__isnull=True).first()
    return row.code if row else ""


def find(*, nik: str, code: str) -> Resident | None:
    """The resident whose active code and NIK these are; unknown NIK and wrong code are the same None."""
    return _find(lookup=lookup_index(nik=nik, code=code))


def find_at_desk(code: str) -> Resident | None:
    """The resident who holds `code` (canonical); for staff only."""
    return _find(desk=desk_index(code))


def _find(**index: bytes) -> Resident | None:
    row = TrackingCode.objects.filter(revoked_at__isnull=True, **index).select_related("resident").first()
    return row.resident if row else None
