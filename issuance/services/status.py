"""What a resident is told: what has happened, since when, what is next, what to do, when to expect the card."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from issuance.enums import CaseStatus, ChangeEvent, ImportState, LetterStatus, OpenedBy, PickState, WaitingFor
from issuance.models import Case, CentralImport, InterimLetter, PrintPick, StatusChange
from issuance.policy.advice import (
    ADVICE,
    BEFORE_PRINT,
    COME,
    ETA_WORDS,
    EXPECTING,
    LIST_FRESH_DAYS,
    NEEDS_A_LIST,
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
from issuance.services.calendar import ServiceCalendar
from issuance.services.messages import between
from issuance.services.promise import promise
from recording.dates import day_in_words, moment_in_words, plain_date
from recording.enums import LIVE_STATUSES, AppointmentStatus, CardOutlook, Channel, PrintPolicy
from recording.models import Appointment, Office, Resident
from recording.policy.mask import mask_name

AFTER_APPOINTMENT = {
    AppointmentStatus.NO_SHOW: Situation.MISSED,
    AppointmentStatus.CANCELLED: Situation.CANCELLED,
    AppointmentStatus.REFUSED: Situation.REFUSED,
}


# The national lists say what becomes of a case in these.
CENTRES_STATUSES = (
    CaseStatus.CAPTURED,
    CaseStatus.SENT,
    CaseStatus.ADJUDICATION,
    CaseStatus.DUPLICATE,
    CaseStatus.FAILED,
)


@dataclass(frozen=True)
class TimelineStep:
    """One of the seven steps, or an attempt that failed. `state`: done, failed, current, warning or next; `when` in
    words, empty when unknown."""

    title: str
    state: str
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class PublicStatus:
    """One resident's status as the public page may show it: masked name, no number, no birth date.

    `stage`: last step reached; `since`: local date of the present situation; `eta`: when to expect the card, in words;
    `list_as_of`: local date of the newest national list, `list_days`: how many days ago that was, where the centre
    still decides; `outlook`: whether the office has blanks, in words; `letter`: the letter in hand, in words; `hours`:
    when the office is open next, in words, where the resident should come.
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
    list_days: int
    outlook: str
    letter: str
    hours: str
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
    letter: InterimLetter | None
    pick: PrintPick | None
    list_as_of: datetime | None
    calendar: ServiceCalendar
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def too_young_for_a_card(self) -> bool:
        if self.case is not None and self.case.waiting_for == WaitingFor.AGE:
            return True
        return self.promised is not None and self.promised.at_seventeen and self.today < self.promised.earliest

    @property
    def list_days(self) -> int | None:
        """How many days ago the newest national list ended; None: there never was one."""
        return (self.today - timezone.localdate(self.list_as_of)).days if self.list_as_of else None

    @property
    def list_is_old(self) -> bool:
        return self.list_days is None or self.list_days > LIST_FRESH_DAYS


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
        list_as_of=_local_date(known.list_as_of) if _centre_decides(known) else None,
        list_days=known.list_days or 0,
        outlook=_outlook(office, situation),
        letter=_letter_in_words(known.letter) if known.letter else "",
        hours=_hours(known, office) if office and situation in COME else "",
        name=mask_name(known.resident.name),
        office=office,
        steps=_timeline(known, situation, reached),
    )


def _read(resident_id: int, now: datetime) -> _Known:
    resident = Resident.objects.select_related("identity").get(pk=resident_id)
    cases = resident.cases.select_related(
        "recording__appointment", "recording__office", "office", "pickup_office__issue_time"
    )
    case = cases.order_by("-pk").open().first() or cases.order_by("-pk").first()
    appointments = resident.appointments.select_related("slot", "office__issue_time").order_by("-booked_at", "-pk")
    appointment = appointments.live().first() or appointments.first()
    calendar, promised = ServiceCalendar.load(), None
    if basis := _promise_basis(case, appointment):
        recorded_at, office = basis
        promised = promise(resident=resident, recorded_at=recorded_at, office=office, is_open=calendar.is_open)
    return _Known(
        resident=resident,
        case=case,
        history=list(case.history.order_by("pk")) if case else [],
        appointment=appointment,
        promised=promised,
        letter=_letter(case),
        pick=_invitation(case),
        list_as_of=_newest_list(case),
        calendar=calendar,
        now=now,
    )


