from datetime import date

import pytest

from issuance.enums import PickMode, SupplyItem
from issuance.policy.print_run import hold_until, may_print, mode_of, people_for, scarcest, show_up_share


def test_the_scarcest_item_sets_the_bound():
    free = {SupplyItem.BLANK: 2000, SupplyItem.RIBBON: 1200, SupplyItem.FILM: 1500}

    assert scarcest(free) == (1200, SupplyItem.RIBBON)
    assert scarcest({}) == (0, SupplyItem.BLANK)
    assert scarcest(dict.fromkeys(SupplyItem, 3)) == (3, SupplyItem.BLANK)


@pytest.mark.parametrize(
    ("came", "stayed_away", "share"), [(0, 0, 1.0), (10, 19, 1.0), (24, 6, 0.8), (30, 0, 1.0), (3, 97, 0.5)]
)
def test_the_share_that_comes_is_measured_and_bounded(came, stayed_away, share):
    assert show_up_share(came=came, stayed_away=stayed_away) == share


@pytest.mark.parametrize("prints", [0, 1, 3, 7, 100, 1200])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.8, 0.667, 0.5])
def test_never_more_cards_are_promised_than_there_are_supplies(prints, share):
    people = people_for(prints=prints, share=share)

    assert people >= prints
    assert people * share <= prints < (people + 1) * share + 1e-9


def test_a_blank_is_held_for_seven_service_days():
    assert hold_until(day=date(2026, 11, 24), is_open=lambda day: day.weekday() < 5) == date(2026, 12, 3)
    assert hold_until(day=date(2026, 11, 24), is_open=lambda day: False) == date(2026, 12, 22)


@pytest.mark.parametrize(
    ("prints", "kind", "is_pickup", "may"),
    [
        (True, "kecamatan", True, True),
        (True, "kecamatan", False, False),
        (True, "disdukcapil", False, True),
        (False, "kecamatan", True, False),
        (False, "disdukcapil", True, False),
    ],
)
def test_who_may_print_for_whom(prints, kind, is_pickup, may):
    assert may_print(prints=prints, kind=kind, is_pickup=is_pickup) is may


def test_the_office_decides_whether_people_are_invited():
    assert [mode_of("on_request"), mode_of("in_advance")] == [PickMode.INVITE, PickMode.PRINT]
