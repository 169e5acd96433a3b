"""Enter what happened at a session away from the office, also days later: each person keeps the day, time and device.

Each line is a transaction of its own: what is good stays when another line is bad, and the same file again changes
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from recording.declared import Declared
from recording.enums import RecordingOutcome, RosterSource, RosterStatus, Sex
from recording.exceptions import DomainError, NotEntitled, PapersNotChecked, RosterNotHeldYet
from recording.models import Recording, Resident, Roster, RosterEntry, User, Village
from recording.policy import nik as niks
from recording.policy import roster as rules
from recording.policy import sheet
from recording.policy.resident_row import RowError
from recording.policy.roster import Person, Result
from recording.policy.sheet import Line
from recording.services import audit, resident, roster
from recording.services import recording as recordings
from recording.services.recording import CheckedPapers

RECORDED_MEANWHILE = (
    "Sudah punya rekaman lain: jangan kirim rekaman ini ke pusat, datanya akan ganda. Lapor ke verifikator."
)
PAPERS = "NIK belum dikenal: cocokkan dengan KK, lalu isi kolom kk dengan ya."
ANOTHER_RESULT = "Orang ini sudah punya hasil lain di jemput bola ini. Hasil yang lama tidak diubah."
TWICE = "Orang yang sama sudah ada di baris {line}."
NO_SUCH_NUMBER = "Nomor ini tidak ada pada daftar."
OTHER_NIK = "NIK ini bukan milik nomor itu pada daftar."
PARTICULARS = "NIK belum dikenal: isi nama, tanggal lahir, dan desa (kode, atau luar)."
STOPPED = "Baris ini tidak dapat disimpan. Unggah lagi; bila tetap gagal, catat lewat loket."


@dataclass
class Report:
    """What became of an upload: counts, and the lines that were not used with the reason."""

    accepted: int = 0
    failed: int = 0
    absent: int = 0
    walk_ups: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Upload:
    """What all lines of one upload share."""

    roster: Roster
    by: User
    now: datetime
    device: str
    batch: str


def take_in(*, roster_id: int, content: bytes, by: User, now: datetime, device: str = "", batch: str = "") -> Report:
    """Enter the results in `content`. `device` and `batch` hold for lines that name none.

    Raises RosterNotOpen (draft, closed or another office's), RosterNotHeldYet, NotASheet: nothing was written.
    """
    with transaction.atomic():
        upload = _begin(roster_id, by, now, device=device, batch=batch)
        lines = sheet.lines(
            sheet.decode(content), names=rules.RESULT_NAMES, order=rules.RESULT_ORDER, required=("result",)
        )
    return _each(upload, lines)


def enter_rows(
    *, roster_id: int, results: Sequence[Result], by: User, now: datetime, device: str = "", batch: str = ""
) -> dict[int, str]:
    """Enter results keyed in one by one, each by its number on the list. Returns number -> why it was not kept.

    Raises RosterNotOpen, RosterNotHeldYet: nothing was written. Each result is a transaction of its own.
    """
    with transaction.atomic():
        upload = _begin(roster_id, by, now, device=device, batch=batch)
    problems: dict[int, str] = {}
    for result in results:
        try:
            _enter(upload, result, _nik_of(upload, result), Report())
        except (RowError, DomainError) as error:
            sentence = RECORDED_MEANWHILE if isinstance(error, NotEntitled) else f"{error}"
        except IntegrityError:  # a colleague enters the same person at this moment
            sentence = STOPPED
        else:
            continue
        problems[result.number or 0] = sentence
        upload.roster.entries.filter(number=result.number, recording=None).update(problem=sentence[:200])
    return problems


def _begin(roster_id: int, by: User, now: datetime, *, device: str, batch: str) -> _Upload:
    """What all lines share; the office's own roster, held already. Notes in the trail that results are entered."""
    session = roster.locked(roster_id, by)
    if session.held_on > timezone.localdate(now):
        raise RosterNotHeldYet
    audit.record(action="roster.results", actor=by, subject=f"roster:{session.pk}", office_id=session.office_id)
    return _Upload(roster=session, by=by, now=now, device=device or session.device, batch=batch or session.batch)


def _each(upload: _Upload, lines: list[Line]) -> Report:
    report = Report()
    seen: dict[str, int] = {}
    villages, zone = roster.villages_by_code(), timezone.get_current_timezone()
    for line in lines:
        nik = ""
        try:
            result = rules.read_result(
                line, villages=villages, held_on=upload.roster.held_on, now=upload.now, zone=zone
            )
            nik = _nik_of(upload, result)
            if nik in seen:
                raise RowError(TWICE.format(line=seen[nik]))
            seen[nik] = line.number
            _enter(upload, result, nik, report)
        except (RowError, DomainError) as error:
            _reject(upload, line, _sentence(error), nik, report)
        except IntegrityError:  # a colleague enters the same person at this moment
            _reject(upload, line, STOPPED, nik, report)
    return report


def _sentence(error: Exception) -> str:
    if isinstance(error, NotEntitled):
        return RECORDED_MEANWHILE
    return PAPERS if isinstance(error, PapersNotChecked) else f"{error}"


def _nik_of(upload: _Upload, result: Result) -> str:
    """The NIK that a line means, by its number on the list or as written. Raises RowError."""
    if result.number is None:
        return result.person.nik
    entry = upload.roster.entries.filter(number=result.number).first()
    if entry is None:
        raise RowError(NO_SUCH_NUMBER)
    if result.person and result.person.nik != entry.nik:
        raise RowError(OTHER_NIK)
    return entry.nik


@transaction.atomic
def _enter(upload: _Upload, result: Result, nik: str, report: Report) -> None:
    """One line, all or nothing. Locks the roster, then the person's entry."""
    session = roster.locked(upload.roster.pk, upload.by)
    entry = session.entries.filter(nik_bi=RosterEntry.nik.index(RosterEntry, nik)).first()
    is_walk_up = entry is None
    if entry is None and result.person is not None:
        entry = roster.add(roster=session, people=[result.person], walk_up=True)[0]
    if entry is None:
        raise RowError(NO_SUCH_NUMBER)
    if entry.outcome == result.outcome and entry.recorded_at == result.recorded_at:
        report.unchanged += 1
        return
    if entry.recording_id:
        raise RowError(ANOTHER_RESULT)
    if result.recorded_at is not None:
        entry.recording = _record(upload, result, entry, nik, result.recorded_at)
    entry.outcome, entry.recorded_at = result.outcome, result.recorded_at
    entry.failure_reason, entry.missing, entry.problem = result.failure_reason, result.missing, ""
    entry.save()
    roster.settle_visits(session, pk=entry.pk)
    session.rejects.filter(source=RosterSource.RESULTS, nik_bi=entry.nik_bi).delete()
    Roster.objects.filter(pk=session.pk).update(status=RosterStatus.RECORDED)
    setattr(report, result.outcome, getattr(report, result.outcome) + 1)
    report.walk_ups += is_walk_up


def _record(upload: _Upload, result: Result, entry: RosterEntry, nik: str, recorded_at: datetime) -> Recording:
    person = entry.resident or resident.find_by_nik(nik) or _declare(entry, result.person, nik)
    entry.resident = person
    papers = CheckedPapers(family_card=result.family_card, phone="") if result.papers else None
    return recordings.log_field(
        resident_id=person.pk,
        office=upload.roster.office,
        key=entry.key,
        by=upload.by,
        now=upload.now,
        outcome=RecordingOutcome(result.outcome),
        recorded_at=recorded_at,
        failure_reason=result.failure_reason,
        missing=result.missing,
        device=result.device or upload.device,
        batch=result.batch or upload.batch,
        papers=papers,
    )


def _declare(entry: RosterEntry, person: Person | None, nik: str) -> Resident:
    """A self-declared resident from the list and, where that is silent, from the line of results. Raises RowError."""
    village_id = entry.village_id or (person.village_id if person else None)
    born = date.fromisoformat(entry.birth_date) if entry.birth_date else person and person.birth_date
    name = entry.name or (person.name if person else "")
    if not name or not born or not (village_id or (person and person.outside) or _lives_elsewhere(entry)):
        raise RowError(PARTICULARS)
    declared = Declared(
        nik=nik,
        name=name,
        birth_date=born,
        sex=entry.sex or (person.sex if person else "") or Sex(niks.parse(nik).sex),
        village=Village.objects.get(pk=village_id) if village_id else None,
        married=entry.married or bool(person and person.married),
        phone=entry.phone or (person.phone if person else ""),
    )
    return resident.find_or_declare(declared=declared)


def _lives_elsewhere(entry: RosterEntry) -> bool:
    """The list of a village's session said "luar" for this person: the village would be there otherwise."""
    return entry.village_id is None and entry.roster.village_id is not None


def _reject(upload: _Upload, line: Line, reason: str, nik: str, report: Report) -> None:
    with transaction.atomic():
        roster.keep_reject(roster=upload.roster, source=RosterSource.RESULTS, line=line, reason=reason, nik=nik)
        if nik:
            index = RosterEntry.nik.index(RosterEntry, nik)
            upload.roster.entries.filter(nik_bi=index, recording=None).update(problem=reason[:200])
    report.rejected.append((line.number, reason))
