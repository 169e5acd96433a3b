"""Every address of the portal x every role, by GET and by POST, against `authorisation.csv`.

A new address needs one line in that file; until then the first test fails and prints the line as it stands today:
judge it, then add it. A cell is the status of GET / POST; `login` is a redirect to the sign-in page, one word alone
counts for both. `row` names what fills the address's parameters, from ROWS below.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from uuid import UUID, uuid4

from django.contrib.auth import BACKEND_SESSION_KEY
from django.db import transaction
from django.test import Client, TestCase
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from django.utils import timezone

from issuance.enums import SupplyItem
from issuance.models import SupplyMovement
from issuance.services.supply import Line, send
from recording.models import User
from tests.factories import (
    AppointmentFactory,
    ApprovalFactory,
    CallSheetFactory,
    CaseFactory,
    ClosureFactory,
    HomeVisitFactory,
    NotificationFactory,
    OfficeFactory,
    QueueTicketFactory,
    RecordingFactory,
    RosterFactory,
    ServiceHoursFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.cards import (
    HandOverFactory,
    PrintPickFactory,
    PrintRunFactory,
    ShipmentFactory,
    ShippedCardFactory,
)
from tests.factories.imports import CentralImportFactory
from tests.factories.letters import LetterFactory, LetterRuleFactory
from tests.factories.supplies import stock

FILE = Path(__file__).with_name("authorisation.csv")
BACKEND = "django.contrib.auth.backends.ModelBackend"
METHODS = ("get", "post")
BROWSER = Client(raise_request_exception=False)  # one for all: each new one would load every middleware again
# Name -> the account; None: nobody. `here` is the office of the rows.
ROLES: dict[str, Callable] = {
    "anonymous": lambda here, there: None,
    "operator": lambda here, there: UserFactory(office=here),
    "operator_other": lambda here, there: UserFactory(office=there),
    "verifier": lambda here, there: UserFactory(role="verifier"),
    "supervisor": lambda here, there: UserFactory(role="supervisor", office=here),
    "supervisor_all": lambda here, there: UserFactory(role="supervisor"),
    "administrator": lambda here, there: UserFactory(role="administrator"),
    "disabled": lambda here, there: UserFactory(office=here, name="Yang Pergi"),
}
STRANGERS = {
    "operator_other": ROLES["operator_other"],
    "supervisor_other": lambda here, there: UserFactory(role="supervisor", office=there),
}


@dataclass(frozen=True)
class Row:
    """What fills an address. `make(office)` gives the parameters of a row that exists; `missing` of one that does not.
    `scoped`: the row belongs to its office, so strangers must not notice that it exists."""

    make: Callable[..., dict]
    missing: dict
    scoped: bool = False


MISSING_PK = {"pk": 999_999_999}
ROWS = {
    "": Row(lambda office: {}, {}),
    "appointment": Row(lambda office: {"pk": _appointment(office).pk}, MISSING_PK, scoped=True),
    "resident": Row(lambda office: {"pk": _appointment(office).resident_id}, MISSING_PK, scoped=True),
    "case": Row(lambda office: {"pk": _case(office).pk}, MISSING_PK, scoped=True),
    "case_step": Row(
        lambda office: {"pk": _case(office).pk, "to": "closed"}, MISSING_PK | {"to": "closed"}, scoped=True
    ),
    "approval": Row(lambda office: {"pk": _approval(office).pk}, MISSING_PK, scoped=True),
    "run": Row(lambda office: {"pk": PrintRunFactory(office=office).pk}, MISSING_PK, scoped=True),
    "pick": Row(lambda office: {"pk": PrintPickFactory(case=_case(office)).pk}, MISSING_PK, scoped=True),
    "shipment": Row(lambda office: {"pk": ShipmentFactory(to_office=office).pk}, MISSING_PK, scoped=True),
    "shipped_card": Row(
        lambda office: {"pk": ShippedCardFactory(shipment__to_office=office).pk}, MISSING_PK, scoped=True
    ),
    "given": Row(lambda office: {"pk": _given(office).case_id}, MISSING_PK, scoped=True),
    "staff": Row(lambda office: {"pk": UserFactory(office=office).pk}, MISSING_PK),
    "rule": Row(lambda office: {"pk": ServiceHoursFactory().pk}, MISSING_PK),
    "closure": Row(lambda office: {"pk": ClosureFactory().pk}, MISSING_PK),
    "roster": Row(lambda office: {"pk": _roster(office).pk}, MISSING_PK, scoped=True),
    "visit": Row(lambda office: {"pk": HomeVisitFactory(office=office).pk}, MISSING_PK, scoped=True),
    "ticket": Row(lambda office: {"pk": _ticket(office).pk}, MISSING_PK, scoped=True),
    "office": Row(lambda office: {"office_code": office.code}, {"office_code": "00.00.99"}),
    "token": Row(lambda office: {"token": "A" * 43}, {"token": "B" * 43}),
    "letter": Row(lambda office: {"pk": LetterFactory(case=_case(office)).pk}, MISSING_PK),
    "letter_rule": Row(lambda office: {"pk": LetterRuleFactory().pk}, MISSING_PK),
    "gateway": Row(lambda office: {"gateway": "sms"}, {"gateway": "merpati"}),
    "central_import": Row(lambda office: {"pk": CentralImportFactory().pk}, MISSING_PK),
    "parcel": Row(lambda office: {"transfer": _parcel(office)}, {"transfer": UUID(int=1)}, scoped=True),
    "message": Row(lambda office: {"pk": _to_call(office).pk}, MISSING_PK, scoped=True),
    "call": Row(lambda office: {"pk": _to_call(office).resident_id}, MISSING_PK, scoped=True),
    "sheet": Row(lambda office: {"pk": _sheet(office).pk}, MISSING_PK, scoped=True),
    "missing": Row(lambda office: MISSING_PK, MISSING_PK),
}


def _appointment(office):
    return AppointmentFactory(slot=SlotFactory(office=office))


def _ticket(office):
    appointment = AppointmentFactory(slot=None, channel="walk_in", status="arrived", office=office)
    return QueueTicketFactory(appointment=appointment, series="W")


def _roster(office):
    return RosterFactory(created_by=UserFactory(office=office))


def _approval(office):
    return ApprovalFactory(subject=f"case:{_case(office).pk}")


def _given(office):
    case = CaseFactory(
        recording=RecordingFactory(operator=UserFactory(office=office)), status="issued", status_since=timezone.now()
    )
    return HandOverFactory(case=case)


def _to_call(office):
    return NotificationFactory(kind="code_reissued", channel="call", office=office)


def _sheet(office):
    message = _to_call(office)
    return CallSheetFactory(village=message.resident.village, office=office)


def _case(office):
    return CaseFactory(recording=RecordingFactory(operator=UserFactory(office=office)))


def _parcel(office):
    sender = OfficeFactory()
    stock(sender, blank=5)
    send(
        office=sender,
        to=office,
        lines=[Line(item=SupplyItem.BLANK, quantity=5)],
        document="BA-1",
        by=UserFactory(role="supervisor"),
        now=timezone.now(),
        key=uuid4(),
    )
    return SupplyMovement.objects.under_way().get(other_office=office).transfer


def addresses(patterns=None, before="") -> Iterator[str]:
    """Every route of the URL configuration, such as `petugas/janji/<int:pk>/`."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, route)
        else:
            yield route


