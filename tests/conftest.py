import pgtrigger
import pytest
from django.test import TransactionTestCase
from django.utils import timezone

from issuance.services.reference import load_priority_rules, load_stall_rules
from recording.services import reference


@pytest.fixture(scope="session", autouse=True)
def _emptying_tables_between_tests():
    """Tests that commit end by truncating every table; the append-only ones refuse that to everybody else."""
    teardown = TransactionTestCase._fixture_teardown

    def teardown_past_the_triggers(self):
        with pgtrigger.ignore():
            teardown(self)

    TransactionTestCase._fixture_teardown = teardown_past_the_triggers
    yield
    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture
def reference_data(db):
    """Areas, offices, hours, campaigns, holidays, the register of 2016 and the stall rules, as on a first start.

    No slots: make the few a test needs with SlotFactory, or a whole day with `services.slot.generate`.
    """
    reference.load(today=timezone.localdate())
    load_stall_rules()
    load_priority_rules()
