import pytest
from django.urls import reverse

from ektp_portal.navigation import Menus
from recording import navigation as registry
from recording.enums import Role
from tests.factories import UserFactory


def test_every_menu_entry_leads_to_a_page():
    items = registry.resident_items() + [item for role in Role.values for item in registry.staff_items(role)]

    assert items
    assert all(reverse(item.url_name) for item in items)


@pytest.mark.parametrize("role", Role)
def test_the_search_box_leads_to_a_page_for_those_who_work_at_the_desk(role):
    name = registry.staff_search(role)

    assert (reverse(name) if name else None) == ("/petugas/cari/" if role in (Role.OPERATOR, Role.VERIFIER) else None)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(registry, "_resident", {})
    monkeypatch.setattr(registry, "_staff", {})


def test_menus_are_ordered_and_name_the_current_page(rf, registered):
    registry.add_resident_item("Capaian", "progress", order=90)
    registry.add_resident_item("Depan", "home", order=10)

    links = Menus(rf.get("/capaian/")).resident

    assert [(link.label, link.current) for link in links] == [("Depan", False), ("Capaian", True)]


def test_pages_that_belong_to_an_entry_show_it_as_the_current_one(rf, registered):
    registry.add_staff_item("Depan", "home", order=0)
    registry.add_staff_item("Capaian", "progress", also=("/lain/",))
    request = rf.get("/lain/7/")
    request.user = UserFactory.build(office=None)

    assert [link.current for link in Menus(request).staff] == [False, True]


def test_menus_leave_out_what_another_role_does(registered):
    registry.add_staff_item("Loket", "home", roles=[Role.OPERATOR])
    registry.add_staff_item("Capaian", "progress")

    assert [item.label for item in registry.staff_items(Role.OPERATOR)] == ["Loket", "Capaian"]
    assert [item.label for item in registry.staff_items(Role.VERIFIER)] == ["Capaian"]


def test_an_entry_without_a_page_is_left_out_of_the_menu(rf, registered):
    registry.add_resident_item("Nanti", "no-such-page")

    assert Menus(rf.get("/")).resident == []
