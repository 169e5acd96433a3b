"""Find residents, take in self-declared ones, and say which recording each may have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recording.declared import Declared
from recording.enums import Entitlement, ResidentSource
from recording.exceptions import NotSelfDeclared
from recording.models import (
    Declaration,
    HomeVisit,
    Resident,
    ResidentIdentity,
    RosterEntry,
    RosterReject,
    User,
    Village,
)
from recording.policy import nik as niks
from recording.services import audit

RECORDED_BEFORE = "recorded_before_portal"  # why no recording is due to somebody recorded before the portal

RESTORE_BASELINE = """
UPDATE recording_resident SET card_held = held, recorded_before_portal = recorded, entitlement = was,
       entitlement_reason = reason
FROM unnest(%s::bigint[], %s::bool[], %s::bool[], %s::text[], %s::text[]) AS base (id, held, recorded, was, reason)
WHERE recording_resident.id = base.id
"""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the register says of a resident, and which recording was due."""

    resident_id: int
    card_held: bool
    recorded: bool
    entitlement: str
    reason: str


def find_by_nik(nik: str) -> Resident | None:
    """The resident with this NIK (16 digits), with `identity` loaded."""
    index = ResidentIdentity.nik.index(ResidentIdentity, nik)
    identity = ResidentIdentity.objects.filter(nik_bi=index).select_related("resident__village").first()
    return identity.resident if identity else None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Name, birth date, sex and village (None: outside Kudus) as the family card has them."""

    name: str
    birth_date: date
    sex: str
    village: Village | None


@transaction.atomic
def find_or_declare(*, declared: Declared) -> Resident:
    """The resident with the declared NIK; for an unknown NIK a new, self-declared one.

    An existing resident is never changed by what somebody typed.
    """
    resident = find_by_nik(declared.nik)
    if resident is not None:
        return resident
    try:
        with transaction.atomic():
            return _declare(declared)
    except IntegrityError:  # another request has just declared the same NIK
        resident = find_by_nik(declared.nik)
        if resident is None:
            raise
        return resident


def _declare(declared: Declared) -> Resident:
    resident = Resident.objects.create(
        name=declared.name,
        birth_year=declared.birth_date.year,
        sex=declared.sex,
        village=declared.village,
        ever_married=declared.married,
        source=ResidentSource.SELF,
        outside_regency=declared.village is None,
    )
    identity = ResidentIdentity(resident=resident)
    identity.nik = declared.nik
    identity.birth_date = declared.birth_date.isoformat()
    identity.phone = declared.phone
    identity.email = declared.email
    identity.save(force_insert=True)
    return resident


@transaction.atomic
def correct(*, resident_id: int, correction: Correction, reason: str, by: User) -> list[str]:
    """Write down what the family card says of a resident whose data nobody vouches for. Returns the names of what changed.

    Raises NotSelfDeclared: whom the register or the centre vouches for is mended there and nowhere else. The NIK stays:
    another NIK is another person. The trail names what changed, never the values. Locks the resident.
    """
    found = Resident.objects.select_for_update(no_key=True).filter(pk=resident_id, source=ResidentSource.SELF).first()
    if found is None:
        raise NotSelfDeclared
    identity, village_id = found.identity, correction.village.pk if correction.village else None
    born = correction.birth_date.isoformat()
    before: dict[str, str | int | None] = {
        "nama": found.name,
        "tanggal lahir": identity.birth_date,
        "jenis kelamin": found.sex,
    }
    after: dict[str, str | int | None] = {
        "nama": correction.name,
        "tanggal lahir": born,
        "jenis kelamin": correction.sex,
    }
    before["desa"], after["desa"] = found.village_id, village_id
    changed = [name for name, value in after.items() if value != before[name]]
    if not changed:
        return []
    found.name, found.sex, found.village_id = correction.name, correction.sex, village_id
    found.birth_year, found.outside_regency = correction.birth_date.year, village_id is None
    found.save(update_fields=["name", "sex", "village", "birth_year", "outside_regency"])
    identity.birth_date = born
    identity.save()
    audit.record(
        action="resident.correct",
        actor=by,
        resident_id=found.pk,
        office_id=by.office_id,
        reason=f"{', '.join(changed)}: {reason}",
    )
    return changed


def set_entitlement(*, resident_ids: Sequence[int], entitlement: Entitlement, reason: str) -> int:
    """Say which recording these residents may have now, and why. Returns how many changed."""
    return (
        Resident.objects.filter(pk__in=resident_ids)
        .exclude(entitlement=entitlement, entitlement_reason=reason)
        .update(entitlement=entitlement, entitlement_reason=reason)
    )


def note_card(*, resident_id: int, held: bool) -> bool:
    """Bring the register's word on somebody recorded before the portal up to date: whether they hold a card. Of
    everybody else the portal's own records tell. Returns whether it changed."""
    before = Resident.objects.filter(pk=resident_id, recorded_before_portal=True).exclude(card_held=held)
    return bool(before.update(card_held=held))


