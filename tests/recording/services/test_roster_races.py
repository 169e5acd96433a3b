"""Two clerks upload the results of one session at the same moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recording.models import Appointment, Recording
from recording.services import roster_import
from tests.factories import ResidentFactory, RosterEntryFactory, RosterFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_person_is_recorded_once():
    session = RosterFactory(held_on=timezone.localdate() - timedelta(days=1))
    for _ in range(3):
        RosterEntryFactory(roster=session, resident=ResidentFactory())
    content = b"nomor;hasil;jam\n1;terekam;09.10\n2;terekam;09.20\n3;gagal;09.30"
    content = content.replace(b"jam", b"jam;alasan").replace(b"09.30", b"09.30;foto")

    reports = at_once(
        2,
        lambda: roster_import.take_in(roster_id=session.pk, content=content, by=session.created_by, now=timezone.now()),
    )

    assert sum(report.accepted + report.failed for report in reports) == 3
    assert sum(report.unchanged for report in reports) == 3
    assert Recording.objects.count() == Appointment.objects.count() == 3
