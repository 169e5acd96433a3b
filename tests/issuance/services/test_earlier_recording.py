import pytest
from django.utils import timezone

from issuance.exceptions import FamilyCardDiffers, HasCase, HoldsCard, NotRecordedBefore
from issuance.models import Case
from issuance.services import earlier_recording
from issuance.services.integrity import CHECKS
from recording.models import AuditEvent
from recording.services import tracking_code
from tests.factories import ResidentFactory, TrackingCodeFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()
CARD, OTHER_CARD = "3319010203040001", "3319010203040002"


def recorded_before(**values):
    return ResidentFactory(recorded_before=True, **{"identity__family_card": CARD} | values)


def open_case(resident, *, by=None, family_card=CARD, **values):
    by = by or UserFactory()
    office = by.office or UserFactory().office
    return earlier_recording.open_case(
        resident_id=resident.pk, family_card=family_card, office=office, by=by, now=NOW, **values
    )


def test_open_case_gives_a_case_and_a_code():
    resident = recorded_before()

    case = open_case(resident)

    assert (case.status, case.opened_by) == ("sent", "officer")
    assert tracking_code.active_code(resident)
    assert sorted(AuditEvent.objects.values_list("action", flat=True)) == ["case.open", "tracking_code.issue_at_desk"]
    assert [line for check in CHECKS.values() for line in check()] == []


def test_open_case_ends_a_code_that_somebody_may_have_got_with_the_nik_alone():
    resident = recorded_before()
    before = TrackingCodeFactory(resident=resident).code

    open_case(resident)

    assert tracking_code.active_code(resident) != before


@pytest.mark.parametrize("held", [CARD, ""])
def test_open_case_needs_the_family_card_we_know(held):
    with pytest.raises(FamilyCardDiffers):
        open_case(recorded_before(identity__family_card=held), family_card=OTHER_CARD)
    assert not Case.objects.exists()


def test_open_case_with_another_family_card_is_a_verifiers_with_a_reason():
    resident, verifier = recorded_before(), UserFactory(role="verifier")

    with pytest.raises(FamilyCardDiffers):
        open_case(resident, by=verifier, family_card=OTHER_CARD)
    with pytest.raises(FamilyCardDiffers):
        open_case(resident, family_card=OTHER_CARD, reason="KK baru")
    case = open_case(resident, by=verifier, family_card=OTHER_CARD, reason="KK baru karena menikah")

    assert case.history.last().note == "Nomor KK berbeda: KK baru karena menikah"


def test_obstacle_says_why_not():
    with_case = recorded_before()
    open_case(with_case)

    assert earlier_recording.obstacle(recorded_before()) is None
    assert earlier_recording.obstacle(ResidentFactory()) is NotRecordedBefore
    assert earlier_recording.obstacle(recorded_before(card_held=True)) is HoldsCard
    assert earlier_recording.obstacle(with_case) is HasCase
