"""The draft of an interim letter on A4. It is no document: no photo, no certified signature, the NIK masked; the number,
the QR and the short address let whoever is shown the letter ask whether it holds."""

from html import escape
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from issuance.models import InterimLetter
from issuance.policy.letter import shown_token
from recording import slip
from recording.dates import plain_date

WIDTH, HEIGHT = A4
MARGIN = 22 * mm
HEAD = 30 * mm
PHOTO_WIDTH = 30 * mm
NOT_A_DOCUMENT = "BUKAN DOKUMEN RESMI"
PALE = HexColor("#f3dfd6")
TITLES = {
    "suket": "Surat keterangan pengganti KTP-el",
    "biodata_wni": "Biodata WNI pengganti sementara KTP-el",
    "ikd": "Identitas Kependudukan Digital (IKD)",
}


def check_address(token: str) -> str:
    """What the QR holds."""
    return f"{settings.SITE_URL.rstrip('/')}/suket/{token}/"


def short_address(token: str) -> str:
    """The address to type, as printed beside the QR."""
    return f"{urlsplit(settings.SITE_URL).netloc}/suket/{shown_token(token)}"


def letter_pdf(*, letter: InterimLetter, masked_nik: str) -> bytes:
    """One A4 page. `letter`: with office and the case's resident loaded; `masked_nik`: its first four digits, or
    empty."""
    slip.register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setTitle(f"Draf, {NOT_A_DOCUMENT.lower()}")
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    _Page(canvas).draw(letter, masked_nik)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Page:
    """Drawn from the top down; `y` is the free upper edge."""

    def __init__(self, canvas: Canvas):
        self.canvas, self.y = canvas, HEIGHT

    def draw(self, letter: InterimLetter, masked_nik: str) -> None:
        self._watermark()
        self._head()
        self._band(self.y - 7 * mm)
        self.y -= 33 * mm
        self._centred(TITLES[letter.kind], slip.BOLD, 15)
        self._centred(f"Nomor {letter.number}", slip.REGULAR, 11)
        self.y -= 10 * mm
        self._missing(
            "Tanpa foto", x=WIDTH - MARGIN - PHOTO_WIDTH, top=self.y + 5 * mm, width=PHOTO_WIDTH, height=40 * mm
        )
        self._rows(letter, masked_nik)
        self.y -= 8 * mm
        self._statement(letter)
        self._check(letter)
        width = 78 * mm
        top = self.y - 12 * mm
        self._missing("Tanpa tanda tangan elektronik", x=WIDTH - MARGIN - width, top=top, width=width, height=26 * mm)
        self._foot()

    def _missing(self, text: str, *, x: float, top: float, width: float, height: float) -> None:
        """A dashed box where the real letter carries what this sheet does not."""
        self.canvas.saveState()
        self.canvas.setDash(3, 3)
        self.canvas.setStrokeColor(slip.SOFT)
        self.canvas.rect(x, top - height, width, height, stroke=1, fill=0)
        self.canvas.setFillColor(slip.SOFT)
        self.canvas.setFont(slip.REGULAR, 9)
        self.canvas.drawCentredString(x + width / 2, top - height / 2 - 3, text)
        self.canvas.restoreState()

    def _watermark(self) -> None:
        """Large and aslant behind everything, three times, so that no part of a copy loses it."""
        self.canvas.saveState()
        self.canvas.setFillColor(PALE)
        self.canvas.setFont(slip.BOLD, 40)
        for height in (58, 134, 208):
            self.canvas.saveState()
            self.canvas.translate(WIDTH / 2, height * mm)
            self.canvas.rotate(24)
            self.canvas.drawCentredString(0, 0, NOT_A_DOCUMENT)
            self.canvas.restoreState()
        self.canvas.restoreState()

    def _head(self) -> None:
        canvas = self.canvas
        canvas.setFillColor(slip.TEAL)
        canvas.rect(0, HEIGHT - HEAD, WIDTH, HEAD, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(slip.BOLD, 15)
        canvas.drawString(MARGIN, HEIGHT - 14 * mm, "Pemerintah Kabupaten Kudus")
        canvas.setFont(slip.REGULAR, 11)
        canvas.drawString(MARGIN, HEIGHT - 21 * mm, "Dinas Kependudukan dan Pencatatan Sipil")
        self._bricks(HEIGHT - HEAD - 3 * mm)
        self.y = HEIGHT - HEAD - 3 * mm

    def _bricks(self, y: float) -> None:
        self.canvas.setFillColor(slip.BRICK)
        for left in range(0, int(WIDTH) + 16, 16):
            self.canvas.rect(left, y + 1.3 * mm, 15, 1.1 * mm, stroke=0, fill=1)
            self.canvas.rect(left - 8, y, 15, 1.1 * mm, stroke=0, fill=1)

    def _band(self, y: float) -> None:
        """What this sheet is not, before anything else is read."""
        height = 12 * mm
        self.canvas.setFillColor(slip.BRICK)
        self.canvas.rect(MARGIN, y - height, WIDTH - 2 * MARGIN, height, stroke=0, fill=1)
        self.canvas.setFillColor(white)
        self.canvas.setFont(slip.BOLD, 12)
        text = f"DRAF. {NOT_A_DOCUMENT}"
        self.canvas.drawCentredString(WIDTH / 2, y - height / 2 - 4, text)

    def _centred(self, text: str, font: str, size: float) -> None:
        while pdfmetrics.stringWidth(text, font, size) > WIDTH - 2 * MARGIN:
            size -= 0.5
        self.canvas.setFillColor(black)
        self.canvas.setFont(font, size)
        self.canvas.drawCentredString(WIDTH / 2, self.y, text)
        self.y -= size * 1.6

    def _rows(self, letter: InterimLetter, masked_nik: str) -> None:
        resident, end = letter.case.resident, WIDTH - MARGIN - PHOTO_WIDTH - 8 * mm
        for label, value in (
            ("Nama", resident.name or "–"),
            ("NIK", masked_nik or "–"),
            ("Kantor", letter.office.name),
            ("Terbit", plain_date(letter.issued_on)),
            ("Berlaku sampai", plain_date(letter.valid_until)),
        ):
            self.canvas.setFillColor(slip.SOFT)
            self.canvas.setFont(slip.REGULAR, 10.5)
            self.canvas.drawString(MARGIN, self.y, label)
            self.canvas.setFillColor(black)
            self._fitting(value, MARGIN + 38 * mm, end - MARGIN - 38 * mm)
            self.y -= 3.2 * mm
            self.canvas.setStrokeColor(slip.MORTAR)
            self.canvas.line(MARGIN, self.y, end, self.y)
            self.y -= 6 * mm

    def _fitting(self, text: str, x: float, width: float) -> None:
        size = 11.5
        while pdfmetrics.stringWidth(text, slip.BOLD, size) > width and size > 6:
            size -= 0.5
        self.canvas.setFont(slip.BOLD, size)
        self.canvas.drawString(x, self.y, text)

    def _statement(self, letter: InterimLetter) -> None:
        for text in (
            "Orang ini sudah direkam datanya untuk KTP-el, dan kartunya belum dicetak.",
            "Surat berakhir pada hari kartunya diterima, juga bila tanggal di atas belum lewat.",
            "Surat resminya dibuat dan ditandatangani di sistem pusat. Lembar ini tidak memuat foto dan tidak memuat "
            "tanda tangan elektronik tersertifikasi, sehingga tidak berlaku sebagai bukti identitas.",
        ):
            self._paragraph(text, 10.5)
            self.y -= 2.2 * mm

    def _check(self, letter: InterimLetter) -> None:
        """The QR with the short address, in a box."""
        top = self.y - 4 * mm
        height = slip.QR_SIZE + 12 * mm
        self.canvas.setFillColor(white)
        self.canvas.setStrokeColor(slip.TEAL)
        self.canvas.setLineWidth(1.2)
        self.canvas.roundRect(MARGIN, top - height, WIDTH - 2 * MARGIN, height, 3 * mm, stroke=1, fill=1)
        left, bottom = MARGIN + 6 * mm, top - height + 6 * mm
        slip.draw_qr(self.canvas, check_address(letter.token), x=left, y=bottom)
        x, width = left + slip.QR_SIZE + 7 * mm, WIDTH - 2 * MARGIN - slip.QR_SIZE - 19 * mm
        self.y = top - 8 * mm
        self._paragraph("Periksa apakah surat ini berlaku", 12, bold=True, x=x, width=width)
        self.y -= 1 * mm
        self._paragraph("Pindai QR dengan kamera telepon, atau buka alamat ini:", 9.5, x=x, width=width)
        self._paragraph(short_address(letter.token), 11, bold=True, x=x, width=width)
        self.y -= 1 * mm
        self._paragraph(
            "Cocokkan nomor dan huruf awal namanya. Alamat di telepon harus sama dengan alamat di atas.",
            8.5,
            x=x,
            width=width,
        )
        self.y = top - height

    def _foot(self) -> None:
        self.canvas.setFillColor(slip.MORTAR)
        self.canvas.rect(0, 0, WIDTH, 20 * mm, stroke=0, fill=1)
        self._bricks(20 * mm)
        self.y = 15.5 * mm
        self._paragraph("Gratis. Laporkan pungutan.", 11, bold=True)
        self._paragraph("Disdukcapil Kabupaten Kudus, Jl. Sunan Muria No. 9, (0291) 438813.", 8.5)

    def _paragraph(self, text: str, size: float, *, bold=False, x: float = MARGIN, width: float | None = None) -> None:
        font = slip.BOLD if bold else slip.REGULAR
        style = ParagraphStyle("letter", fontName=font, fontSize=size, leading=size * 1.35)
        paragraph = Paragraph(escape(text), style)
        _width, height = paragraph.wrap(width or WIDTH - 2 * MARGIN, HEIGHT)
        paragraph.drawOn(self.canvas, x, self.y - height)
        self.y -= height