def _promise_basis(case: Case | None, appointment: Appointment | None) -> tuple[datetime, Office] | None:
    """What the promise counts from: the recording, or the booked time of the one to come; and whose it is."""
    if appointment is not None and appointment.status in LIVE_STATUSES and appointment.slot is not None:
        return appointment.slot.starts_at, appointment.office
    return (case.recording.recorded_at, case.pickup_office) if case and case.recording else None


def _letter(case: Case | None) -> InterimLetter | None:
    """The letter that stands in for the card, also when it has run out; never a revoked one."""
    if case is None:
        return None
    held = case.letters.exclude(status=LetterStatus.REVOKED)
    return held.order_by("-valid_until", "-pk").first()


def _invitation(case: Case | None) -> PrintPick | None:
    """The blank that is held for this person, while one is."""
    if case is None or case.status != CaseStatus.PRINT_READY:
        return None
    return case.picks.filter(state=PickState.INVITED, until__isnull=False).first()


def _newest_list(case: Case | None) -> datetime | None:
    """Until when the newest national list that was applied speaks."""
    if case is None:
        return None
    applied = CentralImport.objects.filter(state=ImportState.APPLIED)
    return applied.order_by("-as_of").values_list("as_of", flat=True).first()


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
    if status == CaseStatus.PRINT_READY:
        return _situation_before_print(case, known)
    if case.stalled_since is not None and status in NEEDS_A_LIST and known.list_is_old:
        return Situation.NOT_UPDATED
    if case.stalled_since is not None and status in WHEN_STALLED:
        return WHEN_STALLED[status]
    if _is_looked_for(case):
        return Situation.OPENED_AT_DESK
    if status in UNTIL_SEVENTEEN and known.too_young_for_a_card:
        return Situation.UNDER_SEVENTEEN
    return USUAL[status]


def _situation_before_print(case: Case, known: _Known) -> Situation:
    """The record is good: who waits for whom now?"""
    if known.pick is not None or case.waiting_for == WaitingFor.RESIDENT:
        return Situation.PRINT_INVITED
    if case.stalled_since is not None:
        return Situation.PRINT_LATE
    if known.too_young_for_a_card:
        return Situation.UNDER_SEVENTEEN
    if case.waiting_for == WaitingFor.BLANK:
        holds_letter = known.letter is not None and known.letter.valid_until >= known.today
        return Situation.LETTER_IN_HAND if holds_letter else Situation.NO_BLANKS
    return Situation.PRINT_ON_REQUEST if _prints_on_request(case.pickup_office) else Situation.PRINT_READY


def _is_looked_for(case: Case) -> bool:
    """Opened at the desk for somebody recorded before the portal; no list has named the person yet."""
    opened_at_desk = case.opened_by == OpenedBy.OFFICER and case.status in (CaseStatus.CAPTURED, CaseStatus.SENT)
    return opened_at_desk and not case.observed_raw


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
    return {
        "office": office.name if office else _("kantor layanan"),
        "when": moment_in_words(slot.starts_at) if slot else "",
        "recorded": _recorded(known, situation),
        "until": day_in_words(known.pick.until) if known.pick and known.pick.until else _("tanggal di pesan kami"),
        "letter": _letter_in_words(known.letter) if known.letter else "",
        "list": _list_in_words(known),
        "no_second": str(NO_SECOND_RECORDING),
    }


def _recorded(known: _Known, situation: Situation) -> str:
    """That there is a recording, and whether it is good; nothing where there is none to speak of."""
    if known.case is None:
        return ""
    recording, failed = known.case.recording, situation in (Situation.RERECORD, Situation.BOOKED_AGAIN)
    if recording is None:
        return (
            _("Rekaman Anda yang lama tidak dapat dipakai.")
            if failed
            else _("Menurut data pusat, Anda sudah pernah direkam.")
        )
    where = {"day": day_in_words(recording.day), "office": recording.office.name}
    if failed:
        return _("Perekaman %(day)s di %(office)s belum berhasil.") % where
    return _("Perekaman Anda berhasil %(day)s di %(office)s.") % where


def _letter_in_words(letter: InterimLetter) -> str:
    """Kind and last day; a letter past its day says so."""
    words = {"kind": letter.get_kind_display(), "day": plain_date(letter.valid_until)}
    if letter.status == LetterStatus.VALID:
        return _("%(kind)s, berlaku sampai %(day)s") % words
    return _("%(kind)s, habis %(day)s; dapat diperpanjang di kantor") % words


