"""Neighbouring times for the people of one household. Pure rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_PEOPLE = 6  # office standard: one family card rarely names more who still have to be recorded
NEAR = timedelta(hours=2)  # office standard: nobody of the family waits longer than this for the others


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A slot with its free places."""

    slot_id: int
    starts_at: datetime
    places: int


def arrange(openings: Sequence[Opening], *, chosen: datetime, places: Sequence[int]) -> list[int] | None:
    """A slot id for each person in order, who need `places` each; None where they do not fit within NEAR.

    A minute of waiting for each other weighs as much as two minutes away from the `chosen` time; a person may overtake
    another who needs two places. `openings` belong to one office and day, in order of time.
    """
    time_of = {opening.slot_id: opening.starts_at for opening in openings}

    def cost(plan: list[int]) -> tuple[timedelta, datetime]:
        times = [time_of[slot_id] for slot_id in plan]
        return 2 * (max(times) - min(times)) + abs(min(times) - chosen), min(times)

    def is_near(plan: list[int]) -> bool:
        return abs(min(time_of[slot_id] for slot_id in plan) - chosen) <= NEAR

    plans = [_from(openings, start, places) for start in openings]
    return min((plan for plan in plans if plan and is_near(plan)), key=cost, default=None)


def _from(openings: Sequence[Opening], start: Opening, places: Sequence[int]) -> list[int] | None:
    """Everybody in the earliest place from `start` on."""
    left = {each.slot_id: each.places for each in openings if timedelta() <= each.starts_at - start.starts_at <= NEAR}
    plan = []
    for needed in places:
        slot_id = next((slot_id for slot_id, free in left.items() if free >= needed), None)
        if slot_id is None:
            return None
        left[slot_id] -= needed
        plan.append(slot_id)
    return plan
