from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issuance.exceptions import NobodyToPrint, NothingToPrintWith, OfficeDoesNotPrint, WrongOffice
from issuance.models import PrintPick, PrintRun, PriorityRule
from issuance.services import print_run
from recording.exceptions import WrongState
from recording.models import AuditEvent, Notification
from tests.factories import CaseFactory, NotificationFactory, ServiceHoursFactory, UserFactory
from tests.factories.cards import PrintPickFactory, PrintRunFactory, printable, printing_office
from tests.factories.letters import LetterFactory
from tests.factories.supplies import stock
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def propose(office, **values):
    return print_run.propose(office=office, by=None, now=NOW, **values)


def picked(run):
    return list(run.picks.order_by("position").values_list("case", flat=True))


def reloaded(*cases):
    for case in cases:
        case.refresh_from_db()
    return cases[0] if len(cases) == 1 else cases


def test_propose_takes_the_ending_letter_then_first_cards_then_the_oldest():
    office = printing_office(prints=10)
    replacement = printable(office, days=9, kind="replacement")
    new, old = printable(office, days=2), printable(office, days=4)
    later, sooner = printable(office, days=1), printable(office, days=1)
    LetterFactory(case=later, valid_until=timezone.localdate() + timedelta(days=60))
    LetterFactory(case=sooner, valid_until=timezone.localdate() + timedelta(days=6))

    run = propose(office)

    assert picked(run) == [case.pk for case in (sooner, later, old, new, replacement)]
    assert list(run.picks.order_by("position").values_list("priority", flat=True)) == [
        "expiring_letter",
        "expiring_letter",
        "first_card",
        "first_card",
        "oldest",
    ]
    assert (run.size, run.bounded_by, run.state, run.mode) == (5, "", "proposed", "invite")


def test_propose_follows_the_order_as_data():
    office = printing_office(prints=10)
    old, lettered = printable(office, days=9, kind="replacement"), printable(office)
    LetterFactory(case=lettered)
    PriorityRule.objects.exclude(priority="oldest").update(active=False)

    assert picked(propose(office)) == [old.pk, lettered.pk]


def test_propose_leaves_out_who_may_not_be_printed_here_or_has_a_blank():
    office = printing_office(prints=5)
    here = printable(office)
    printable(office, waiting_for="age")
    printable(printing_office())
    PrintPickFactory(case=printable(office))

    assert picked(propose(office)) == [here.pk]


def test_propose_is_bounded_by_the_scarcest_item():
    office = printing_office()
    stock(office, blank=3, ribbon=2, film=9)
    for _person in range(4):
        printable(office)

    run = propose(office)

    assert (run.size, run.bounded_by) == (2, "ribbon")
    assert run.supplies == {"blank": 3, "ribbon": 2, "film": 9}


def test_propose_invites_more_where_people_stay_away_and_prints_no_more_in_advance():
    office = printing_office(prints=8)
    run = PrintRunFactory(office=office)
    for state, count in (("printed", 24), ("lapsed", 6)):
        for _person in range(count):
            PrintPickFactory(case=_ended(office), run=run, state=state)
    for _person in range(12):
        printable(office)

    invited = propose(office)

    assert (invited.size, invited.show_up_share, invited.bounded_by) == (10, 0.8, "blank")
    print_run.drop(run_id=invited.pk, by=UserFactory(office=office), now=NOW)
    assert propose(office, mode="print").size == 8


def _ended(office):
    return CaseFactory(recording__operator=UserFactory(office=office), status="issued")


def test_propose_says_why_not():
    office = printing_office(prints=1)
    with pytest.raises(NobodyToPrint):
        propose(office)
    printable(office)
    with pytest.raises(WrongOffice):
        print_run.propose(office=office, by=UserFactory(), now=NOW)
    empty = printing_office()
    printable(empty)
    with pytest.raises(NothingToPrintWith) as refusal:
        propose(empty)
    assert refusal.value.item == "blank"
    with pytest.raises(OfficeDoesNotPrint):
        propose(printing_office(prints_here=False))
    assert not PrintRun.objects.exists()


