"""What a resident should bring and what happens next, in the same words on pages, slip and calendar."""

from datetime import date

from django.utils.translation import gettext as _

from recording.dates import plain_date
from recording.enums import CardOutlook, Purpose
from recording.models import Appointment, Campaign, Office, Resident
from recording.policy.booking import card_from, needs_guardian

PROMISED_DAYS = (4, 5)  # working promise of the campaign when none is running


def what_to_bring(appointment: Appointment) -> list[str]:
    """Papers and habits, the most important first."""
    birth_date, married = particulars(appointment)
    lines = [_("Kartu Keluarga (KK)")]
    if appointment.purpose == Purpose.REPLACEMENT:
        lines.append(_("KTP-el lama, atau surat kehilangan dari polisi"))
    if birth_date and married and needs_guardian(birth_date, married=False, on=appointment.day):
        lines.append(_("Buku nikah atau akta perkawinan"))
    lines.append(_("Lepas lensa kontak sebelum difoto"))
    return lines


def not_needed() -> str:
    return _("Surat pengantar RT, RW, atau kelurahan tidak perlu.")


def what_happens_next(appointment: Appointment) -> list[str]:
    """The visit and the wait, in order."""
    birth_date, married = particulars(appointment)
    minutes = _("sekitar 25 menit") if appointment.special_needs else _("sekitar 10 menit")
    return [
        _("Datang 10 menit lebih awal, sebutkan kode atau tunjukkan bukti pesanan di loket."),
        _("Foto, sidik jari, mata, dan tanda tangan direkam, %(minutes)s.") % {"minutes": minutes},
        card_promise(appointment.office, appointment.day, birth_date, married=married),
        _("Pantau kartu di Cek status dengan NIK dan kode ini."),
    ]


def card_promise(office: Office, day: date, birth_date: date | None, *, married: bool, name_stock: bool = False) -> str:
    """When to expect the card after a recording on `day`: at 17, in the promised days, or a letter first. `name_stock`:
    say also that there are blanks; paper leaves that out, since it is read weeks later."""
    later = card_from(birth_date, married=married, recorded_on=day) if birth_date else None
    if later:
        return _("Direkam sekarang; kartu dicetak setelah genap 17 tahun, %(day)s.") % {"day": plain_date(later)}
    if office.card_outlook == CardOutlook.LETTER:
        return _(
            "Blanko di kantor ini sedang terbatas: mungkin Anda menerima surat keterangan dulu, kartunya menyusul."
        )
    campaign = Campaign.objects.running_on(day).first()
    shortest, longest = (campaign.promised_days_min, campaign.promised_days_max) if campaign else PROMISED_DAYS
    usual = _("Kartu biasanya jadi %(shortest)s sampai %(longest)s hari setelah direkam.") % {
        "shortest": shortest,
        "longest": longest,
    }
    if name_stock and office.card_outlook == CardOutlook.CARD:
        return f"{_('Blanko tersedia di kantor ini.')} {usual}"
    return usual


def particulars(appointment: Appointment) -> tuple[date | None, bool]:
    """Birth date and whether ever married, as declared for this appointment or else as the register says."""
    declaration = getattr(appointment, "declaration", None)
    if declaration is not None:
        return _date(declaration.birth_date), declaration.married
    return registered(appointment.resident)


def registered(resident: Resident) -> tuple[date | None, bool]:
    """Birth date and whether ever married, as the register says."""
    identity = getattr(resident, "identity", None)
    return _date(identity.birth_date) if identity else None, resident.ever_married


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
