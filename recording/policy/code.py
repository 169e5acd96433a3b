"""The tracking code a resident holds: ten random characters and one that catches typing errors.

Crockford's base32 alphabet (no I, L, O, U) gives 50 random bits. The check character is a sum over GF(32) with a
different weight for each place, so every single wrong character and every swap of two is noticed.
"""

import secrets
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 10
_LOOK_ALIKES = str.maketrans("OIL", "011", " -.\u00a0\u2010\u2011\u2012\u2013\u2014")


def _times_x(element: int) -> int:
    """Multiply by x in GF(32), polynomial x^5 + x^2 + 1."""
    element <<= 1
    return element ^ 0b100101 if element & 0b100000 else element


def _check_character(characters: str) -> str:
    total = 0
    for character in characters:
        total = _times_x(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh code: 11 characters without dashes. `choose` picks one character; only demo data may repeat itself."""
    characters = "".join(choose(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return characters + _check_character(characters)


def normalise(text: str) -> str:
    """What was typed or scanned as 11 canonical characters. Raises ValueError: not a code, or mistyped."""
    code = text.strip().upper().translate(_LOOK_ALIKES)
    if len(code) != RANDOM_CHARACTERS + 1 or any(character not in ALPHABET for character in code):
        raise ValueError("not a tracking code")
    if _check_character(code[:-1]) != code[-1]:
        raise ValueError("mistyped tracking code")
    return code


def display(code: str) -> str:
    """`K7QX4M2P9TH` as people read it: `K7QX-4M2P-9TH`."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
