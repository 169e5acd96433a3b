from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from issuance.models import InterimLetter, LetterRule, SupplyBalance
from tests.factories.cases import CaseFactory


class LetterRuleFactory(DjangoModelFactory):
    """Biodata WNI may be issued on any day of the tests."""

    class Meta:
        model = LetterRule

    kind = "biodata_wni"
    allowed_from = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=3650))


class LetterFactory(DjangoModelFactory):
    """A valid letter of a case waiting to be printed, issued today."""

    class Meta:
        model = InterimLetter

    case = factory.SubFactory(CaseFactory, status="print_ready")
    kind = "biodata_wni"
    number = factory.Sequence(lambda n: f"471.1/{n}/33.19/2026")
    office = factory.SelfAttribute("case.pickup_office")
    issued_on = factory.LazyFunction(timezone.localdate)
    valid_until = factory.LazyAttribute(lambda letter: letter.issued_on + timedelta(days=182))
    token = factory.Sequence(lambda n: f"TEST{n:08d}")
    issued_at = factory.LazyFunction(timezone.now)


class BlankFactory(DjangoModelFactory):
    """What an office holds of one item. `enough(office)`: blanks, ribbon and film for 500 cards."""

    class Meta:
        model = SupplyBalance

    item = "blank"
    quantity = 500

    @classmethod
    def enough(cls, office, **values):
        return [cls(office=office, item=item, **values) for item in ("blank", "ribbon", "film")]
