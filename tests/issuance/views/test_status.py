from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from recording.models import AccessAttempt
from recording.policy.code import new_code
from tests.factories import CaseFactory, ResidentFactory, TrackingCodeFactory, synthetic_nik
from tests.factories.letters import LetterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    """A recorded resident with a code."""
    case = CaseFactory(recording__resident__name="Budi Santoso")
    return TrackingCodeFactory(resident=case.resident)


def shown(client, nik, code, **extra):
    return client.post(reverse("status"), {"nik": nik, "code": code}, **extra)


def without_typed_values(response):
    """The page less what depends on the input and on chance (the CSRF token)."""
    text = response.content.decode()
    form = response.context["form"]
    return (
        text.replace(form["nik"].value(), "")
        .replace(form["code"].value(), "")
        .replace(str(response.context["csrf_token"]), "")
    )


def test_form_asks_for_nik_and_code(client):
    page = client.get("/status/").content.decode()

    assert 'name="nik"' in page
    assert 'name="code"' in page
    assert reverse("recorded_before") in page
    assert reverse("lost_code") in page


def test_nik_and_code_show_the_status_and_stay_out_of_the_address(client, holder):
    response = shown(client, holder.resident.identity.nik, holder.code)

    assert (response.status_code, response.url) == (302, "/status/")
    page = client.get("/status/")
    text = page.content.decode()
    assert "Sudah direkam, menunggu dikirim ke pusat" in text
    assert "B••• S•••" in text
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    for secret in (holder.resident.identity.nik, holder.code, "Budi", "Santoso", "1990"):
        assert secret not in text


def test_code_may_be_typed_as_people_write_it(client, holder):
    code = holder.code
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]}"

    assert shown(client, holder.resident.identity.nik, typed).status_code == 302


def test_unknown_nik_and_wrong_code_look_the_same(client, holder):
    with time_machine.travel(timezone.now(), tick=False):  # the headers tell the second
        wrong = shown(client, holder.resident.identity.nik, new_code())
        unknown = shown(client, synthetic_nik(birth_date=timezone.localdate().replace(year=1990, day=1)), holder.code)

    assert wrong.status_code == unknown.status_code == 200
    assert without_typed_values(wrong) == without_typed_values(unknown)
    assert len(wrong.content) == len(unknown.content)
    assert dict(wrong.headers) == dict(unknown.headers)
    assert set(wrong.cookies) == set(unknown.cookies)
    assert "tidak cocok" in wrong.content.decode()


def test_unknown_nik_and_wrong_code_cost_the_same_queries(client, holder, django_assert_num_queries):
    with django_assert_num_queries(4):
        shown(client, holder.resident.identity.nik, new_code())
    with django_assert_num_queries(4):
        shown(client, synthetic_nik(birth_date=timezone.localdate().replace(year=1990, day=1)), holder.code)


def test_a_revoked_code_opens_nothing(client, holder):
    TrackingCodeFactory._meta.model.objects.update(revoked_at=timezone.now())

    assert shown(client, holder.resident.identity.nik, holder.code).status_code == 200


def test_every_try_is_noted(client, holder):
    shown(client, holder.resident.identity.nik, holder.code)
    shown(client, holder.resident.identity.nik, new_code())

    tries = list(AccessAttempt.objects.order_by("pk").values_list("kind", "succeeded", "resident_id"))
    assert tries == [("status", True, holder.resident_id), ("status", False, None)]


def test_mistyped_values_cost_no_try(client, holder):
    response = shown(client, "33190", f"{holder.code[:-1]}{'0' if holder.code[-1] != '0' else '1'}")

    assert "NIK harus 16 angka" in response.content.decode()
    assert not AccessAttempt.objects.exists()


def test_guessing_codes_of_one_nik_is_slowed(client, holder):
    nik = holder.resident.identity.nik
    codes = [shown(client, nik, new_code()).status_code for _n in range(6)]

    assert codes == [200] * 5 + [429]
    assert shown(client, nik, holder.code).status_code == 302  # the holder is not locked out


def test_the_answer_is_forgotten_on_request(client, holder):
    shown(client, holder.resident.identity.nik, holder.code)

    assert client.post(reverse("status_forget")).url == "/status/"
    assert 'name="nik"' in client.get("/status/").content.decode()


def test_the_answer_is_forgotten_after_a_quarter_of_an_hour(client, holder, time_machine):
    shown(client, holder.resident.identity.nik, holder.code)

    time_machine.move_to(timezone.now() + timedelta(minutes=16))

    assert 'name="nik"' in client.get("/status/").content.decode()


def test_forgetting_by_get_changes_nothing(client, holder):
    shown(client, holder.resident.identity.nik, holder.code)

    client.get(reverse("status_forget"))

    assert 'name="nik"' not in client.get("/status/").content.decode()


@pytest.mark.parametrize(
    ("case", "link"), [({"status": "rerecord"}, "Pesan jadwal rekam ulang"), ({"status": "captured"}, None)]
)
def test_the_button_fits_the_situation(client, case, link):
    code = TrackingCodeFactory(resident=CaseFactory(**case).resident)

    shown(client, code.resident.identity.nik, code.code)

    assert (f">{link}<" in client.get("/status/").content.decode()) == (link is not None)


def test_english_is_complete(client, holder):
    client.cookies["django_language"] = "en"
    shown(client, holder.resident.identity.nik, holder.code)

    assert "Recorded" in client.get("/status/").content.decode()


def test_residents_without_anything_are_shown_the_way(client):
    code = TrackingCodeFactory(resident=ResidentFactory())

    shown(client, code.resident.identity.nik, code.code)

    assert "Belum ada janji perekaman" in client.get("/status/").content.decode()


def test_the_way_to_record_again_is_open_without_typing_anything_more(client):
    case = CaseFactory(status="rerecord", recording__failed=True)
    case.resident.entitlement = "rerecord"
    case.resident.save()
    code = TrackingCodeFactory(resident=case.resident)
    shown(client, code.resident.identity.nik, code.code)

    assert f'href="{reverse("rerecord")}"' in client.get("/status/").content.decode()
    assert client.get(reverse("rerecord")).status_code == 200


def test_the_longest_answer_is_a_small_page(client):
    """A ready card says most: steps, what to bring, where, when, who may come instead."""
    case = CaseFactory(status="ready", office__address="Jl. Sunan Muria No. 9, Kudus 59313")
    LetterFactory(case=case)
    code = TrackingCodeFactory(resident=case.resident)
    shown(client, code.resident.identity.nik, code.code)

    response = client.get("/status/", headers={"accept-encoding": "gzip"})

    assert len(response.content) <= 5_000
    assert "<script" not in client.get("/status/").content.decode()
