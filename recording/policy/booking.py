"""Who may be recorded on which day, and what a booking needs. Pure rules; `policy.nik.age` counts the years."""

from datetime import date, timedelta

from recording.policy.nik import age

RECORDING_FROM_AGE = 16  # years; UU 24/2013 art. 63 with the ministry's practice: record from 16, print from 17
CARD_FROM_AGE = 17  # years; UU 24/2013 art. 63(1): 17, or married before
ADULT_AGE = 18  # years; UU 27/2022 art. 25: consent of a parent or guardian for a child's data
PLACES = 1
PLACES_WITH_SPECIAL_NEEDS = 2  # office standard: such a recording takes about 25 minutes instead of 10


def birthday(birth_date: date, *, years: int) -> date:
    """The day on which somebody completes `years`; 1 March for those born on 29 February, in a common year."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def recordable_from(birth_date: date, *, married: bool) -> date:
    """The first day on which this person may be recorded. Who is or was married may be at any age."""
    return birth_date if married else birthday(birth_date, years=RECORDING_FROM_AGE)


def may_be_recorded(birth_date: date, *, married: bool, on: date) -> bool:
    return recordable_from(birth_date, married=married) <= on


def card_from(birth_date: date, *, married: bool, recorded_on: date) -> date | None:
    """The later day from which the card may be printed; None when it may be printed at once."""
    if married or age(birth_date, on=recorded_on) >= CARD_FROM_AGE:
        return None
    return birthday(birth_date, years=CARD_FROM_AGE)


def must_hold_card(birth_date: date, *, married: bool, on: date) -> bool:
    """Whether this person is wajib KTP on that day: 17 or older, or married before (UU 24/2013 art. 63(1))."""
    return card_from(birth_date, married=married, recorded_on=on) is None


def needs_guardian(birth_date: date, *, married: bool, on: date) -> bool:
    """Whether a parent or guardian has to agree: under 18 and never married."""
    return not married and age(birth_date, on=on) < ADULT_AGE


def places_needed(*, special_needs: bool) -> int:
    return PLACES_WITH_SPECIAL_NEEDS if special_needs else PLACES


def last_bookable_day(*, today: date, window_days: int) -> date:
    """The last local day the public may book; today is day 0 of the window."""
    return today + timedelta(days=window_days)
