from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from issuance.models import InterimLetter
from issuance.policy.letter import new_token, shown_token
from tests.factories.letters import LetterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter():
    return LetterFactory(token=new_token(), case__recording__resident__name="Budi Santoso")


def shown(client, token):
    response = client.get(reverse("letter_check", args=[token]))
    assert response.status_code == 200
    assert "noindex" in response["X-Robots-Tag"]
    return response.content.decode()


def test_a_valid_letter_shows_initials_number_and_days_and_nothing_else(client, letter):
    page = shown(client, letter.token)

    assert "Surat ini berlaku" in page
    assert letter.number in page
    assert "B••• S•••" in page
    resident = letter.case.resident
    for secret in ("Budi", "Santoso", resident.identity.nik, "1990", letter.case.office.name, resident.village.name):
        assert secret not in page


def test_it_may_be_typed_from_the_paper(client, letter):
    assert "Surat ini berlaku" in shown(client, shown_token(letter.token).lower())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "expired"}, "sudah habis"),
        ({"valid_until": timezone.localdate() - timedelta(days=1), "issued_on": "2016-10-01"}, "sudah habis"),
        ({"status": "revoked", "revoked_reason": "kartu diterima"}, "sudah dicabut"),
    ],
)
def test_what_no_longer_holds_is_said(client, letter, change, says):
    InterimLetter.objects.update(**change)

    page = shown(client, letter.token)

    assert says in page
    assert letter.number in page
    assert "kartu diterima" not in page


def test_a_letter_beside_a_card_is_never_valid(client, letter):
    type(letter.case).objects.update(status="issued", waiting_for="none", clock_from=None)

    assert "sudah dicabut" in shown(client, letter.token)


@pytest.mark.parametrize("token", ["7KQX4M2P9THE", "x", "K" * 300, "%00", "O" * 12])
def test_an_unknown_letter_is_an_answer_too(client, letter, token):
    page = shown(client, token)

    assert "Surat ini tidak dikenal" in page
    assert letter.number not in page


def test_every_answer_costs_the_same_look_ups(client, letter, django_assert_num_queries):
    for token in (letter.token, new_token(), "x", letter.token):
        with django_assert_num_queries(2):  # the rate limit, the letter
            shown(client, token)


def test_trying_addresses_is_slowed(client, letter):
    answers = [client.get(reverse("letter_check", args=[new_token()])).status_code for _n in range(31)]

    assert answers == [200] * 30 + [429]


def test_english_is_complete(client, letter):
    client.cookies["django_language"] = "en"

    with translation.override("id"):  # the language of the last page must not stay
        assert "This letter is valid" in shown(client, letter.token)
        assert "This letter is not known" in shown(client, new_token())


def test_the_page_is_small_and_needs_no_script(client, letter):
    response = client.get(reverse("letter_check", args=[letter.token]), headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) <= 5_000
    assert "<script" not in client.get(reverse("letter_check", args=[letter.token])).content.decode()
