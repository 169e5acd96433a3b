from datetime import date, time

import pytest
from django.db.models import Sum

from recording.models import Campaign, Closure, District, Office, RegisterSnapshot, ServiceHours, Village
from recording.services import reference

TODAY = date(2026, 11, 23)
TABLES = [District, Village, Office, ServiceHours, Campaign, Closure, RegisterSnapshot]

pytestmark = pytest.mark.django_db


def everything() -> list:
    return [list(model.objects.order_by("pk").values_list()) for model in TABLES]


def test_load_brings_the_official_areas_and_offices():
    reference.load(today=TODAY)

    assert (District.objects.count(), Village.objects.count(), Office.objects.count()) == (9, 132, 10)
    assert Village.objects.filter(kind="kelurahan").count() == 9
    assert Office.objects.get(code="33.19.00").address == "Jl. Sunan Muria No. 9, Kudus 59313"
    assert Office.objects.get(code="33.19.06").district.name == "Jekulo"


def test_load_twice_even_months_later_changes_nothing():
    reference.load(today=TODAY)
    before = everything()

    reference.load(today=TODAY)
    assert everything() == before

    reference.load(today=date(2026, 12, 30))
    assert everything() == before


def test_load_keeps_what_an_administrator_changed():
    reference.load(today=TODAY)
    Office.objects.filter(code="33.19.01").update(stations=4, address="Jl. Raya Kaliwungu")
    ServiceHours.objects.filter(name="Jam biasa").update(closes=time(14))
    Closure.objects.filter(day=date(2026, 12, 25)).update(status="dismissed")
    before = everything()

    reference.load(today=TODAY)

    assert everything() == before


def test_load_puts_names_of_areas_right():
    reference.load(today=TODAY)
    District.objects.filter(code="33.19.01").update(name="Salah", target_weight=1)

    reference.load(today=TODAY)

    assert District.objects.values_list("name", "target_weight").get(code="33.19.01") == ("Kaliwungu", 75_900)


def test_campaign_is_five_months_long_and_well_under_way():
    campaign = reference.load_campaigns(today=TODAY)

    assert (campaign.starts_on, campaign.ends_on) == (date(2026, 9, 1), date(2027, 1, 31))
    assert (campaign.target, campaign.promised_days_min, campaign.promised_days_max) == (601_696, 4, 5)
    assert list(Campaign.objects.running_on(date(2016, 8, 26)).values_list("target")) == [(601_696,)]


def test_campaign_hours_are_long_while_it_runs():
    reference.load(today=TODAY)

    hours = ServiceHours.objects.get(name="Jam percepatan")

    assert (hours.opens, hours.closes, hours.weekdays) == (time(8), time(21), [0, 1, 2, 3, 4, 5, 6])
    assert (hours.valid_from, hours.valid_until) == (date(2026, 9, 1), date(2027, 1, 31))


def test_holidays_are_proposals_of_this_and_the_next_year():
    reference.load(today=TODAY)

    assert set(Closure.objects.values_list("kind", "status", "office")) == {("holiday", "proposed", None)}
    assert Closure.objects.get(day=date(2026, 8, 17)).reason.startswith("Hari Kemerdekaan")
    assert {day.year for day in Closure.objects.values_list("day", flat=True)} == {2026, 2027}


def test_register_snapshot_adds_up_to_the_published_figures():
    reference.load(today=TODAY)

    totals = RegisterSnapshot.objects.aggregate(must=Sum("must_hold"), recorded=Sum("recorded"))

    assert totals == {"must": 601_696, "recorded": 601_696 - 9_989}
    assert RegisterSnapshot.objects.count() == 132
