from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recording.policy.relocation import Seat, Sitter, find_seats

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 12, 1, 9, tzinfo=WIB)


def at(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=WIB)


def sitter(moment, appointment_id=1, **values):
    facts = {"office_id": 7, "places": 1, "is_public": True}
    return Sitter(appointment_id=appointment_id, starts_at=moment, **(facts | values))


def seats(*moments, room=1, public_room=1, office_id=7):
    return [
        Seat(key=(office_id, moment, moment), office_id=office_id, starts_at=moment, room=room, public_room=public_room)
        for moment in moments
    ]


def found(sitters, free, now=NOW):
    result = find_seats(sitters=sitters, seats=free, now=now, zone=WIB)
    return {one.sitter.appointment_id: one.seat.starts_at if one.seat else None for one in result}


def test_the_nearest_time_of_the_same_part_of_the_same_day_comes_first():
    free = seats(at(7, 8), at(7, 10, 30), at(7, 12), at(8, 9, 30))

    assert found([sitter(at(7, 9, 30))], free) == {1: at(7, 10, 30)}


def test_an_evening_some_days_later_comes_before_another_part_of_the_day_but_not_for_ever():
    assert found([sitter(at(7, 19))], seats(at(7, 9), at(9, 18, 30))) == {1: at(9, 18, 30)}
    assert found([sitter(at(7, 19))], seats(at(7, 9), at(10, 18, 30))) == {1: at(10, 18, 30)}
    assert found([sitter(at(7, 19))], seats(at(7, 9), at(11, 18, 30))) == {1: at(7, 9)}
    assert found([sitter(at(7, 19))], seats(at(7, 9), at(9, 9))) == {1: at(7, 9)}


def test_nobody_goes_to_an_earlier_day_to_another_office_or_without_notice():
    assert found([sitter(at(7, 9))], seats(at(6, 9))) == {1: None}
    assert found([sitter(at(7, 9))], seats(at(7, 9, 30), office_id=8)) == {1: None}
    assert found([sitter(at(1, 12))], seats(at(1, 11, 30)), now=NOW) == {1: None}
    assert found([sitter(at(1, 12))], seats(at(1, 12, 30)), now=NOW) == {1: at(1, 12, 30)}


def test_who_needs_two_places_gets_two_of_one_time():
    free = seats(at(7, 9, 30)) + seats(at(7, 10), room=2, public_room=2)

    assert found([sitter(at(7, 9), places=2)], free) == {1: at(7, 10)}


def test_a_public_place_far_away_is_better_than_a_reserved_one_and_that_better_than_none():
    reserved = seats(at(7, 9, 30), public_room=0)

    far = find_seats(sitters=[sitter(at(7, 9))], seats=reserved + seats(at(8, 9)), now=NOW, zone=WIB)
    only = find_seats(sitters=[sitter(at(7, 9))], seats=reserved, now=NOW, zone=WIB)

    assert (far[0].seat.starts_at, far[0].uses_reserve) == (at(8, 9), False)
    assert (only[0].seat.starts_at, only[0].uses_reserve) == (at(7, 9, 30), True)


def test_places_are_given_away_once_and_the_earliest_person_chooses_first():
    people = [sitter(at(7, 9, 30), 2), sitter(at(7, 9), 1), sitter(at(7, 9, 30), 3)]

    result = found(people, seats(at(7, 10), at(7, 10) + timedelta(minutes=30)))

    assert result == {1: at(7, 10), 2: at(7, 10, 30), 3: None}
