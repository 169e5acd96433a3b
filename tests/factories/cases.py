import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from issuance.enums import ENDED_STATUSES
from issuance.models import Case, StallRule, StatusChange
from tests.factories.desk import RecordingFactory


class StatusChangeFactory(DjangoModelFactory):
    """A line of history; it changes nothing in the case itself."""

    class Meta:
        model = StatusChange

    case = None
    event = "moved"
    from_status = factory.SelfAttribute("case.status")
    to_status = factory.SelfAttribute("case.status")
    occurred_at = factory.LazyFunction(timezone.now)


class CaseFactory(DjangoModelFactory):
    """The case of a recording, with one line of history that agrees with its status."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    recording = factory.SubFactory(RecordingFactory, resident__entitlement="none", resident__entitlement_reason="case")
    resident = factory.SelfAttribute("recording.resident")
    office = factory.SelfAttribute("recording.office")
    pickup_office = factory.SelfAttribute("office")
    opened_by = "recording"
    opened_at = factory.LazyAttribute(lambda c: c.recording.recorded_at if c.recording else timezone.now())
    status = "captured"
    status_since = factory.SelfAttribute("opened_at")
    clock_from = factory.LazyAttribute(
        lambda c: None if c.status in ENDED_STATUSES or c.waiting_for != "none" else c.status_since
    )
    waiting_for = "none"
    history = factory.RelatedFactory(
        StatusChangeFactory,
        "case",
        event="opened",
        from_status="",
        occurred_at=factory.SelfAttribute("case.status_since"),
    )


class StallRuleFactory(DjangoModelFactory):
    class Meta:
        model = StallRule
        django_get_or_create = ["status"]

    status = "captured"
    late_after = 1
    stalled_after = 3
    remedy = "office_resend"
