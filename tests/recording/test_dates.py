from datetime import UTC, date, datetime

from django.utils import translation

from recording.dates import clock, moment_in_words, plain_date, short_day

MOMENT = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)


def test_moment_is_said_in_words_and_wib():
    assert moment_in_words(MOMENT) == "Senin, 7 Desember 2026 pukul 09.00 WIB"


def test_moment_is_said_in_english_too():
    with translation.override("en"):
        assert clock(MOMENT) == "09:00"
        assert moment_in_words(MOMENT) == "Monday, 7 December 2026 at 09:00 WIB"


def test_short_forms():
    assert short_day(date(2026, 12, 7)) == "Sen 7 Des"
    assert plain_date(date(1995, 8, 17)) == "17 Agustus 1995"
