import factory
from factory.django import DjangoModelFactory

from recording.models import AccessAttempt, AuditEvent
from tests.factories.people import UserFactory


class AccessAttemptFactory(DjangoModelFactory):
    class Meta:
        model = AccessAttempt

    kind = "status"
    succeeded = False


class AuditEventFactory(DjangoModelFactory):
    class Meta:
        model = AuditEvent

    actor = factory.SubFactory(UserFactory)
    action = "resident.read"
    office = factory.SelfAttribute("actor.office")
    txid = factory.Sequence(lambda n: n + 1)
