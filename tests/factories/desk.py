import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from recording.models import CallSheet, Notification, QueueTicket, Recording
from tests.factories.areas import VillageFactory
from tests.factories.people import ResidentFactory, UserFactory
from tests.factories.slots import AppointmentFactory


class QueueTicketFactory(DjangoModelFactory):
    class Meta:
        model = QueueTicket

    appointment = factory.SubFactory(AppointmentFactory, status="arrived")
    office = factory.SelfAttribute("appointment.office")
    day = factory.SelfAttribute("appointment.day")
    series = "B"
    number = factory.Sequence(lambda n: n + 1)
    issued_at = factory.LazyFunction(timezone.now)


class RecordingFactory(DjangoModelFactory):
    """An accepted recording; `failed=True` for one that failed at the fingerprints. Opens no case by itself."""

    class Meta:
        model = Recording

    resident = factory.SubFactory(ResidentFactory)
    operator = factory.SubFactory(UserFactory)
    office = factory.SelfAttribute("operator.office")
    recorded_at = factory.LazyFunction(timezone.now)
    day = factory.LazyAttribute(lambda recording: timezone.localdate(recording.recorded_at))
    outcome = "accepted"
    captured = ["photo", "fingerprints", "iris", "signature"]

    class Params:
        failed = factory.Trait(outcome="failed", failure_reason="fingerprint", captured=["photo"])


class NotificationFactory(DjangoModelFactory):
    class Meta:
        model = Notification

    resident = factory.SubFactory(ResidentFactory)
    kind = "appointment_booked"
    dedup_key = factory.Sequence(lambda n: f"uji:{n}")
    channel = "sms"
    send_after = factory.LazyFunction(timezone.now)


class CallSheetFactory(DjangoModelFactory):
    """A sheet that is at the village office; put people on it by `NotificationFactory(call_sheet=...)`."""

    class Meta:
        model = CallSheet

    village = factory.SubFactory(VillageFactory)
    office = factory.SelfAttribute("printed_by.office")
    printed_by = factory.SubFactory(UserFactory)
    printed_at = factory.LazyFunction(timezone.now)
