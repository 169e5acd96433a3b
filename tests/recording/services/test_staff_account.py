from datetime import timedelta

import pytest
from django.utils import timezone

from recording.enums import Role, StaffLinkKind
from recording.exceptions import LastAdministrator, OwnAccount, UsernameTaken, WrongState
from recording.models import AuditEvent, StaffLink, User
from recording.services import staff_account, staff_link
from tests.factories import OfficeFactory, UserFactory
from tests.recording.services.test_appointment_races import race


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def administrator(db):
    return UserFactory(role="administrator")


def invite(by, now, **values):
    given = {"username": "sri.rahayu", "name": "Sri Rahayu", "email": "sri@contoh.id", "role": Role.VERIFIER}
    return staff_account.invite(**(given | {"office": None} | values), by=by, now=now)


def usable_links(user, now):
    return StaffLink.objects.usable(now=now).filter(user=user)


def test_an_invited_person_has_no_password_and_is_owed_a_link(administrator, now):
    user = invite(administrator, now)

    assert user.is_invited_only
    assert usable_links(user, now).get().kind == StaffLinkKind.INVITATION
    assert AuditEvent.objects.get().action == "staff.invite"


def test_a_taken_username_is_refused_and_leaves_nothing_behind(administrator, now):
    invite(administrator, now)

    with pytest.raises(UsernameTaken):
        invite(administrator, now, name="Orang lain")

    assert User.objects.filter(username="sri.rahayu").get().name == "Sri Rahayu"
    assert StaffLink.objects.count() == 1


def test_inviting_again_makes_the_first_link_worthless(administrator, now):
    user = invite(administrator, now)
    first = usable_links(user, now).get()

    staff_account.invite_again(user_id=user.pk, by=administrator, now=now)

    assert usable_links(user, now).get() != first


def test_who_has_a_password_is_not_invited_again(administrator, now):
    with pytest.raises(WrongState):
        staff_account.invite_again(user_id=UserFactory().pk, by=administrator, now=now)


def test_a_disabled_account_loses_its_links_and_its_sessions(administrator, now):
    user = invite(administrator, now)
    hash_before = user.get_session_auth_hash()

    staff_account.disable(user_id=user.pk, by=administrator)

    user.refresh_from_db()
    assert not user.is_active
    assert user.get_session_auth_hash() != hash_before
    assert not usable_links(user, now).exists()


def test_an_enabled_account_does_not_revive_old_sessions(administrator):
    user = UserFactory()
    hash_before = user.get_session_auth_hash()
    staff_account.disable(user_id=user.pk, by=administrator)

    staff_account.enable(user_id=user.pk, by=administrator)

    user.refresh_from_db()
    assert user.is_active
    assert user.get_session_auth_hash() != hash_before


def test_disabling_or_enabling_twice_is_refused(administrator):
    user = UserFactory()
    with pytest.raises(WrongState):
        staff_account.enable(user_id=user.pk, by=administrator)
    staff_account.disable(user_id=user.pk, by=administrator)

    with pytest.raises(WrongState):
        staff_account.disable(user_id=user.pk, by=administrator)


def test_nobody_disables_or_demotes_the_own_account(administrator):
    UserFactory(role="administrator")

    with pytest.raises(OwnAccount):
        staff_account.disable(user_id=administrator.pk, by=administrator)
    with pytest.raises(OwnAccount):
        staff_account.change(
            user_id=administrator.pk, name="A", email="", role=Role.VERIFIER, office=None, by=administrator
        )


def test_the_own_name_and_address_may_be_mended(administrator):
    staff_account.change(
        user_id=administrator.pk,
        name="Nama Benar",
        email="a@contoh.id",
        role=Role.ADMINISTRATOR,
        office=None,
        by=administrator,
    )

    administrator.refresh_from_db()
    assert (administrator.name, administrator.email) == ("Nama Benar", "a@contoh.id")


def test_an_invitation_nobody_took_up_does_not_count_as_an_administrator(administrator, now):
    invited = invite(administrator, now, role=Role.ADMINISTRATOR)

    with pytest.raises(LastAdministrator):
        staff_account.disable(user_id=administrator.pk, by=invited)
    with pytest.raises(LastAdministrator):
        staff_account.change(user_id=administrator.pk, name="A", email="", role=Role.VERIFIER, office=None, by=invited)


def test_a_changed_role_and_office_is_written_down(administrator):
    user, office = UserFactory(), OfficeFactory()

    staff_account.change(
        user_id=user.pk, name=user.name, email="", role=Role.SUPERVISOR, office=office, by=administrator
    )

    user.refresh_from_db()
    assert (user.role, user.office) == (Role.SUPERVISOR, office)
    assert AuditEvent.objects.get(action="staff.change").reason.endswith(f"supervisor@{office.pk}")


def test_a_new_password_ends_sessions_and_links(now, db):
    user = UserFactory(email="a@contoh.id")
    staff_link.ask(user=user, kind=StaffLinkKind.PASSWORD_RESET, now=now)
    hash_before = user.get_session_auth_hash()

    fresh = staff_account.change_password(user=user, password="kereta-api-malam")

    assert fresh.check_password("kereta-api-malam")
    assert fresh.get_session_auth_hash() != hash_before
    assert not usable_links(user, now).exists()


@pytest.mark.parametrize("username", ["tidak.ada", "mati", "tanpa.alamat"])
def test_asking_for_a_password_owes_nothing_to_who_cannot_have_one(username, now, db):
    UserFactory(username="mati", email="a@contoh.id", is_active=False)
    UserFactory(username="tanpa.alamat", email="")

    staff_account.ask_for_new_password(username=username, now=now)

    assert not StaffLink.objects.exists()


def test_asking_for_a_password_owes_a_link_of_one_hour(now, db):
    user = UserFactory(email="a@contoh.id")

    staff_account.ask_for_new_password(username=user.username, now=now)

    link = usable_links(user, now).get()
    assert link.kind == StaffLinkKind.PASSWORD_RESET
    assert not usable_links(user, now + timedelta(minutes=61)).exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_disable_each_other_at_once():
    for _round in range(5):
        first, second = UserFactory(role="administrator"), UserFactory(role="administrator")
        User.objects.exclude(pk__in=[first.pk, second.pk]).update(is_active=False)

        race(
            lambda a=first, b=second: staff_account.disable(user_id=a.pk, by=b),
            lambda a=first, b=second: staff_account.disable(user_id=b.pk, by=a),
        )

        assert User.objects.active_administrators().count() == 1
