"""What the pages about cases say, ready for the templates."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from issuance import case_actions
from issuance.case_actions import Action
from issuance.enums import ENDED_STATUSES, CaseStatus, ChangeEvent, OpenedBy, WaitingFor
from issuance.models import Case
from issuance.policy.case_words import STANDS, next_words
from issuance.policy.stall import word_for
from issuance.services import approval as approvals
from issuance.services import case_file
from issuance.services.case_file import Clock, Whole
from recording import messages
from recording.dates import clock, day_short, moment_in_words, plain_date
from recording.enums import BiometricElement, NotificationState, RecordingOutcome
from recording.models import Approval, User
from recording.policy.access import Permission, allows
from recording.views.desk_facts import masked

STATUS_KIND = {
    CaseStatus.DUPLICATE: "warning",
    CaseStatus.FAILED: "warning",
    CaseStatus.RERECORD: "warning",
    CaseStatus.PRINT_READY: "info",
    CaseStatus.PRINTED: "info",
    CaseStatus.SHIPPED: "info",
    CaseStatus.READY: "success",
    CaseStatus.ISSUED: "success",
}
SENDING_KIND = {
    NotificationState.SENT: "success",
    NotificationState.DELIVERED: "success",
    NotificationState.TOLD: "success",
    NotificationState.FAILED: "danger",
}
LETTER_KIND = {"valid": "success", "revoked": "danger"}


@dataclass(frozen=True)
class CaseFacts:
    """Everything the page of one case shows, in words."""

    badges: list[tuple[str, str]]
    stands: str
    next_step: str
    standing: list[dict]
    person: list[dict]
    actions: list[Action]
    conflict: dict | None
    observed: list[dict]
    approval: dict | None
    tables: list[dict]


def list_row(case: Case, *, now: datetime) -> list:
    """The cells of one line of a list."""
    village = case.resident.village
    return [
        {
            "text": case.resident.name or "(data dihapus)",
            "url": reverse("case", args=[case.pk]),
            "small": f"Berkas {case.pk}",
        },
        {"text": case.get_status_display(), "badge": _kind(case), "small": _marks(case)},
        {"text": _days(case.status_since, now), "small": f"sejak {_short(case.status_since)}"},
        {
            "text": case.office.name,
            "small": "" if case.pickup_office_id == case.office_id else f"Ambil di {case.pickup_office.name}",
        },
        {"text": village.name, "small": village.district.name} if village else "Di luar Kudus",
        _next(case) or "–",
    ]


def _marks(case: Case) -> str:
    marks = []
    if case.stalled_since:
        marks.append(str(word_for(case.status)).capitalize())
    if case.conflict_since:
        marks.append("Berbeda dari pusat")
    if case.waiting_for != WaitingFor.NONE:
        marks.append(case.get_waiting_for_display())
    return ". ".join(marks)


def _kind(case: Case) -> str:
    return "danger" if case.stalled_since else STATUS_KIND.get(CaseStatus(case.status), "neutral")


def _days(since: datetime, now: datetime) -> str:
    days = (timezone.localdate(now) - timezone.localdate(since)).days
    return f"{days} hari" if days > 0 else "Hari ini"


def _next(case: Case) -> str:
    return next_words(
        status=case.status,
        next_step=case.next_step,
        waiting_for=case.waiting_for,
        differs=case.conflict_since is not None,
    )


def facts_of(case: Case, *, by: User, is_own: bool, now: datetime) -> CaseFacts:
    """Reads whatever belongs to the case; as many queries for a long life as for a short one. A case of another office
    (`is_own` false) may only be read."""
    known = case_file.whole(case)
    resting = case_file.clock_of(case, now=now)
    asked = approvals.standing(case)
    return CaseFacts(
        badges=_badges(case),
        stands=STANDS[CaseStatus(case.status)],
        next_step=_next(case),
        standing=_standing(case, resting, now),
        person=_person(case),
        actions=case_actions.actions(user=by, case=case, now=now) if is_own else [],
        conflict=_conflict(case, by=by, is_own=is_own),
        observed=_observed(case),
        approval=_approval(asked, by=by) if asked else None,
        tables=_tables(known),
    )


def _badges(case: Case) -> list[tuple[str, str]]:
    badges = [(case.get_status_display(), STATUS_KIND.get(CaseStatus(case.status), ""))]
    if case.stalled_since:
        badges.append((str(word_for(case.status)).capitalize(), "danger"))
    if case.conflict_since:
        badges.append(("Berbeda dari data pusat", "warning"))
    if case.waiting_for != WaitingFor.NONE:
        badges.append((case.get_waiting_for_display(), "info"))
    return badges


def _standing(case: Case, resting: Clock, now: datetime) -> list[dict]:
    rows = [
        ("Sejak", f"{moment_in_words(case.status_since)} ({_days(case.status_since, now).lower()})"),
        ("Jam layanan", _clock_words(case, resting)),
        ("Mengendap sejak" if _settles(case) else "Terlambat sejak", _moment(case.stalled_since)),
        ("Kantor", case.office.name),
        ("Diambil di", case.pickup_office.name if case.pickup_office_id != case.office_id else ""),
        ("Letak kartu", case.shelf),
        ("Perekaman ke", f"{case.attempt}" if case.attempt > 1 else ""),
        ("Mengapa rekam ulang", case.rerecord_reason),
        ("Pusat menghapus rekaman lama", plain_date(case.central_deletion_on) if case.central_deletion_on else ""),
        ("Alasan ditutup", case.closed_reason),
        ("Dibuka", f"{plain_date(timezone.localdate(case.opened_at))}, oleh {_opened_by(case)}"),
    ]
    return _rows(rows)


def _settles(case: Case) -> bool:
    return str(word_for(case.status)) == "mengendap"


def _clock_words(case: Case, resting: Clock) -> str:
    if case.status in ENDED_STATUSES:
        return ""
    if not resting.runs:
        return f"Berhenti: {case.get_waiting_for_display().lower()}"
    if resting.stalled_after is None:
        return "Tanpa batas"
    word = word_for(case.status)
    limits = f"terlambat sesudah {resting.late_after} hari layanan, {word} sesudah {resting.stalled_after}"
    if word == "terlambat":
        limits = (
            f"perlu diperhatikan sesudah {resting.late_after} hari layanan, terlambat sesudah {resting.stalled_after}"
        )
    return f"Lewat batas: {limits}" if resting.is_late else f"Masih wajar: {limits}"


def _opened_by(case: Case) -> str:
    return {
        OpenedBy.RECORDING: "perekaman",
        OpenedBy.IMPORT: "daftar pusat",
        OpenedBy.OFFICER: "petugas loket (direkam sebelum portal)",
    }[OpenedBy(case.opened_by)]


def _person(case: Case) -> list[dict]:
    """Masked: what a clerk needs to be sure of the person, not what could be copied."""
    resident = case.resident
    identity = getattr(resident, "identity", None)
    rows = [
        ("NIK", masked(identity.nik) if identity else ""),
        ("Tahun lahir", f"{resident.birth_year}"),
        ("Jenis kelamin", resident.get_sex_display()),
        ("Tempat tinggal", f"{resident.village}" if resident.village else "Di luar Kudus"),
        ("Kartu", case.get_kind_display()),
    ]
    return _rows(rows)


def _observed(case: Case) -> list[dict]:
    if not case.observed_as_of:
        return []
    return _rows(
        [
            ("Tulisan pusat", case.observed_raw),
            ("Artinya", case.get_observed_status_display() or "Tidak dikenal"),
            ("Daftar per", plain_date(timezone.localdate(case.observed_as_of))),
            ("Catatan kami", case.get_status_display()),
        ]
    )


def comparison(case: Case) -> list[dict]:
    """Ours beside the centre's."""
    ours = {
        "label": "Catatan kami",
        "value": f"{case.get_status_display()}, sejak {moment_in_words(case.status_since)}",
    }
    return [ours, *(row for row in _observed(case) if row["label"] != "Catatan kami")]


