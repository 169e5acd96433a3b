from datetime import date

import pytest

from recording.policy.booking import (
    birthday,
    card_from,
    last_bookable_day,
    may_be_recorded,
    needs_guardian,
    places_needed,
    recordable_from,
)

BORN = date(2010, 8, 17)


@pytest.mark.parametrize(
    ("on", "married", "allowed"),
    [
        (date(2026, 8, 16), False, False),
        (date(2026, 8, 17), False, True),
        (date(2024, 1, 1), True, True),
    ],
)
def test_recording_begins_on_the_sixteenth_birthday_or_with_marriage(on, married, allowed):
    assert may_be_recorded(BORN, married=married, on=on) is allowed


def test_first_recordable_day_is_the_sixteenth_birthday():
    assert recordable_from(BORN, married=False) == date(2026, 8, 17)
    assert recordable_from(BORN, married=True) == BORN


def test_born_on_29_february_turns_16_on_that_day_and_17_on_1_march():
    born = date(2008, 2, 29)

    assert birthday(born, years=16) == date(2024, 2, 29)
    assert birthday(born, years=17) == date(2025, 3, 1)
    assert not may_be_recorded(born, married=False, on=date(2024, 2, 28))


def test_card_of_a_16_year_old_waits_until_17():
    assert card_from(BORN, married=False, recorded_on=date(2026, 12, 1)) == date(2027, 8, 17)


def test_card_is_printed_at_once_from_17_or_when_married():
    assert card_from(BORN, married=False, recorded_on=date(2027, 8, 17)) is None
    assert card_from(BORN, married=True, recorded_on=date(2026, 12, 1)) is None


@pytest.mark.parametrize(
    ("on", "married", "needed"),
    [
        (date(2026, 12, 1), False, True),
        (date(2028, 8, 16), False, True),
        (date(2028, 8, 17), False, False),
        (date(2026, 12, 1), True, False),
    ],
)
def test_guardian_agrees_for_those_under_18_who_never_married(on, married, needed):
    assert needs_guardian(BORN, married=married, on=on) is needed


def test_special_needs_take_two_places():
    assert places_needed(special_needs=True) == 2
    assert places_needed(special_needs=False) == 1


def test_booking_window_ends_after_its_days():
    assert last_bookable_day(today=date(2026, 11, 24), window_days=14) == date(2026, 12, 8)
