"""The demo's supplies: deliveries and weekly shares, and what every print, parcel and hand-over of the cases left behind.

It follows the written history, so that a card that was printed has used a blank, and every balance is its ledger's sum.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from issuance.enums import (
    CaseStatus,
    Collector,
    MovementKind,
    ProofOfIdentity,
    ShippedState,
    SpoilReason,
    SupplyItem,
)
from issuance.models import CardPrint, HandOver, Shipment, ShippedCard, SupplyBalance, SupplyMovement
from issuance.policy.supply import ITEMS
from issuance.services.demo.copying import CopyTable, Ids
from issuance.services.demo.staff import operators_by_office
from issuance.services.outlook import refresh_outlook
from recording.models import Office, User
from recording.services.reference import DISDUKCAPIL_CODE

WITHOUT_BLANKS = "33.19.06"  # so that waiting for a blank can be seen
WITHOUT_BLANKS_FOR = timedelta(days=6)
SHORT_OF_RIBBON = "33.19.04"  # so that the alarm can be seen, with more of it on the way
WEEK, MINUTE = timedelta(days=7), timedelta(minutes=1)
DELIVERED, SENT, COUNTED_IN = time(8, 10), time(9, 30), time(13)  # of a Monday
PACK = 10
LASTS = {SupplyItem.BLANK: (8, 14), SupplyItem.RIBBON: (10, 22), SupplyItem.FILM: (12, 25)}  # days of use at the end
RESERVE = 8  # days of the whole regency, kept at Disdukcapil
DEFECTIVE_ON_ARRIVAL = 0.004  # of what was printed: found before it went into the printer
SPOILED_BY = {SpoilReason.PRINT: 7, SpoilReason.FACTORY: 2, SpoilReason.WRONG_DATA: 1}
BY_CODE, BY_PROXY = 0.8, 0.012
K, S = MovementKind, CaseStatus

EVENTS = """
SELECT change.case_id, change.attempt, change.from_status, change.to_status, change.occurred_at, change.actor_id,
       cases.pickup_office_id
FROM issuance_statuschange change JOIN issuance_case cases ON cases.id = change.case_id
WHERE change.event = 'moved' AND (change.to_status IN ('printed', 'shipped', 'ready', 'issued')
                                  OR change.from_status = 'printed')