def _conflict(case: Case, *, by: User, is_own: bool) -> dict | None:
    if case.conflict_since is None:
        return None
    since = plain_date(timezone.localdate(case.conflict_since))
    if case.observed_raw:
        text = f"Sejak {since} pusat menulis {case.observed_raw}, kami mencatat {case.get_status_display().lower()}."
    else:
        text = f"Sejak {since} ada perekaman lain walau berkas masih berjalan. Periksa data ganda di pusat."
    may_settle = is_own and allows(by, Permission.DECIDE_CASES)
    return {"text": text, "url": reverse("case_conflict", args=[case.pk]) if may_settle else ""}


def _approval(asked: Approval, *, by: User) -> dict:
    """What became of the request for a second person. `url`: where `by` decides it."""
    who = f"{asked.asked_by.name} minta persetujuan rekam ulang: {asked.reason}"
    if asked.granted is None:
        may_decide = allows(by, Permission.SECOND_PERSON)
        url = reverse("approval", args=[asked.pk]) if may_decide else ""
        return {"kind": "info", "title": "Menunggu persetujuan pengawas", "text": who, "url": url}
    decided = f"{asked.decided_by.name}, {moment_in_words(asked.decided_at)}"
    if asked.granted:
        text = f"{decided}. Verifikator dapat menyelesaikan rekam ulang."
        return {"kind": "success", "title": "Sudah disetujui", "text": text, "url": ""}
    return {"kind": "warning", "title": "Permintaan rekam ulang ditolak", "text": f"{decided}. {who}", "url": ""}


