"""What was declared online against what the register holds, for the clerk who has the family card in hand."""

from dataclasses import dataclass

from recording.models import Appointment, Declaration
from recording.policy.declaration import Differs, same_name


@dataclass(frozen=True)
class Comparison:
    """One particular: what was declared (empty: nothing), what the register says, and whether they differ."""

    field: Differs
    declared: object
    registered: object
    differs: bool


def compare(appointment: Appointment) -> list[Comparison]:
    """Declaration and register side by side; empty when nothing was declared online.

    Unseals the declaration and the resident's identity, so whoever shows it writes an audit event.
    """
    declaration = Declaration.objects.filter(appointment=appointment).select_related("village").first()
    if declaration is None:
        return []
    resident, identity = appointment.resident, appointment.resident.identity
    return [
        _particular(Differs.NIK, declaration.nik, identity.nik),
        _particular(Differs.NAME, declaration.name, resident.name, same=same_name),
        _particular(Differs.BIRTH_DATE, declaration.birth_date, identity.birth_date),
        _particular(Differs.SEX, declaration.sex, resident.sex),
        _particular(Differs.VILLAGE, declaration.village, resident.village),
    ]


def differs(appointment: Appointment) -> bool:
    """Whether anything declared for `appointment` differs from the register."""
    return any(particular.differs for particular in compare(appointment))


def _particular(field: Differs, declared, registered, same=None) -> Comparison:
    equal = declared == registered or (same is not None and same(declared, registered))
    return Comparison(field, declared, registered, bool(declared) and not equal)