def expectations() -> dict[str, dict[str, str]]:
    with FILE.open(newline="") as file:
        return {line["address"]: line for line in csv.DictReader(file)}


def fill(route: str, parameters: dict) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(parameters[found[1]]), route)


def both(cell: str) -> tuple[str, ...]:
    """ "200/405" -> ("200", "405"); "login" -> ("login", "login")."""
    answers = tuple(cell.split("/"))
    return answers * 2 if len(answers) == 1 else answers


class TestAuthorisationMatrix(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.here, cls.there = OfficeFactory(), OfficeFactory()
        ServiceHoursFactory()
        roles = ROLES | STRANGERS
        cls.cookies = {role: cls.sign_in(roles[role](cls.here, cls.there)) for role in roles}
        User.objects.filter(name="Yang Pergi").update(is_active=False)
        cls.rows = {name: row.make(cls.here) for name, row in ROWS.items()}

    @classmethod
    def sign_in(cls, user) -> str:
        client = Client()
        if user is None:
            return ""
        client.force_login(user, backend=BACKEND)
        assert BACKEND_SESSION_KEY in client.session
        return client.cookies.output(header="", sep=";")

    def ask(self, role: str, method: str, path: str):
        """The answer, with everything it changed taken back."""
        BROWSER.cookies = SimpleCookie(self.cookies[role])
        before = transaction.savepoint()
        response = getattr(BROWSER, method)(path)
        if response.streaming:
            response.read_content = b"".join(response.streaming_content)
        transaction.savepoint_rollback(before)
        return response

    def found(self, role: str, path: str) -> str:
        """The cell as it stands today."""
        answers = [_word(self.ask(role, method, path)) for method in METHODS]
        return answers[0] if answers[0] == answers[1] else "/".join(answers)

    def test_every_address_answers_each_role_as_the_file_says(self):
        expected, wrong = expectations(), []
        for route in addresses():
            line = expected.get(route)
            row = line["row"] if line else _guess(route)
            path = fill(route, self.rows[row])
            cells = {role: self.found(role, path) for role in ROLES}
            if line is None:
                wrong.append("not in the file: " + ",".join([route, row, *cells.values()]))
                continue
            wrong += [
                f"{route} for {role}: {cells[role]}, the file says {line[role]}"
                for role in ROLES
                if both(cells[role]) != both(line[role])
            ]

        assert not wrong, "\n" + "\n".join(wrong)

    def test_the_file_names_no_address_that_is_gone(self):
        assert sorted(set(expectations()) - set(addresses())) == []

    def test_no_answer_is_a_server_error(self):
        cells = [cell for line in expectations().values() for role in ROLES for cell in both(line[role])]

        assert [cell for cell in cells if cell.startswith("5")] == []

    def test_a_row_of_another_office_answers_byte_for_byte_like_a_missing_one(self):
        different = []
        for route, line in expectations().items():
            row = ROWS[line["row"]]
            if not row.scoped:
                continue
            for role in STRANGERS:
                for method in METHODS:
                    path, no_path = fill(route, self.rows[line["row"]]), fill(route, row.missing)
                    there, missing = self.ask(role, method, path), self.ask(role, method, no_path)
                    if _steady(there, path) != _steady(missing, no_path):
                        different.append(f"{method} {route} for {role}: {there.status_code}, {missing.status_code}")
                    elif there.status_code == HTTPStatus.OK:
                        different.append(f"{method} {route} for {role}: opens")

        assert different == []

    def test_staff_addresses_open_to_nobody_who_is_not_signed_in(self):
        """The file itself is held to this, so that no line lets it slip."""
        may_open = {"petugas/masuk/", "petugas/lupa-sandi/", "petugas/sandi-baru/", "petugas/tautan/<str:token>/"}
        staff = [route for route in addresses() if route.startswith(("petugas/", "pengawas/", "kelola/"))]
        lines = expectations()
        open_to_all = [
            route
            for route in staff
            if route in lines and route not in may_open and {"200"} & {*both(lines[route]["anonymous"])}
        ]

        assert open_to_all == []


def _guess(route: str) -> str:
    if "<" not in route:
        return ""
    return next((name for name, row in ROWS.items() if row.missing and _fits(route, row.missing)), "missing")


def _fits(route: str, parameters: dict) -> bool:
    return set(re.findall(r"<(?:\w+:)?(\w+)>", route)) == set(parameters)


def _word(response) -> str:
    if response.status_code == HTTPStatus.FOUND and response.headers["Location"].startswith("/petugas/masuk/?next="):
        return "login"
    return str(response.status_code)


def _steady(response, path: str) -> tuple:
    """Status, place and body without what differs at every request and without the address that was asked for."""
    body = getattr(response, "read_content", None)
    text = (response.content if body is None else body).decode(errors="replace")
    text = re.sub(r'value="[A-Za-z0-9]{64}"|nonce="[^"]+"', "", text)
    place = response.headers.get("Location", "")
    return response.status_code, place.replace(path, "HERE"), text.replace(path, "HERE")
