"""Sheets that an office prints for many people at once."""

from collections.abc import Iterable
from io import BytesIO

from django.utils import translation
from reportlab.lib.pagesizes import A6
from reportlab.pdfgen.canvas import Canvas

from recording import slip
from recording.models import Appointment


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