ORDER BY change.case_id, change.id
"""
SHELVE = """
UPDATE issuance_case SET shelf = 'Laci ' || chr(65 + (id %% 4)::int) || '-' || (id %% 20 + 1)
WHERE status = 'ready' AND id = ANY(%s)
"""


def out_of_blanks(*, now: datetime) -> dict[int, datetime]:
    """Office id -> since when it has no blank, for whoever tells the stories of cards."""
    offices = Office.objects.filter(code=WITHOUT_BLANKS).values_list("pk", flat=True)
    return dict.fromkeys(offices, now - WITHOUT_BLANKS_FOR)


@dataclass(slots=True)
class _Event:
    """A step of a case from the printer on."""

    case_id: int
    attempt: int
    old: str
    status: str
    at: datetime
    actor_id: int | None
    office_id: int


@dataclass(slots=True)
class _Card:
    """A print and whether it spoiled."""

    event: _Event
    office_id: int
    spoiled: _Event | None = None


@dataclass
class _Books:
    """What one office needs: use by item and moment, in order."""

    office_id: int
    used: dict[SupplyItem, list[datetime]] = field(default_factory=lambda: {item: [] for item in ITEMS})


class Supplies:
    """Give it the written cases by `make`; it writes everything else."""

    def __init__(self, *, seed: int, now: datetime, history_days: int, verifier_id: int):
        self.random, self.now, self.verifier_id = Random(f"supplies:{seed}"), now, verifier_id
        first = timezone.localdate(now) - timedelta(days=history_days + 1)
        self.opened_on = first - timedelta(days=first.weekday())
        self.operators = operators_by_office()
        self.offices = list(Office.objects.active())
        self.central = next(office for office in self.offices if office.code == DISDUKCAPIL_CODE)
        self.head_id = User.objects.get(username="kepala").pk
        self.lines: list[dict[str, Any]] = []
        self.print_ids = Ids(CardPrint)

    def make(self) -> None:
        cards = list(self._cards(self._read()))
        self._write_prints(cards)
        self._found_defective(cards)
        self._destroy()
        self._supply()
        self._write_ledger()
        refresh_outlook(now=self.now)

    # What the cases left behind.

    def _read(self) -> Iterable[list[_Event]]:
        """The steps of one case after the other."""
        with connection.cursor() as cursor:
            cursor.execute(EVENTS)
            rows = [_Event(*row) for row in cursor.fetchall()]
        by_case: dict[int, list[_Event]] = defaultdict(list)
        for event in rows:
            by_case[event.case_id].append(event)
        return by_case.values()

    def _cards(self, cases: Iterable[list[_Event]]) -> Iterable[_Card]:
        parcels: dict[tuple[int, date], list[tuple[_Event, _Event | None]]] = defaultdict(list)
        hand_overs, ready = CopyTable(HandOver), []
        for events in cases:
            shipped = next((event for event in events if event.status == S.SHIPPED), None)
            arrived = next((event for event in events if event.status == S.READY), None)
            if shipped:
                parcels[shipped.office_id, timezone.localdate(shipped.at)].append((shipped, arrived))
            if events[-1].status == S.READY:
                ready.append(events[-1].case_id)
            for place, event in enumerate(events):
                if event.status == S.PRINTED:
                    after = events[place + 1] if place + 1 < len(events) else None
                    spoiled = after if after and after.status == S.PRINT_READY else None
                    yield _Card(event, self.central.pk if shipped else event.office_id, spoiled)
                elif event.status == S.ISSUED:
                    self._hand_over(hand_overs, event)
        hand_overs.flush()
        self._write_parcels(parcels)
        with connection.cursor() as cursor:
            cursor.execute(SHELVE, [ready])

    def _hand_over(self, table: CopyTable, event: _Event) -> None:
        random = self.random
        by_code, by_proxy = random.random() < BY_CODE, random.random() < BY_PROXY
        proxy = {
            "collector": Collector.PROXY,
            "proxy_name": "Anggota keluarga",
            "proxy_relation": "Anak",
            "authority": f"Surat kuasa bermeterai {timezone.localdate(event.at):%d-%m-%Y}",
            "second_staff_id": self.verifier_id,
        }
        table.add(
            case_id=event.case_id,
            office_id=event.office_id,
            handed_at=event.at,
            handed_by_id=event.actor_id,
            proof=ProofOfIdentity.CODE if by_code else ProofOfIdentity.NIK,
            **proxy if by_proxy else {"collector": Collector.RESIDENT},
        )

    def _write_parcels(self, parcels: dict[tuple[int, date], list[tuple[_Event, _Event | None]]]) -> None:
        shipments, shipped, ids = CopyTable(Shipment, with_id=True), CopyTable(ShippedCard), Ids(Shipment)
        for (office_id, _day), cards in sorted(parcels.items()):
            shipment_id = ids.take()
            arrivals = [arrived.at for _sent, arrived in cards if arrived]
            shipments.add(
                id=shipment_id,
                from_office_id=self.central.pk,
                to_office_id=office_id,
                sent_at=min(sent.at for sent, _arrived in cards),
                sent_by_id=self.operators[self.central.pk],
                courier="Kurir dinas",
                size=len(cards),
                checked_at=min(arrivals, default=None),
                checked_by_id=self.operators[office_id] if arrivals else None,
            )
            for number, (sent, arrived) in enumerate(cards, start=1):
                shipped.add(
                    shipment_id=shipment_id,
                    case_id=sent.case_id,
                    number=number,
                    state=ShippedState.ARRIVED if arrived else ShippedState.ON_THE_WAY,
                    settled_at=arrived.at if arrived else None,
                )
        shipments.flush()
        shipped.flush()

    def _write_prints(self, cards: list[_Card]) -> None:
        table, reasons = CopyTable(CardPrint, with_id=True), list(SPOILED_BY)
        for card in sorted(cards, key=lambda card: (card.event.at, card.event.case_id)):
            card_id, event, spoiled = self.print_ids.take(), card.event, card.spoiled
            reason = self.random.choices(reasons, weights=list(SPOILED_BY.values()))[0] if spoiled else ""
            table.add(
                id=card_id,
                case_id=event.case_id,
                attempt=event.attempt,
                office_id=card.office_id,
                printed_at=event.at,
                printed_by_id=event.actor_id,
                spoiled_at=spoiled.at if spoiled else None,
                spoil_reason=reason,
            )
            for item in ITEMS:
                self._line(card.office_id, item, K.USED, -1, event.at, actor_id=event.actor_id, card_print_id=card_id)
            if spoiled:
                self._line(
                    card.office_id,
                    SupplyItem.BLANK,
                    K.SPOILED,
                    0,
                    spoiled.at,
                    actor_id=spoiled.actor_id,
                    spoiled_change=1,
                    reason=str(SpoilReason(reason).label),
                    card_print_id=card_id,
                )
        table.flush()

    def _found_defective(self, cards: list[_Card]) -> None:
        for card in cards:
            if self.random.random() < DEFECTIVE_ON_ARRIVAL:
                self._line(
                    card.office_id,
                    SupplyItem.BLANK,
                    K.SPOILED,
                    -1,
                    card.event.at - 20 * MINUTE,
                    actor_id=card.event.actor_id,
                    spoiled_change=1,
                    reason="Cacat pabrik, ditemukan sebelum dicetak",
                )

    def _destroy(self) -> None:
        """Disdukcapil has burnt what it held two weeks ago; the offices keep theirs."""
        at = self._at(timezone.localdate(self.now) - timedelta(days=14), time(10, 15))
        held = sum(
            line["spoiled_change"]
            for line in self.lines
            if line["office_id"] == self.central.pk and line["occurred_at"] < at
        )
        if held:
            self._line(
                self.central.pk,
                SupplyItem.BLANK,
                K.DESTROYED,
                0,
                at,
                actor_id=self.head_id,
                spoiled_change=-held,
                document=f"BA-MUSNAH/{at:%m}/1",
                witnesses="Sekretaris Dinas; Kasi Identitas Penduduk",
            )

    # Where it all came from: on Mondays the regency gets a delivery, and each office its share of it.

    def _supply(self) -> None:
        mondays = self._mondays()
        books = self._use_by_office()
        target = {office.pk: self._left_at_the_end(office, books[office.pk]) for office in self.offices}
        needed: list[Counter[SupplyItem]] = [Counter() for _ in mondays]
        for office in self.offices:
            for item in ITEMS:
                shares = _weekly(books[office.pk].used[item], target[office.pk][item], mondays, self._counted_in)
                for week, share in enumerate(shares):
                    needed[week][item] += share
                    if share and office.pk != self.central.pk:
                        self._share(office.pk, item, share, mondays[week])
        self._extras(needed, mondays)
        for week, monday in enumerate(mondays):
            for item in ITEMS:
                self._deliver(item, needed[week][item], monday, week)

    def _mondays(self) -> list[date]:
        mondays, day = [], self.opened_on
        while self._at(day, COUNTED_IN) <= self.now:
            mondays.append(day)
            day += WEEK
        return mondays

    def _use_by_office(self) -> dict[int, _Books]:
        books = {office.pk: _Books(office.pk) for office in self.offices}
        for line in sorted(self.lines, key=lambda line: line["occurred_at"]):
            books[line["office_id"]].used[SupplyItem(line["item"])] += [line["occurred_at"]] * -line["change"]
        return books

    def _left_at_the_end(self, office: Office, books: _Books) -> dict[SupplyItem, int]:
        days = max(1, (timezone.localdate(self.now) - self.opened_on).days)
        left = {}
        for item in ITEMS:
            per_day = max(1.0, len(books.used[item]) / days)
            left[item] = math.ceil(per_day * self.random.uniform(*LASTS[item]))
        if office.code == WITHOUT_BLANKS:
            left[SupplyItem.BLANK] = 0
        if office.code == SHORT_OF_RIBBON:
            left[SupplyItem.RIBBON] = 2
        return left

    def _share(self, office_id: int, item: SupplyItem, share: int, monday: date, *, arrived: bool = True) -> None:
        document, transfer = f"BA-BAGI/{monday:%d%m}", _uuid(self.random)
        sent_at = self._at(monday, SENT) + MINUTE * (office_id % 30)
        self._line(
            self.central.pk,
            item,
            K.ALLOCATED_OUT,
            -share,
            sent_at,
            actor_id=self.head_id,
            other_office_id=office_id,
            transfer=transfer,
            document=document,
        )
        if arrived:
            self._line(
                office_id,
                item,
                K.ALLOCATED_IN,
                share,
                self._at(monday, COUNTED_IN) - MINUTE * (office_id % 50),
                actor_id=self.operators[office_id],
                other_office_id=self.central.pk,
                transfer=transfer,
                document=document,
                document_quantity=share,
            )

    def _extras(self, needed: list[Counter[SupplyItem]], mondays: list[date]) -> None:
        """What makes the ledger worth reading: a reserve, ribbon on the way, a loan half returned, a stock-take."""
        last, today = len(mondays) - 1, timezone.localdate(self.now)
        per_day = max(1, round(sum(needed[week][SupplyItem.BLANK] for week in range(last)) / max(7, 7 * last)))
        for item in ITEMS:
            needed[0][item] += RESERVE * per_day
        short = next((office.pk for office in self.offices if office.code == SHORT_OF_RIBBON), None)
        yesterday = today - timedelta(days=1)
        if short and yesterday > mondays[0]:
            needed[0][SupplyItem.RIBBON] += 100
            self._share(short, SupplyItem.RIBBON, 100, yesterday, arrived=False)
        if last >= 2:
            needed[0][SupplyItem.BLANK] += 20
            loan = self._at(mondays[1], time(10))
            for kind, change, at in ((K.LENT, -50, loan), (K.RETURNED_IN, 30, loan + WEEK)):
                self._line(
                    self.central.pk,
                    SupplyItem.BLANK,
                    kind,
                    change,
                    at,
                    actor_id=self.head_id,
                    other_party="Kabupaten Jepara",
                    document=f"BA-PINJAM/{mondays[1]:%m}",
                )
            needed[0][SupplyItem.BLANK] += 30  # away for a week

    def _deliver(self, item: SupplyItem, need: int, monday: date, week: int) -> None:
        if not need:
            return
        counted = math.ceil(need / PACK) * PACK
        missing = 2 if week == 1 and item == SupplyItem.BLANK else 0
        self._line(
            self.central.pk,
            item,
            K.RECEIVED,
            counted,
            self._at(monday, DELIVERED) + MINUTE * ITEMS.index(item),
            actor_id=self.operators[self.central.pk],
            other_party="Ditjen Dukcapil",
            document=f"SJ/{monday:%d%m%y}",
            document_quantity=counted + missing,
            reason="Dua keping kurang; segel dus utuh" if missing else "",
        )

    # The ledger.

    def _line(
        self, office_id: int, item: SupplyItem, kind: MovementKind, change: int, at: datetime, **columns: Any
    ) -> None:
        columns.setdefault("spoiled_change", 0)
        self.lines.append(
            columns | {"office_id": office_id, "item": item, "kind": kind, "change": change, "occurred_at": at}
        )

    def _write_ledger(self) -> None:
        """In the order of time, with a stock-take of last Friday that agrees, and the balances that follow."""
        lines = sorted(self.lines, key=lambda line: line["occurred_at"])
        held: Counter[tuple[int, str]] = Counter()
        spoiled: Counter[tuple[int, str]] = Counter()
        table = CopyTable(SupplyMovement)
        counted_at = self._at(timezone.localdate(self.now) - timedelta(days=4), time(20, 40))
        counted = counted_at < self._at(self.opened_on, COUNTED_IN)
        for line in lines:
            if not counted and line["occurred_at"] > counted_at:
                counted = True
                self._count(table, held, counted_at)
            key = (line["office_id"], line["item"])
            held[key] += line["change"]
            spoiled[key] += line["spoiled_change"]
            _write(table, line)
        table.flush()
        balances = CopyTable(SupplyBalance)
        for office_id, item in sorted(held):
            balances.add(
                office_id=office_id, item=item, quantity=held[office_id, item], spoiled=spoiled[office_id, item]
            )
        balances.flush()

    def _count(self, table: CopyTable, held: Counter[tuple[int, str]], at: datetime) -> None:
        for (office_id, item), quantity in sorted(held.items()):
            if office_id in self.operators and office_id % 3:  # some offices are late with it
                _write(
                    table,
                    {
                        "office_id": office_id,
                        "item": item,
                        "kind": K.COUNTED,
                        "change": 0,
                        "occurred_at": at,
                        "actor_id": self.head_id,
                        "document_quantity": quantity,
                        "reason": "Sesuai catatan",
                    },
                )

    def _counted_in(self, monday: date) -> datetime:
        return self._at(monday, COUNTED_IN)

    def _at(self, day: date, at: time) -> datetime:
        return timezone.make_aware(datetime.combine(day, at))


def _write(table: CopyTable, line: dict[str, Any]) -> None:
    at = line["occurred_at"]
    table.add(**line | {"day": timezone.localdate(at), "entered_at": at})


def _weekly(
    used: list[datetime], left_at_the_end: int, mondays: list[date], counted_in: Callable[[date], datetime]
) -> list[int]:
    """How much an office gets each Monday so that it never runs out before the next one and keeps that much at last."""
    total, given, shares = len(used) + left_at_the_end, 0, []
    for week in range(len(mondays)):
        until = bisect_right(used, counted_in(mondays[week + 1])) if week + 1 < len(mondays) else len(used)
        wanted = math.ceil((until + min(left_at_the_end, PACK)) / PACK) * PACK
        share = total - given if week + 1 == len(mondays) else max(0, min(wanted, total) - given)
        shares.append(share)
        given += share
    return shares


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
