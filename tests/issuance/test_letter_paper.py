from io import BytesIO

import pytest
from pypdf import PdfReader

from issuance.letter_paper import letter_pdf, short_address
from tests.factories.letters import LetterFactory

pytestmark = pytest.mark.django_db


def text_of(letter, masked_nik="3319 •••• •••• ••••"):
    reader = PdfReader(BytesIO(letter_pdf(letter=letter, masked_nik=masked_nik)))
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def test_the_draft_says_first_what_it_is_not():
    letter = LetterFactory(token="K7QX4M2P9THC", case__recording__resident__name="Sri Wahyuni")

    text = text_of(letter)

    assert text.count("BUKAN DOKUMEN RESMI") == 4
    assert "Tanpa foto" in text
    assert "Tanpa tanda tangan elektronik" in text
    assert letter.number in text
    assert "Sri Wahyuni" in text
    assert "suket/K7QX-4M2P-9THC" in text
    assert letter.case.resident.identity.nik not in text
    assert short_address(letter.token).endswith("/suket/K7QX-4M2P-9THC")


@pytest.mark.parametrize("kind", ["suket", "biodata_wni", "ikd"])
def test_every_kind_fits_with_the_longest_name_and_number(kind):
    letter = LetterFactory(kind=kind, number="4" * 60, case__recording__resident__name="Muhammad " * 13)

    assert "Muhammad" in text_of(letter, masked_nik="")
