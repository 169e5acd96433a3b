"""The list that the team takes along: A4, a line for each person with boxes to tick. It prints no NIK; the number in
the first column brings the results back."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from recording.dates import day_in_words
from recording.enums import Eligibility
from recording.models import Roster, RosterEntry
from recording.slip import BOLD, BRICK, REGULAR, SOFT, TEAL, black, register_fonts

WIDTH, HEIGHT = A4
MARGIN, ROW, BOX = 12 * mm, 10.5 * mm, 4 * mm
ROWS_PER_PAGE, BLANK_ROWS = 21, 5  # blank ones for people who are not on the list
# Column -> left edge in mm; what stands in it is drawn below.
NUMBER, NAME, SEEN, DONE, FAILED, ABSENT, HOUR, NOTES = 12, 22, 92, 104, 116, 128, 140, 158
HEADINGS = (
    (NUMBER, "No."),
    (NAME, "Nama dan tanggal lahir"),
    (SEEN, "KK"),
    (DONE, "Rekam"),
    (FAILED, "Gagal"),
    (ABSENT, "Absen"),
    (HOUR, "Jam"),
    (NOTES, "Sebab / tidak ada"),
)


def list_pdf(roster: Roster, entries: Sequence[RosterEntry]) -> bytes:
    """The pages of `roster` (office loaded), with empty lines at the end for walk-ups."""
    register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setTitle(f"Jemput bola {roster.place}")
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    lines: list[RosterEntry | None] = [*entries, *[None] * BLANK_ROWS]
    pages = -(-len(lines) // ROWS_PER_PAGE)
    for page in range(pages):
        y = _head(canvas, roster, page + 1, pages)
        for entry in lines[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]:
            y -= ROW
            _line(canvas, entry, y)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _head(canvas: Canvas, roster: Roster, page: int, pages: int) -> float:
    """Draw the top of a page; returns where the lines begin."""
    y = HEIGHT - MARGIN - 4 * mm
    _text(canvas, MARGIN, y, _cut(f"Jemput bola: {roster.place}", BOLD, 13, 150 * mm), BOLD, 13, colour=TEAL)
    canvas.setFont(REGULAR, 8)
    canvas.drawRightString(WIDTH - MARGIN, y, f"Halaman {page} dari {pages}")
    about = ", ".join(filter(None, (day_in_words(roster.held_on), roster.office.name, roster.device, roster.batch)))
    _text(canvas, MARGIN, y - 5.5 * mm, _cut(about, REGULAR, 9, 180 * mm), REGULAR, 9)
    rule = "Lihat KK tiap orang. Tulis jam saat perekaman terjadi; hasil dimasukkan memakai nomor di kolom pertama."
    _text(canvas, MARGIN, y - 10.5 * mm, rule, REGULAR, 8, colour=BRICK)
    y -= 16.5 * mm
    for left, heading in HEADINGS:
        _text(canvas, left * mm, y, heading, BOLD, 7.5)
    y -= 1.5 * mm
    canvas.setStrokeColor(TEAL)
    canvas.setLineWidth(1)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    return y


def _line(canvas: Canvas, entry: RosterEntry | None, y: float) -> None:
    canvas.setStrokeColor(SOFT)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    middle = y + ROW / 2
    if entry is not None:
        _text(canvas, NUMBER * mm, middle - 3, f"{entry.number}", BOLD, 10)
        _text(canvas, NAME * mm, middle + 1.5, _cut(entry.name, REGULAR, 9.5, 68 * mm), REGULAR, 9.5)
        _text(
            canvas, NAME * mm, middle - 8.5, _cut(_about(entry), REGULAR, 7, 68 * mm), REGULAR, 7, colour=_colour(entry)
        )
    if entry is None or not _forbidden(entry):
        canvas.setStrokeColor(black)
        canvas.setLineWidth(0.8)
        for left in (SEEN, DONE, FAILED, ABSENT):
            canvas.rect(left * mm, middle - BOX / 2, BOX, BOX)
        _text(canvas, HOUR * mm, middle - 3, "___.___", REGULAR, 9, colour=SOFT)
    else:
        _text(canvas, SEEN * mm, middle - 3, "JANGAN DIREKAM", BOLD, 9.5, colour=BRICK)


def _about(entry: RosterEntry) -> str:
    born = f"{date.fromisoformat(entry.birth_date):%d-%m-%Y}" if entry.birth_date else ""
    flag = "" if entry.eligibility == Eligibility.FIRST else entry.get_eligibility_display()
    return ". ".join(filter(None, (born, flag)))


def _forbidden(entry: RosterEntry) -> bool:
    return entry.eligibility in (Eligibility.RECORDED, Eligibility.YOUNG)


def _colour(entry: RosterEntry):
    return SOFT if entry.eligibility == Eligibility.FIRST else BRICK


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
