"""What a resident is told: what has happened, since when, what is next, what to do, when to expect the card."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from issuance.enums import CaseStatus, WaitingFor
from issuance.models import Case, StatusChange
from issuance.policy.advice import (
    ADVICE,
    ETA_WORDS,
    EXPECTING,
    NO_SECOND_RECORDING,
    REACHED,
    STAGE_WORDS,
    STAGES,
    UNTIL_SEVENTEEN,
    USUAL,
    WHEN_STALLED,
    Advice,
    Situation,
    Stage,
    Tone,
    Words,
)
from issuance.policy.promise import DEFAULT_DAYS, Promise
from issuance.services.messages import between
from issuance.services.promise import promise
from recording.dates import day_in_words, moment_in_words
from recording.enums import LIVE_STATUSES, AppointmentStatus, Channel, PrintPolicy
from recording.models import Appointment, Office, Resident
from recording.policy.mask import mask_name

AFTER_APPOINTMENT = {
    AppointmentStatus.NO_SHOW: Situation.MISSED,
    AppointmentStatus.CANCELLED: Situation.CANCELLED,
    AppointmentStatus.REFUSED: Situation.REFUSED,
}


@dataclass(frozen=True)
class TimelineStep:
    """One of the seven steps. `state`: done, current, warning or next; `when` in words, empty when unknown."""

    title: str
    state: str
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class PublicStatus:
    """One resident's status as the public page may show it: masked name, no number, no birth date.

    `stage`: last step reached; `since`: local date of the present situation; `eta`: when to expect the card, in words;
    `list_as_of`: date of the national list that last mentioned the case.
    """

    situation: Situation
    stage: Stage | None
    since: date | None
    advice: Advice
    happened: str
    to_do: str
    next_step: str
    eta: str
    list_as_of: date | None
    name: str
    office: Office | None
    steps: list[TimelineStep] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Everything that was read about the resident."""

    resident: Resident
    case: Case | None
    history: list[StatusChange]
    appointment: Appointment | None
    promised: Promise | None
    today: date

    @property
    def too_young_for_a_card(self) -> bool:
        return self.promised is not None and self.promised.at_seventeen and self.today < self.promised.earliest


def public_status(*, resident_id: int, now: datetime) -> PublicStatus:
    """The status of one resident at `now`. Reads only; as many queries for a long history as for a short one."""
    known = _read(resident_id, now)
    situation = _situation(known)
    advice = ADVICE[situation]
    office, words = _office(known, situation), _words(known, situation)
    reached = _reached(known)
    stage = max(reached, key=STAGES.index, default=None)
    return PublicStatus(
        situation=situation,
        stage=stage,
        since=_since(known, situation),
        advice=advice,
        happened=str(advice.happened) % words,
        to_do=str(advice.to_do) % words,
        next_step=_next_step(stage, situation),
        eta=_eta(known, situation),
        list_as_of=_local_date(known.case.observed_as_of) if known.case else None,
        name=mask_name(known.resident.name),
        office=office,
        steps=_timeline(known, situation, reached),
    )


def _read(resident_id: int, now: datetime) -> _Known:
    resident = Resident.objects.select_related("identity").get(pk=resident_id)
    cases = resident.cases.select_related("recording__appointment", "office", "pickup_office").order_by("-pk")
    case = cases.open().first() or cases.first()
    appointments = resident.appointments.select_related("slot", "office").order_by("-booked_at", "-pk")
    appointment = appointments.live().first() or appointments.first()
    recorded_at = _recorded_at(case, appointment)
    return _Known(
        resident=resident,
        case=case,
        history=list(case.history.order_by("pk")) if case else [],
        appointment=appointment,
        promised=promise(resident=resident, recorded_at=recorded_at) if recorded_at else None,
        today=timezone.localdate(now),
    )


