"""What a visitor typed about a person, checked by a form and not yet believed."""

from dataclasses import dataclass
from datetime import date

from recording.models import Village


@dataclass(frozen=True, kw_only=True)
class Declared:
    """`nik` 16 digits; `sex` L or P; `village` None: lives outside Kudus; `phone` E.164 or ""; `warnings` codes of the
    mismatches the visitor confirmed."""

    nik: str
    name: str
    birth_date: date
    sex: str
    village: Village | None
    married: bool = False
    phone: str = ""
    email: str = ""
    warnings: tuple[str, ...] = ()
