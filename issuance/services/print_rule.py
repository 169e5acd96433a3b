"""How offices print, and who comes first when blanks are short: what an administrator decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from issuance.enums import PrintPriority
from issuance.models import PriorityRule
from issuance.services import waiting
from recording.enums import PrintPolicy
from recording.models import User
from recording.services import audit, office


@transaction.atomic
def decide(
    *, policies: Mapping[int, PrintPolicy | None], order: Sequence[PrintPriority], by: User, now: datetime
) -> int:
    """Set how each office (by id) prints, None: not at all, and the order of priorities, first to last; what is left out
    does not count. Returns how many offices changed. Who waits for a blank is settled anew. Locks the rules."""
    changed = sum(
        office.set_printing(
            office_id=office_id,
            prints_here=policy is not None,
            policy=policy or PrintPolicy.ON_REQUEST,
            by=by,
        )
        for office_id, policy in sorted(policies.items())
    )
    if list(order) != current_order():
        PriorityRule.objects.all().delete()
        PriorityRule.objects.bulk_create(
            PriorityRule(priority=priority, position=position) for position, priority in enumerate(order, start=1)
        )
        audit.record(action="print_rule.order", actor=by, subject=",".join(order)[:60])
    waiting.settle_blanks(now=now)
    return changed


def current_order() -> list[PrintPriority]:
    """The priorities that count, first to last."""
    rules = PriorityRule.objects.filter(active=True).order_by("position")
    return [PrintPriority(priority) for priority in rules.values_list("priority", flat=True)]
