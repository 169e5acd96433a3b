from datetime import date

from issuance.policy.promise import Promise, expect

ON = date(2026, 11, 6)


def promised(birth_date, *, married=False):
    return expect(recorded_on=ON, days=(4, 5), birth_date=birth_date, married=married, is_open=lambda day: True)


def test_expect_an_adult_in_four_to_five_days():
    assert promised(date(1990, 8, 17)) == Promise(date(2026, 11, 10), date(2026, 11, 11))


def test_expect_a_sixteen_year_old_on_the_seventeenth_birthday():
    birthday = date(2027, 3, 2)

    assert promised(date(2010, 3, 2)) == Promise(birthday, birthday, at_seventeen=True)


def test_expect_a_married_sixteen_year_old_like_an_adult():
    assert promised(date(2010, 3, 2), married=True) == Promise(date(2026, 11, 10), date(2026, 11, 11))


def test_expect_who_turns_seventeen_before_the_card_is_made_like_an_adult():
    assert promised(date(2009, 11, 8)) == Promise(date(2026, 11, 10), date(2026, 11, 11))
    assert promised(date(2009, 11, 11)) == Promise(date(2026, 11, 11), date(2026, 11, 11))


def test_expect_an_erased_person_without_a_birth_date():
    assert promised(None) == Promise(date(2026, 11, 10), date(2026, 11, 11))
