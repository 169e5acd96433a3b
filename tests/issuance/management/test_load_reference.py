from io import StringIO

import pytest
from django.core.management import call_command

from recording.models import Slot

pytestmark = pytest.mark.django_db


def test_command_makes_the_booking_window_bookable_once():
    first, second = StringIO(), StringIO()

    call_command("load_reference", stdout=first)
    call_command("load_reference", stdout=second)

    assert "   132 " in first.getvalue()
    assert Slot.objects.exists()
    assert second.getvalue().endswith("     0 slots made\n")
