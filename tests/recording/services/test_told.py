from datetime import timedelta

import pytest
from django.utils import timezone

from recording.models import CallAttempt, Notification
from recording.services.told import never_told, told
from tests.factories import NotificationFactory, OfficeFactory, ResidentFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def owed(*, hours_ago=48, told_after=None, key=None, **values):
    """Owed `hours_ago`, and known `told_after` hours later."""
    at = NOW - timedelta(hours=hours_ago)
    known = {} if told_after is None else {"told_at": at + timedelta(hours=told_after), "state": "delivered"}
    row = NotificationFactory(
        **{"kind": "case_stalled", "context": {"case": 1}} | known | values | ({"dedup_key": key} if key else {})
    )
    Notification.objects.filter(pk=row.pk).update(created_at=at)
    return row


def test_told_counts_each_fact_once_by_the_way_that_told():
    owed(told_after=2)
    owed(told_after=30)
    owed(hours_ago=1)
    owed(hours_ago=30, state="failed", key="a")
    owed(hours_ago=30, told_after=10, channel="call", key="a:call")
    owed(state="withdrawn")
    owed(kind="recorded", told_after=1)
    owed(hours_ago=24 * 40, told_after=1)

    found = told(now=NOW)

    shares = {
        share.name: (share.facts, share.told, share.in_time, share.due, share.percent) for share in found.by_channel
    }
    assert shares == {"sms": (3, 2, 1, 2, 50), "call": (1, 1, 1, 1, 100)}
    assert (found.total.facts, found.total.in_time, found.total.due, found.total.percent) == (4, 2, 3, 67)
    assert [(share.name, share.median_hours) for share in found.by_kind] == [("case_stalled", 10.0)]


def test_told_shows_villages_where_most_do_not_know_first_and_only_ones_own_people():
    office, resident = OfficeFactory(), ResidentFactory()
    owed(office=office, resident=resident)
    owed(office=office, told_after=1)
    owed(office=office, resident=ResidentFactory(village=None), told_after=1)
    owed(office=OfficeFactory())

    shares = told(now=NOW, office_id=office.pk).by_village

    assert shares[0].name == resident.village.name
    assert "Luar Kudus" in {share.name for share in shares}
    assert sum(share.facts for share in shares) == 3


def test_never_told_names_who_has_waited_longest_first_with_the_tries():
    late = owed(hours_ago=50, resident=ResidentFactory(name="Budi"), channel="call")
    owed(hours_ago=90, resident=ResidentFactory(name="Aminah"))
    owed(hours_ago=23, resident=ResidentFactory(name="Baru"))
    owed(hours_ago=50, resident=ResidentFactory(name=""))
    for hours in (1, 2):
        CallAttempt.objects.create(
            notification=late, outcome="no_answer", made_at=NOW - timedelta(hours=hours), made_by=UserFactory()
        )

    assert [(row.name, row.tries) for row in never_told(now=NOW)] == [("Aminah", 0), ("Budi", 2)]


def test_nothing_owed_is_no_share():
    assert told(now=NOW).total.percent == 0
    assert never_told(now=NOW) == []


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_told_is_three_queries_for_any_number(rows, django_assert_num_queries):
    resident = ResidentFactory()
    for _n in range(rows):
        owed(resident=resident)

    with django_assert_num_queries(3):
        assert told(now=NOW).total.facts == rows
