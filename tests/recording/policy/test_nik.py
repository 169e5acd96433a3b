from datetime import date

import pytest

from recording.policy import nik
from recording.policy.nik import NikError, NikMismatch, NikProblem


@pytest.mark.parametrize(
    ("number", "sex", "birth_dates"),
    [
        ("3319021708950001", "L", (date(1995, 8, 17),)),
        ("3319025708950001", "P", (date(1995, 8, 17),)),
        ("3319022902000001", "L", (date(2000, 2, 29),)),
        ("3319050101080001", "L", (date(1908, 1, 1), date(2008, 1, 1))),
        ("3319057112990001", "P", (date(1999, 12, 31), date(2099, 12, 31))),
    ],
)
def test_parse_reads_sex_and_every_possible_birth_date(number, sex, birth_dates):
    parsed = nik.parse(number)

    assert parsed.sex == sex
    assert parsed.birth_dates[: len(birth_dates)] == birth_dates


def test_parse_takes_the_number_apart():
    parsed = nik.parse("3319025708950042")

    assert (parsed.province, parsed.regency, parsed.district) == ("33", "3319", "331902")
    assert (parsed.day, parsed.month, parsed.serial) == (17, 8, 42)


@pytest.mark.parametrize(
    "typed", ["3319 0217 0895 0001", "33.19.02.170895.0001", " 331902-170895-0001\t", "331902–170895–0001"]
)
def test_parse_accepts_the_ways_people_write_it(typed):
    assert nik.parse(typed).number == "3319021708950001"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", NikProblem.FORMAT),
        ("331902170895000", NikProblem.FORMAT),
        ("33190217089500011", NikProblem.FORMAT),
        ("331902170895000A", NikProblem.FORMAT),
        ("٣٣١٩٠٢١٧٠٨٩٥٠٠٠١", NikProblem.FORMAT),
        ("3319021708950001\n", None),
        ("0019021708950001", NikProblem.AREA),
        ("2019021708950001", NikProblem.AREA),
        ("9719021708950001", NikProblem.AREA),
        ("3319020008950001", NikProblem.DAY),
        ("3319023208950001", NikProblem.DAY),
        ("3319024008950001", NikProblem.DAY),
        ("3319027208950001", NikProblem.DAY),
        ("3319021700950001", NikProblem.MONTH),
        ("3319021713950001", NikProblem.MONTH),
        ("3319022902010001", NikProblem.DATE),
        ("3319027102990001", NikProblem.DATE),
        ("3319023104950001", NikProblem.DATE),
        ("3319021708950000", NikProblem.SERIAL),
    ],
)
def test_parse_names_the_rule_that_is_broken(number, problem):
    if problem is None:
        assert nik.parse(number).serial == 1
        return

    with pytest.raises(NikError) as caught:
        nik.parse(number)

    assert caught.value.code == problem


def test_every_province_of_indonesia_is_known():
    assert len(nik.PROVINCES) == 38


def test_a_nik_hides_its_number_when_shown_in_a_log():
    assert repr(nik.parse("3319021708950001")) == "Nik(3319…)"


@pytest.mark.parametrize(
    ("number", "on", "expected"),
    [
        ("3319050101080001", date(2026, 11, 24), (date(2008, 1, 1),)),
        ("3319050101300001", date(2026, 11, 24), (date(1930, 1, 1),)),
        ("3319050101200001", date(2026, 11, 24), (date(1920, 1, 1),)),
        ("3319050101100001", date(2026, 1, 1), (date(2010, 1, 1),)),
        ("3319050201100001", date(2026, 1, 1), (date(1910, 1, 2), date(2010, 1, 2))),
        ("3319050101160001", date(2032, 1, 1), (date(2016, 1, 1),)),
    ],
)
def test_likely_birth_dates_prefer_a_plausible_age(number, on, expected):
    likely = nik.likely_birth_dates(nik.parse(number), on=on)

    assert likely == expected


def test_mismatches_warn_about_date_and_sex():
    parsed = nik.parse("3319050101080001")

    assert nik.mismatches(parsed, birth_date=date(1908, 1, 1), sex="L") == []
    assert nik.mismatches(parsed, birth_date=date(2008, 1, 1), sex="P") == [NikMismatch.SEX]
    assert nik.mismatches(parsed, birth_date=date(2008, 1, 2), sex="P") == [NikMismatch.BIRTH_DATE, NikMismatch.SEX]
    assert nik.mismatches(parsed) == []


def test_a_nik_from_elsewhere_is_flagged_and_accepted():
    assert nik.is_outside_kudus(nik.parse("3374021708950001"))
    assert not nik.is_outside_kudus(nik.parse("3319021708950001"))


def test_a_district_code_out_of_use_is_noticed():
    assert nik.has_unknown_district(nik.parse("3319101708950001"))
    assert not nik.has_unknown_district(nik.parse("3319091708950001"))
    assert not nik.has_unknown_district(nik.parse("3374101708950001"))


def test_a_family_card_holds_its_registration_date_without_the_offset_for_women():
    card = nik.parse_family_card("3319 0217 0805 0007")

    assert date(2005, 8, 17) in card.registered_dates
    assert card.serial == 7
    with pytest.raises(NikError) as caught:
        nik.parse_family_card("3319025708050007")
    assert caught.value.code == NikProblem.DAY


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (date(2010, 11, 24), date(2026, 11, 23), 15),
        (date(2010, 11, 24), date(2026, 11, 24), 16),
        (date(2008, 2, 29), date(2025, 2, 28), 16),
        (date(2008, 2, 29), date(2025, 3, 1), 17),
    ],
)
def test_age_counts_completed_years(birth, on, years):
    assert nik.age(birth, on=on) == years
