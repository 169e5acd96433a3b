from types import SimpleNamespace

import pytest

from recording.enums import Role
from recording.policy.access import CATALOGUE, Permission, allows, roles

OPERATOR, VERIFIER, SUPERVISOR, ADMINISTRATOR = Role.OPERATOR, Role.VERIFIER, Role.SUPERVISOR, Role.ADMINISTRATOR
# Written out a second time on purpose: a change of the table has to be meant twice.
EXPECTED = {
    Permission.DESK: {OPERATOR, VERIFIER},
    Permission.CARDS: {OPERATOR, VERIFIER},
    Permission.CASES: {OPERATOR, VERIFIER, SUPERVISOR},
    Permission.DECIDE_CASES: {VERIFIER},
    Permission.SECOND_PERSON: {SUPERVISOR},
    Permission.STOCK: {OPERATOR, VERIFIER, SUPERVISOR},
    Permission.SUPPLIES: {SUPERVISOR},
    Permission.OWN_WORK: {VERIFIER, SUPERVISOR},
    Permission.DASHBOARDS: {SUPERVISOR},
    Permission.CLOSE_DAY: {OPERATOR},
    Permission.STATION_COUNTS: {SUPERVISOR, ADMINISTRATOR},
    Permission.MANAGE: {ADMINISTRATOR},
}
PERSONAL = {Permission.DESK, Permission.CARDS, Permission.CASES, Permission.DECIDE_CASES, Permission.SECOND_PERSON}


def staff(role, *, authenticated=True, active=True):
    return SimpleNamespace(role=role, is_authenticated=authenticated, is_active=active)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_exactly_what_the_table_says(role, permission):
    assert allows(staff(role), permission) is (role in EXPECTED[permission])
    assert roles(permission) == EXPECTED[permission]


def test_every_permission_is_in_the_catalogue():
    assert set(CATALOGUE) == set(Permission)


def test_an_administrator_sees_no_personal_data():
    assert not any(allows(staff(Role.ADMINISTRATOR), permission) for permission in PERSONAL)


def test_a_disabled_account_may_do_nothing():
    assert not any(allows(staff(role, active=False), permission) for role in Role for permission in Permission)


def test_a_visitor_who_has_not_signed_in_may_do_nothing():
    assert not any(allows(staff(None, authenticated=False), permission) for permission in Permission)
