from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from issuance.models import HandOver, PrintPick, PrintRun, PriorityRule, Shipment, ShippedCard
from issuance.services.reference import load_priority_rules
from tests.factories.areas import OfficeFactory
from tests.factories.cases import CaseFactory
from tests.factories.desk import RecordingFactory
from tests.factories.people import UserFactory
from tests.factories.supplies import stock


class PriorityRuleFactory(DjangoModelFactory):
    class Meta:
        model = PriorityRule
        django_get_or_create = ["priority"]

    priority = "oldest"
    position = factory.Sequence(lambda n: n + 1)


class PrintRunFactory(DjangoModelFactory):
    class Meta:
        model = PrintRun

    office = factory.SubFactory(OfficeFactory)
    state = "started"
    mode = "invite"
    size = 1
    proposed_at = factory.LazyFunction(timezone.now)


class PrintPickFactory(DjangoModelFactory):
    """Somebody invited a moment ago, whose blank is held for a week."""

    class Meta:
        model = PrintPick

    case = factory.SubFactory(CaseFactory, status="print_ready")
    run = factory.SubFactory(PrintRunFactory, office=factory.SelfAttribute("..case.pickup_office"))
    position = 1
    priority = "oldest"
    state = "invited"
    invited_at = factory.LazyFunction(timezone.now)
    until = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=7))


class ShipmentFactory(DjangoModelFactory):
    class Meta:
        model = Shipment

    from_office = factory.SubFactory(OfficeFactory)
    to_office = factory.SubFactory(OfficeFactory)
    sent_at = factory.LazyFunction(timezone.now)
    size = 1


class ShippedCardFactory(DjangoModelFactory):
    class Meta:
        model = ShippedCard

    shipment = factory.SubFactory(ShipmentFactory)
    case = factory.SubFactory(CaseFactory, status="shipped")
    number = 1


class HandOverFactory(DjangoModelFactory):
    class Meta:
        model = HandOver

    case = factory.SubFactory(CaseFactory, status="issued")
    office = factory.SelfAttribute("case.pickup_office")
    handed_at = factory.LazyFunction(timezone.now)
    handed_by = factory.SubFactory(UserFactory)
    proof = "code"


def printable(office, *, days=1, **values):
    """A card of `office` that has been print-ready for `days` days; its own recording and clerk."""
    operator = values.pop("operator", None) or UserFactory(office=office)
    since = timezone.now() - timedelta(days=days)
    recording = RecordingFactory(operator=operator, office=office, recorded_at=since, **values.pop("recording", {}))
    return CaseFactory(recording=recording, status="print_ready", status_since=since, **values)


def printing_office(*, prints: int = 0, **values):
    """An office with supplies for `prints` cards and the usual order of who comes first."""
    load_priority_rules()
    office = OfficeFactory(**values)
    stock(office, blank=prints, ribbon=prints, film=prints) if prints else None
    return office