def _recorded_at(case: Case | None, appointment: Appointment | None) -> datetime | None:
    """The moment the promise counts from: the recording, or the booked time of the one to come."""
    if appointment is not None and appointment.status in LIVE_STATUSES and appointment.slot is not None:
        return appointment.slot.starts_at
    return case.recording.recorded_at if case and case.recording else None


def _situation(known: _Known) -> Situation:
    case, appointment = known.case, known.appointment
    live = appointment is not None and appointment.status in LIVE_STATUSES
    if live and (case is None or case.status in (CaseStatus.RERECORD, CaseStatus.ISSUED, CaseStatus.CLOSED)):
        if appointment.status != AppointmentStatus.BOOKED:
            return Situation.ARRIVED
        return Situation.BOOKED_AGAIN if case and case.status == CaseStatus.RERECORD else Situation.BOOKED
    if case is not None:
        return _case_situation(case, known)
    if known.resident.card_held:
        return Situation.HOLDS_CARD
    if known.resident.recorded_before_portal:
        return Situation.RECORDED_BEFORE
    if appointment is None:
        return Situation.NOT_BOOKED
    return AFTER_APPOINTMENT.get(AppointmentStatus(appointment.status), Situation.NOT_BOOKED)


def _case_situation(case: Case, known: _Known) -> Situation:
    status = CaseStatus(case.status)
    if case.stalled_since is not None and status in WHEN_STALLED:
        return WHEN_STALLED[status]
    if status in UNTIL_SEVENTEEN and known.too_young_for_a_card:
        return Situation.UNDER_SEVENTEEN
    if status == CaseStatus.PRINT_READY and case.waiting_for == WaitingFor.BLANK:
        return Situation.NO_BLANKS
    if status == CaseStatus.PRINT_READY and _prints_on_request(case.pickup_office):
        return Situation.PRINT_ON_REQUEST
    return USUAL[status]


def _prints_on_request(office: Office) -> bool:
    return office.prints_here and office.print_policy == PrintPolicy.ON_REQUEST


def _office(known: _Known, situation: Situation) -> Office | None:
    """Where the resident was, is to go, or finds the card."""
    if known.case is None or situation in (Situation.BOOKED, Situation.BOOKED_AGAIN, Situation.ARRIVED):
        appointment = known.appointment
        return appointment.office if appointment and situation != Situation.NOT_BOOKED else None
    stage = REACHED.get(CaseStatus(known.case.status))
    collecting = stage is not None and STAGES.index(stage) >= STAGES.index(Stage.PRINT_READY)
    return known.case.pickup_office if collecting else known.case.office


def _words(known: _Known, situation: Situation) -> dict[str, str]:
    """What fills the sentences of `policy.advice`."""
    office, slot = _office(known, situation), known.appointment.slot if known.appointment else None
    recording = known.case.recording if known.case else None
    return {
        "office": office.name if office else _("kantor layanan"),
        "when": moment_in_words(slot.starts_at) if slot else "",
        "day": day_in_words(recording.day) if recording else "",
        "no_second": str(NO_SECOND_RECORDING),
    }


def _since(known: _Known, situation: Situation) -> date | None:
    if situation in (Situation.BOOKED, Situation.BOOKED_AGAIN):
        return _local_date(known.appointment.booked_at)
    if known.case is not None and situation != Situation.ARRIVED:
        return _local_date(known.case.status_since)
    if known.appointment is not None and situation not in (Situation.RECORDED_BEFORE, Situation.HOLDS_CARD):
        return _local_date(known.appointment.status_at)
    return None


def _visit(known: _Known) -> Appointment | None:
    """The appointment of the recording; before there is one, the latest, if it may still lead to a recording."""
    if known.case is not None:
        return known.case.recording.appointment if known.case.recording else None
    appointment = known.appointment
    counts = appointment is not None and appointment.status in (*LIVE_STATUSES, AppointmentStatus.DONE)
    return appointment if counts else None


