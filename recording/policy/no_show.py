"""What the measured share of missed appointments suggests. A suggestion only: nobody is ever overbooked by it."""

FEWEST_BOOKINGS = 30  # below, the share of one hour is chance
STEP = 5  # per cent
LEAST, MOST = 10, 40  # per cent; office standard: walk-ins always find a place, and most places stay bookable


def percent(part: int, whole: int) -> int:
    """`part` of `whole` in whole per cent, half upwards; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def suggested_walk_in_percent(*, booked: int, missed: int) -> int | None:
    """The share of places to keep for people without an appointment: the missed share rounded up to STEP, within LEAST
    and MOST. None where too few were booked to say."""
    if booked < FEWEST_BOOKINGS:
        return None
    rounded = -(-100 * missed // (booked * STEP)) * STEP
    return min(max(rounded, LEAST), MOST)
