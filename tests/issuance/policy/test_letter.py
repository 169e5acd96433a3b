from datetime import date

import pytest

from issuance.enums import CaseStatus
from issuance.policy import letter
from issuance.policy.letter import Circumstances, obstacle


def given(**values):
    usual = {"status": CaseStatus.PRINT_READY, "of_age": True, "waits_for_blank": False, "free": 0, "reserve": 20}
    return Circumstances(**{**usual, **values})


@pytest.mark.parametrize("status", CaseStatus)
@pytest.mark.parametrize("approved", [False, True])
def test_only_a_record_without_a_card_gets_a_letter(status, approved):
    may = not obstacle(given(status=status, approved=approved))

    alone = {"captured", "sent", "adjudication", "print_ready"}
    with_second_person = {"duplicate", "failed"}
    assert may == (status in alone or (approved and status in with_second_person))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"free": 19}, ""),
        ({"free": 20}, letter.BLANKS_THERE),
        ({"free": 50, "reserve": 100}, ""),
        ({"free": 50, "waits_for_blank": True}, ""),
        ({"free": 50, "status": CaseStatus.SENT}, ""),  # not printable yet, whatever the stock
        ({"of_age": False}, letter.TOO_YOUNG),
        ({"of_age": None}, letter.NO_BIRTH_DATE),
        ({"status": CaseStatus.RERECORD}, letter.NOT_RECORDED),
        ({"status": CaseStatus.READY}, letter.CARD_IS_THERE),
        ({"status": CaseStatus.CLOSED}, letter.CASE_ENDED),
        ({"status": CaseStatus.DUPLICATE}, letter.NEEDS_SECOND_PERSON),
    ],
)
def test_stock_and_age_decide(values, reason):
    assert obstacle(given(**values)) == reason


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (date(2026, 11, 24), date(2027, 5, 24)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_a_letter_holds_six_calendar_months(issued, until):
    assert letter.valid_until(issued) == until


def test_an_extension_begins_where_the_letter_ends_or_today_when_it_has_ended():
    assert letter.extended_until(until=date(2026, 12, 10), today=date(2026, 11, 24)) == date(2027, 6, 10)
    assert letter.extended_until(until=date(2026, 10, 10), today=date(2026, 11, 24)) == date(2027, 5, 24)


@pytest.mark.parametrize(("today", "may"), [(date(2026, 11, 9), False), (date(2026, 11, 10), True)])
def test_a_letter_is_extended_in_its_last_thirty_days(today, may):
    assert letter.may_extend(until=date(2026, 12, 10), today=today) is may


@pytest.mark.parametrize("typed", ["K7QX4M2P9THC", "k7qx-4m2p-9thc", " K7QX 4M2P 9THC ", "k7qx.4m2p.9thc"])
def test_the_token_may_be_typed_as_people_write_it(typed):
    assert letter.read_token(typed) == "K7QX4M2P9THC"


@pytest.mark.parametrize("typed", ["", "K7QX", "K7QX4M2P9THCC", "K7QX4M2P9TH!", "U" * 12, "K" * 5000])
def test_what_cannot_be_a_token_is_none(typed):
    assert letter.read_token(typed) == ""


def test_tokens_are_random_and_read_back():
    tokens = {letter.new_token() for _n in range(200)}

    assert len(tokens) == 200
    assert all(letter.read_token(letter.shown_token(token)) == token for token in tokens)


def test_numbers_are_kept_in_one_spelling():
    assert letter.read_number("  471.13/10231/dukcapil  ") == "471.13/10231/DUKCAPIL"


@pytest.mark.parametrize("typed", ["", "12", "<b>471/1</b>", "471/1\n/2;", "x" * 61])
def test_other_text_is_no_number(typed):
    with pytest.raises(ValueError, match="number"):
        letter.read_number(typed)
