"""Who comes first when blanks are short: the order as data (`PriorityRule`), read by one statement."""

from typing import Any

from django.db.models import Q

from recording.enums import OfficeKind
from recording.models import Office

# Everybody whose card may be printed at these offices, without a blank held for them, each with the first rule that
# fits and the place in line. Whoever came in vain goes first; whoever was invited and stayed away, last.
IN_LINE = """
candidate AS (
    SELECT cases.id, cases.kind, cases.status_since, cases.waiting_for, cases.attempt, letter.valid_until,
           count(pick.id) FILTER (WHERE pick.state = 'unmet') AS in_vain,
           count(pick.id) FILTER (WHERE pick.state = 'lapsed') AS stayed_away,
           count(pick.id) FILTER (WHERE pick.state IN ('picked', 'invited')) AS live
    FROM issuance_case cases
    LEFT JOIN issuance_interimletter letter ON letter.case_id = cases.id AND letter.status = 'valid'
    LEFT JOIN issuance_printpick pick ON pick.case_id = cases.id
              AND (pick.state IN ('picked', 'invited') OR pick.invited_at >= cases.status_since)
    WHERE cases.status = 'print_ready' AND cases.waiting_for <> 'age' AND cases.pickup_office_id = ANY(%(offices)s)
    GROUP BY cases.id, letter.valid_until
), in_line AS (
    SELECT candidate.*, COALESCE(rule.priority, 'oldest') AS priority, row_number() OVER (
        ORDER BY in_vain = 0, stayed_away, COALESCE(rule.position, 32767),
                 CASE WHEN rule.priority = 'expiring_letter' THEN valid_until END, status_since, candidate.id
    ) AS place
    FROM candidate
    LEFT JOIN LATERAL (
        SELECT priority, position FROM issuance_priorityrule
        WHERE active AND (priority = 'oldest' OR (priority = 'first_card' AND candidate.kind = 'first')
                          OR (priority = 'expiring_letter' AND candidate.valid_until IS NOT NULL))
        ORDER BY position LIMIT 1
    ) rule ON true
    WHERE live = 0
)
"""


def collected_from(office: Office) -> list[int]:
    """Offices whose cards are printed at `office` as a rule: its own, and at Disdukcapil those of offices without a
    printer."""
    if office.kind != OfficeKind.DISDUKCAPIL:
        return [office.pk]
    return list(Office.objects.filter(Q(pk=office.pk) | Q(prints_here=False)).values_list("pk", flat=True))


def values(office_ids: list[int], **more: Any) -> dict[str, Any]:
    """The parameters of IN_LINE."""
    return {"offices": office_ids, **more}
