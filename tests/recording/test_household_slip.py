from datetime import timedelta

import pytest
from django.utils import timezone, translation

from recording.household_slip import draw, household_slip_pdf
from recording.slip import ITEM_SIZES
from tests.factories import AppointmentFactory, OfficeFactory, ResidentFactory, SlotFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_fullest_slip_fits_on_its_page(language):
    office = OfficeFactory(
        name="Dinas Kependudukan dan Pencatatan Sipil Kabupaten Kudus",
        address="Jalan Simpang Tujuh Nomor 1, Demaan, Kecamatan Kota Kudus, Kabupaten Kudus 59313",
    )
    young = timezone.localdate() - timedelta(days=17 * 365)
    residents = [
        ResidentFactory(name="Raden Ajeng Kusumaningtyas", birth_date=young, ever_married=True) for _ in range(6)
    ]
    slot = SlotFactory(office=office)
    people = [
        (AppointmentFactory(slot=slot, special_needs=True, resident=resident), "K7QX4M2P9TH") for resident in residents
    ]

    with translation.override(language):
        pdf = household_slip_pdf(people)
        fits = [draw(people, size)[1] for size in ITEM_SIZES]

    assert any(fits)
    assert pdf.count(b"/MediaBox") == 1
