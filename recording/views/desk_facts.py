"""What the desk's pages say about an appointment and its resident, ready for the templates."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from recording.dates import clock, plain_date
from recording.enums import AppointmentStatus, Entitlement, Purpose, RecordingOutcome, ResidentSource, TicketStatus
from recording.models import Appointment, Resident
from recording.phones import national
from recording.policy.booking import ADULT_AGE, CARD_FROM_AGE, RECORDING_FROM_AGE
from recording.policy.declaration import Differs
from recording.policy.desk_step import DeskStep
from recording.policy.nik import age
from recording.services.declaration import Comparison

LONG_WAIT_MINUTES = 30  # office standard; not law
STATUS_KIND = {
    AppointmentStatus.BOOKED: "info",
    AppointmentStatus.ARRIVED: "brick",
    AppointmentStatus.SERVING: "brick",
    AppointmentStatus.DONE: "success",
    AppointmentStatus.REFUSED: "danger",
    AppointmentStatus.NO_SHOW: "warning",
    AppointmentStatus.CANCELLED: "",
}
FIELD_LABELS = {
    Differs.NIK: "NIK",
    Differs.NAME: "Nama",
    Differs.BIRTH_DATE: "Tanggal lahir",
    Differs.SEX: "Jenis kelamin",
    Differs.VILLAGE: "Desa/kelurahan",
}
WARNING_TEXTS = {
    "birth_date": "Tanggal lahir yang diketik berbeda dari NIK; warga memastikan sudah benar.",
    "sex": "Jenis kelamin yang diketik berbeda dari NIK; warga memastikan sudah benar.",
}
ENTITLEMENT_TEXTS = {
    Entitlement.FIRST: "Berhak direkam untuk pertama kali.",
    Entitlement.RERECORD: "Berhak rekam ulang; sudah diputuskan oleh verifikator.",
    Entitlement.REPLACEMENT: "Berhak penggantian KTP-el.",
    Entitlement.NONE: "Sudah direkam. Jangan rekam lagi: rekaman kedua membuat data ganda dan menahan kartunya.",
}


@dataclass(frozen=True)
class Notice:
    kind: str
    title: str
    text: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a desk list."""

    appointment_id: int
    mark: str  # queue number or time
    note: str  # what is small below the mark
    is_now: bool  # the slot is running
    name: str
    about: str
    badges: list[tuple[str, str]]  # (text, kind)
    url: str
    can_check_in: bool


def list_row(appointment: Appointment, *, now: datetime, today: date) -> Row:
    """`appointment` comes with resident, village, slot, ticket and `declared_warnings` (see `services.desk`)."""
    resident = appointment.resident
    ticket = getattr(appointment, "ticket", None)
    time = clock(appointment.slot.starts_at) if appointment.slot else "Langsung"
    came = appointment.status in (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)
    if came and ticket:
        mark, note = f"{ticket}", f"janji {time}" if appointment.slot else "tanpa janji"
    else:
        mark, note = time, f"{ticket}" if ticket else ""
    return Row(
        appointment_id=appointment.pk,
        mark=mark,
        note=note,
        is_now=bool(appointment.slot) and appointment.slot.starts_at <= now < appointment.slot.ends_at,
        name=resident.name,
        about=_about(resident),
        badges=_badges(appointment, now, today),
        url=reverse("desk_appointment", args=[appointment.pk]),
        can_check_in=appointment.status in (AppointmentStatus.BOOKED, AppointmentStatus.NO_SHOW)
        and appointment.day == today,
    )


def _about(resident: Resident) -> str:
    village = resident.village.name if resident.village else "luar Kudus"
    return f"{resident.get_sex_display()}, {resident.birth_year}, {village}"


# What a colleague is doing with somebody who has come; who merely waits is shown with the minutes.
AT_TICKET = {
    TicketStatus.CALLED: "dipanggil ke loket {station}",
    TicketStatus.SERVING: "dilayani di loket {station}",
    TicketStatus.PARKED: "dipanggil, belum datang",
}


