"""The queue number on paper: one A6 page that names nobody."""

from io import BytesIO
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from recording import slip
from recording.dates import moment_in_words
from recording.models import QueueTicket

NUMBER_SIZE = 68


def number_pdf(ticket: QueueTicket, *, before: int) -> bytes:
    """The number of `ticket` (office loaded), when it was given and how many wait before, in the active language."""
    slip.register_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(slip.WIDTH, slip.HEIGHT), lang=None)
    canvas.setTitle(_("Nomor antrean"))
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    page = slip.SmallPage(canvas)
    page.head(_("Nomor antrean"))
    page.y -= 4 * mm
    canvas.setFillColor(slip.BRICK)
    canvas.setFont(slip.BOLD, NUMBER_SIZE)
    page.y -= 22 * mm
    canvas.drawCentredString(slip.WIDTH / 2, page.y, f"{ticket}")
    page.y -= 8 * mm
    page.text(ticket.office.name, size=12, bold=True)
    page.text(moment_in_words(ticket.issued_at), size=9)
    waiting = ngettext("%(count)d orang sebelum Anda", "%(count)d orang sebelum Anda", before) % {"count": before}
    page.text(waiting if before else _("Anda yang berikutnya"), size=9)
    page.y -= 5 * mm
    top, left = page.y, slip.MARGIN + slip.QR_SIZE + 4 * mm
    slip.draw_qr(canvas, place_address(ticket), x=slip.MARGIN, y=top - slip.QR_SIZE)
    width = slip.WIDTH - left - slip.MARGIN
    page.text(_("Berapa lama lagi?"), size=10, bold=True, colour=slip.TEAL, x=left, width=width)
    page.text(_("Pindai QR, atau buka"), size=8.5, x=left, width=width)
    page.text(short_address(), size=8.5, bold=True, x=left, width=width)
    page.text(_("Tunggu panggilan di layar. Nomor yang terlewat dipanggil lagi."), size=8.5, x=left, width=width)
    page.foot(has_code=False)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def place_address(ticket: QueueTicket) -> str:
    """Where the place in line is shown; number and office are public on the screen."""
    query = urlencode({"kantor": ticket.office.code, "nomor": f"{ticket}"})
    return f"{settings.SITE_URL.rstrip('/')}{reverse('place_in_line')}?{query}"


def short_address() -> str:
    return f"{urlsplit(settings.SITE_URL).netloc}{reverse('place_in_line')}"
