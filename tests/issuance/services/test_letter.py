import pytest
from django.utils import timezone

from issuance.services import letter
from recording.models import AuditEvent, Notification
from tests.factories import NotificationFactory
from tests.factories.letters import LetterFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_letters_end_with_their_cases():
    ending, other = LetterFactory(), LetterFactory()

    assert letter.revoke_for_cases(case_ids=[ending.case_id], reason="kartu diterima", at=NOW) == 1

    ending.refresh_from_db()
    other.refresh_from_db()
    assert (ending.status, ending.ended_at, ending.revoked_reason) == ("revoked", NOW, "kartu diterima")
    assert other.status == "valid"
    assert AuditEvent.objects.get().subject == f"letter:{ending.pk}"


def test_an_expired_letter_stays_expired_when_the_case_ends():
    expired = LetterFactory(status="expired", ended_at=NOW)

    assert letter.revoke_for_cases(case_ids=[expired.case_id], reason="kartu diterima", at=NOW) == 0

    expired.refresh_from_db()
    assert expired.status == "expired"


def test_a_revoked_letter_takes_its_unsent_messages_back():
    ending = LetterFactory()
    for kind in ("letter_issued", "letter_expiring", "card_ready"):
        NotificationFactory(resident=ending.case.resident, kind=kind)

    letter.revoke_for_cases(case_ids=[ending.case_id], reason="kartu diterima", at=NOW)

    assert list(Notification.objects.filter(state="waiting").values_list("kind", flat=True)) == ["card_ready"]


@pytest.mark.parametrize("count", [1, 3, 100])
def test_ending_many_letters_costs_as_much_as_one(count, django_assert_num_queries):
    cases = [LetterFactory().case_id for _n in range(count)]

    with django_assert_num_queries(6):  # savepoint, letters, end, messages, audit, release
        assert letter.revoke_for_cases(case_ids=cases, reason="ditutup", at=NOW) == count