def _badges(appointment: Appointment, now: datetime, today: date) -> list[tuple[str, str]]:
    badges = []
    ticket = getattr(appointment, "ticket", None)
    came = appointment.status in (AppointmentStatus.ARRIVED, AppointmentStatus.SERVING)
    if getattr(appointment, "outcome", None) == RecordingOutcome.FAILED:
        badges.append((RecordingOutcome.FAILED.label, "danger"))
    elif came and ticket and ticket.status in AT_TICKET:
        badges.append((AT_TICKET[TicketStatus(ticket.status)].format(station=ticket.station), "info"))
    elif appointment.status not in (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED):
        badges.append((appointment.get_status_display(), STATUS_KIND[appointment.status]))
    if appointment.purpose != Purpose.FIRST:
        badges.append((appointment.get_purpose_display(), "info"))
    if appointment.special_needs:
        badges.append(("Kebutuhan khusus", "brick"))
    if getattr(appointment, "declared_warnings", None):
        badges.append(("Periksa data", "warning"))
    if appointment.status == AppointmentStatus.ARRIVED and ticket and ticket.status == TicketStatus.WAITING:
        minutes = max(0, int((now - ticket.issued_at).total_seconds() // 60))
        badges.append((f"menunggu {minutes} menit", "warning" if minutes >= LONG_WAIT_MINUTES else ""))
    slot = appointment.slot
    if slot and appointment.status == AppointmentStatus.BOOKED and appointment.day == today and slot.ends_at < now:
        badges.append(("Lewat jam", "warning"))
    return badges


def particulars(resident: Resident, *, in_full: bool, today: date, compared: bool = False) -> list[dict]:
    """Label and value of what is compared with the family card; numbers masked unless `in_full`. `compared`: without
    what stands in the comparison already."""
    identity = resident.identity
    birth_date = _date(identity.birth_date)
    rows = [
        {"label": "NIK", "value": grouped(identity.nik) if in_full else masked(identity.nik)},
        {"label": "Nama", "value": resident.name},
        {
            "label": "Tanggal lahir" if in_full else "Tahun lahir",
            "value": f"{plain_date(birth_date)} ({age(birth_date, on=today)} tahun)"
            if birth_date and in_full
            else f"{resident.birth_year}",
        },
        {"label": "Jenis kelamin", "value": resident.get_sex_display()},
        {"label": "Desa/kelurahan", "value": f"{resident.village}" if resident.village else "Di luar Kudus"},
    ]
    if in_full:
        rows += [
            {"label": "Tempat lahir", "value": identity.birth_place},
            {"label": "Alamat", "value": identity.address},
            {"label": "Nomor KK", "value": grouped(identity.family_card)},
            {"label": "Nomor HP", "value": _phone(identity)},
        ]
    shown_above = FIELD_LABELS.values() if compared else ()
    return [row for row in rows if row["value"] and row["label"] not in shown_above]


def comparison_rows(comparisons: list[Comparison]) -> list[dict]:
    """Declared beside registered, in words."""
    return [
        {
            "label": FIELD_LABELS[each.field],
            "declared": _in_words(each.field, each.declared),
            "registered": _in_words(each.field, each.registered),
            "differs": each.differs,
        }
        for each in comparisons
    ]


def notices(
    appointment: Appointment, step: DeskStep, comparisons: list[Comparison], warnings: list[str]
) -> list[Notice]:
    """What the clerk has to know before acting, the gravest first; nothing once the visit is over."""
    if step in (DeskStep.RECORDED, DeskStep.ENDED):
        return []
    resident = appointment.resident
    found = []
    if step == DeskStep.NOT_ENTITLED:
        found.append(Notice("danger", "Jangan rekam warga ini", ENTITLEMENT_TEXTS[Entitlement.NONE]))
    if any(each.differs for each in comparisons):
        found.append(
            Notice(
                "warning",
                "Data yang diketik berbeda dari data kependudukan",
                "Cocokkan dengan Kartu Keluarga sebelum merekam.",
            )
        )
    if resident.source == ResidentSource.SELF:
        found.append(
            Notice(
                "warning",
                "NIK ini belum ada di data kependudukan",
                "Data di bawah diketik sendiri oleh warga. Cocokkan dengan Kartu Keluarga.",
            )
        )
    found += [Notice("warning", WARNING_TEXTS[code]) for code in warnings if code in WARNING_TEXTS]
    found += _age_notices(appointment)
    if appointment.special_needs:
        found.append(Notice("info", "Kebutuhan khusus", appointment.special_needs_note or "Sediakan waktu dua tempat."))
    if appointment.outside_regency or resident.outside_regency:
        found.append(Notice("info", "Warga luar Kudus", "Boleh direkam di sini; kartu dicetak menurut alamat KK."))
    if appointment.helper_name:
        relation = appointment.get_helper_relation_display().lower()
        found.append(Notice("info", "Dipesankan orang lain", f"{appointment.helper_name} ({relation})."))
    return found


def _age_notices(appointment: Appointment) -> list[Notice]:
    birth_date = _date(appointment.resident.identity.birth_date)
    if birth_date is None:
        return []
    years = age(birth_date, on=appointment.day)
    married = appointment.resident.ever_married
    if years < RECORDING_FROM_AGE and not married:
        return [Notice("danger", f"Umur {years} tahun", "Perekaman mulai umur 16, atau bila sudah menikah (lihat KK).")]
    if years < CARD_FROM_AGE and not married:
        found = [Notice("info", "Pemula 16 tahun", "Boleh direkam sekarang; kartu dicetak setelah berumur 17 tahun.")]
    else:
        found = []
    if years < ADULT_AGE and not married:
        name = appointment.guardian_name
        relation = appointment.get_guardian_relation_display().lower()
        found.append(
            Notice("info", "Persetujuan orang tua/wali", f"{name} ({relation}), menyetujui saat memesan.")
            if name
            else Notice("warning", "Belum ada persetujuan orang tua/wali", "Minta persetujuan orang tua atau wali.")
        )
    return found


def grouped(number: str) -> str:
    """ "3319021708909001" as people compare it: four by four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def masked(nik: str) -> str:
    """The first four digits only."""
    return f"{nik[:4]} •••• •••• ••••" if nik else ""


def _phone(identity) -> str:
    checked = " (sudah dicek di loket)" if identity.phone_checked_at else ""
    return f"{national(identity.phone)}{checked}" if identity.phone else ""


def _date(iso: str) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _in_words(field: Differs, value) -> str:
    if not value:
        return "–"
    match field:
        case Differs.NIK:
            return grouped(value)
        case Differs.BIRTH_DATE:
            return plain_date(date.fromisoformat(value))
        case Differs.SEX:
            return "Laki-laki" if value == "L" else "Perempuan"
    return f"{value}"
