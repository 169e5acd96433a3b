"""Free text that staff write stays free of personal numbers: a NIK in a note escapes encryption and erasure."""

import re

# Sixteen digits, also when grouped by spaces, dots or dashes.
_SIXTEEN_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.\-]?\d){15}(?!\d)")


def has_personal_number(text: str) -> bool:
    """Whether `text` holds what looks like a NIK or family-card number."""
    return bool(_SIXTEEN_DIGITS.search(text))
