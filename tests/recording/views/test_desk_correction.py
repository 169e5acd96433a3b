from datetime import date

import pytest
from django.urls import reverse

from recording.exceptions import NotSelfDeclared
from recording.models import AuditEvent
from recording.services.resident import Correction, correct
from tests.factories import AppointmentFactory, OfficeFactory, SlotFactory, VillageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(desk, today):
    """Somebody of today's list whose data nobody vouches for."""
    appointment = today(desk.office, name="Sri Wahyni")
    resident = appointment.resident
    type(resident).objects.filter(pk=resident.pk).update(source="self")
    desk.get(reverse("desk_appointment", args=[appointment.pk]))
    return resident


@pytest.fixture
def card():
    """What the family card says."""
    return {
        "name": "Sri Wahyuni",
        "birth_date_0": "18",
        "birth_date_1": "8",
        "birth_date_2": "1991",
        "sex": "P",
        "village": VillageFactory().code,
        "reason": "Salah ketik",
        "papers_checked": "on",
    }


def _address(resident):
    return reverse("desk_correct", args=[resident.pk])


def test_it_is_mended_from_the_family_card_and_the_trail_names_what_not_how(desk, clerk, typed, card):
    assert "Perbaiki data" in desk.get(reverse("desk_person", args=[typed.pk])).content.decode()

    page = desk.post(_address(typed), card, follow=True).content.decode()

    typed.refresh_from_db()
    assert "Diperbaiki: nama, tanggal lahir, jenis kelamin, desa." in page
    assert (typed.name, typed.sex, typed.birth_year, typed.village.code) == ("Sri Wahyuni", "P", 1991, card["village"])
    assert typed.identity.__class__.objects.get(resident=typed).birth_date == "1991-08-18"
    event = AuditEvent.objects.get(action="resident.correct", actor=clerk, resident_id=typed.pk)
    assert event.reason == "nama, tanggal lahir, jenis kelamin, desa: Salah ketik"


def test_sending_it_unchanged_changes_nothing(desk, typed):
    form = desk.get(_address(typed)).context["form"]
    born = form.initial["birth_date"]
    assert f'value="{born.year}"' in f"{form['birth_date']}"
    same = form.initial | {"reason": "Diperiksa", "papers_checked": "on"}
    same |= {f"birth_date_{place}": part for place, part in enumerate((born.day, born.month, born.year))}

    assert "Tidak ada yang berubah" in desk.post(_address(typed), same, follow=True).content.decode()
    assert not AuditEvent.objects.filter(action="resident.correct").exists()


@pytest.mark.parametrize("left_out", ["papers_checked", "reason", "name", "village"])
def test_nothing_is_changed_without_card_reason_and_every_answer(desk, typed, card, left_out):
    page = desk.post(_address(typed), card | {left_out: ""}).content.decode()

    typed.refresh_from_db()
    assert "<title>Galat: " in page
    assert typed.name == "Sri Wahyni"


def test_a_number_is_not_written_into_the_reason(desk, typed, card):
    page = desk.post(_address(typed), card | {"reason": "untuk 3319021708909999"}).content.decode()

    assert "<title>Galat: " in page


def test_whom_the_register_vouches_for_is_mended_there(desk, today, clerk, card):
    appointment = today(desk.office)
    desk.get(reverse("desk_appointment", args=[appointment.pk]))

    assert desk.get(_address(appointment.resident)).status_code == 404
    assert desk.post(_address(appointment.resident), card).status_code == 404
    with pytest.raises(NotSelfDeclared):
        correct(
            resident_id=appointment.resident_id,
            correction=Correction(name="Lain", birth_date=date(1990, 1, 1), sex="L", village=None),
            reason="uji",
            by=clerk,
        )
    page = desk.get(reverse("desk_person", args=[appointment.resident_id])).content.decode()
    assert "Perbaiki data" not in page


def test_somebody_nobody_opened_answers_like_a_missing_person(desk, card):
    stranger = AppointmentFactory(slot=SlotFactory(office=OfficeFactory())).resident
    type(stranger).objects.filter(pk=stranger.pk).update(source="self")

    assert desk.post(_address(stranger), card).status_code == 404
