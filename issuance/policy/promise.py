"""When a resident may expect the card."""

from dataclasses import dataclass
from datetime import date

from issuance.policy.service_days import IsOpen, after
from recording.policy.booking import card_from

DEFAULT_DAYS = (4, 5)  # service days; the campaign's promise, until the portal has measured its own


@dataclass(frozen=True)
class Promise:
    """Between which dates the card is to be expected. `at_seventeen`: on the 17th birthday, a date that no page or
    message spells out."""

    earliest: date
    latest: date
    at_seventeen: bool = False


def expect(
    *, recorded_on: date, days: tuple[int, int], birth_date: date | None, married: bool, is_open: IsOpen
) -> Promise:
    """The promise made on `recorded_on`: `days` service days later (fewest, most), and not before the 17th birthday of
    somebody who never married."""
    earliest, latest = (after(day=recorded_on, days=count, is_open=is_open) for count in days)
    from_age = card_from(birth_date, married=married, recorded_on=recorded_on) if birth_date else None
    if from_age is None or from_age <= earliest:
        return Promise(earliest, latest)
    if from_age <= latest:
        return Promise(from_age, latest)
    return Promise(from_age, from_age, at_seventeen=True)
