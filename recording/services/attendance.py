"""Who came: check-in, refusal, finishing and no-shows. Writes the statuses that `services.appointment` does not."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from recording.dates import day_in_words
from recording.enums import AppointmentStatus, Purpose, TicketStep
from recording.exceptions import WrongState
from recording.models import Appointment, Declaration, QueueTicket, User
from recording.services import audit, day_lock, notification, outage
from recording.services import ticket as tickets
from recording.services.notification import Owed

# How long after the end of their slot people may still come before it counts as missed. Office standard, not law.
GRACE = timedelta(minutes=60)
NO_SHOW_BATCH = 500

MAY_CHECK_IN = (AppointmentStatus.BOOKED, AppointmentStatus.NO_SHOW)
ENDS = {AppointmentStatus.REFUSED: "appointment.refuse", AppointmentStatus.DONE: "appointment.finish"}
STEPS = {AppointmentStatus.REFUSED: TicketStep.REFUSE, AppointmentStatus.DONE: TicketStep.FINISH}
LEFT = "Pergi sebelum dilayani"
ON_PAPER = "Menurut lembar kertas"
SENT_HOME = "Kantor tutup sebelum sempat dilayani"
MAY_BE_REFUSED = (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)


@transaction.atomic
def check_in(*, appointment_id: int, by: User, now: datetime) -> QueueTicket:
    """The resident of an appointment of today is here: booked (or a no-show of today) becomes arrived.

    Returns the ticket with the queue number; somebody who comes back after having left keeps the old number.
    Raises WrongState: not today's, not `by`'s office, arrived already, or the person has another live appointment;
    RecordingPaused: the office waits for the national data centre; DayAlreadyClosed.
    """
    today = timezone.localdate(now)
    rows = Appointment.objects.for_staff(by).filter(pk=appointment_id, day=today)
    office_id = rows.values_list("office_id", flat=True).first() or by.office_id
    outage.require_recording(office_id=office_id)
    if office_id:  # before the person's row, as closing does: the other way round each could wait for the other
        day_lock.require_open(office_id=office_id, day=today)
    appointment = _take(appointment_id, by=by, day=today, status__in=MAY_CHECK_IN)
    if appointment is None or not _mark_arrived(appointment, now):
        raise WrongState(_why_no_check_in(appointment_id, by, today))
    ticket = tickets.issue(appointment=appointment, day=today, now=now)
    _note(appointment, by, "appointment.check_in")
    return ticket


@transaction.atomic
def refuse(*, appointment_id: int, by: User, reason: str, now: datetime) -> Appointment:
    """Somebody who arrived cannot be served: requirements are missing. Raises WrongState."""
    return _end(appointment_id, AppointmentStatus.REFUSED, by=by, now=now, reason=reason)


@transaction.atomic
def finish(*, appointment_id: int, by: User, now: datetime) -> Appointment:
    """Somebody who came to collect a card is served; a recording ends by `services.recording`. Raises WrongState."""
    return _end(appointment_id, AppointmentStatus.DONE, by=by, now=now, purpose=Purpose.COLLECT)


def begin(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The person is at a station: arrived becomes serving. Like the three below, a part of `services.queue`'s steps:
    the caller holds the row."""
    _set(appointment, AppointmentStatus.SERVING, now=now)
    _note(appointment, by, "queue.start")