def test_propose_twice_is_the_same_proposal():
    office = printing_office(prints=1)
    printable(office)

    assert propose(office) == propose(office)


def test_disdukcapil_prints_for_offices_without_a_printer():
    without = printing_office(prints_here=False)
    central = printing_office(prints=5, kind="disdukcapil")
    theirs, own = printable(without, days=3), printable(central)

    assert picked(propose(central, mode="print")) == [theirs.pk, own.pk]


def test_start_invites_everybody_on_the_list_and_the_rest_waits_for_a_blank():
    office = printing_office(prints=1)
    first = printable(office, days=4, stalled_since=NOW, next_step="invite_or_letter")
    second = printable(office, days=2)
    NotificationFactory(resident=first.resident, kind="case_stalled")
    clerk, run = UserFactory(office=office), propose(office)

    print_run.start(run_id=run.pk, by=clerk, now=NOW)

    reloaded(first, second, run)
    assert (first.waiting_for, first.clock_from, first.stalled_since, first.next_step) == (
        "resident",
        None,
        None,
        "none",
    )
    assert (second.waiting_for, second.clock_from) == ("blank", None)
    pick = run.picks.get()
    assert (run.state, run.started_by, pick.state, pick.invited_at) == ("started", clerk, "invited", NOW)
    owed = Notification.objects.get(kind="print_invitation")
    assert (owed.resident, owed.context) == (first.resident, {"case": first.pk, "until": pick.until.isoformat()})
    assert Notification.objects.get(kind="case_stalled").state == "withdrawn"
    assert first.history.last().event == "noted"
    assert AuditEvent.objects.get(action="print_run.start").resident_id == first.resident_id


def test_start_leaves_out_whoever_moved_on_since():
    office = printing_office(prints=2)
    gone, here = printable(office), printable(office)
    run = propose(office)
    type(gone).objects.filter(pk=gone.pk).update(status="closed", closed_reason="pindah", clock_from=None)

    print_run.start(run_id=run.pk, by=UserFactory(office=office), now=NOW)

    assert dict(run.picks.values_list("case", "state")) == {gone.pk: "dropped", here.pk: "invited"}


def test_start_in_advance_invites_nobody_and_starts_the_clock():
    office = printing_office(prints=1, print_policy="in_advance")
    case = printable(office, waiting_for="blank")
    run = propose(office)

    print_run.start(run_id=run.pk, by=UserFactory(office=office), now=NOW)

    assert (reloaded(case).waiting_for, case.clock_from) == ("none", NOW)
    assert run.picks.get().state == "picked"
    assert not Notification.objects.exists()


def test_start_twice_and_elsewhere_is_refused():
    office = printing_office(prints=1)
    printable(office)
    run, clerk = propose(office), UserFactory(office=office)

    with pytest.raises(WrongOffice):
        print_run.start(run_id=run.pk, by=UserFactory(), now=NOW)
    print_run.start(run_id=run.pk, by=clerk, now=NOW)
    with pytest.raises(WrongState):
        print_run.start(run_id=run.pk, by=clerk, now=NOW)
    assert Notification.objects.count() == 1


def test_start_asks_as_many_queries_for_many_as_for_one():
    counts = []
    for people in (1, 3, 40):
        office = printing_office(prints=people)
        clerk = UserFactory(office=office)
        for _person in range(people):
            printable(office, operator=clerk)
        with CaptureQueriesContext(connection) as queries:
            run = propose(office)
            print_run.start(run_id=run.pk, by=clerk, now=NOW)
        counts.append(len(queries))

    assert len(set(counts)) == 1, counts


