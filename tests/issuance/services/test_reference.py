import pytest

from issuance.models import StallRule
from issuance.services.reference import load_stall_rules

pytestmark = pytest.mark.django_db


def test_every_status_that_may_rest_too_long_gets_its_rule():
    assert load_stall_rules() == 10
    assert StallRule.objects.values_list("late_after", "stalled_after", "remedy").get(status="captured") == (
        1,
        3,
        "office_resend",
    )


def test_changed_rules_stay_as_they_are():
    load_stall_rules()
    StallRule.objects.filter(status="sent").update(stalled_after=20)

    load_stall_rules()

    assert StallRule.objects.get(status="sent").stalled_after == 20
