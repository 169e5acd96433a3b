"""The sheet for a village office: A4, names to tell and a place to sign. It prints no number and no cause."""

from collections.abc import Sequence
from io import BytesIO

from django.utils import timezone
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from recording.dates import day_in_words
from recording.models import CallSheet
from recording.slip import BOLD, REGULAR, SOFT, TEAL, black, register_fonts

WIDTH, HEIGHT = A4
MARGIN, ROW, BOX = 16 * mm, 9 * mm, 4.5 * mm
ROWS_PER_PAGE = 21
NUMBER, NAME, TOLD, DAY, SIGN = 16, 26, 108, 128, 156  # left edges in mm
HEADINGS = ((NUMBER, "No."), (NAME, "Nama"), (TOLD, "Sudah"), (DAY, "Tanggal"), (SIGN, "Paraf warga"))


def sheet_pdf(sheet: CallSheet, names: Sequence[str]) -> bytes:
    """The pages of `sheet` (village, office loaded) with `names` in this order."""
    register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setTitle(f"Lembar pemberitahuan {sheet.village.name}")
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    pages = max(1, -(-len(names) // ROWS_PER_PAGE))
    for page in range(pages):
        y = _head(canvas, sheet, page + 1, pages)
        for place, name in enumerate(names[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]):
            y -= ROW
            _line(canvas, page * ROWS_PER_PAGE + place + 1, name, y)
        if page == pages - 1:
            _foot(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _head(canvas: Canvas, sheet: CallSheet, page: int, pages: int) -> float:
    """Draw the top of a page; returns where the lines begin."""
    y = HEIGHT - MARGIN - 4 * mm
    title = f"{sheet.village.get_kind_display()} {sheet.village.name}: mohon diberi tahu"
    _text(canvas, MARGIN, y, _cut(title, BOLD, 14, 150 * mm), BOLD, 14, colour=TEAL)
    canvas.setFont(REGULAR, 8)
    canvas.drawRightString(WIDTH - MARGIN, y, f"Lembar {sheet.pk}, halaman {page} dari {pages}")
    printed = day_in_words(timezone.localdate(sheet.printed_at))
    office = ", ".join(filter(None, (sheet.office.name, sheet.office.address, sheet.office.phone)))
    for line, size, font in (
        (f"Dicetak {printed}. Dikembalikan ke {office}.", 9, REGULAR),
        ("Sampaikan kepada warga di bawah ini: harap datang ke kantor tersebut,", 10, BOLD),
        ("membawa Kartu Keluarga asli.", 10, BOLD),
        (
            "Gratis. Warga boleh bertanya ke (0291) 438813. Beri tanda di kolom Sudah setelah warga diberi tahu.",
            9,
            REGULAR,
        ),
    ):
        y -= 6 * mm
        _text(canvas, MARGIN, y, _cut(line, font, size, WIDTH - 2 * MARGIN), font, size)
    y -= 9 * mm
    for left, heading in HEADINGS:
        _text(canvas, left * mm, y, heading, BOLD, 8)
    y -= 2 * mm
    canvas.setStrokeColor(TEAL)
    canvas.setLineWidth(1)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    return y


def _line(canvas: Canvas, number: int, name: str, y: float) -> None:
    canvas.setStrokeColor(SOFT)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    middle = y + ROW / 2 - 3
    _text(canvas, NUMBER * mm, middle, f"{number}", REGULAR, 10)
    _text(canvas, NAME * mm, middle, _cut(name, BOLD, 11, 78 * mm), BOLD, 11)
    canvas.setStrokeColor(black)
    canvas.setLineWidth(0.8)
    canvas.rect((TOLD + 2) * mm, y + (ROW - BOX) / 2, BOX, BOX)


def _foot(canvas: Canvas) -> None:
    y = MARGIN + 18 * mm
    _text(canvas, MARGIN, y, "Semua yang diberi tanda sudah diberi tahu.", REGULAR, 9)
    for left, label in (
        (MARGIN, "Tanggal"),
        (MARGIN + 45 * mm, "Nama dan jabatan"),
        (MARGIN + 115 * mm, "Tanda tangan, cap"),
    ):
        _text(canvas, left, y - 6 * mm, label, REGULAR, 8, colour=SOFT)
        canvas.setStrokeColor(black)
        canvas.setLineWidth(0.6)
        canvas.line(left, MARGIN, left + 40 * mm, MARGIN)


def _text(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, *, colour=black) -> None:
    canvas.setFillColor(colour)
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)
    canvas.setFillColor(black)


def _cut(text: str, font: str, size: float, width: float) -> str:
    """`text`, shortened where it would run into the next column."""
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(f"{text}…", font, size) > width:
        text = text[:-1]
    return f"{text}…"
