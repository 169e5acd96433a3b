"""The only writer of audit events."""

from collections.abc import Iterable

from recording.models import AuditEvent, User


def record(
    *,
    action: str,
    actor: User | None = None,
    resident_id: int | None = None,
    subject: str = "",
    office_id: int | None = None,
    reason: str = "",
) -> AuditEvent:
    """Note that `actor` (None: the resident, or a job) did or read `action`. Holds ids only, no personal values."""
    return AuditEvent.objects.create(
        action=action, actor=actor, resident_id=resident_id, subject=subject, office_id=office_id, reason=reason[:200]
    )


def record_many(
    *,
    action: str,
    about: Iterable[tuple[int | None, str, int | None]],
    actor: User | None = None,
    reason: str = "",
) -> int:
    """Note the same action about many: (resident id, subject, office id) each. One statement. Returns how many."""
    events = [
        AuditEvent(
            action=action,
            actor=actor,
            resident_id=resident_id,
            subject=subject,
            office_id=office_id,
            reason=reason[:200],
        )
        for resident_id, subject, office_id in about
    ]
    return len(AuditEvent.objects.bulk_create(events))
