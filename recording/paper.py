"""Sheets that an office prints for many people at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from io import BytesIO

from django.utils import translation
from reportlab.lib.pagesizes import A4, A6, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from recording import slip
from recording.dates import clock, day_in_words
from recording.models import Appointment, Office
from recording.policy.code import display

BLANK_ROWS = 12  # for people without an appointment
COLUMNS = {
    "Jam": 14,
    "Nomor": 16,
    "Nama": 58,
    "NIK": 32,
    "Kode": 34,
    "Keperluan": 38,
    "Terekam": 20,
    "Gagal": 15,
    "Tidak hadir": 15,
    "KK": 9,
    "Pukul, alasan": 26,
}  # mm; together what A4 across leaves between its margins
SHEET_MARGIN = 10 * mm


def slips_pdf(slips: Iterable[tuple[Appointment, str]]) -> bytes:
    """One A6 page for each appointment (slot, office, resident loaded) with its canonical code, in the resident's
    language."""
    slip.register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A6)
    canvas.setTitle("Waktu baru")
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    for appointment, code in slips:
        with translation.override(appointment.language):
            slip.draw_page(canvas, appointment, code, slip.fitting_size(appointment, code))
    canvas.save()
    return buffer.getvalue()


def day_sheet_pdf(*, office: Office, day: date, rows: Sequence[Appointment], codes: Mapping[int, str]) -> bytes:
    """The day of `office` on A4 across, to work from when the computer cannot be used: who comes when, with boxes to
    tick, and empty rows. NIKs show their first four digits only. `codes`: resident id -> canonical code."""
    slip.register_fonts()
    buffer = BytesIO()
    title = f"{office.name}: {day_in_words(day)}"
    document = SimpleDocTemplate(
        buffer,
        pagesize=landscape(A4),
        leftMargin=SHEET_MARGIN,
        rightMargin=SHEET_MARGIN,
        topMargin=20 * mm,
        bottomMargin=12 * mm,
        title=f"Lembar harian {title}",
        author="Disdukcapil Kabupaten Kudus",
    )
    lines = [[_cell(text, bold=True) for text in COLUMNS]]
    lines += [_line(row, codes.get(row.resident_id, "")) for row in rows]
    lines += [[""] * len(COLUMNS) for _number in range(BLANK_ROWS)]
    table = Table(
        lines,
        colWidths=[width * mm for width in COLUMNS.values()],
        rowHeights=[None] * (len(rows) + 1) + [9 * mm] * BLANK_ROWS,
        repeatRows=1,
    )
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, slip.SOFT),
                ("BACKGROUND", (0, 0), (-1, 0), slip.MORTAR),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 2.2 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2 * mm),
            ]
        )
    )

    def frame(canvas: Canvas, _document) -> None:
        _sheet_frame(canvas, title)

    document.build([table], onFirstPage=frame, onLaterPages=frame)
    return buffer.getvalue()


def _sheet_frame(canvas: Canvas, title: str) -> None:
    width, height = landscape(A4)
    canvas.setFont(slip.BOLD, 13)
    canvas.drawString(SHEET_MARGIN, height - 12 * mm, title)
    canvas.setFont(slip.REGULAR, 8)
    canvas.drawString(SHEET_MARGIN, height - 17 * mm, "Centang satu hasil, tulis pukulnya. KK: data sudah dicocokkan.")
    canvas.drawRightString(width - SHEET_MARGIN, height - 12 * mm, f"Halaman {canvas.getPageNumber()}")
    canvas.drawString(
        SHEET_MARGIN, 6 * mm, "Rahasia: simpan terkunci, catat di Lembar harian, lalu musnahkan lembar ini."
    )


def _line(row: Appointment, code: str) -> list[Paragraph | str]:
    nik = row.resident.identity.nik
    purpose = f"{row.get_purpose_display()}{'. Kebutuhan khusus' if row.special_needs else ''}"
    return [
        _cell(clock(row.slot.starts_at) if row.slot else "–", bold=True),
        _cell(f"{getattr(row, 'ticket', '') or ''}"),
        _cell(row.resident.name, bold=True),
        _cell(f"{nik[:4]} ···· ···· ····" if nik else ""),
        _cell(display(code) if code else ""),
        _cell(purpose),
        "",
        "",
        "",
        "",
        "",
    ]


def _cell(text: str, *, bold: bool = False) -> Paragraph:
    style = ParagraphStyle("sheet", fontName=slip.BOLD if bold else slip.REGULAR, fontSize=8, leading=10)
    return Paragraph(escape(f"{text}"), style)
