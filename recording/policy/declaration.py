"""Comparing what somebody typed online with what the register says. A difference is a question, never a refusal."""

import re
from enum import StrEnum
from unicodedata import combining, normalize


class Differs(StrEnum):
    """What differs between declaration and register."""

    NIK = "nik"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    VILLAGE = "village"


def same_name(declared: str, registered: str) -> bool:
    """Whether two spellings are the same name: case, accents, punctuation and blanks do not count."""
    return _letters(declared) == _letters(registered)


def _letters(name: str) -> str:
    plain = "".join(character for character in normalize("NFKD", name) if not combining(character))
    return re.sub(r"[^a-z]", "", plain.lower())
