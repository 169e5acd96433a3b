from datetime import date

import pytest

from recording import guidance
from tests.factories import AppointmentFactory, CampaignFactory, OfficeFactory, ResidentFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 1)
ADULT = date(1990, 8, 17)


def test_card_is_promised_in_the_days_of_the_campaign():
    CampaignFactory(starts_on=DAY, promised_days_min=3, promised_days_max=6)

    assert "3 sampai 6 hari" in guidance.card_promise(OfficeFactory(), DAY, ADULT, married=False)


def test_card_of_a_16_year_old_is_promised_at_17():
    promise = guidance.card_promise(OfficeFactory(), DAY, date(2010, 8, 17), married=False)

    assert "17 Agustus 2027" in promise


def test_an_office_short_of_blanks_speaks_of_the_letter():
    office = OfficeFactory(card_outlook="letter")

    assert "surat keterangan" in guidance.card_promise(office, DAY, ADULT, married=False)


def test_who_married_young_brings_the_marriage_book():
    resident = ResidentFactory(birth_date=date(DAY.year - 15, 1, 1), ever_married=True)

    assert any("Buku nikah" in line for line in guidance.what_to_bring(AppointmentFactory(resident=resident)))


def test_replacement_brings_the_old_card():
    assert any("KTP-el lama" in line for line in guidance.what_to_bring(AppointmentFactory(purpose="replacement")))


def test_before_a_booking_is_confirmed_blanks_are_named_but_never_on_paper():
    office = OfficeFactory(card_outlook="card")

    assert "Blanko tersedia" in guidance.card_promise(office, DAY, ADULT, married=False, name_stock=True)
    assert "Blanko" not in guidance.card_promise(office, DAY, ADULT, married=False)
    scarce = OfficeFactory(card_outlook="letter")
    assert "surat keterangan dulu" in guidance.card_promise(scarce, DAY, ADULT, married=False, name_stock=True)
