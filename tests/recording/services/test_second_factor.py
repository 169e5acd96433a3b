import base64
from datetime import timedelta

import pytest
from django.utils import timezone
from django_otp.oath import TOTP

from recording.exceptions import OwnAccount, TooManyTries, WrongSecondFactor, WrongState
from recording.models import AuditEvent, RecoveryCode, SecondFactor, User
from recording.services import second_factor
from tests.factories import UserFactory
from tests.recording.services.test_appointment_races import race


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def user(db):
    return UserFactory()


def number(user, at):
    """What the authenticator app shows at that moment."""
    totp = TOTP(base64.b32decode(SecondFactor.objects.get(user=user).secret))
    totp.time = at.timestamp()
    return f"{totp.token():06d}"


def set_up(user, now):
    second_factor.begin(user=user)
    return second_factor.confirm(user=user, number=number(user, now), now=now)


def test_a_first_right_number_switches_it_on_and_gives_ten_codes(user, now):
    codes = set_up(user, now)

    assert second_factor.has(user)
    assert len(set(codes)) == 10
    assert second_factor.codes_left(user) == 10


def test_a_wrong_first_number_leaves_it_off(user, now):
    second_factor.begin(user=user)

    with pytest.raises(WrongSecondFactor):
        second_factor.confirm(user=user, number="abc123", now=now)

    assert not second_factor.has(user)


def test_the_secret_stays_until_confirmed_and_is_never_shown_again(user, now):
    first = second_factor.begin(user=user).secret
    assert second_factor.begin(user=user).secret == first
    set_up(user, now)

    with pytest.raises(WrongState):
        second_factor.begin(user=user)


def test_secret_and_codes_are_not_readable_in_the_database(user, now):
    codes = set_up(user, now)

    stored = bytes(SecondFactor.objects.get(user=user).secret_ct)
    assert SecondFactor.objects.get(user=user).secret.encode() not in stored
    digests = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert all(code.replace("-", "").encode() not in digests for code in codes)


def test_a_number_is_good_once(user, now):
    set_up(user, now)
    later = now + timedelta(seconds=60)
    shown = number(user, later)

    second_factor.verify(user=user, text=shown, now=later)

    with pytest.raises(WrongSecondFactor):
        second_factor.verify(user=user, text=shown, now=later)


def test_the_number_that_switched_it_on_does_not_sign_in(user, now):
    set_up(user, now)

    with pytest.raises(WrongSecondFactor):
        second_factor.verify(user=user, text=number(user, now), now=now)


@pytest.mark.parametrize(("offset", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(user, now, offset, accepted):
    set_up(user, now)
    later = now + timedelta(minutes=10)
    shown = number(user, later + timedelta(seconds=offset))

    if accepted:
        second_factor.verify(user=user, text=f" {shown[:3]} {shown[3:]} ", now=later)
    else:
        with pytest.raises(WrongSecondFactor):
            second_factor.verify(user=user, text=shown, now=later)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "١٢٣٤٥٦", "１２３４５６", "12345a", "\x00", "9" * 5000])
def test_what_is_no_number_is_wrong_and_breaks_nothing(user, now, text):
    set_up(user, now)

    with pytest.raises(WrongSecondFactor):
        second_factor.verify(user=user, text=text, now=now)


def test_a_recovery_code_is_good_once_however_it_is_typed(user, now):
    code = set_up(user, now)[0]

    second_factor.verify(user=user, text=f" {code.lower()} ", now=now)

    assert second_factor.codes_left(user) == 9
    with pytest.raises(WrongSecondFactor):
        second_factor.verify(user=user, text=code, now=now)


def test_another_persons_code_is_wrong(user, now):
    code = set_up(UserFactory(), now)[0]
    set_up(user, now)

    with pytest.raises(WrongSecondFactor):
        second_factor.verify(user=user, text=code, now=now)


def test_new_codes_replace_the_old(user, now):
    old = set_up(user, now)[0]

    new = second_factor.renew_codes(user=user)[0]

    with pytest.raises(WrongSecondFactor):
        second_factor.verify(user=user, text=old, now=now)
    second_factor.verify(user=user, text=new, now=now)


def test_codes_without_a_factor_are_refused(user):
    with pytest.raises(WrongState):
        second_factor.renew_codes(user=user)


def test_guessing_is_stopped(user, now):
    set_up(user, now)
    for _try in range(10):
        with pytest.raises(WrongSecondFactor):
            second_factor.verify(user=user, text="000000x", now=now)

    with pytest.raises(TooManyTries):
        second_factor.verify(user=user, text=number(user, now), now=now)


def test_an_administrator_takes_a_lost_factor_away(user, now):
    set_up(user, now)
    administrator = UserFactory(role="administrator")
    hash_before = User.objects.get(pk=user.pk).get_session_auth_hash()

    second_factor.remove(user_id=user.pk, by=administrator)

    assert not second_factor.has(user)
    assert not RecoveryCode.objects.filter(user=user).exists()
    assert User.objects.get(pk=user.pk).get_session_auth_hash() != hash_before
    assert AuditEvent.objects.filter(action="staff.second_factor_reset", actor=administrator).exists()


def test_nobody_takes_the_own_factor_away_and_none_is_taken_twice(user, now):
    set_up(user, now)
    with pytest.raises(OwnAccount):
        second_factor.remove(user_id=user.pk, by=user)

    with pytest.raises(WrongState):
        second_factor.remove(user_id=UserFactory().pk, by=user)


@pytest.mark.django_db(transaction=True)
def test_the_same_number_sent_five_times_at_once_passes_once():
    user, now = UserFactory(), timezone.now()
    set_up(user, now)
    later = now + timedelta(seconds=60)
    shown = number(user, later)

    outcomes = race(*(lambda: second_factor.verify(user=user, text=shown, now=later) for _ in range(5)))

    assert outcomes == {"done": 1, "WrongSecondFactor": 4}
