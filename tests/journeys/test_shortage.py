"""From recorded to in the hand through a shortage: services only, at the size of a whole office's shortage."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from issuance.enums import CaseStatus, SupplyItem
from issuance.models import CardPrint, Case, PrintPick, SupplyBalance
from issuance.services import card_print, hand_over, letter, print_run, supply, waiting
from issuance.services.case import open_from_recording
from issuance.services.reference import load_letter_rules, load_priority_rules
from recording.models import Notification
from tests.factories import OfficeFactory, RecordingFactory, ServiceHoursFactory, UserFactory
from tests.factories.supplies import quantity, stock

NOW = timezone.now()
WAITING, BLANKS, RIBBON = 4000, 2000, 1200

# Cases like those of a list that has just been applied, without four thousand recordings.
FILL = """
WITH people AS (
    INSERT INTO recording_resident (name, birth_year, sex, village_id, ever_married, recorded_before_portal, card_held,
                                    entitlement, entitlement_reason, source, outside_regency, created_at)
    SELECT 'Warga ' || n, 1990, 'L', NULL, false, false, false, 'none', 'case_open', 'register', false, now()
    FROM generate_series(1, %(people)s) n RETURNING id
)
INSERT INTO issuance_case (resident_id, kind, opened_by, opened_at, office_id, pickup_office_id, attempt, status,
                           status_since, clock_from, next_step, waiting_for, observed_raw, observed_status,
                           rerecord_reason, closed_reason, shelf)
SELECT id, 'first', 'import', %(now)s, %(office)s, %(office)s, 1, 'print_ready',
       %(now)s - id %% 60 * interval '1 hour', %(now)s, 'none', 'none', '', '', '', '', '' FROM people
"""


@pytest.mark.deep
@pytest.mark.django_db
def test_4000_wait_2000_blanks_come_with_ribbon_for_1200():
    load_priority_rules(), load_letter_rules(), ServiceHoursFactory()
    office = OfficeFactory()
    clerk, verifier = UserFactory(office=office), UserFactory(role="verifier")
    lettered = recorded_and_print_ready(clerk, days=20)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"people": WAITING - 1, "office": office.pk, "now": NOW - timedelta(days=3)})

    # No blank: everybody waits for one, and nobody is late for it.
    assert waiting.settle_blanks(now=NOW) == WAITING
    assert Case.objects.filter(waiting_for="blank", clock_from__isnull=True).count() == WAITING
    letter.issue(case_id=lettered.pk, kind=letter.allowed_kinds(on=NOW.date())[0], number="470/1", by=verifier, now=NOW)

    # 2,000 blanks, ribbon for 1,200: that many are proposed, the holder of the letter first, and invited.
    stock(office, blank=BLANKS, ribbon=RIBBON, film=BLANKS)
    run = print_run.propose(office=office, by=clerk, now=NOW)
    assert (run.size, run.bounded_by, run.picks.get(position=1).case) == (RIBBON, "ribbon", lettered)
    print_run.start(run_id=run.pk, by=clerk, now=NOW)
    assert Notification.objects.filter(kind="print_invitation").count() == RIBBON
    assert Case.objects.filter(waiting_for="resident").count() == RIBBON
    assert Case.objects.filter(waiting_for="blank").count() == WAITING - RIBBON
    assert supply.free(office_id=office.pk) == {"blank": BLANKS - RIBBON, "ribbon": 0, "film": BLANKS - RIBBON}

    # The holder of the letter comes, the card is printed and given, and the letter ends in that moment.
    printed = card_print.print_card(case_id=lettered.pk, by=clerk, now=NOW)
    card_print.spoil(card_print_id=printed.pk, by=clerk, reason="print", now=NOW)
    card_print.print_card(case_id=lettered.pk, by=clerk, now=NOW)
    hand_over.hand_over(case_id=lettered.pk, by=clerk, now=NOW, proof="code")
    lettered.refresh_from_db()
    assert (lettered.status, lettered.letters.get().status) == (CaseStatus.ISSUED, "revoked")
    assert (quantity(office), quantity(office, "ribbon")) == (BLANKS - 2, RIBBON - 2)
    assert CardPrint.objects.count() == 2
    assert SupplyBalance.objects.get(office=office, item=SupplyItem.BLANK).spoiled == 1

    # Nobody else comes: a month later the blanks are free, and those who stayed away are last in line.
    later = NOW + timedelta(days=40)
    assert print_run.lapse(now=later) == RIBBON - 1
    again = print_run.propose(office=office, by=clerk, now=later)
    stayed_away = PrintPick.objects.filter(state="lapsed").values("case")
    assert again.size >= RIBBON - 2
    first_in_line = set(again.picks.filter(position__lte=1000).values_list("case", flat=True))
    assert not first_in_line & set(stayed_away.values_list("case", flat=True))
    assert again.size * again.show_up_share <= quantity(office, "ribbon")


def recorded_and_print_ready(clerk, *, days):
    """Recorded at the desk; then the centre's list says that it can be printed."""
    case = open_from_recording(recording=RecordingFactory(operator=clerk, recorded_at=NOW - timedelta(days=days)))
    since = NOW - timedelta(days=days - 5)
    Case.objects.filter(pk=case.pk).update(status="print_ready", status_since=since, clock_from=since)
    case.history.create(from_status="captured", to_status="print_ready", occurred_at=since)
    return case
