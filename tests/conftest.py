import pgtrigger
import pytest
from django.test import TransactionTestCase


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
