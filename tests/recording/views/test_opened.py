from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from recording.views import desk as desk_views
from tests.factories import ResidentFactory

pytestmark = pytest.mark.django_db
SEARCH = "/petugas/cari/"


def test_somebody_opened_by_nik_closes_again_after_half_an_hour(desk):
    resident = ResidentFactory()
    address = reverse("desk_person", args=[resident.pk])
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        desk.post(SEARCH, {"q": resident.identity.nik})
        assert desk.get(address).status_code == 200

    answers = []
    for minutes in (14, 28, 31):  # no pause long enough to lock the screen
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            answers.append(desk.get(address).status_code)
    assert answers == [200, 200, 404]


def test_one_persons_page_does_not_open_the_next(desk):
    opened, other = ResidentFactory(), ResidentFactory()
    desk.post(SEARCH, {"q": opened.identity.nik})

    assert desk.get(reverse("desk_person", args=[other.pk])).status_code == 404


def test_only_the_latest_people_stay_open(desk):
    people = [ResidentFactory() for _ in range(41)]
    for number, person in enumerate(people):
        with time_machine.travel(timezone.now() + timedelta(seconds=number), tick=False):
            desk.post(SEARCH, {"q": person.identity.nik})

    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        codes = [desk.get(reverse("desk_person", args=[person.pk])).status_code for person in people]
    assert codes == [404] + [200] * 40


def test_a_clerk_who_looks_up_too_many_people_waits(desk, monkeypatch):
    monkeypatch.setattr(desk_views, "SEARCHES_PER_HOUR", 3)

    answers = [desk.post(SEARCH, {"q": "zainuddin"}).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
