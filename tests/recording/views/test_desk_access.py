"""Role x own office, other office, missing row, for every address of the desk."""

import re

import pytest
from django.test import Client

from recording.enums import Role
from recording.models import Appointment
from tests.factories import OfficeFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
PLAIN = [("get", "/petugas/loket/"), ("post", "/petugas/cari/")]
OF_APPOINTMENT = [
    ("get", ""),
    ("post", ""),
    ("post", "hadir/"),
    ("get", "tolak/"),
    ("post", "tolak/"),
    ("get", "rekam/"),
    ("post", "rekam/"),
    ("post", "selesai/"),
    ("get", "bukti/"),
    ("get", "bukti.pdf"),
]
OF_PERSON = [("get", ""), ("get", "kode/"), ("post", "kode/"), ("get", "kode/bukti/"), ("get", "kode/bukti.pdf")]
AT_THE_DESK = (Role.OPERATOR, Role.VERIFIER)


def addresses(appointment):
    return (
        PLAIN
        + [(method, f"/petugas/janji/{appointment.pk}/{rest}") for method, rest in OF_APPOINTMENT]
        + [(method, f"/petugas/warga/{appointment.resident_id}/{rest}") for method, rest in OF_PERSON]
    )


def test_nobody_gets_in_without_signing_in(office, today):
    for method, address in [*addresses(today(office)), ("get", "/petugas/")]:
        response = getattr(Client(), method)(address)
        assert (address, response.status_code) == (address, 302)
        assert response.url.startswith("/petugas/masuk/")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_roles_without_desk_work_are_refused_everywhere(role, office, today):
    browser = signed_in(UserFactory(role=role))
    for method, address in addresses(today(office)):
        assert (address, getattr(browser, method)(address).status_code) == (address, 403)


@pytest.mark.parametrize("role", Role)
def test_the_staff_home_opens_for_everybody_who_signed_in(role):
    assert signed_in(UserFactory(role=role)).get("/petugas/").status_code == 200


def test_the_home_of_an_administrator_shows_no_desk(office):
    page = signed_in(UserFactory(role=Role.ADMINISTRATOR)).get("/petugas/").content.decode()

    assert "/petugas/loket/" not in page
    assert "/petugas/cari/" not in page


def test_another_offices_row_answers_exactly_like_a_missing_one(office, today):
    appointment = today(office)
    stranger = signed_in(UserFactory(office=OfficeFactory()))

    for kind, pk, rows in (
        ("janji", appointment.pk, OF_APPOINTMENT),
        ("warga", appointment.resident_id, OF_PERSON),
    ):
        for method, rest in rows:
            there = getattr(stranger, method)(f"/petugas/{kind}/{pk}/{rest}")
            missing = getattr(stranger, method)(f"/petugas/{kind}/999999999/{rest}")
            assert (rest, there.status_code, missing.status_code) == (rest, 404, 404)
            assert _steady(there, pk) == _steady(missing, 999999999)
    assert Appointment.objects.get().status == "booked"


@pytest.mark.parametrize("role", AT_THE_DESK)
def test_own_rows_open(role, office, today):
    appointment = today(office)
    browser = signed_in(UserFactory(role=role, **({"office": office} if role == Role.OPERATOR else {})))

    assert browser.get(f"/petugas/janji/{appointment.pk}/").status_code == 200
    assert browser.get(f"/petugas/warga/{appointment.resident_id}/").status_code == 200


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_impossible_ids_are_missing_rows(pk, desk):
    assert desk.get(f"/petugas/janji/{pk}/").status_code == 404
    assert desk.get(f"/petugas/warga/{pk}/").status_code == 404


def test_an_office_in_the_form_is_ignored(desk, office, today):
    other = OfficeFactory()
    appointment = today(office, status="arrived")

    fields = {"outcome": "accepted", "office": other.pk, "office_id": other.pk}
    desk.post(f"/petugas/janji/{appointment.pk}/rekam/", fields)

    assert appointment.resident.recordings.get().office == office


def _steady(response, pk):
    """The body without what differs by chance: the token in the sign-out form, and the id that was asked for."""
    text = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())
    return text.replace(f"/{pk}/", "/N/")
