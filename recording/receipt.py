"""What a resident takes home from the desk, on the page and as one A6 sheet: no NIK, and the name masked."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from recording import slip
from recording.dates import moment_in_words
from recording.enums import Entitlement, RecordingOutcome
from recording.guidance import card_promise
from recording.models import Recording, Resident
from recording.policy.code import display
from recording.policy.mask import mask_name
from recording.policy.recording import advice
from recording.services import tracking_code


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """`code` is canonical, `holder` the masked name; `facts` say when and where, `next_steps` what happens now, all in
    the active language."""

    title: str
    holder: str
    facts: list[str]
    code: str
    next_steps: list[str]
    succeeded: bool = True

    @property
    def shown_code(self) -> str:
        return display(self.code)

    @property
    def address(self) -> str:
        return slip.short_address()


def of_recording(recording: Recording) -> Receipt:
    """The receipt of one recording (resident with identity, and office, loaded)."""
    succeeded = recording.outcome == RecordingOutcome.ACCEPTED
    return Receipt(
        title=_("Perekaman selesai") if succeeded else _("Perekaman belum berhasil"),
        holder=mask_name(recording.resident.name),
        facts=[moment_in_words(recording.recorded_at), recording.office.name],
        code=tracking_code.active_code(recording.resident),
        next_steps=_after_success(recording) if succeeded else _after_failure(recording),
        succeeded=succeeded,
    )


def of_code(resident: Resident) -> Receipt:
    """A sheet with the code alone."""
    return Receipt(
        title=_("Kode Anda"),
        holder=mask_name(resident.name),
        facts=[],
        code=tracking_code.active_code(resident),
        next_steps=[
            _("Simpan kode ini. Kode yang sama dipakai sampai KTP-el di tangan Anda."),
            _("Pantau kartu Anda dengan NIK dan kode ini.")
            if resident.entitlement == Entitlement.NONE
            else _("Lihat atau ubah janji Anda dengan NIK dan kode ini."),
        ],
    )


def receipt_pdf(receipt: Receipt) -> bytes:
    """`receipt` on one A6 page, drawn like the booking slip."""
    slip.register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(slip.WIDTH, slip.HEIGHT), lang=None)
    canvas.setTitle(receipt.title)
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    page = slip.SmallPage(canvas)
    page.head(receipt.title)
    page.code(receipt.shown_code, slip.check_address(receipt.code), receipt.holder)
    for line in receipt.facts:
        page.text(line, size=9.5, bold=True)
    page.y -= 4 * mm
    page.text(_("Yang terjadi berikutnya"), size=9.5, bold=True, colour=slip.TEAL)
    for number, line in enumerate(receipt.next_steps, start=1):
        page.y -= 1.5 * mm
        page.text(f"{number}. {line}", size=9.5)
    page.foot()
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _after_success(recording: Recording) -> list[str]:
    resident = recording.resident
    born = resident.identity.birth_date
    birth_date = date.fromisoformat(born) if born else None
    return [
        _("Data Anda dikirim ke pusat untuk diperiksa. Jangan merekam lagi di tempat lain."),
        card_promise(recording.office, recording.day, birth_date, married=resident.ever_married),
        _("Pantau kartu di Cek status dengan NIK dan kode ini."),
    ]


def _after_failure(recording: Recording) -> list[str]:
    return [
        advice(recording.failure_reason),
        _("Kode yang sama tetap berlaku. Minta petugas memberi jam baru, atau buka Cek status."),
    ]