def _reached(known: _Known) -> dict[Stage, date | None]:
    """The steps reached so far with their local dates (None: reached, date unknown). Going back takes steps away."""
    reached: dict[Stage, date | None] = {}
    visit = _visit(known)
    if visit is not None:
        reached[Stage.BOOKED] = _local_date(visit.booked_at)
    for change in known.history:
        stage = REACHED.get(CaseStatus(change.to_status))
        if stage is None:
            continue
        reached = {step: day for step, day in reached.items() if STAGES.index(step) <= STAGES.index(stage)}
        for step in STAGES[: STAGES.index(stage)]:
            reached.setdefault(step, None)
        reached[stage] = reached.get(stage) or (None if stage == Stage.BOOKED else _local_date(change.occurred_at))
    if known.case is None and (known.resident.recorded_before_portal or known.resident.card_held):
        last = Stage.COLLECTED if known.resident.card_held else Stage.RECORDED
        reached = dict.fromkeys(STAGES[: STAGES.index(last) + 1])
    return reached


def _timeline(known: _Known, situation: Situation, reached: dict[Stage, date | None]) -> list[TimelineStep]:
    """The seven steps in order; the one we wait for is marked. Nothing to draw where nothing is under way."""
    if situation in (Situation.CLOSED, Situation.NOT_BOOKED, Situation.CANCELLED):
        return []
    steps, waiting, visit = [], True, _visit(known)
    for stage in STAGES:
        words = STAGE_WORDS[stage]
        if stage == Stage.BOOKED and reached and visit is None:
            continue  # recorded elsewhere or before the portal: nothing was booked here
        if stage in reached:
            day = reached[stage]
            walked_in = stage == Stage.BOOKED and visit is not None and visit.channel == Channel.WALK_IN
            title = _("Datang langsung") if walked_in else words.done
            steps.append(TimelineStep(str(title), "done", day_in_words(day) if day else ""))
        elif waiting:
            waiting = False
            state = "warning" if ADVICE[situation].tone == Tone.CARE else "current"
            steps.append(TimelineStep(str(_current_title(situation, words.current)), state))
        else:
            steps.append(TimelineStep(str(words.ahead), "next"))
    return steps


def _current_title(situation: Situation, usual: Words) -> Words:
    match situation:
        case Situation.RERECORD | Situation.BOOKED_AGAIN:
            return _("Menunggu rekam ulang")
        case Situation.CAPTURED_STALLED:
            return _("Pengiriman ke pusat sedang diperiksa")
        case Situation.RECORDED_BEFORE:
            return _("Belum diketahui sampai mana")
        case Situation.UNDER_SEVENTEEN:
            return _("Kartu menunggu umur 17 tahun")
        case _:
            return usual


def _next_step(stage: Stage | None, situation: Situation) -> str:
    """The step after the present one, by its plain name."""
    if situation == Situation.RERECORD:
        return _("Rekam ulang di kantor layanan")
    if situation == Situation.RECORDED_BEFORE:
        return _("Dicari petugas di data pusat")
    index = STAGES.index(stage) + 1 if stage else 0
    return str(STAGE_WORDS[STAGES[index]].ahead) if index < len(STAGES) else ""


def _eta(known: _Known, situation: Situation) -> str:
    """When to expect the card, in words; empty where nothing is left to expect. Never the 17th birthday itself."""
    if situation in ETA_WORDS:
        return str(ETA_WORDS[situation])
    promised = known.promised
    if promised is None or situation not in EXPECTING:
        return ""
    if known.too_young_for_a_card:
        return _("Setelah ulang tahun ke-17 Anda")
    if situation == Situation.RERECORD:
        fewest, most = DEFAULT_DAYS
        days = {"fewest": fewest, "most": most}
        return _("%(fewest)s sampai %(most)s hari layanan setelah perekaman berhasil") % days
    words = between(promised)
    if known.today > promised.latest:
        return _("Lebih lama dari perkiraan semula (%(days)s); tetap kami proses") % {"days": words}
    return words


def _local_date(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None
