"""What a resident wants to be written: everything, or only what matters."""

from django.db import transaction

from recording.models import Resident
from recording.services import audit


def wants_only_urgent(*, resident_id: int) -> bool:
    """Whether this resident asked to get no message but what matters."""
    return Resident.objects.filter(pk=resident_id, only_urgent_messages=True).exists()


@transaction.atomic
def choose(*, resident_id: int, only_urgent: bool) -> bool:
    """Note the resident's wish; what is owed against it is withdrawn by the next drain. Returns whether it changed."""
    others = Resident.objects.filter(pk=resident_id).exclude(only_urgent_messages=only_urgent)
    if not others.update(only_urgent_messages=only_urgent):
        return False
    audit.record(action="message.fewer" if only_urgent else "message.all", resident_id=resident_id)
    return True
