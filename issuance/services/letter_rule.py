"""Which kind of letter may be issued when. Administrators change it as circulars come and go."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from issuance.enums import LetterKind, LetterStatus
from issuance.models import InterimLetter, LetterRule
from issuance.services.letter import allowed_kinds
from recording.models import User
from recording.services import audit


@dataclass(frozen=True)
class Effect:
    """What a rule would change on the day it is saved. `starts`, `stops`: kinds allowed from then on, or no more;
    `valid`: letters of the stopped kinds that stay valid but can no longer be extended."""

    starts: list[LetterKind]
    stops: list[LetterKind]
    valid: int


def save(*, rule_id: int | None, kind: str, allowed_from: date, until: date | None, basis: str, by: User) -> LetterRule:
    """Make or change a rule. Letters already issued keep their date."""
    with transaction.atomic():
        return _save(
            rule_id=rule_id, values={"kind": kind, "allowed_from": allowed_from, "until": until, "basis": basis}, by=by
        )


def _save(*, rule_id: int | None, values: dict, by: User) -> LetterRule:
    rule, _made = LetterRule.objects.update_or_create(pk=rule_id, defaults=values)
    audit.record(action="letter_rule.change", actor=by, subject=f"letter_rule:{rule.pk}", reason=values["basis"])
    return rule


def effect(
    *, rule_id: int | None, kind: str, allowed_from: date, until: date | None, basis: str, by: User, today: date
) -> Effect:
    """What `save` with the same values would change today. Changes nothing."""
    before = allowed_kinds(on=today)
    with transaction.atomic():
        values = {"kind": kind, "allowed_from": allowed_from, "until": until, "basis": basis}
        LetterRule.objects.update_or_create(pk=rule_id, defaults=values)
        after = allowed_kinds(on=today)
        transaction.set_rollback(True)
    stops = [each for each in before if each not in after]
    valid = InterimLetter.objects.filter(kind__in=stops, status=LetterStatus.VALID).count() if stops else 0
    return Effect([each for each in after if each not in before], stops, valid)
