"""The second factor of staff: an authenticator app (TOTP, RFC 6238), and codes for the day the telephone is lost."""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django.db import transaction
from django.db.models import F
from django_otp.oath import TOTP

from recording.crypto import blind_index
from recording.exceptions import OwnAccount, WrongSecondFactor, WrongState
from recording.models import RecoveryCode, SecondFactor, User
from recording.policy.code import ALPHABET
from recording.services import audit, rate_limit

ISSUER = "Portal KTP-el Kudus"
SECRET_BYTES = 20
STEP_SECONDS = 30
TOLERANCE = 1  # steps: telephones run a little fast or slow
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10  # of 32 characters: 50 bits
# Basis: security design; a six-digit number falls to nobody at these rates.
TRIES = ({"capacity": 10, "per_seconds": 15 * 60}, {"capacity": 60, "per_seconds": 24 * 3600})
_LOOK_ALIKES = str.maketrans("OIL", "011", " -.")


def has(user: User) -> bool:
    """Whether `user` must show a second factor."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begin(*, user: User) -> SecondFactor:
    """The factor `user` is setting up; the secret stays the same until it is confirmed.

    Raises WrongState: one is confirmed already.
    """
    factor, is_new = SecondFactor.objects.get_or_create(user=user)
    if factor.confirmed_at:
        raise WrongState
    if is_new or not factor.secret:
        factor.secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
        factor.save(update_fields=["secret_ct"])
    return factor


def address(factor: SecondFactor) -> str:
    """What the QR code holds for the app."""
    label = quote(f"{ISSUER}:{factor.user.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': factor.secret, 'issuer': ISSUER}, quote_via=quote)}"


@transaction.atomic
def confirm(*, user: User, number: str, now: datetime) -> list[str]:
    """Switch the factor on by a first right number; every other session ends. Returns new recovery codes, shown once.

    Raises WrongSecondFactor, TooManyTries, WrongState (confirmed already, or never begun).
    """
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=True).first()
    if factor is None:
        raise WrongState
    step = _step_of(factor, number, now=now)
    if step is None:
        raise WrongSecondFactor
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=now, last_step=step)
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    _note("staff.second_factor_on", user, by=user)
    return _new_codes(user)


def verify(*, user: User, text: str, now: datetime) -> None:
    """Accept the app's number or a recovery code; each is good once.

    Raises WrongSecondFactor, TooManyTries. Every try counts, right or wrong.
    """
    take_try(user=user, now=now)
    if not (_verify_number(user, text, now=now) or _verify_code(user, text, now=now)):
        raise WrongSecondFactor


def take_try(*, user: User, now: datetime) -> None:
    """Raises TooManyTries: too many numbers were tried for this person."""
    for limit in TRIES:
        rate_limit.take(scope=f"second_factor.{limit['per_seconds']}", key=str(user.pk), now=now, **limit)


@transaction.atomic
def renew_codes(*, user: User) -> list[str]:
    """New recovery codes; the old ones stop working. Raises WrongState: no factor is on."""
    if not has(user):
        raise WrongState
    _note("staff.recovery_codes", user, by=user)
    return _new_codes(user)


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


@transaction.atomic
def remove(*, user_id: int, by: User) -> None:
    """Take the factor of somebody who stands there in person with a lost device; all their sessions end.

    Raises OwnAccount: another administrator does that. WrongState: there is none.
    """
    if user_id == by.pk:
        raise OwnAccount
    deleted, _rows = SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).delete()
    if not deleted:
        raise WrongState
    RecoveryCode.objects.filter(user_id=user_id).delete()
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
    _note("staff.second_factor_reset", User.objects.get(pk=user_id), by=by)


def _verify_number(user: User, text: str, *, now: datetime) -> bool:
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    step = _step_of(factor, text, now=now) if factor else None
    # The same number, sent twice at once, passes once: the row remembers the last step that was used.
    return step is not None and bool(
        SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step)
    )


def _verify_code(user: User, text: str, *, now: datetime) -> bool:
    code = text.strip().upper().translate(_LOOK_ALIKES)
    if len(code) != RECOVERY_LENGTH:
        return False
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at__isnull=True)
    if not unused.update(used_at=now):
        return False
    _note("staff.recovery_code_used", user, by=user)
    return True


def _step_of(factor: SecondFactor, number: str, *, now: datetime) -> int | None:
    """The time step whose number this is, later than the last one used; None when it is wrong."""
    digits = "".join(number.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    totp = TOTP(base64.b32decode(factor.secret), STEP_SECONDS)
    totp.time = now.timestamp()
    return totp.t() if totp.verify(int(digits), TOLERANCE, factor.last_step + 1) else None


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(user: User, code: str) -> bytes:
    return blind_index(f"{user.pk}|{code}", purpose="recovery_code")


def _note(action: str, user: User, *, by: User) -> None:
    audit.record(action=action, actor=by, subject=f"user:{user.pk}", office_id=user.office_id)
