"""Hostile and broken input on every field of the residents' pages: never a 500, never a row."""

import json

import pytest
from django.test import Client

from recording.models import Appointment, Declaration, Notification, Resident, TrackingCode
from tests.factories import SlotFactory
from tests.recording.views import visitor

pytestmark = pytest.mark.django_db

NUMBERS = [
    "",
    "1" * 15,
    "1" * 17,
    "1" * 1000,
    "0" * 16,
    "3319020008959001",
    "3319023208959001",
    "3319024008959001",
    "3319027208959001",
    "3319021713959001",
    "3319022902019001",
    "3319021708950000",
    "9919021708959001",
    "٣٣١٩٠٢١٧٠٨٩٥٩٠٠١",
    "３３１９０２１７０８９５９００１",
    "331902170895900¹",
    "3319021708959001\u200b",
    "\u202e3319021708959001",
    "+319021708959001",
    "0x19021708959001",
    "1e15",
    "3319021708959\x00001",
    "NaN",
    "true",
    "null",
    "[]",
]
TEXTS = [
    "A",
    "x" * 300,
    "e" + "\u0301" * 1000,
    "😀😀",
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://x/a}",
    "' OR 1=1--",
    "%00",
    "a\x00b",
    "Budi\r\nBcc: x@y.id",
    "=HYPERLINK(1)",
    " =cmd|'/c calc'!A0",
    "\u00a0=1+1",
]
PHONES = ["081", "0" * 40, "+1 900 555 01", "112", "08123456789,08129876543", "abc", "\x00", "+", "62", "++62812"]
DATES = ["", "0", "32", "-1", "1e1", "٣", "\x00", "x" * 500, "1.5"]


def rows() -> tuple:
    return tuple(model.objects.count() for model in (Appointment, Resident, Declaration, Notification, TrackingCode))


def post(address: str, answers: dict):
    """One post by a visitor who got to that page."""
    client = Client(raise_request_exception=True)
    before = rows()
    if address != "/janji/data/":
        client.post("/janji/data/", visitor.identity())
        client.post("/janji/data/tinggal/", visitor.residence())
    response = client.post(address, answers)
    assert response.status_code in (200, 302, 400, 404)
    assert rows() == before
    return response


@pytest.mark.parametrize("typed", NUMBERS)
@pytest.mark.parametrize("page", ["/janji/data/", "/janji/kelola/", "/kode-hilang/"])
def test_bad_nik_is_refused_in_words(page, typed):
    answers = visitor.identity() | {"nik": typed, "code": "K7QX-4M2P-9TH", "phone": "081234567890"}
    answers = {k: v for k, v in answers.items() if page != "/janji/data/" or k not in ("code", "phone")}

    response = post(page, answers)

    assert response.status_code == 200
    assert "nik" in response.context["form"].errors


@pytest.mark.parametrize("typed", TEXTS)
def test_bad_name_is_refused_in_words(typed):
    response = post("/janji/data/", visitor.identity(name=typed))

    assert response.status_code == 200
    assert typed[:40] == "A" or "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("typed", TEXTS)
@pytest.mark.parametrize("field", ["helper_name", "email", "helper_relation"])
def test_bad_contact_is_refused_in_words(field, typed):
    assert post("/janji/data/kontak/", visitor.contact(**{field: typed})).status_code == 200


@pytest.mark.parametrize("typed", PHONES)
@pytest.mark.parametrize("page", ["/janji/data/kontak/", "/kode-hilang/"])
def test_bad_phone_is_refused_in_words(page, typed):
    response = post(page, visitor.contact(phone=typed) | {"nik": "3319021708959001"})

    assert response.status_code == 200
    assert "phone" in response.context["form"].errors


@pytest.mark.parametrize("typed", DATES)
@pytest.mark.parametrize("part", ["birth_date_0", "birth_date_1", "birth_date_2"])
def test_bad_birth_date_is_refused_in_words(part, typed):
    assert post("/janji/data/", visitor.identity() | {part: typed}).status_code == 200


@pytest.mark.parametrize("typed", ["", "X", "L\x00", "LP", "<b>", "1"])
def test_bad_sex_is_refused_in_words(typed):
    assert post("/janji/data/", visitor.identity() | {"sex": typed}).status_code == 200


@pytest.mark.parametrize("typed", ["", "-1", "x" * 1000, "33.19.02.1001' --", "\x00", "None"])
def test_bad_village_is_refused_in_words(typed):
    assert post("/janji/data/tinggal/", {"village": typed}).status_code == 200


@pytest.mark.parametrize("typed", ["K7QX4M2P9T", "K7QX4M2P9THH", "K7QX-4M2P-9T!", "\x00", "x" * 1000, "٣" * 11])
def test_bad_code_is_refused_in_words(typed):
    response = post("/janji/kelola/", {"nik": "3319021708959001", "code": typed})

    assert "code" in response.context["form"].errors


def test_repeated_and_array_parameters_do_no_harm(client):
    for body in ("nik[]=3319021708959001", "nik=1&nik=3319021708959001", "nik=%ff%fe&name=%ed%a0%80"):
        response = client.post("/janji/data/", body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 200


def test_json_body_is_an_empty_form(client):
    response = client.post("/janji/data/", json.dumps({"nik": 3319021708959001}), content_type="application/json")

    assert response.status_code == 200
    assert "nik" in response.context["form"].errors


@pytest.mark.parametrize("page", ["/janji/data/", "/janji/periksa/", "/janji/kelola/", "/kode-hilang/"])
def test_a_post_without_its_token_is_explained(page):
    response = Client(enforce_csrf_checks=True).post(page, {})

    assert response.status_code == 403
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize(
    "page",
    ["/janji/data/", "/janji/waktu/", "/janji/periksa/", "/janji/kelola/", "/janji/kelola/batal/", "/kode-hilang/"],
)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_are_refused(client, page, method):
    assert getattr(client, method)(page).status_code in (302, 405)


@pytest.mark.parametrize("day", ["", "x", "2026-13-01", "0001-01-01", "9999-12-31", "2026-02-30", "\x00", "1" * 500])
def test_bad_days_are_plain_pages(client, day):
    slot = SlotFactory()

    response = client.get(f"/jadwal/{slot.office.code}/", {"tanggal": day})

    assert response.status_code == 200


@pytest.mark.parametrize("office", ["x", "33.19.99", "%00", "33.19.02'--", "9" * 500])
def test_unknown_offices_are_plain_404(client, office):
    response = client.get(f"/jadwal/{office}/")

    assert response.status_code == 404
    assert "Halaman ini tidak ada" in response.content.decode()
