"""The booking slip: one A6 page with code, time, place and what to bring. It names nobody and prints no NIK."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import reportlab
import segno
from django.conf import settings
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from recording import guidance
from recording.dates import clock, day_in_words
from recording.models import Appointment
from recording.policy.code import display
from recording.policy.mask import mask_name

WIDTH, HEIGHT = A6
MARGIN = 8 * mm
TEAL, BRICK, MORTAR, SOFT = HexColor("#0f5257"), HexColor("#9a3b1e"), HexColor("#f6e3d8"), HexColor("#4a5560")
QR_SIZE = 27 * mm
REGULAR, BOLD = "Vera", "VeraBd"
ITEM_SIZES = (7.8, 7, 6.2, 5.6)  # points; the largest with which everything fits is taken
FOOT, BRICKS = 10.5 * mm, 2 * mm
OFFICE_PHONE = "Disdukcapil (0291) 438813."


def slip_pdf(*, appointment: Appointment, code: str) -> bytes:
    """The slip of `appointment` (slot, office, resident loaded) with its canonical `code`, in the active language."""
    content, _fits = draw(appointment, code, fitting_size(appointment, code))
    return content


def fitting_size(appointment: Appointment, code: str) -> float:
    """The largest type in which the lists end above the foot, else the smallest."""
    register_fonts()
    return next((size for size in ITEM_SIZES if draw(appointment, code, size)[1]), ITEM_SIZES[-1])


def draw(appointment: Appointment, code: str, item_size: float) -> tuple[bytes, bool]:
    """The page with lists in type of `item_size`, and whether they end above the foot."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A6)
    canvas.setTitle(_("Bukti pesanan perekaman KTP-el"))
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    canvas.setSubject(f"{appointment.office.name}, {day_in_words(appointment.day)}")
    fits = draw_page(canvas, appointment, code, item_size)
    canvas.save()
    return buffer.getvalue(), fits


def draw_page(canvas: Canvas, appointment: Appointment, code: str, item_size: float) -> bool:
    """Draw the slip as the next page of `canvas`; returns whether the lists end above the foot."""
    page = SmallPage(canvas, item_size=item_size)
    page.head(_("Bukti pesanan perekaman KTP-el"))
    page.code(display(code), check_address(code), mask_name(_name(appointment)))
    page.time(appointment)
    page.lists(appointment)
    fits = page.y >= FOOT + BRICKS
    page.foot()
    canvas.showPage()
    return fits


def _name(appointment: Appointment) -> str:
    """The declared name; it is printed masked, so that the slips of one family can be told apart."""
    declaration = getattr(appointment, "declaration", None)
    return declaration.name if declaration else appointment.resident.name


def check_address(code: str) -> str:
    """What the QR holds. The code stands in the fragment, which no browser sends and no server logs."""
    return f"{settings.SITE_URL.rstrip('/')}/status/#{code}"


def short_address() -> str:
    """The address to type, as printed beside the QR."""
    return f"{urlsplit(settings.SITE_URL).netloc}/status"


def register_fonts() -> None:
    if REGULAR not in pdfmetrics.getRegisteredFontNames():
        fonts = Path(reportlab.__file__).parent / "fonts"
        pdfmetrics.registerFont(TTFont(REGULAR, str(fonts / "Vera.ttf")))
        pdfmetrics.registerFont(TTFont(BOLD, str(fonts / "VeraBd.ttf")))


