import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from recording.models import AuditEvent, Slot, TrackingCode
from recording.services import audit_seal, integrity
from tests.factories import AppointmentFactory, AuditEventFactory, SlotFactory, TrackingCodeFactory

pytestmark = pytest.mark.django_db


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_everything_holds_where_services_and_factories_wrote():
    AppointmentFactory()
    AppointmentFactory(slot=None, channel="walk_in", status="arrived")
    TrackingCodeFactory()
    SlotFactory()

    assert [check() for check in integrity.CHECKS.values()] == [[]] * len(integrity.CHECKS)


@pytest.mark.parametrize("columns", [{"booked": 2}, {"booked": 1, "booked_public": 0}])
def test_a_slot_that_counts_wrongly_is_found(columns):
    slot = AppointmentFactory().slot
    Slot.objects.filter(pk=slot.pk).update(**columns)

    assert integrity.slots_count_their_places() == [
        f"slot {slot.pk}: {columns['booked']}/{columns.get('booked_public', 1)} tercatat, 1/1 dipakai, kapasitas 6"
    ]


def test_a_slot_over_its_capacity_is_found():
    slot = AppointmentFactory().slot
    AppointmentFactory(slot=slot)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE recording_slot DROP CONSTRAINT slot_never_over_capacity")
    Slot.objects.filter(pk=slot.pk).update(capacity=1, public_capacity=1)

    assert len(integrity.slots_count_their_places()) == 1


def test_a_second_live_appointment_is_found():
    sql("DROP INDEX appointment_one_live_per_resident")
    first = AppointmentFactory()
    AppointmentFactory(resident=first.resident, status="arrived")
    AppointmentFactory(resident=first.resident, status="done")

    assert integrity.residents_have_one_live_appointment() == [f"warga {first.resident_id}: 2 janji berlaku"]


def test_a_second_active_code_is_found():
    sql("DROP INDEX tracking_code_one_active_per_resident")
    code = TrackingCodeFactory()
    TrackingCodeFactory(resident=code.resident)
    TrackingCode.objects.filter(pk=TrackingCodeFactory().pk).update(revoked_at=timezone.now())

    assert integrity.residents_have_one_active_code() == [f"warga {code.resident_id}: 2 kode berlaku"]


def test_a_changed_audit_event_is_found(monkeypatch):
    monkeypatch.setattr(audit_seal, "OLDEST_WRITER", "SELECT NULL::timestamptz")
    event = AuditEventFactory()
    audit_seal.seal(now=event.occurred_at + audit_seal.SETTLED * 2)
    with pgtrigger.ignore():
        AuditEvent.objects.filter(pk=event.pk).update(reason="lain")

    assert len(integrity.audit_seals_verify()) == 1
