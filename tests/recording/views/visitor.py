"""What a resident types, ready to be posted."""

import re
from datetime import date, timedelta

from django.utils import timezone

from recording.models import Appointment
from tests.factories import OfficeFactory, SlotFactory, VillageFactory, synthetic_nik


def identity(**changes) -> dict:
    """The first page: a man born on 17 August 1990 unless `birth_date` or `sex` say otherwise."""
    born = changes.pop("birth_date", date(1990, 8, 17))
    sex = changes.pop("sex", "L")
    parts = {"birth_date_0": born.day, "birth_date_1": born.month, "birth_date_2": born.year}
    return {"nik": synthetic_nik(birth_date=born, sex=sex), "name": "Sutrisno", "sex": sex} | parts | changes


def residence(**changes) -> dict:
    return {"village": "luar"} | changes


def contact(**changes) -> dict:
    return {"phone": "", "email": "", "helper_name": "", "helper_relation": ""} | changes


def born(years: int, *, days: int = 0) -> date:
    """The birth date of somebody who completes `years` in `days` days."""
    day = timezone.localdate() + timedelta(days=days)
    return day.replace(year=day.year - years, day=min(day.day, 28))


def answer_all(client, **changes) -> None:
    """Every question page, one after the other; `changes` by field."""
    pages = {
        "/janji/data/": identity(**{k: v for k, v in changes.items() if k in _IDENTITY}),
        "/janji/data/tinggal/": residence(**{k: v for k, v in changes.items() if k in _RESIDENCE}),
        "/janji/data/kontak/": contact(**{k: v for k, v in changes.items() if k in _CONTACT}),
    }
    for address, answers in pages.items():
        response = client.post(address, answers)
        assert response.status_code == 302, response.context["form"].errors


_IDENTITY = {"nik", "name", "birth_date", "sex", "married"}
_RESIDENCE = {"village", "special_needs", "special_needs_note"}
_CONTACT = {"phone", "email", "helper_name", "helper_relation"}


def choose(client, slot) -> None:
    response = client.post("/janji/waktu/", {"office": slot.office.code, "slot": slot.pk})
    assert response.status_code == 302


def confirm(client):
    """Send the review page as it is shown; returns the response."""
    page = client.get("/janji/periksa/")
    return client.post("/janji/periksa/", {"idempotency_key": page.context["key"], "shown": page.context["shown"]})


def book(client, slot, **changes) -> Appointment:
    """A whole booking; returns it."""
    answer_all(client, **changes)
    choose(client, slot)
    response = confirm(client)
    assert (response.status_code, response.url) == (302, "/janji/selesai/")
    return Appointment.objects.latest("pk")


def code_on(client) -> str:
    """The code as the confirmation shows it."""
    return client.get("/janji/selesai/").context["code"]


def offices_with_slots(offices: int, slots: int) -> list:
    return [SlotFactory(office=office) for office in [OfficeFactory() for _ in range(offices)] for _ in range(slots)]


def village():
    return VillageFactory()


def without_token(page: str) -> str:
    """`page` without the protective token, which differs at every answer."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