@dataclass
class SmallPage:
    """An A6 page in the portal's colours, drawn from the top down; `y` is the free upper edge."""

    canvas: Canvas
    y: float = HEIGHT
    item_size: float = ITEM_SIZES[0]

    def head(self, title: str) -> None:
        height = 15 * mm
        self.canvas.setFillColor(TEAL)
        self.canvas.rect(0, HEIGHT - height, WIDTH, height, stroke=0, fill=1)
        self._bricks(HEIGHT - height - BRICKS)
        self.canvas.setFillColor(white)
        self.canvas.setFont(BOLD, 10.5)
        self.canvas.drawString(MARGIN, HEIGHT - 7 * mm, title)
        self.canvas.setFont(REGULAR, 7)
        self.canvas.drawString(MARGIN, HEIGHT - 11.3 * mm, _("Dinas Dukcapil Kabupaten Kudus"))
        self.y = HEIGHT - height - 5.5 * mm

    def code(self, code: str, address: str, holder: str) -> None:
        """The code in large type and for whom, the QR beside it, and the address to type below."""
        top = self.y
        draw_qr(self.canvas, address, x=WIDTH - MARGIN - QR_SIZE, y=top - QR_SIZE)
        width = WIDTH - 2 * MARGIN - QR_SIZE - 3 * mm
        self.text(_("Kode pesanan"), size=7.5, colour=SOFT, width=width)
        self.canvas.setFillColor(black)
        size = 15.0
        while pdfmetrics.stringWidth(code, BOLD, size) > width:
            size -= 0.5
        self.canvas.setFont(BOLD, size)
        self.canvas.drawString(MARGIN, self.y - 5.2 * mm, code)
        self.y -= 7.5 * mm
        self.text(_("Atas nama %(name)s") % {"name": holder}, size=7.5, width=width)
        self.y -= 1.2 * mm
        self.text(_("Cek status: pindai QR, atau buka"), size=7, width=width)
        self.text(short_address(), size=7.5, bold=True, width=width)
        self.text(_("lalu isi NIK dan kode ini."), size=7, width=width)
        self.y = min(self.y, top - QR_SIZE) - 3 * mm

    def time(self, appointment: Appointment) -> None:
        """Day, hour and place, in a box."""
        top = self.y
        self.y -= 2.5 * mm
        inner = WIDTH - 2 * MARGIN - 6 * mm
        x = MARGIN + 3 * mm
        self.text(day_in_words(appointment.day), size=11, bold=True, width=inner, x=x)
        hour = _("pukul %(time)s WIB") % {"time": clock(appointment.slot.starts_at)}
        self.text(hour, size=11, bold=True, width=inner, x=x)
        self.y -= 1 * mm
        self.text(appointment.office.name, size=9, bold=True, width=inner, x=x)
        for line in (appointment.office.address, appointment.office.phone):
            if line:
                self.text(line, size=7.5, width=inner, x=x)
        self.y -= 1.5 * mm
        self.canvas.setStrokeColor(TEAL)
        self.canvas.setLineWidth(1)
        self.canvas.roundRect(MARGIN, self.y, WIDTH - 2 * MARGIN, top - self.y, 2 * mm, stroke=1, fill=0)
        self.y -= 3.5 * mm

    def lists(self, appointment: Appointment) -> None:
        self.heading(_("Yang dibawa"))
        for line in guidance.what_to_bring(appointment):
            self.item(line, "•")
        self.text(guidance.not_needed(), size=self.item_size)
        self.y -= 2 * mm
        self.heading(_("Yang terjadi berikutnya"))
        for number, line in enumerate(guidance.what_happens_next(appointment), start=1):
            self.item(line, f"{number}.")

    def foot(self, *, has_code: bool = True) -> None:
        """`has_code`: the paper bears a code, which is nobody else's business."""
        self.canvas.setFillColor(MORTAR)
        self.canvas.rect(0, 0, WIDTH, FOOT, stroke=0, fill=1)
        self._bricks(FOOT)
        self.y = FOOT - 1.6 * mm
        self.text(_("Gratis. Laporkan pungutan."), size=8.5, bold=True, colour=BRICK)
        call = _("Disdukcapil (0291) 438813. Jangan beri kode ini kepada orang lain.")
        self.text(call if has_code else OFFICE_PHONE, size=6.6)

    def _bricks(self, y: float) -> None:
        self.canvas.setFillColor(BRICK)
        for left in range(0, int(WIDTH) + 12, 12):
            self.canvas.rect(left, y + 0.9 * mm, 11, 0.8 * mm, stroke=0, fill=1)
            self.canvas.rect(left - 6, y, 11, 0.8 * mm, stroke=0, fill=1)

    def heading(self, text: str) -> None:
        self.text(text, size=9, bold=True, colour=TEAL)
        self.y -= 0.6 * mm

    def item(self, text: str, mark: str) -> None:
        self.canvas.setFillColor(black)
        self.canvas.setFont(REGULAR, self.item_size)
        self.canvas.drawString(MARGIN, self.y - self.item_size, mark)
        self.text(text, size=self.item_size, x=MARGIN + 4 * mm, width=WIDTH - 2 * MARGIN - 4 * mm)

    def text(self, text: str, *, size: float, bold=False, colour=black, width=None, x=MARGIN) -> None:
        style = ParagraphStyle(
            "slip",
            fontName=BOLD if bold else REGULAR,
            fontSize=size,
            leading=size * 1.28,
            textColor=colour,
        )
        paragraph = Paragraph(_escaped(text), style)
        _width, height = paragraph.wrap(width or WIDTH - 2 * MARGIN, HEIGHT)
        paragraph.drawOn(self.canvas, x, self.y - height)
        self.y -= height


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def draw_qr(canvas: Canvas, content: str, *, x: float, y: float) -> None:
    matrix = segno.make(content, error="m", micro=False).matrix
    module = QR_SIZE / len(matrix)
    canvas.setFillColor(black)
    path = canvas.beginPath()
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            if dark:
                path.rect(x + column * module, y + QR_SIZE - (row + 1) * module, module, module)
    canvas.drawPath(path, stroke=0, fill=1)
