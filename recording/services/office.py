"""What is said about an office. Stations and hours have their own services: they change slots."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from recording.enums import CardOutlook, PrintPolicy
from recording.models import Office, User
from recording.services import audit


@transaction.atomic
def describe(*, office_id: int, name: str, address: str, phone: str, by: User) -> Office:
    """Change what residents read about an office: name, address, telephone."""
    office = Office.objects.select_for_update().get(pk=office_id)
    office.name, office.address, office.phone = name, address, phone
    office.save(update_fields=["name", "address", "phone"])
    audit.record(action="office.describe", actor=by, office_id=office.pk, subject=f"office:{office.pk}")
    return office


@transaction.atomic
def set_printing(*, office_id: int, prints_here: bool, policy: PrintPolicy, by: User) -> bool:
    """Say whether an office prints cards, and whether while the resident waits or before. Returns whether it changed."""
    same = Q(prints_here=prints_here, print_policy=policy)
    changed = Office.objects.filter(pk=office_id).exclude(same).update(prints_here=prints_here, print_policy=policy)
    if changed:
        audit.record(action="office.printing", actor=by, office_id=office_id, subject=f"office:{office_id}")
    return bool(changed)


@transaction.atomic
def set_card_outlook(*, outlooks: Mapping[int, CardOutlook], at: datetime) -> int:
    """Say by office id what somebody recorded there may expect, as known at `at`. The only writer of the outlook.
    Returns for how many offices it is another than before. Locks the offices in the order of ids."""
    changed = 0
    for office in Office.objects.select_for_update(no_key=True).filter(pk__in=outlooks).order_by("pk"):
        changed += office.card_outlook != outlooks[office.pk]
        Office.objects.filter(pk=office.pk).update(card_outlook=outlooks[office.pk], card_outlook_at=at)
    return changed
