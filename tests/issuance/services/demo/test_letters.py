"""The demo's letters. One small demo for the module; nothing is changed in it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from issuance.enums import LetterStatus
from issuance.models import Case, InterimLetter
from issuance.services import demo, integrity
from issuance.services.reference import load_stall_rules
from recording.services import reference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("report")]
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
TODAY = timezone.localdate(NOW)


@pytest.fixture(scope="module")
def report(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        reference.load(today=TODAY)
        load_stall_rules()
        yield demo.seed(residents=1200, history_days=21, seed=11, now=NOW)
        transaction.set_rollback(True)


def test_there_are_letters_of_every_status_and_each_is_consistent(report):
    letters = InterimLetter.objects.select_related("case")

    assert set(letters.values_list("status", flat=True)) == set(LetterStatus)
    for letter in letters:
        ended = letter.case.status in ("issued", "closed")
        assert (letter.status == "valid") <= (not ended)
        assert (letter.status == "expired") == (letter.valid_until < TODAY and not ended)
        assert letter.issued_at <= (letter.ended_at or NOW)
        assert letter.valid_until > letter.issued_on
    assert integrity.letters_end_with_their_cases() == []
    assert report.cases == Case.objects.count()


def test_some_end_soon_and_some_wait_for_blanks():
    assert InterimLetter.objects.ending_by(TODAY + timedelta(days=14)).exists()
    assert InterimLetter.objects.filter(status="valid", case__waiting_for="blank").exists()
