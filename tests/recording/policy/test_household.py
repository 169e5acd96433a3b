from datetime import datetime, timedelta

import pytest

from recording.policy.household import Opening, arrange

EIGHT = datetime.fromisoformat("2026-12-07T08:00+07:00")


def arranged(free, places, *, chosen=0):
    """The half hours from 08:00 on, by number, that each person gets."""
    openings = [
        Opening(slot_id=number, starts_at=EIGHT + timedelta(minutes=30 * number), places=left)
        for number, left in enumerate(free)
    ]
    return arrange(openings, chosen=openings[chosen].starts_at, places=places)


@pytest.mark.parametrize(
    ("free", "places", "chosen", "expected"),
    [
        ([3], [1, 1, 1], 0, [0, 0, 0]),
        ([1, 1, 1], [1, 1, 1], 0, [0, 1, 2]),
        ([1, 0, 2], [1, 1], 0, [2, 2]),  # together later rather than an hour apart
        ([1, 1, 0, 0, 3], [1, 1, 1], 0, [4, 4, 4]),
        ([2, 1, 0], [1, 1], 1, [0, 0]),  # half an hour earlier, both at once
        ([1, 2], [2, 1], 0, [1, 0]),  # who needs two places is overtaken
        ([0, 0, 0, 0, 0, 1, 1], [1, 1], 0, None),  # too far from the chosen time
        ([1, 0, 0, 0, 0, 1], [1, 1], 0, None),  # too long a wait for each other
        ([1, 1], [1, 1, 1], 0, None),
    ],
)
def test_a_family_gets_neighbouring_times(free, places, chosen, expected):
    assert arranged(free, places, chosen=chosen) == expected
