import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from issuance.enums import MovementKind, SupplyItem
from issuance.models import CardPrint, SupplyBalance
from issuance.services import ledger
from tests.factories.cases import CaseFactory


class CardPrintFactory(DjangoModelFactory):
    """A card printed at the case's office; it has used nothing up (`supply.use` does that)."""

    class Meta:
        model = CardPrint

    case = factory.SubFactory(CaseFactory, status="printed")
    attempt = factory.SelfAttribute("case.attempt")
    office = factory.SelfAttribute("case.office")
    printed_at = factory.LazyFunction(timezone.now)


def stock(office, *, at=None, **quantities: int) -> None:
    """Give `office` supplies with the ledger that explains them: stock(office, blank=10, ribbon=10, film=10)."""
    items = [SupplyItem(name) for name in quantities]
    ledger.open_balances(office_id=office.pk, items=items)
    for item in items:
        ledger.book(
            office_id=office.pk,
            item=item,
            kind=MovementKind.RECEIVED,
            change=quantities[item.value],
            at=at or timezone.now(),
            actor_id=None,
            document="SJ-1",
            document_quantity=quantities[item.value],
        )


def quantity(office, item: str = "blank") -> int:
    """What the balance of `office` says."""
    return SupplyBalance.objects.get(office=office, item=item).quantity
