from datetime import date

import pytest

from issuance.enums import SupplyItem
from issuance.policy.supply import first_sample_day, is_low, runway, runway_in_words

B, R, F = SupplyItem.BLANK, SupplyItem.RIBBON, SupplyItem.FILM


def test_the_scarcest_of_the_three_decides():
    found = runway(quantities={B: 100, R: 30, F: 400}, used={B: 110, R: 100, F: 100}, sample_days=10)

    assert (found.days, found.item, found.per_day, found.sample_days) == (3.0, R, 10.0, 10)


def test_without_use_nobody_knows():
    found = runway(quantities={B: 100, R: 30, F: 400}, used={}, sample_days=10)

    assert (found.days, found.item) == (None, None)


def test_without_a_service_day_nobody_knows():
    assert runway(quantities={B: 5}, used={B: 3}, sample_days=0).days is None


def test_what_is_gone_lasts_no_day_whatever_was_used():
    assert runway(quantities={B: 5, R: 0, F: 5}, used={}, sample_days=0).item == R


def test_what_was_never_taken_in_is_left_out():
    assert runway(quantities={B: 10}, used={B: 5, R: 50}, sample_days=5).item == B


@pytest.mark.parametrize(
    ("quantity", "alarm_below", "days", "low"),
    [(9, 10, None, True), (10, 10, None, False), (900, 0, 4.9, True), (900, 0, 5.0, False), (3, 0, None, False)],
)
def test_low_is_below_the_line_or_under_five_service_days(quantity, alarm_below, days, low):
    assert is_low(quantity=quantity, alarm_below=alarm_below, days=days) is low


def test_the_sample_is_the_28_days_before_today():
    assert first_sample_day(date(2026, 11, 24)) == date(2026, 10, 27)


@pytest.mark.parametrize(
    ("quantities", "used", "words"),
    [
        (
            {B: 60},
            {B: 100},
            "Blanko cukup untuk 6 hari layanan menurut pemakaian 14 hari terakhir (sampel 10 hari layanan).",
        ),
        (
            {R: 5},
            {R: 100},
            "Ribbon habis dalam satu hari layanan menurut pemakaian 14 hari terakhir (sampel 10 hari layanan).",
        ),
        ({F: 0}, {}, "Film habis."),
        ({B: 5}, {}, "Belum dapat diperkirakan: belum ada pemakaian yang terukur."),
    ],
)
def test_it_is_said_in_plain_words(quantities, used, words):
    assert runway_in_words(runway(quantities=quantities, used=used, sample_days=10, calendar_days=14)) == words
