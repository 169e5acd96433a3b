import pytest

from recording.models import Appointment
from tests.factories import AppointmentFactory, OfficeFactory, ResidentFactory, SlotFactory, TrackingCodeFactory
from tests.recording.views import visitor

pytestmark = pytest.mark.django_db


def prove(client, **changes):
    """Show NIK and code of somebody; returns the resident."""
    resident = ResidentFactory(**({"entitlement": "rerecord"} | changes))
    code = TrackingCodeFactory(resident=resident).code
    client.post("/janji/kelola/", {"nik": resident.identity.nik, "code": code})
    return resident


def test_two_taps_book_a_place_kept_back_from_the_public(client):
    slot = SlotFactory(capacity=2, public_capacity=1, booked=1, booked_public=1)
    resident = prove(client)

    shown = client.get(f"/janji/ulang/?kantor={slot.office.code}").content.decode()
    first = client.post("/janji/ulang/", {"slot": slot.pk, "office": slot.office.code})
    key = client.get(first.url).context["key"]
    second = client.post(first.url, {"idempotency_key": key})

    appointment = Appointment.objects.get()
    slot.refresh_from_db()
    assert f'value="{slot.pk}"' in shown
    assert second.url == "/janji/selesai/"
    assert (appointment.resident, appointment.purpose, appointment.pool) == (resident, "rerecord", "reserved")
    assert (slot.booked, slot.booked_public) == (2, 1)


def test_sending_twice_makes_one_booking(client):
    slot = SlotFactory()
    prove(client)
    client.post("/janji/ulang/", {"slot": slot.pk})
    key = client.get("/janji/ulang/periksa/").context["key"]

    answers = [client.post("/janji/ulang/periksa/", {"idempotency_key": key}).url for _ in range(2)]

    assert answers == ["/janji/selesai/"] * 2
    assert Appointment.objects.count() == 1


def test_the_office_of_the_last_visit_comes_first(client):
    OfficeFactory()
    last = SlotFactory()
    resident = prove(client)
    AppointmentFactory(resident=resident, slot=last, status="done", places_held=0)

    assert client.get("/janji/ulang/").context["office"] == last.office


@pytest.mark.parametrize("entitlement", ["first", "none", "replacement"])
def test_only_those_who_must_record_again_get_in(client, entitlement):
    prove(client, entitlement=entitlement)

    assert client.get("/janji/ulang/").url == "/janji/kelola/"


def test_nobody_gets_in_without_nik_and_code(client):
    assert client.get("/janji/ulang/").url == "/janji/kelola/"
    assert client.post("/janji/ulang/periksa/", {}).url == "/janji/kelola/"


def test_confirming_needs_a_time(client):
    prove(client)

    SlotFactory()
    assert client.get("/janji/ulang/periksa/").url == "/janji/ulang/"


def test_a_lost_place_leads_back_to_the_times(client):
    slot = SlotFactory(capacity=1, public_capacity=1)
    prove(client)
    client.post("/janji/ulang/", {"slot": slot.pk})
    AppointmentFactory(slot=slot)

    response = client.get("/janji/ulang/periksa/", follow=True)

    assert "Jam itu sudah penuh" in response.content.decode()


def test_under_18_a_guardian_agrees_again(client):
    slot = SlotFactory()
    prove(client, birth_date=visitor.born(16))
    client.post("/janji/ulang/", {"slot": slot.pk})
    key = client.get("/janji/ulang/periksa/").context["key"]
    consent = {"guardian_name": "Sulastri", "guardian_relation": "parent", "guardian_consent": "on"}

    refused = client.post("/janji/ulang/periksa/", {"idempotency_key": key})
    booked = client.post("/janji/ulang/periksa/", {"idempotency_key": key} | consent)

    assert "guardian_name" in refused.context["form"].errors
    assert booked.url == "/janji/selesai/"