def set_aside(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The person called is not at the station yet and waits again."""
    if appointment.status == AppointmentStatus.SERVING:
        _set(appointment, AppointmentStatus.ARRIVED, now=now)
    _note(appointment, by, "queue.park")


def mark_left(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The person went away before being served: a no-show. Raises WrongState for somebody being served."""
    if appointment.status != AppointmentStatus.ARRIVED:
        raise WrongState("Warga ini sedang dilayani. Tunda dulu, atau catat tidak dapat dilayani.")
    _set(appointment, AppointmentStatus.NO_SHOW, now=now, reason=LEFT)
    _note(appointment, by, "queue.leave", LEFT)


def take_back(*, appointment: Appointment, status: AppointmentStatus, by: User, now: datetime) -> None:
    """Undo the last step: the appointment is what it was before. Raises IntegrityError: the person holds another."""
    _set(appointment, status, now=now)
    _note(appointment, by, "queue.undo")


def send_home(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The office closes before this person, who waits, could be served; a part of `services.closing`, which holds the
    row, gives back the place and finds another."""
    tickets.close(appointment=appointment, step=TicketStep.LEAVE, by=by, now=now)
    _set(appointment, AppointmentStatus.CANCELLED, now=now, reason=SENT_HOME)
    _note(appointment, by, "appointment.send_home", SENT_HOME)


def arrive_on_paper(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The sheet says that the person came; no number is given. A part of `services.paper_entry`, which holds the row.

    Raises WrongState: the person has another live appointment.
    """
    if not _mark_arrived(appointment, now):
        raise WrongState("Warga ini punya janji lain yang berlaku. Buka warganya dan pakai janji itu.")
    _note(appointment, by, "appointment.check_in", ON_PAPER)


def miss_on_paper(*, appointment: Appointment, by: User, now: datetime) -> None:
    """The sheet says that the person did not come; nobody is told, because days may have passed."""
    _set(appointment, AppointmentStatus.NO_SHOW, now=now, reason=ON_PAPER)
    _note(appointment, by, "appointment.miss", ON_PAPER)


@transaction.atomic
def mark_no_shows(*, now: datetime, grace: timedelta = GRACE, office_id: int | None = None) -> int:
    """Booked appointments whose slot ended more than `grace` ago, of one office or all, become no-shows; their people
    are told what to do.

    Returns how many. The places stay held (their time has passed). Idempotent by status; clerks who check somebody in
    at the same moment win.
    """
    here = {} if office_id is None else {"office_id": office_id}
    missed = list(
        Appointment.objects.filter(status=AppointmentStatus.BOOKED, slot__ends_at__lte=now - grace, **here)
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
        .order_by("pk")[:NO_SHOW_BATCH]
    )
    Appointment.objects.filter(pk__in=[appointment.pk for appointment in missed]).update(
        status=AppointmentStatus.NO_SHOW, status_at=now, status_reason=""
    )
    owed = [
        Owed(
            resident_id=appointment.resident_id,
            dedup_key=f"appointment_missed:{appointment.pk}:{appointment.moves}",
            appointment_id=appointment.pk,
        )
        for appointment in _with_contact(missed)
    ]
    notification.enqueue_many(kind="appointment_missed", owed=owed, now=now)
    return len(missed)


def _with_contact(appointments: list[Appointment]) -> list[Appointment]:
    """Those whose visitor left a telephone or e-mail; nobody else is called about a missed time."""
    reachable = set(
        Declaration.objects.filter(pk__in=[appointment.pk for appointment in appointments])
        .exclude(phone_ct=None, email_ct=None)
        .values_list("pk", flat=True)
    )
    return [appointment for appointment in appointments if appointment.pk in reachable]


def _take(appointment_id: int, *, by: User, **state) -> Appointment | None:
    """The appointment of `by`'s office in the wanted state, locked against others who want to change it; or None."""
    rows: QuerySet[Appointment] = Appointment.objects.for_staff(by).filter(pk=appointment_id, **state)
    return rows.select_for_update(of=("self",), no_key=True).first()


def _mark_arrived(appointment: Appointment, now: datetime) -> bool:
    """False when the person holds another live appointment meanwhile: the database allows one."""
    try:
        with transaction.atomic():
            Appointment.objects.filter(pk=appointment.pk).update(
                status=AppointmentStatus.ARRIVED, status_at=now, status_reason="", release_at=None
            )
    except IntegrityError:
        return False
    return True


def _why_no_check_in(appointment_id: int, by: User, today) -> str | None:
    """What the clerk should know; None for the general sentence."""
    appointment = Appointment.objects.for_staff(by).select_related("ticket").filter(pk=appointment_id).first()
    if appointment is None:
        return None
    if appointment.status in MAY_CHECK_IN and appointment.day != today:
        return f"Janji ini untuk {day_in_words(appointment.day)}, bukan hari ini."
    if appointment.status in MAY_CHECK_IN:
        return "Warga ini sudah punya janji lain yang berlaku. Cari warganya dan pakai janji itu."
    if appointment.status == AppointmentStatus.ARRIVED:
        return f"Sudah lapor hadir dengan nomor {appointment.ticket}."
    return f"Tidak dapat lapor hadir: janji ini {appointment.get_status_display().lower()}."


def _end(
    appointment_id: int, status: AppointmentStatus, *, by: User, now: datetime, reason: str = "", **state: str
) -> Appointment:
    appointment = _take(appointment_id, by=by, status__in=MAY_BE_REFUSED, **state)
    if appointment is None:
        raise WrongState
    tickets.close(appointment=appointment, step=STEPS[status], by=by, now=now)
    _set(appointment, status, now=now, reason=reason)
    _note(appointment, by, ENDS[status], reason)
    return appointment


def _set(appointment: Appointment, status: AppointmentStatus, *, now: datetime, reason: str = "") -> None:
    appointment.status, appointment.status_at, appointment.status_reason = status, now, reason
    appointment.save(update_fields=["status", "status_at", "status_reason"])


def _note(appointment: Appointment, by: User, action: str, reason: str = "") -> None:
    audit.record(
        action=action,
        actor=by,
        resident_id=appointment.resident_id,
        subject=f"appointment:{appointment.pk}",
        office_id=appointment.office_id,
        reason=reason,
    )
