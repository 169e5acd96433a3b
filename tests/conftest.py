import pgtrigger
import pytest
from django.db import connection
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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Threads of the live server and of races may still hold a connection when the test database is dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def reference_data(db):
    """Areas, offices, hours, campaigns, holidays, the register of 2016 and the stall rules, as on a first start.

    No slots: make the few a test needs with SlotFactory, or a whole day with `services.slot.generate`.
    """
    reference.load(today=timezone.localdate())
    load_stall_rules()
    load_priority_rules()
