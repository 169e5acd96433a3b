"""The slip of a family: one A6 page with everybody's time and code. It prints masked names and no NIK."""

from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from reportlab.lib.colors import black
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from recording import guidance, slip
from recording.dates import clock, day_in_words
from recording.models import Appointment
from recording.policy.code import display
from recording.policy.mask import mask_name

CODE_SIZE = 12.5  # points
FOR_ALL = 2  # the visit itself; when a card is ready differs from person to person


def household_slip_pdf(people: Sequence[tuple[Appointment, str]]) -> bytes:
    """The appointments (slot, office, resident loaded; one day, one office) with their canonical codes, in the active
    language, in order of time."""
    slip.register_fonts()
    in_order = sorted(people, key=lambda each: each[0].slot.starts_at)
    for item_size in slip.ITEM_SIZES:
        content, fits = draw(in_order, item_size)
        if fits:
            break
    return content


def draw(people: Sequence[tuple[Appointment, str]], item_size: float) -> tuple[bytes, bool]:
    """The page with lists in type of `item_size`, and whether they end above the foot."""
    first = people[0][0]
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(slip.WIDTH, slip.HEIGHT), lang=None)
    canvas.setTitle(_("Bukti pesanan satu keluarga"))
    canvas.setAuthor("Disdukcapil Kabupaten Kudus")
    page = slip.SmallPage(canvas, item_size=item_size)
    page.head(_("Bukti pesanan satu keluarga"))
    page.text(day_in_words(first.day), size=11, bold=True)
    page.text(first.office.name, size=9, bold=True)
    page.text(first.office.address, size=7.5)
    page.y -= 1.5 * mm
    for appointment, code in people:
        _person(page, appointment, code)
    page.y -= 1.5 * mm
    address = {"address": slip.short_address()}
    page.text(_("Cek status: buka %(address)s, lalu isi NIK dan kode orangnya.") % address, size=item_size)
    page.y -= 1.5 * mm
    page.heading(_("Yang dibawa"))
    lines = [line for appointment, _code in people for line in guidance.what_to_bring(appointment)]
    for line in dict.fromkeys(lines):
        page.item(line, "•")
    page.text(guidance.not_needed(), size=item_size)
    page.y -= 1.5 * mm
    page.heading(_("Yang terjadi berikutnya"))
    longest = max((appointment for appointment, _code in people), key=lambda each: each.places_held)
    for number, line in enumerate(guidance.what_happens_next(longest)[:FOR_ALL], start=1):
        page.item(line, f"{number}.")
    fits = page.y >= slip.FOOT + slip.BRICKS
    page.foot()
    canvas.showPage()
    canvas.save()
    return buffer.getvalue(), fits


def _person(page: slip.SmallPage, appointment: Appointment, code: str) -> None:
    """Time, masked name and code on one line, with a rule above."""
    canvas, right = page.canvas, slip.WIDTH - slip.MARGIN
    canvas.setStrokeColor(slip.TEAL)
    canvas.setLineWidth(0.6)
    canvas.line(slip.MARGIN, page.y, right, page.y)
    base = page.y - 6 * mm
    canvas.setFillColor(black)
    canvas.setFont(slip.BOLD, CODE_SIZE)
    canvas.drawString(slip.MARGIN, base, clock(appointment.slot.starts_at))
    canvas.drawRightString(right, base, display(code))
    left = slip.MARGIN + 16 * mm
    room = right - left - pdfmetrics.stringWidth(display(code), slip.BOLD, CODE_SIZE) - 2 * mm
    name = mask_name(appointment.resident.name)
    while pdfmetrics.stringWidth(name, slip.REGULAR, 8) > room:
        name = name[:-2] + "…"
    canvas.setFont(slip.REGULAR, 8)
    canvas.drawString(left, base + 0.3 * mm, name)
    page.y -= 8.5 * mm
