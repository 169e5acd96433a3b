"""The rows that a visit leaves on the ground floor."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from issuance.services.demo.cards import Sitting
from issuance.services.demo.copying import CopyTable, Ids
from issuance.services.demo.names import name
from issuance.services.demo.outbox import Outbox
from issuance.services.demo.people import Person
from issuance.services.demo.schedule import Half
from recording.crypto import blind_index, seal
from recording.enums import (
    AppointmentStatus,
    BiometricElement,
    Channel,
    FailureReason,
    HelperRelation,
    MessageChannel,
    MissingReason,
    PriorityReason,
    RecordingOutcome,
    TicketSeries,
    TicketStatus,
)
from recording.models import (
    Appointment,
    AppointmentChange,
    AuditEvent,
    Declaration,
    QueueCounter,
    QueueTicket,
    Recording,
    TrackingCode,
)
from recording.policy.booking import must_hold_card, needs_guardian
from recording.policy.code import new_code
from recording.policy.queue import PRIORITY, priority_reason
from recording.policy.recording import captured
from recording.services.tracking_code import desk_index, lookup_index

WITH_EMAIL, WITH_HELPER, WITH_MISSING_FINGERPRINTS = 0.15, 0.08, 0.02
FAILURES = {
    FailureReason.FINGERPRINT: 5,
    FailureReason.NETWORK: 3,
    FailureReason.DEVICE: 2,
    FailureReason.DATA: 2,
    FailureReason.SIGNATURE: 1,
}


CALL = timedelta(seconds=40)  # from the call to the chair
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Served:
    station: int
    started_at: datetime
    ended_at: datetime


@dataclass(slots=True, kw_only=True)
class Visit:
    """One appointment of the demo from booking to its end."""

    person: Person
    half: Half
    office_id: int
    day: date
    purpose: str
    channel: Channel
    pool: str
    places: int
    special_needs: bool
    booked_at: datetime
    status_at: datetime
    status: AppointmentStatus = AppointmentStatus.BOOKED
    moved_at: datetime | None = None
    arrives_at: datetime = NEVER
    served: Served | None = None
    appointment_id: int = 0
    contact: MessageChannel = MessageChannel.CALL

    def has_come(self, now: datetime) -> bool:
        return self.arrives_at <= now


class Desk:
    """Writes visits. `halves`: all slots of the demo by office, where moved appointments came from."""

    def __init__(self, *, random: Random, outbox: Outbox, operators: dict[int, int], halves: dict[int, list[Half]]):
        self.random, self.outbox, self.operators, self.halves = random, outbox, operators, halves
        self.appointment_ids, self.recording_ids = Ids(Appointment), Ids(Recording)
        self.appointments = CopyTable(Appointment, with_id=True)
        self.recordings = CopyTable(Recording, with_id=True)
        self.declarations, self.codes = CopyTable(Declaration), CopyTable(TrackingCode)
        self.changes, self.audit = CopyTable(AppointmentChange), CopyTable(AuditEvent)
        self.tickets, self.counters = CopyTable(QueueTicket), CopyTable(QueueCounter)
        self.came: list[Visit] = []
        self.attempts: Counter[int] = Counter()
        self.codes_held: dict[int, str] = {}

    def open(self, visit: Visit) -> None:
        """Give the appointment its id and its resident the code, before anything refers to them."""
        visit.appointment_id = self.appointment_ids.take()
        person = visit.person
        online = visit.channel == Channel.ONLINE
        email = online and self.random.random() < WITH_EMAIL
        phone = person.row.phone
        visit.contact = MessageChannel.EMAIL if email else MessageChannel.SMS if phone else MessageChannel.CALL
        if person.resident_id not in self.codes_held:
            self._issue_code(person, visit.booked_at)

    def write(self, visit: Visit) -> None:
        random, row = self.random, visit.person.row
        online = visit.channel == Channel.ONLINE
        guardian = online and needs_guardian(row.birth_date, married=row.married, on=visit.day)
        helper = online and random.random() < WITH_HELPER
        self.appointments.add(
            id=visit.appointment_id,
            resident_id=visit.person.resident_id,
            slot_id=None if visit.channel == Channel.WALK_IN else visit.half.id,
            office_id=visit.office_id,
            day=visit.day,
            status=visit.status,
            pool=visit.pool,
            places_held=visit.places,
            purpose=visit.purpose,
            channel=visit.channel,
            helper_name=self._adult() if helper else "",
            helper_relation=HelperRelation.CHILD if helper else "",
            special_needs=visit.special_needs,
            special_needs_note="Kursi roda" if visit.special_needs else "",
            guardian_name=self._adult() if guardian else "",
            guardian_relation=HelperRelation.PARENT if guardian else "",
            guardian_consent_at=visit.booked_at if guardian else None,
            moves=1 if visit.moved_at else 0,
            idempotency_key=str(UUID(int=random.getrandbits(128), version=4)),
            body_hash=bytes(32),
            booked_at=visit.booked_at,
            booked_by_id=None if online else self.operators[visit.office_id],
            status_at=visit.status_at,
        )
        if online:
            self._declare(visit)
            self._tell(visit)
        if visit.moved_at:
            self._write_move(visit)
        if visit.has_come(self.outbox.now):
            self.came.append(visit)
            self._note(visit, "appointment.check_in", f"appointment:{visit.appointment_id}", visit.arrives_at)

    def record(self, visit: Visit, served: Served, outcome: RecordingOutcome) -> Sitting:
        """The row of the recording; returns what its case needs."""
        random, recording_id = self.random, self.recording_ids.take()
        failed = outcome == RecordingOutcome.FAILED
        failure = random.choices(list(FAILURES), weights=list(FAILURES.values()))[0].value if failed else ""
        missing = {}
        if not failed and random.random() < WITH_MISSING_FINGERPRINTS:
            missing = {BiometricElement.FINGERPRINTS.value: MissingReason.WORN.value}
        self.attempts[visit.person.resident_id] += 1
        operator_id = self.operators[visit.office_id]
        self.recordings.add(
            id=recording_id,
            resident_id=visit.person.resident_id,
            office_id=visit.office_id,
            operator_id=operator_id,
            appointment_id=visit.appointment_id,
            attempt=self.attempts[visit.person.resident_id],
            before_obliged=not must_hold_card(
                visit.person.row.birth_date, married=visit.person.row.married, on=visit.day
            ),
            recorded_at=served.ended_at,
            day=visit.day,
            outcome=outcome,
            failure_reason=failure,
            captured=captured(outcome, missing),
            missing=missing,
            station=served.station,
            device=f"kit-{visit.office_id}-{served.station}",
            entered_at=served.ended_at,
        )
        self._note(visit, f"recording.{outcome}", f"recording:{recording_id}", served.ended_at)
        return Sitting(
            recording_id, visit.appointment_id, visit.office_id, operator_id, served.ended_at, visit.contact, failure
        )

    def end_of_day(self, day: date) -> None:
        """Queue numbers in the order of arrival."""
        numbers: Counter[tuple[int, str]] = Counter()
        for visit in sorted(self.came, key=lambda visit: (visit.arrives_at, visit.appointment_id)):
            series = TicketSeries.WALK_IN if visit.channel == Channel.WALK_IN else TicketSeries.BOOKED
            numbers[visit.office_id, series] += 1
            served = visit.served if visit.status != AppointmentStatus.ARRIVED else None
            reason = priority_reason(
                birth_year=visit.person.row.birth_date.year,
                year=day.year,
                special_needs=visit.special_needs,
                purpose=visit.purpose,
            )
            self.tickets.add(
                appointment_id=visit.appointment_id,
                office_id=visit.office_id,
                day=day,
                series=series,
                number=numbers[visit.office_id, series],
                status=TicketStatus.CLOSED if served else TicketStatus.WAITING,
                station=served.station if served else None,
                priority=PRIORITY[PriorityReason(reason)] if reason else 0,
                priority_reason=reason,
                issued_at=visit.arrives_at,
                called_at=served.started_at - CALL if served else None,
                announced_at=served.started_at - CALL if served else None,
                started_at=served.started_at if served else None,
                ended_at=served.ended_at if served else None,
            )
        for (office_id, letter), last_number in numbers.items():
            self.counters.add(office_id=office_id, day=day, series=letter, last_number=last_number)
        self.came.clear()

    def finish(self) -> None:
        for table in (
            self.appointments,
            self.declarations,
            self.codes,
            self.changes,
            self.recordings,
            self.tickets,
            self.counters,
            self.audit,
        ):
            table.flush()

    def _issue_code(self, person: Person, at: datetime) -> None:
        code = new_code(self.random.choice)
        self.codes_held[person.resident_id] = code
        self.codes.add(
            resident_id=person.resident_id,
            code_ct=seal(code, bound_to=f"{TrackingCode._meta.db_table}.code.{person.resident_id}"),
            lookup=lookup_index(nik=person.row.nik, code=code),
            desk=desk_index(code),
            issued_at=at,
        )

    def _declare(self, visit: Visit) -> None:
        row, table = visit.person.row, Declaration._meta.db_table

        def sealed(column: str, value: str) -> bytes | None:
            return seal(value, bound_to=f"{table}.{column}.{visit.appointment_id}") if value else None

        by_email = visit.contact == MessageChannel.EMAIL
        self.declarations.add(
            appointment_id=visit.appointment_id,
            nik_ct=sealed("nik", row.nik),
            name_ct=sealed("name", row.name),
            birth_date_ct=sealed("birth_date", row.birth_date.isoformat()),
            sex=row.sex,
            village_id=row.village_id,
            married=row.married,
            phone_ct=sealed("phone", row.phone),
            phone_bi=blind_index(row.phone, purpose=f"{table}.phone") if row.phone else None,
            email_ct=sealed("email", f"warga{visit.person.resident_id}@demo.example") if by_email else None,
        )

    def _tell(self, visit: Visit) -> None:
        events = [("appointment_booked", "", visit.booked_at)]
        if visit.moved_at:
            events.append(("appointment_changed", ":1", visit.moved_at))
        if visit.status == AppointmentStatus.CANCELLED:
            events.append(("appointment_cancelled", ":1", visit.status_at))
        if visit.status == AppointmentStatus.NO_SHOW:
            events.append(("appointment_missed", f":{1 if visit.moved_at else 0}", visit.status_at))
        for kind, version, at in events:
            self.outbox.owe(
                kind=kind,
                resident_id=visit.person.resident_id,
                appointment_id=visit.appointment_id,
                dedup_key=f"{kind}:{visit.appointment_id}{version}",
                channel=visit.contact,
                at=at,
            )

    def _write_move(self, visit: Visit) -> None:
        self.changes.add(
            appointment_id=visit.appointment_id,
            from_slot_id=self.random.choice(self.halves[visit.office_id]).id,
            to_slot_id=visit.half.id,
            moved_at=visit.moved_at,
        )

    def _note(self, visit: Visit, action: str, subject: str, at: datetime) -> None:
        self.audit.add(
            occurred_at=at,
            actor_id=self.operators[visit.office_id],
            action=action,
            resident_id=visit.person.resident_id,
            subject=subject,
            office_id=visit.office_id,
        )

    def _adult(self) -> str:
        return name(self.random, birth_year=1978, sex=self.random.choice("LP"))
