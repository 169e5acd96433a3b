from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from ektp_portal.progress import Share, count_progress, progress
from tests.factories import CampaignFactory, DistrictFactory, RecordingFactory, ResidentFactory, VillageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.delete("progress")


@pytest.fixture
def village():
    return VillageFactory(district=DistrictFactory(code="33.19.01", name="Kaliwungu", target_weight=3))


def test_each_resident_counts_once(village):
    CampaignFactory(target=100)
    ResidentFactory(village=village)
    ResidentFactory(village=village, recorded_before=True)
    twice = ResidentFactory(village=village)
    RecordingFactory(resident=twice, attempt=1)
    RecordingFactory(resident=twice, attempt=2)
    RecordingFactory(resident=ResidentFactory(village=village), failed=True)

    standing = count_progress(now=timezone.localtime())

    assert standing.total.recorded == 2
    assert [(share.name, share.recorded) for share in standing.districts if share.recorded] == [("Kaliwungu", 2)]


def test_people_registered_elsewhere_count_elsewhere(village):
    CampaignFactory()
    RecordingFactory(resident=ResidentFactory(village=None, outside_regency=True))

    assert count_progress(now=timezone.localtime()).total.recorded == 0


def test_targets_of_the_districts_add_up_to_the_campaigns(village):
    DistrictFactory(code="33.19.02", target_weight=7)
    DistrictFactory(code="33.19.03", target_weight=7)
    CampaignFactory(target=1000)

    standing = count_progress(now=timezone.localtime())

    assert sum(share.target for share in standing.districts) == standing.total.target == 1000


def test_a_finished_campaign_is_still_shown():
    CampaignFactory(name="Lama", starts_on=date(2016, 5, 1), ends_on=date(2016, 9, 30))

    assert count_progress(now=timezone.localtime()).campaign == "Lama"


def test_without_a_campaign_there_is_nothing_to_show(client):
    assert count_progress(now=timezone.localtime()) is None
    assert "Belum ada angka" in client.get("/capaian/").content.decode()
    assert client.get("/capaian.csv").content.decode().splitlines() == [
        "kecamatan,terekam,wajib_ktp,persen,dihitung_pada"
    ]


def test_progress_is_remembered(village, django_assert_num_queries):
    CampaignFactory()
    progress(now=timezone.localtime())

    with django_assert_num_queries(0):
        progress(now=timezone.localtime())


def test_progress_works_without_the_cache(village, monkeypatch):
    CampaignFactory(target=7)

    def unreachable(*_args, **_kwargs):
        raise RedisConnectionError

    monkeypatch.setattr(cache, "get", unreachable)

    assert progress(now=timezone.localtime()).total.target == 7


@pytest.mark.parametrize(
    ("recorded", "target", "percent", "remaining"),
    [(0, 0, 0.0, 0), (1, 3, 33.3, 2), (9999, 10000, 99.9, 1), (10, 10, 100.0, 0), (12, 10, 100.0, 0)],
)
def test_percent_never_promises_too_much(recorded, target, percent, remaining):
    share = Share("Kudus", recorded, target)

    assert (share.percent, share.remaining) == (percent, remaining)
