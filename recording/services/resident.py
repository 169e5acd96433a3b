"""Find residents, take in self-declared ones, and say which recording each may have."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from recording.declared import Declared
from recording.enums import Entitlement, ResidentSource
from recording.models import Declaration, HomeVisit, Resident, ResidentIdentity, RosterEntry, RosterReject, User
from recording.services import audit


def find_by_nik(nik: str) -> Resident | None:
    """The resident with this NIK (16 digits), with `identity` loaded."""
    index = ResidentIdentity.nik.index(ResidentIdentity, nik)
    identity = ResidentIdentity.objects.filter(nik_bi=index).select_related("resident__village").first()
    return identity.resident if identity else None


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
