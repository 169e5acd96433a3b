import re
import zlib
from base64 import a85decode

import pytest
from django.test import override_settings
from django.utils import translation

from recording.slip import ITEM_SIZES, check_address, draw, short_address, slip_pdf
from tests.factories import AppointmentFactory, DeclarationFactory, ResidentFactory

pytestmark = pytest.mark.django_db

CODE = "K7QX4M2P9TH"


@pytest.fixture
def appointment():
    appointment = AppointmentFactory()
    DeclarationFactory(appointment=appointment, name="Siti Aminah")
    return appointment


def drawn(pdf: bytes) -> bytes:
    """What the page's content streams draw."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"".join(_inflated(stream.strip()) for stream in streams)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(a85decode(stream, adobe=stream.startswith(b"<~")) if stream.endswith(b"~>") else stream)
    except (ValueError, zlib.error):
        return b""


def test_slip_is_one_a6_page(appointment):
    pdf = slip_pdf(appointment=appointment, code=CODE)

    left, bottom, width, height = (float(n) for n in re.search(rb"/MediaBox \[(.*?)\]", pdf)[1].split())
    assert (left, bottom, round(width), round(height)) == (0, 0, 298, 420)
    assert pdf.count(b"/MediaBox") == 1
    assert drawn(pdf)


def test_slip_names_nobody(appointment):
    pdf = slip_pdf(appointment=appointment, code=CODE)

    for value in (appointment.resident.identity.nik, "Aminah"):
        assert value.encode() not in pdf + drawn(pdf)


def test_lists_shrink_until_everything_fits():
    office = AppointmentFactory().office
    office.name, office.address, office.phone = "Kecamatan " + "Kota " * 12, "Jalan Panjang " * 14, "0291 438813 " * 3
    office.card_outlook = "letter"
    resident = ResidentFactory(entitlement="replacement")
    appointment = AppointmentFactory(resident=resident, purpose="replacement", special_needs=True)
    appointment.office = office

    with translation.override("en"):
        slip_pdf(appointment=appointment, code=CODE)
        assert any(draw(appointment, CODE, size)[1] for size in ITEM_SIZES)


@override_settings(SITE_URL="https://ktpel.example/")
def test_qr_carries_the_code_where_no_server_sees_it():
    assert check_address(CODE) == f"https://ktpel.example/status/#{CODE}"
    assert short_address() == "ktpel.example/status"