def _list_in_words(known: _Known) -> str:
    if known.list_as_of is None:
        return _("Kami belum menerima daftar dari pusat.")
    words = {"day": plain_date(timezone.localdate(known.list_as_of)), "days": known.list_days}
    return _("Daftar terakhir dari pusat bertanggal %(day)s, %(days)s hari lalu.") % words


def _centre_decides(known: _Known) -> bool:
    """Whether the age of the national list says anything about this case."""
    return known.case is not None and CaseStatus(known.case.status) in CENTRES_STATUSES


def _outlook(office: Office | None, situation: Situation) -> str:
    """Whether the office has blanks for who is recorded there today."""
    if office is None or situation not in BEFORE_PRINT:
        return ""
    match office.card_outlook:
        case CardOutlook.CARD:
            return _("Tersedia di kantor ini")
        case CardOutlook.LETTER:
            return _("Sedang kurang; kemungkinan surat pengganti dulu")
        case _:
            return ""


def _hours(known: _Known, office: Office) -> str:
    """When the office is open next: "Rabu, 25 November 2026, 08.00-21.00"."""
    found = known.calendar.next_hours(office_id=office.pk, now=known.now)
    if found is None:
        return ""
    day, opens, closes = found
    when = _("Hari ini") if day == known.today else day_in_words(day)
    return f"{when}, {opens:%H.%M}-{closes:%H.%M} WIB"


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
    if known.case is not None and _is_looked_for(known.case):
        return dict.fromkeys(STAGES[: STAGES.index(Stage.RECORDED) + 1])  # nobody knows more yet
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
        if stage == Stage.BOOKED:  # the booking shown is the latest one: an earlier attempt goes before it
            steps += _failed_attempts(known, before=visit) if visit else []
        if stage == Stage.RECORDED:
            steps += _failed_attempts(known, after=visit)
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


def _failed_attempts(
    known: _Known, *, before: Appointment | None = None, after: Appointment | None = None
) -> list[TimelineStep]:
    """The recordings that have to be repeated, in order: those before or after that booking was made, all of them where
    nothing was booked."""
    failed = [change for change in known.history if change.to_status == CaseStatus.RERECORD and _is_step(change)]
    if before is not None:
        failed = [change for change in failed if change.occurred_at < before.booked_at]
    elif after is not None:
        failed = [change for change in failed if change.occurred_at >= after.booked_at]
    title = _("Perekaman belum berhasil")
    return [TimelineStep(title, "failed", day_in_words(timezone.localdate(change.occurred_at))) for change in failed]


def _is_step(change: StatusChange) -> bool:
    return change.event in (ChangeEvent.OPENED, ChangeEvent.MOVED)


def _current_title(situation: Situation, usual: Words) -> Words:
    match situation:
        case Situation.RERECORD | Situation.BOOKED_AGAIN:
            return _("Menunggu rekam ulang")
        case Situation.CAPTURED_STALLED:
            return _("Pengiriman ke pusat sedang diperiksa")
        case Situation.RECORDED_BEFORE | Situation.OPENED_AT_DESK:
            return _("Belum diketahui sampai mana")
        case Situation.PRINT_INVITED:
            return _("Menunggu Anda datang untuk dicetak")
        case Situation.NO_BLANKS | Situation.LETTER_IN_HAND:
            return _("Menunggu blanko")
        case Situation.NOT_UPDATED:
            return _("Menunggu kabar dari pusat")
        case Situation.UNDER_SEVENTEEN:
            return _("Kartu menunggu umur 17 tahun")
        case _:
            return usual


def _next_step(stage: Stage | None, situation: Situation) -> str:
    """The step after the present one, by its plain name."""
    if situation == Situation.RERECORD:
        return _("Rekam ulang di kantor layanan")
    if situation in (Situation.RECORDED_BEFORE, Situation.OPENED_AT_DESK):
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
    if known.today > promised.latest and not promised.open_ended:
        return _("Lebih lama dari perkiraan semula (%(days)s); tetap kami proses") % {"days": words}
    office = _office(known, situation)
    if promised.open_ended or (office is not None and office.card_outlook == CardOutlook.LETTER):
        words = _("Paling cepat %(days)s") % {"days": plain_date(max(promised.earliest, known.today))}
        if not promised.open_ended:
            return _("%(days)s; blanko sedang kurang, jadi bisa lebih lama") % {"days": words}
    if promised.sample:
        return _("%(days)s (dari %(count)s kartu di kantor ini)") % {"days": words, "count": promised.sample}
    return words


def _local_date(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None