def test_drop_person_frees_the_blank_for_the_next():
    office = printing_office(prints=1)
    first, second = printable(office, days=4), printable(office, days=2)
    clerk, run = UserFactory(office=office), propose(office)
    print_run.start(run_id=run.pk, by=clerk, now=NOW)
    pick = run.picks.get()

    print_run.drop_person(pick_id=pick.pk, by=clerk, now=NOW)

    assert (reloaded(first).waiting_for, first.clock_from) == ("none", NOW)
    assert PrintPick.objects.get().state == "dropped"
    assert Notification.objects.get().state == "withdrawn"
    with pytest.raises(WrongState):
        print_run.drop_person(pick_id=pick.pk, by=clerk, now=NOW)
    with pytest.raises(WrongOffice):
        print_run.drop_person(pick_id=pick.pk, by=UserFactory(), now=NOW)
    assert second.waiting_for == "none"


def test_drop_gives_up_a_proposal_or_ends_a_run():
    office = printing_office(prints=1)
    printable(office)
    clerk = UserFactory(office=office)
    given_up = propose(office)
    print_run.drop(run_id=given_up.pk, by=clerk, now=NOW)
    ended = propose(office)
    print_run.start(run_id=ended.pk, by=clerk, now=NOW)
    print_run.drop(run_id=ended.pk, by=clerk, now=NOW)

    reloaded(given_up, ended)
    assert [given_up.state, ended.state] == ["dropped", "finished"]
    assert set(PrintPick.objects.values_list("state", flat=True)) == {"dropped"}
    with pytest.raises(WrongState):
        print_run.drop(run_id=ended.pk, by=clerk, now=NOW)


def test_lapse_frees_the_blank_and_puts_the_person_at_the_end_of_the_line():
    ServiceHoursFactory()
    office = printing_office(prints=1)
    late, other = printable(office, days=9), printable(office, days=2)
    clerk, run = UserFactory(office=office), propose(office)
    print_run.start(run_id=run.pk, by=clerk, now=NOW)

    assert print_run.lapse(now=NOW + timedelta(days=7)) == 0
    later = NOW + timedelta(days=30)
    assert print_run.lapse(now=later) == 1
    assert print_run.lapse(now=later) == 0

    reloaded(late, other, run)
    assert (run.state, run.picks.get().state) == ("finished", "lapsed")
    assert (other.waiting_for, late.waiting_for) == ("none", "blank")  # one blank: the other one is first now
    assert picked(print_run.propose(office=office, by=clerk, now=later)) == [other.pk]


def test_lapse_ends_proposals_of_earlier_days_and_picks_of_cases_that_moved_on():
    office = printing_office(prints=3)
    printable(office)
    stale = propose(office)
    gone = PrintPickFactory(case=_ended(office), run=PrintRunFactory(office=office))

    print_run.lapse(now=NOW + timedelta(days=1))

    gone.refresh_from_db()
    assert (reloaded(stale).state, gone.state) == ("dropped", "dropped")


def test_apologise_puts_who_came_in_vain_first():
    office = printing_office(prints=1)
    came, letter = printable(office), printable(office, days=20)
    LetterFactory(case=letter)
    PrintPickFactory(case=came)
    clerk = UserFactory(office=office)

    print_run.apologise(case_id=came.pk, by=clerk, now=NOW)

    assert reloaded(came).waiting_for == "blank"
    assert picked(propose(office)) == [came.pk]
    with pytest.raises(WrongState):
        print_run.apologise(case_id=letter.pk, by=clerk, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_people_proposing_at_once_pick_nobody_twice():
    office = printing_office(prints=3)
    for _person in range(5):
        printable(office)

    runs = at_once(4, lambda: propose(office))

    assert {run.pk for run in runs} == {PrintRun.objects.get().pk}
    assert PrintPick.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_people_starting_at_once_invite_once():
    office = printing_office(prints=2)
    printable(office), printable(office)
    run, clerk = propose(office), UserFactory(office=office)

    done = at_once(3, lambda: print_run.start(run_id=run.pk, by=clerk, now=NOW))

    assert sum(isinstance(one, WrongState) for one in done) == 2
    assert Notification.objects.count() == 2