def note_cards_held(*, resident_ids: Sequence[int]) -> int:
    """The centre says that these hold their card: so does the baseline, and no first recording is due to them. Returns
    how many changed."""
    people = Resident.objects.filter(pk__in=resident_ids, card_held=False)
    people.exclude(entitlement=Entitlement.REPLACEMENT).update(
        entitlement=Entitlement.NONE, entitlement_reason=RECORDED_BEFORE
    )
    return people.update(card_held=True, recorded_before_portal=True)


@transaction.atomic
def restore_baseline(*, people: Sequence[Baseline]) -> int:
    """Put back what `note_cards_held`, or a case opened by mistake, has changed. Returns how many."""
    if not people:
        return 0
    columns: list[Any] = [
        [one.resident_id for one in people],
        [one.card_held for one in people],
        [one.recorded for one in people],
        [one.entitlement for one in people],
        [one.reason for one in people],
    ]
    with connection.cursor() as cursor:
        cursor.execute(RESTORE_BASELINE, columns)
        return cursor.rowcount


@transaction.atomic
def admit_from_centre(*, people: Sequence[tuple[str, str]], by: User, now: datetime) -> dict[str, int]:
    """Take in people, (NIK, name) each, whom the national centre has recorded and we do not know. What the NIK says of
    birth and sex holds until somebody sees the family card; the village is not known.

    Returns NIK -> resident, also of those whom we know by now. A NIK that cannot be one is left out.
    """
    found: dict[str, int] = {}
    for nik, name in people:
        known = find_by_nik(nik)
        if known is None:
            known = _admit(nik, name, timezone.localdate(now))
        if known is not None:
            found[nik] = known.pk
    audit.record_many(action="resident.admit", about=[(pk, f"resident:{pk}", None) for pk in found.values()], actor=by)
    return found


def _admit(nik: str, name: str, today: date) -> Resident | None:
    try:
        parsed = niks.parse(nik)
    except niks.NikError:
        return None
    birth_dates = niks.likely_birth_dates(parsed, on=today)
    if not birth_dates:
        return None
    resident = Resident.objects.create(
        name=name[:120],
        birth_year=birth_dates[-1].year,
        sex=parsed.sex,
        source=ResidentSource.CENTRAL,
        recorded_before_portal=True,
        entitlement=Entitlement.NONE,
        entitlement_reason=RECORDED_BEFORE,
        outside_regency=niks.is_outside_kudus(parsed),
    )
    identity = ResidentIdentity(resident=resident)
    identity.nik, identity.birth_date = nik, birth_dates[-1].isoformat()
    identity.save(force_insert=True)
    return resident


@transaction.atomic
def erase(*, resident: Resident, by: User, reason: str) -> None:
    """Make a resident nobody: identity, codes and declarations are deleted, names blanked. What was done stays
    counted, under an id that says nothing. Basis: UU 27/2022 art. 43-44; security.md section 7."""
    _erase_requests(resident)
    ResidentIdentity.objects.filter(resident=resident).delete()
    resident.codes.all().delete()
    Declaration.objects.filter(appointment__resident=resident).delete()
    _erase_from_rosters(resident)
    resident.appointments.update(helper_name="", guardian_name="", special_needs_note="")
    Resident.objects.filter(pk=resident.pk).update(name="")
    audit.record(action="resident.erase", actor=by, resident_id=resident.pk, reason=reason)


def _erase_requests(resident: Resident) -> None:
    """Requests for a visit at home, and lines of uploaded files, that name the person's NIK."""
    for identity in ResidentIdentity.objects.filter(resident=resident):
        nik = identity.nik
        HomeVisit.objects.filter(nik_bi=HomeVisit.nik.index(HomeVisit, nik)).delete()
        RosterReject.objects.filter(nik_bi=RosterEntry.nik.index(RosterEntry, nik)).delete()


def _erase_from_rosters(resident: Resident) -> None:
    """Lists of sessions keep that somebody was there, and no longer who."""
    nobody = dict.fromkeys(("nik_ct", "nik_bi", "name_ct", "birth_date_ct", "phone_ct"))
    RosterEntry.objects.filter(resident=resident).update(**nobody)
