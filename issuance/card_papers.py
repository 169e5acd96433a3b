"""Lists on A4 for printing and sending cards. They name people and print no NIK."""

from collections.abc import Sequence
from html import escape
from io import BytesIO

from django.utils import timezone
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from issuance.enums import PickState
from issuance.models import PrintPick, PrintRun, Shipment, ShippedCard
from recording import slip
from recording.dates import day_in_words, moment_in_words, short_day

MARGIN = 12 * mm
PICK_COLUMNS = {"No.": 12, "Nama": 62, "Desa": 34, "Karena": 38, "Sampai": 22, "Cetak": 16}  # mm
PACKING_COLUMNS = {"No.": 12, "Berkas": 22, "Nama": 82, "Desa": 46, "Tiba": 22}


def pick_list_pdf(run: PrintRun, picks: Sequence[PrintPick]) -> bytes:
    """Whom to print from one list, in order, with boxes to tick; who is printed already has the box filled."""
    lines = [
        (
            f"{pick.position}",
            pick.case.resident.name,
            _village(pick),
            pick.get_priority_display(),
            short_day(pick.until) if pick.until else "",
            "sudah" if pick.state == PickState.PRINTED else "",
        )
        for pick in picks
    ]
    about = f"{run.office.name}, {day_in_words(timezone.localdate(run.started_at or run.proposed_at))}"
    foot = "Satu kartu satu blanko. Catat tiap cetakan dan tiap blanko rusak di portal pada hari itu juga."
    return _table(f"Daftar cetak {run.pk}", about, PICK_COLUMNS, lines, foot)


def packing_list_pdf(parcel: Shipment, cards: Sequence[ShippedCard]) -> bytes:
    """What a parcel holds, with boxes for the office that counts it and lines for two signatures."""
    lines = [(f"{card.number}", f"{card.case_id}", card.case.resident.name, _village(card), "") for card in cards]
    about = f"Dari {parcel.from_office.name} ke {parcel.to_office.name}, {moment_in_words(parcel.sent_at)}"
    if parcel.courier:
        about += f", dibawa {parcel.courier}"
    foot = f"{parcel.size} kartu.   Yang mengirim: ______________________   Yang menerima: ______________________"
    return _table(f"Kiriman kartu {parcel.pk}", about, PACKING_COLUMNS, lines, foot)


def _village(line: PrintPick | ShippedCard) -> str:
    village = line.case.resident.village
    return village.name if village else "luar Kudus"


def _table(title: str, about: str, columns: dict[str, int], lines: Sequence[tuple[str, ...]], foot: str) -> bytes:
    slip.register_fonts()
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=24 * mm,
        bottomMargin=16 * mm,
        title=title,
        author="Disdukcapil Kabupaten Kudus",
    )
    rows = [[_cell(label, bold=True) for label in columns], *([_cell(text) for text in line] for line in lines)]
    table = Table(rows, colWidths=[width * mm for width in columns.values()], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, slip.SOFT),
                ("BACKGROUND", (0, 0), (-1, 0), slip.MORTAR),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.6 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6 * mm),
            ]
        )
    )

    def frame(canvas: Canvas, _document) -> None:
        _frame(canvas, title, about, foot)

    document.build([table], onFirstPage=frame, onLaterPages=frame)
    return buffer.getvalue()


def _frame(canvas: Canvas, title: str, about: str, foot: str) -> None:
    width, height = A4
    canvas.setFont(slip.BOLD, 13)
    canvas.drawString(MARGIN, height - 13 * mm, title)
    canvas.setFont(slip.REGULAR, 9)
    canvas.drawString(MARGIN, height - 19 * mm, about)
    canvas.setFont(slip.REGULAR, 8)
    canvas.drawRightString(width - MARGIN, height - 13 * mm, f"Halaman {canvas.getPageNumber()}")
    canvas.drawString(MARGIN, 9 * mm, foot)


def _cell(text: str, *, bold: bool = False) -> Paragraph:
    style = ParagraphStyle("list", fontName=slip.BOLD if bold else slip.REGULAR, fontSize=9, leading=11)
    return Paragraph(escape(f"{text}"), style)
