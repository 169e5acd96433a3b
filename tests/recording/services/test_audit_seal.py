from datetime import timedelta

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from recording.models import AuditEvent, AuditSeal
from recording.services import audit_seal
from recording.services.audit_seal import broken_seals, seal
from tests.factories import AuditEventFactory

LATER = timezone.now() + timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_writers(monkeypatch):
    """As if no other transaction were open: other tests' connections must not matter."""
    monkeypatch.setattr(audit_seal, "OLDEST_WRITER", "SELECT NULL::timestamptz")


@pytest.fixture
def sealed(no_writers):
    """Two links over five events."""
    AuditEventFactory.create_batch(3)
    seal(now=LATER)
    AuditEventFactory.create_batch(2)
    seal(now=LATER)
    return list(AuditEvent.objects.order_by("pk"))


def test_seals_cover_every_finished_event_and_verify(sealed):
    links = AuditSeal.objects.order_by("pk")

    assert [link.event_count for link in links] == [3, 2]
    assert links[1].last_event_id == sealed[-1].pk
    assert bytes(links[1].previous_digest) == bytes(links[0].digest)
    assert list(broken_seals()) == []


def test_sealing_again_does_nothing(sealed):
    assert seal(now=LATER) == 0
    assert AuditSeal.objects.count() == 2


def test_many_events_are_sealed_in_small_links(no_writers, monkeypatch):
    monkeypatch.setattr(audit_seal, "MOST_EVENTS", 2)
    AuditEventFactory.create_batch(5)

    assert seal(now=LATER) == 5
    assert AuditSeal.objects.count() == 3
    assert list(broken_seals()) == []


def test_events_of_the_last_minute_wait(no_writers):
    event = AuditEventFactory()

    assert seal(now=event.occurred_at + timedelta(seconds=59)) == 0
    assert seal(now=event.occurred_at + timedelta(seconds=61)) == 1


@pytest.mark.django_db(transaction=True)
def test_events_wait_while_an_older_transaction_is_still_writing():
    writer = connection.copy()
    try:
        writer.set_autocommit(False)
        with writer.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        AuditEventFactory()

        assert seal(now=LATER) == 0
        writer.rollback()
        assert seal(now=LATER) == 1
    finally:
        writer.close()


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE recording_auditevent SET reason = 'lain' WHERE id = %s",
        "UPDATE recording_auditevent SET actor_id = NULL WHERE id = %s",
        "DELETE FROM recording_auditevent WHERE id = %s",
    ],
    ids=["reason changed", "actor removed", "event removed"],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_tampering_with_a_sealed_event_is_found(sealed, tamper, place):
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(tamper, [sealed[place].pk])

    assert list(broken_seals()) != []


def test_an_event_slipped_in_is_found(sealed):
    with pgtrigger.ignore():
        AuditEvent.objects.filter(pk=sealed[1].pk).delete()
        AuditEventFactory(pk=sealed[1].pk)

    assert list(broken_seals()) != []


def test_a_rewritten_link_no_longer_fits_the_next(sealed):
    first = AuditSeal.objects.order_by("pk")[0]
    with pgtrigger.ignore():
        AuditEvent.objects.filter(pk=sealed[0].pk).update(reason="lain")
        events = AuditEvent.objects.filter(pk__lte=first.last_event_id).order_by("pk").values_list(*audit_seal.FIELDS)
        AuditSeal.objects.filter(pk=first.pk).update(digest=audit_seal._digest(bytes(32), iter(events)))

    assert list(broken_seals()) == [f"segel {first.pk + 1} tidak menyambung segel sebelumnya"]
