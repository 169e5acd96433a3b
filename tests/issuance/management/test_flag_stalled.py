from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from django.utils import timezone

from issuance.tasks import flag_stalled_task
from tests.factories import CaseFactory, ServiceHoursFactory, StallRuleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def stalled_case():
    StallRuleFactory()
    ServiceHoursFactory(office=None, weekdays=[0, 1, 2, 3, 4, 5, 6], valid_from=date(2020, 1, 1), valid_until=None)
    return CaseFactory(recording__recorded_at=timezone.now() - timedelta(days=4))


@pytest.mark.usefixtures("stalled_case")
def test_flag_stalled_ends_with_the_number_newly_flagged(capsys):
    call_command("flag_stalled")
    call_command("flag_stalled")

    assert capsys.readouterr().out.split() == ["1", "0"]


def test_flag_stalled_as_of_a_moment_without_offset_means_local_time(stalled_case, capsys):
    due = timezone.localtime(stalled_case.clock_from) + timedelta(days=3)

    call_command("flag_stalled", "--as-of", due.replace(tzinfo=None).isoformat())

    assert capsys.readouterr().out.splitlines()[-1] == "1"


def test_flag_stalled_as_of_refuses_what_is_no_moment():
    with pytest.raises(CommandError):
        call_command("flag_stalled", "--as-of", "kemarin")


def test_flag_stalled_says_in_a_line_which_argument_is_wrong(capsys):
    with pytest.raises(SystemExit):
        execute_from_command_line(["manage.py", "flag_stalled", "--as-of", "kemarin"])

    assert capsys.readouterr().err.splitlines()[-1].endswith("argument --as-of: not ISO 8601: kemarin")


def test_flag_stalled_task_takes_a_moment(stalled_case):
    early = stalled_case.clock_from + timedelta(days=2)

    assert flag_stalled_task(early.isoformat()) == 0
    assert flag_stalled_task() == 1
