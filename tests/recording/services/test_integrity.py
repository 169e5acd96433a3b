from datetime import timedelta

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from recording.enums import RosterOutcome
from recording.models import AuditEvent, Slot, TrackingCode
from recording.policy.roster import Result
from recording.services import audit_seal, integrity, roster_import
from tests.factories import (
    AppointmentFactory,
    AuditEventFactory,
    ResidentFactory,
    RosterEntryFactory,
    SlotFactory,
    TrackingCodeFactory,
)

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


class TestRosters:
    @pytest.fixture
    def recorded(self):
        entry = RosterEntryFactory(resident=ResidentFactory())
        roster_import.enter_rows(
            roster_id=entry.roster_id,
            results=[_result(entry.number, timezone.now() - timedelta(minutes=1))],
            by=entry.roster.created_by,
            now=timezone.now(),
        )
        entry.refresh_from_db()
        return entry

    def test_what_the_services_wrote_agrees(self, recorded):
        assert recorded.recording
        assert integrity.rosters_agree_with_their_recordings() == []

    def test_a_row_without_its_recording_is_found(self, recorded):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE recording_rosterentry DROP CONSTRAINT roster_entry_recording_has_its_moment")
        type(recorded).objects.filter(pk=recorded.pk).update(recording=None)

        found = integrity.rosters_agree_with_their_recordings()

        assert f"jemput bola {recorded.roster_id} nomor 1: terekam tanpa perekaman" in found
        assert f"perekaman {recorded.recording_id} di luar kantor tanpa baris jemput bola" in found

    @pytest.mark.parametrize("values", [{"outcome": "failed"}, {"resident": None}])
    def test_a_row_that_says_something_else_is_found(self, recorded, values):
        type(recorded).objects.filter(pk=recorded.pk).update(**values)

        assert integrity.rosters_agree_with_their_recordings() == [
            f"jemput bola {recorded.roster_id} nomor 1: tidak cocok dengan perekaman {recorded.recording_id}"
        ]


def _result(number, at):
    return Result(
        number=number,
        person=None,
        outcome=RosterOutcome.ACCEPTED,
        recorded_at=at,
        failure_reason="",
        missing={},
        papers=False,
        family_card="",
        device="",
        batch="",
    )
