"""The accounts of staff: who may work here, as what, and where. Each step is an audit event."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F

from recording.enums import Role, StaffLinkKind
from recording.exceptions import LastAdministrator, OwnAccount, UsernameTaken, WrongState
from recording.models import Office, User
from recording.services import audit, staff_link


@transaction.atomic
def invite(*, username: str, name: str, email: str, role: Role, office: Office | None, by: User, now: datetime) -> User:
    """Make an account without a password and owe its owner an invitation.

    Raises UsernameTaken.
    """
    try:
        with transaction.atomic():
            user = User.objects.create(
                username=username, name=name, email=email, role=role, office=office, password=make_password(None)
            )
    except IntegrityError as error:
        raise UsernameTaken from error
    staff_link.ask(user=user, kind=StaffLinkKind.INVITATION, now=now, by=by)
    _note("staff.invite", user, by, reason=f"{role}")
    return user


@transaction.atomic
def invite_again(*, user_id: int, by: User, now: datetime) -> None:
    """Send a new invitation to somebody who has no password yet; the link sent before stops working.

    Raises WrongState: the account has a password, or is disabled.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    if user.has_usable_password() or not user.is_active:
        raise WrongState
    staff_link.ask(user=user, kind=StaffLinkKind.INVITATION, now=now, by=by)
    _note("staff.invite_again", user, by)


@transaction.atomic
def change(*, user_id: int, name: str, email: str, role: Role, office: Office | None, by: User) -> None:
    """Change who somebody is here. Pages and rows follow at that person's next click.

    Raises OwnAccount: nobody changes the own role. LastAdministrator: none would be left.
    """
    user = _locked(user_id)
    before = (user.role, user.office_id)
    if before != (role, office.pk if office else None):
        _refuse_own(user, by)
    if user.role == Role.ADMINISTRATOR and role != Role.ADMINISTRATOR:
        _refuse_last(user)
    User.objects.filter(pk=user.pk).update(name=name, email=email, role=role, office=office)
    after = (role, office.pk if office else None)
    reason = f"{before[0]}@{before[1] or 'semua'} -> {after[0]}@{after[1] or 'semua'}" if before != after else ""
    _note("staff.change", user, by, reason=reason)


@transaction.atomic
def disable(*, user_id: int, by: User) -> None:
    """Shut somebody out: sessions end at the next click, links stop working.

    Raises OwnAccount, LastAdministrator, WrongState (is disabled already).
    """
    user = _locked(user_id)
    _refuse_own(user, by)
    if not user.is_active:
        raise WrongState
    _refuse_last(user)
    User.objects.filter(pk=user.pk).update(is_active=False, session_epoch=F("session_epoch") + 1)
    staff_link.withdraw(user=user)
    _note("staff.disable", user, by)


@transaction.atomic
def enable(*, user_id: int, by: User) -> None:
    """Let somebody in again, with the password they had. Raises WrongState (is not disabled)."""
    user = _locked(user_id)
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise WrongState
    _note("staff.enable", user, by)


@transaction.atomic
def end_sessions(*, user_id: int, by: User) -> None:
    """Sign somebody out everywhere, at their next click."""
    user = _locked(user_id)
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    _note("staff.end_sessions", user, by)


@transaction.atomic
def change_password(*, user: User, password: str) -> User:
    """Set the own password; every session but the one that asks ends, once that one takes the new hash over.

    Returns the person with the new hash and epoch, for `update_session_auth_hash`.
    """
    User.objects.filter(pk=user.pk).update(password=make_password(password), session_epoch=F("session_epoch") + 1)
    staff_link.withdraw(user=user)
    _note("staff.password", user, user)
    return User.objects.get(pk=user.pk)


@transaction.atomic
def ask_for_new_password(*, username: str, now: datetime) -> None:
    """Owe a link to whoever bears `username`; nothing happens, and nothing shows, for an unknown or disabled one."""
    user = User.objects.filter(username=username, is_active=True).exclude(email="").first()
    if user is None:
        return
    kind = StaffLinkKind.PASSWORD_RESET if user.has_usable_password() else StaffLinkKind.INVITATION
    staff_link.ask(user=user, kind=kind, now=now)
    _note("staff.ask_password", user, None)


def _locked(user_id: int) -> User:
    """The person, with every active administrator locked first and in order: two of them cannot remove each other."""
    list(User.objects.active_administrators().select_for_update().order_by("pk").values_list("pk"))
    return User.objects.select_for_update(of=("self",)).get(pk=user_id)


def _refuse_own(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise OwnAccount


def _refuse_last(user: User) -> None:
    """Raises LastAdministrator where nobody else could administer."""
    others = User.objects.active_administrators().exclude(pk=user.pk)
    if user.role == Role.ADMINISTRATOR and not others.exists():
        raise LastAdministrator


def _note(action: str, user: User, by: User | None, *, reason: str = "") -> None:
    audit.record(action=action, actor=by, subject=f"user:{user.pk}", office_id=user.office_id, reason=reason)
