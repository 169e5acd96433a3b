from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from issuance.models import Case, CentralImport, CentralImportRow, StatusChange
from issuance.services import central_import_undo
from issuance.services.demo import seed
from issuance.services.integrity import CHECKS
from issuance.services.reference import load_stall_rules
from recording.models import Notification, User
from recording.services import reference

pytestmark = pytest.mark.django_db


def at_noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def broken():
    return {name: found for name, check in CHECKS.items() if name[0] in "2367" and (found := check())}


def test_the_demo_has_national_lists_that_agree_with_its_cases():
    now = at_noon(timezone.localdate())
    reference.load(today=timezone.localdate(now))
    load_stall_rules()

    seed(residents=1200, history_days=30, seed=3, now=now)

    lists = CentralImport.objects.order_by("as_of")
    newest = lists.last()
    assert timezone.localdate(newest.as_of) == timezone.localdate(now) - timedelta(days=1)
    assert {each.state for each in lists} == {"applied"}
    gaps = {(b.as_of.date() - a.as_of.date()).days for a, b in zip(lists, list(lists)[1:], strict=False)}
    assert gaps <= {2, 3}
    told = StatusChange.objects.filter(event="moved", to_status__in=["failed", "adjudication", "duplicate"])
    assert told.exists()
    assert not told.filter(central_import=None).exists()
    by_list = StatusChange.objects.exclude(central_import=None).select_related("central_import")
    assert all(each.occurred_at <= each.central_import.as_of < each.entered_at for each in by_list)
    waiting = Case.objects.filter(status="sent", status_since__lt=newest.as_of).exclude(observed_as_of=None)
    assert set(waiting.values_list("observed_status", "observed_as_of")) == {("sent", newest.as_of)}
    advanced = sum(each.counts["results"].get("advanced", 0) for each in lists)
    assert advanced == by_list.count()
    assert newest.rows.count() == newest.total == sum(newest.counts["results"].values())
    assert Notification.objects.filter(kind="print_ready").exists()
    assert not broken()

    central_import_undo.undo(import_id=newest.pk, by=User.objects.get(username="verifikator"), now=now)

    assert CentralImportRow.objects.filter(central_import=newest, undone=True).exists()
    assert not broken()
