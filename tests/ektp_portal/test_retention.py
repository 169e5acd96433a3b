from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from ektp_portal.retention import forget_old_traces
from issuance.models import CentralImport, CentralImportFile
from recording.models import AccessAttempt, RateBucket, Roster, StaffLink
from tests.factories import AccessAttemptFactory, RosterEntryFactory, RosterFactory, UserFactory
from tests.factories.imports import CentralImportFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_forget_old_traces_deletes_tries_after_ninety_days():
    old, kept = AccessAttemptFactory(), AccessAttemptFactory()
    AccessAttempt.objects.filter(pk=old.pk).update(occurred_at=NOW - timedelta(days=91))

    assert forget_old_traces(now=NOW) == 1
    assert list(AccessAttempt.objects.all()) == [kept]


def test_forget_old_traces_deletes_limits_nobody_came_near():
    RateBucket.objects.create(key=b"a" * 32, tokens=1, refilled_at=NOW - timedelta(days=2))
    kept = RateBucket.objects.create(key=b"b" * 32, tokens=1, refilled_at=NOW)

    forget_old_traces(now=NOW)

    assert list(RateBucket.objects.all()) == [kept]


def test_forget_old_traces_deletes_the_files_of_lists_after_seven_days_and_keeps_their_lines():
    old = CentralImportFactory(state="applied")
    old.pieces.create(position=0, content_ct=b"x", content_key=uuid4())
    CentralImport.objects.update(uploaded_at=NOW - timedelta(days=8))

    forget_old_traces(now=NOW)

    assert not CentralImportFile.objects.exists()
    assert CentralImport.objects.get().state == "applied"


def test_who_was_on_an_old_list_is_forgotten_and_that_somebody_was_stays():
    today = timezone.localdate(NOW)
    old, kept = (RosterFactory(held_on=today - timedelta(days=days)) for days in (91, 89))
    for session in (old, kept):
        RosterEntryFactory(roster=session, outcome="absent", name="Sri")
        session.rejects.create(source="list", line=2, reason="uji", text_bi=b"x" * 32)
    draft = RosterFactory(held_on=today - timedelta(days=91), status="draft")

    forget_old_traces(now=NOW)

    entry = old.entries.get()
    assert (entry.name, entry.nik, entry.birth_date, entry.outcome) == ("", "", "", "absent")
    assert kept.entries.get().name == "Sri"
    assert (old.rejects.count(), kept.rejects.count()) == (0, 1)
    assert not Roster.objects.filter(pk=draft.pk).exists()


def test_links_that_ended_long_ago_are_deleted():
    user = UserFactory()
    for number, days in enumerate((31, 29, -1)):
        StaffLink.objects.create(
            user=user,
            kind="invitation",
            nonce=b"n" * 32,
            digest=bytes([number]) * 32,
            expires_at=NOW - timedelta(days=days),
            used_at=NOW - timedelta(days=days + 1) if days > 0 else None,
            send_after=NOW,
        )

    forget_old_traces(now=NOW)

    assert StaffLink.objects.count() == 2
