"""The only writer of audit events."""

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
