"""What an administrator says about an office. Stations and hours have their own services: they change slots."""

from django.db import transaction

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