def _tables(known: Whole) -> list[dict]:
    """The lists of the page; a short list that is empty is left out."""
    tables = [
        _table("Riwayat", ("Waktu", "Kejadian", "Oleh", "Catatan"), [_history_cells(row) for row in known.history]),
        _table(
            "Perekaman",
            ("Waktu", "Hasil", "Kantor", "Alat", "Terkirim"),
            [_recording_cells(row) for row in known.recordings],
            empty="Belum ada perekaman di portal",
        ),
        _table(
            "Pesan kepada warga",
            ("Waktu", "Isi", "Lewat", "Keadaan"),
            [_message_cells(row) for row in known.notifications],
            empty="Belum ada pesan",
        ),
        _table("Surat", ("Nomor", "Jenis", "Berlaku", "Keadaan"), [_letter_cells(row) for row in known.letters]),
        _table("Cetakan", ("Waktu", "Kantor", "Oleh", "Hasil"), [_print_cells(row) for row in known.prints]),
        _table("Penyerahan", ("Waktu", "Kantor", "Oleh", "Kepada"), [_hand_cells(row) for row in known.hand_overs]),
    ]
    return [table for table in tables if table["rows"] or table["empty"]]


def _table(title: str, columns: tuple[str, ...], rows: list[list], empty: str = "") -> dict:
    return {
        "title": title,
        "caption": f"{title}, terbaru lebih dulu",
        "columns": [{"label": label} for label in columns],
        "rows": [{"cells": cells} for cells in rows],
        "empty": empty,
    }


def _history_cells(row) -> list:
    happened = {
        ChangeEvent.OPENED: f"Dibuka: {row.get_to_status_display().lower()}",
        ChangeEvent.MOVED: f"{row.get_to_status_display()}",
        ChangeEvent.FLAGGED: f"Ditandai {word_for(row.to_status)}",
        ChangeEvent.NOTED: "Catatan",
    }[ChangeEvent(row.event)]
    before = f"dari {row.get_from_status_display().lower()}" if row.event == ChangeEvent.MOVED else ""
    return [_when(row.occurred_at), {"text": happened, "small": before}, _actor(row), row.note or "–"]


def _actor(row) -> str | dict:
    if row.central_import:
        as_of = plain_date(timezone.localdate(row.central_import.as_of))
        return {"text": "Daftar pusat", "small": f"per {as_of}"}
    return row.actor.name if row.actor else "Portal"


def _recording_cells(row) -> list:
    accepted = row.outcome == RecordingOutcome.ACCEPTED
    missing = ", ".join(BiometricElement(name).label.lower() for name in sorted(row.missing))
    small = row.get_failure_reason_display() if row.failure_reason else f"tanpa {missing}" if missing else ""
    device = f"Stasiun {row.station}"
    return [
        _when(row.recorded_at),
        {"text": row.get_outcome_display(), "badge": "success" if accepted else "danger", "small": small},
        {"text": row.office.name, "small": row.operator.name},
        {"text": device, "small": row.device},
        _when(row.sent_locally_at) if row.sent_locally_at else "Belum" if accepted else "–",
    ]


def _message_cells(row) -> list:
    at = row.told_at or row.sent_at or row.send_after
    return [
        _when(at),
        messages.label(row.kind),
        row.get_channel_display(),
        {"text": row.get_state_display(), "badge": SENDING_KIND.get(NotificationState(row.state), "neutral")},
    ]


def _letter_cells(row) -> list:
    return [
        {"text": row.number, "small": row.office.name},
        row.get_kind_display(),
        {"text": f"sampai {plain_date(row.valid_until)}", "small": f"terbit {plain_date(row.issued_on)}"},
        {
            "text": row.get_status_display(),
            "badge": LETTER_KIND.get(row.status, "neutral"),
            "small": row.revoked_reason,
        },
    ]


def _print_cells(row) -> list:
    if row.spoiled_at is None:
        result = {"text": "Baik", "badge": "success"}
    else:
        small = f"{row.get_spoil_reason_display()}. {row.spoil_note}".strip(". ")
        result = {"text": "Rusak", "badge": "danger", "small": small}
    return [_when(row.printed_at), row.office.name, row.printed_by.name if row.printed_by else "–", result]


def _hand_cells(row) -> list:
    to = {"text": row.proxy_name, "small": f"wakil, {row.proxy_relation}"} if row.proxy_name else "Warga sendiri"
    if row.undone_at:
        to = {"text": "Dibatalkan", "badge": "warning"}
    return [_when(row.handed_at), row.office.name, row.handed_by.name if row.handed_by else "–", to]


def _when(moment: datetime) -> dict:
    return {"text": _short(moment), "small": f"pukul {clock(moment)}"}


def _short(moment: datetime) -> str:
    """ "7 Des 2026"."""
    day = timezone.localdate(moment)
    return f"{day_short(day)} {day.year}"


def _moment(moment: datetime | None) -> str:
    return moment_in_words(moment) if moment else ""


def _rows(pairs: list[tuple[str, str | date]]) -> list[dict]:
    return [{"label": label, "value": value} for label, value in pairs if value]
