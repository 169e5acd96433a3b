"""What may stand in a person's name as typed. One word is normal; so are apostrophes, dots and dashes."""

import re
import unicodedata

LONGEST = 120
_BETWEEN_LETTERS = frozenset(" .,'’`-/()")
_ONLY_SPACES = re.compile(r"\s+")


def clean_name(text: str) -> str:
    """`text` with single spaces, composed letters and nothing else. Raises ValueError when it cannot be a name."""
    name = _ONLY_SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    letters = [character for character in name if character.isalpha()]
    if len(letters) < 2 or len(name) > LONGEST:
        raise ValueError("not a name")
    if not all(character.isalpha() or character in _BETWEEN_LETTERS for character in name):
        raise ValueError("not a name")
    return name
