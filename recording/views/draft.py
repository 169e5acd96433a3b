"""A booking that is still being answered: it lives in the visitor's encrypted session and nowhere else."""

import json
import uuid
from datetime import date, timedelta

from django.http import HttpRequest
from django.utils import timezone

from recording.crypto import blind_index
from recording.declared import Declared
from recording.forms.booking import (
    OUTSIDE_KUDUS,
    ContactForm,
    GuardianForm,
    IdentityForm,
    ResidenceForm,
)
from recording.models import Slot, Village
from recording.policy import booking as rules

KEPT_FOR = timedelta(minutes=60)  # since the last answer: many phones and counters are shared
SESSION_KEY = "booking"
# Each page's answers, in the order of asking. `name`: how the page is called in addresses.
PARTS = {"data": IdentityForm, "tinggal": ResidenceForm, "kontak": ContactForm, "wali": GuardianForm}


class Draft:
    """Answers by part, and the time chosen so far."""

    def __init__(self, request: HttpRequest):
        self.session = request.session
        kept = request.session.get(SESSION_KEY) or {}
        now = timezone.now().timestamp()
        fresh = now - kept.get("at", 0) <= KEPT_FOR.total_seconds()
        self.content: dict = kept if fresh else {}

    @property
    def answers(self) -> dict:
        """Every answer so far, of all parts together."""
        return {name: value for part in self.content.get("parts", {}).values() for name, value in part.items()}

    @property
    def slot_id(self) -> int | None:
        return self.content.get("slot")

    @property
    def is_empty(self) -> bool:
        return not self.content.get("parts")

    def part(self, name: str) -> dict:
        """What was answered on one page, as initial values of its form."""
        kept = dict(self.content.get("parts", {}).get(name, {}))
        if kept.get("birth_date"):
            kept["birth_date"] = date.fromisoformat(kept["birth_date"])
        return kept

    def answer(self, name: str, cleaned: dict) -> None:
        """Keep the answers of one page."""
        kept = {field: value.isoformat() if isinstance(value, date) else value for field, value in cleaned.items()}
        kept.pop("mismatch_confirmed", None)
        self.content.setdefault("parts", {})[name] = kept
        if not self.needs_guardian(timezone.localdate()):
            self.content["parts"].pop("wali", None)
        self._save()

    def choose(self, slot: Slot | None) -> None:
        """Keep the chosen time; None: it has to be chosen again."""
        self.content["slot"] = slot.pk if slot else None
        self._save()

    def forget(self) -> None:
        """Remove everything that was typed."""
        self.content = {}
        self.session.pop(SESSION_KEY, None)

    @property
    def key(self) -> str:
        """The idempotency key of this booking: the same on every page shown until it is made."""
        if "key" not in self.content:
            self.new_key()
        return self.content["key"]

    def new_key(self) -> None:
        self.content["key"] = str(uuid.uuid4())
        self._save()

    @property
    def fingerprint(self) -> str:
        """Changes whenever an answer or the time does."""
        content = json.dumps([self.content.get("parts"), self.slot_id], sort_keys=True)
        return blind_index(content, purpose="booking.draft").hex()

    @property
    def birth_date(self) -> date | None:
        text = self.answers.get("birth_date")
        return date.fromisoformat(text) if text else None

    @property
    def places(self) -> int:
        return rules.places_needed(special_needs=bool(self.answers.get("special_needs")))

    @property
    def not_before(self) -> date | None:
        """The first day on which the person may be recorded; None while nobody is named."""
        if self.birth_date is None:
            return None
        return rules.recordable_from(self.birth_date, married=bool(self.answers.get("married")))

    def needs_guardian(self, today: date) -> bool:
        married = bool(self.answers.get("married"))
        return self.birth_date is not None and rules.needs_guardian(self.birth_date, married=married, on=today)

    def missing_part(self, today: date) -> str | None:
        """The first page that still has to be answered, None when all are."""
        answered = self.content.get("parts", {})
        asked = [name for name in PARTS if name != "wali" or self.needs_guardian(today)]
        return next((name for name in asked if name not in answered), None)

    def declared(self) -> Declared:
        """The answers as `services.appointment.book` takes them; every part must be answered."""
        answers = self.answers
        village = None
        if answers["village"] != OUTSIDE_KUDUS:
            village = Village.objects.select_related("district").get(code=answers["village"])
        return Declared(
            nik=answers["nik"],
            name=answers["name"],
            birth_date=date.fromisoformat(answers["birth_date"]),
            sex=answers["sex"],
            village=village,
            married=bool(answers.get("married")),
            phone=answers.get("phone", ""),
            email=answers.get("email", ""),
            warnings=tuple(answers.get("warnings", ())),
        )

    def _save(self) -> None:
        self.content["at"] = int(timezone.now().timestamp())
        self.session[SESSION_KEY] = self.content
        self.session.modified = True
