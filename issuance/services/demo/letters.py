"""The demo's interim letters: of people who wait for a blank, of people whose card came since, and old ones that people
recorded before the portal brought to the desk, some about to end."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from django.db.models import Min, Q
from django.utils import timezone

from issuance.enums import (
    CaseKind,
    CaseStatus,
    ChangeEvent,
    LetterKind,
    LetterStatus,
    NextStep,
    OpenedBy,
    WaitingFor,
)
from issuance.models import Case, InterimLetter, StatusChange
from issuance.policy.letter import new_token, valid_until
from issuance.services.demo.copying import CopyTable, Ids
from recording.models import Office, Resident

HAVE_ONE = 0.45  # of adults who wait for a blank
HAD_ONE = 0.04  # of people who have their card by now
AT_MOST = 400  # letters of each sort
# Days until the letters end that people recorded before the portal brought along; below 0: they have ended.
BROUGHT = (-40, -12, -3, 2, 5, 9, 13, 25, 60, 110)
MONTHS = timedelta(days=183)
HANDED_OVER = "Kartu sudah diterima."


class Letters:
    """Makes them after the cases are written; `make` returns how many cases it opened for letters brought along."""

    def __init__(self, *, seed: int, now: datetime, verifier_id: int):
        self.random, self.now, self.verifier_id = Random(f"letters:{seed}"), now, verifier_id
        self.rows = CopyTable(InterimLetter)

    def make(self) -> int:
        """Write all of them. Consistent with invariant 7: valid ones only of open cases."""
        for case in self._waiting():
            if self.random.random() < HAVE_ONE:
                self._letter(case.pk, case.pickup_office_id, self._between(case.status_since, self.now))
        for case in self._handed_over():
            if self.random.random() < HAD_ONE:
                issued_at = self._between(case.printable_at, case.status_since)
                ended = {"status": LetterStatus.REVOKED, "ended_at": case.status_since, "revoked_reason": HANDED_OVER}
                self._letter(case.pk, case.pickup_office_id, issued_at, **ended)
        opened = self._brought_along()
        self.rows.flush()
        return opened

    def _waiting(self) -> Iterator[Case]:
        return Case.objects.filter(waiting_for=WaitingFor.BLANK).order_by("pk")[:AT_MOST].iterator()

    def _handed_over(self) -> Iterator[Case]:
        printable = Min("history__occurred_at", filter=Q(history__to_status=CaseStatus.PRINT_READY))
        issued = Case.objects.filter(status=CaseStatus.ISSUED).annotate(printable_at=printable)
        return issued.filter(printable_at__isnull=False).order_by("pk")[: AT_MOST * 20].iterator(chunk_size=2000)

    def _brought_along(self) -> int:
        """People recorded before the portal who came this week: a case at the desk, and the letter they carry."""
        offices = list(Office.objects.active().order_by("code"))
        people = Resident.objects.filter(
            recorded_before_portal=True, card_held=False, cases=None, birth_year__lt=self.now.year - 20
        )
        cases, changes, ids = CopyTable(Case, with_id=True), CopyTable(StatusChange), Ids(Case)
        # The first stays without a case: the demo shows also somebody who has not come yet.
        for resident, days in zip(people.order_by("pk")[1 : len(BROUGHT) + 1], BROUGHT, strict=False):
            office, case_id = self.random.choice(offices), ids.take()
            opened_at = self._between(self.now - timedelta(days=3), self.now - timedelta(hours=1))
            self._open(cases, changes, case_id=case_id, resident_id=resident.pk, office_id=office.pk, at=opened_at)
            cases.flush()
            changes.flush()
            issued_at = self.now + timedelta(days=days) - MONTHS
            ended = {"status": LetterStatus.EXPIRED, "ended_at": self.now + timedelta(days=days)} if days < 0 else {}
            self._letter(case_id, office.pk, issued_at, **ended)
        return cases.count

    def _open(self, cases: CopyTable, changes: CopyTable, *, case_id: int, resident_id: int, office_id: int, at):
        cases.add(
            id=case_id,
            resident_id=resident_id,
            kind=CaseKind.FIRST,
            opened_by=OpenedBy.OFFICER,
            opened_at=at,
            recording_id=None,
            office_id=office_id,
            pickup_office_id=office_id,
            status=CaseStatus.SENT,
            status_since=at,
            clock_from=at,
            next_step=NextStep.CHECK_CENTRE,
        )
        changes.add(
            case_id=case_id,
            event=ChangeEvent.OPENED,
            to_status=CaseStatus.SENT,
            occurred_at=at,
            entered_at=at,
            actor_id=self.verifier_id,
            note="Direkam sebelum portal ada; membawa surat pengganti.",
        )

    def _letter(self, case_id: int, office_id: int, issued_at: datetime, **ended) -> None:
        issued_on = timezone.localdate(issued_at)
        serial = self.rows.count + 1
        self.rows.add(
            case_id=case_id,
            kind=LetterKind.BIODATA_WNI,
            number=f"400.12.2.1/{9000 + serial}/33.19/{issued_on.year}",
            office_id=office_id,
            issued_on=issued_on,
            valid_until=valid_until(issued_on),
            token=new_token(self.random.choice),
            issued_by_id=self.verifier_id,
            issued_at=issued_at,
            **ended,
        )

    def _between(self, first: datetime, last: datetime) -> datetime:
        """A moment of the working day between the two, if there is one."""
        moment = first + (last - first) * self.random.uniform(0.1, 0.9)
        local = timezone.localtime(moment)
        if not time(8) <= local.time() <= time(20):
            local = local.replace(hour=10)
        return min(max(local, first), last)
