from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from recording.enums import NotificationState, StaffLinkKind
from recording.exceptions import LinkNotUsable
from recording.gateways import Undeliverable
from recording.models import StaffLink, User
from recording.services import staff_link
from tests.factories import UserFactory
from tests.recording.services.test_appointment_races import race

PASSWORD = "kereta-api-malam"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def user(db):
    return UserFactory(email="sri@contoh.id", name="Sri O'Rahayu")


def ask(user, now, kind=StaffLinkKind.INVITATION):
    return staff_link.ask(user=user, kind=kind, now=now)


def token_of(link):
    return staff_link.address(link).rstrip("/").rpartition("/")[2]


def sent_texts(kind):
    return [path.read_text() for path in (settings.STATE_DIR / "messages").glob(f"{kind}-*.txt")]


def test_the_link_sets_the_password_once(user, now):
    token = token_of(ask(user, now))

    staff_link.set_password(token=token, password=PASSWORD, now=now)

    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    with pytest.raises(LinkNotUsable):
        staff_link.set_password(token=token, password="sandi-kedua-kali", now=now)


def test_the_token_is_long_and_not_in_the_database(user, now):
    link = ask(user, now)
    token = token_of(link)

    stored = b"".join(
        bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode()
        for value in StaffLink.objects.values_list().get()
    )
    assert len(token) >= 43  # 256 bits
    assert token.encode() not in stored


def test_setting_a_password_ends_open_sessions(user, now):
    hash_before = user.get_session_auth_hash()

    staff_link.set_password(token=token_of(ask(user, now)), password=PASSWORD, now=now)

    assert User.objects.get(pk=user.pk).get_session_auth_hash() != hash_before


@pytest.mark.parametrize(("kind", "hours"), [(StaffLinkKind.INVITATION, 72), (StaffLinkKind.PASSWORD_RESET, 1)])
def test_a_link_expires(user, now, kind, hours):
    token = token_of(ask(user, now, kind))

    assert staff_link.find(token=token, now=now + timedelta(hours=hours, seconds=-1))
    with pytest.raises(LinkNotUsable):
        staff_link.set_password(token=token, password=PASSWORD, now=now + timedelta(hours=hours, seconds=1))


def test_a_replaced_link_and_one_of_a_disabled_account_are_worthless(user, now):
    first = token_of(ask(user, now))
    second = token_of(ask(user, now))
    assert staff_link.find(token=first, now=now) is None

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert staff_link.find(token=second, now=now) is None


def test_the_mail_carries_the_working_link_and_plain_characters(user, now):
    link = ask(user, now)

    assert staff_link.send_due(now=now) == 1

    text = next(text for text in sent_texts("staff_invitation") if staff_link.address(link) in text)
    assert "Sri O'Rahayu" in text
    assert "72 jam" in text
    assert StaffLink.objects.get().state == NotificationState.SENT
    assert staff_link.send_due(now=now) == 0


def test_without_an_address_the_link_fails_and_says_so(user, now):
    User.objects.filter(pk=user.pk).update(email="")
    ask(user, now)

    assert staff_link.send_due(now=now) == 0

    assert StaffLink.objects.get().state == NotificationState.FAILED


@pytest.mark.parametrize(
    ("error", "state"),
    [(Undeliverable("refused"), NotificationState.FAILED), (OSError("down"), NotificationState.WAITING)],
)
def test_a_refusal_is_final_and_an_outage_is_tried_again_later(user, now, monkeypatch, error, state):
    class Gateway:
        def __enter__(self):
            return self

        def __exit__(self, *exception):
            pass

        def send(self, message):
            raise error

    monkeypatch.setattr(staff_link, "for_channel", lambda channel: Gateway())
    ask(user, now)

    assert staff_link.send_due(now=now) == 0

    link = StaffLink.objects.get()
    assert (link.state, link.attempts, link.lease_until) == (state, 1, None)
    monkeypatch.undo()
    assert staff_link.send_due(now=now + timedelta(minutes=1)) == (state == NotificationState.WAITING)


def test_a_lease_left_by_a_killed_worker_ends(user, now):
    link = ask(user, now)
    StaffLink.objects.filter(pk=link.pk).update(lease_until=now + timedelta(seconds=60))

    assert staff_link.send_due(now=now) == 0
    assert staff_link.send_due(now=now + timedelta(seconds=61)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_with_the_same_link_set_one_password():
    user, now = UserFactory(email="sri@contoh.id"), timezone.now()
    token = token_of(ask(user, now))

    outcomes = race(
        *(
            lambda number=number: staff_link.set_password(token=token, password=f"{PASSWORD}-{number}", now=now)
            for number in range(5)
        )
    )

    assert outcomes == {"done": 1, "LinkNotUsable": 4}


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_leave_one_link():
    user, now = UserFactory(email="sri@contoh.id"), timezone.now()

    race(*(lambda: ask(user, now) for _ in range(5)))

    assert StaffLink.objects.usable(now=now).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_a_link_once():
    ask(UserFactory(email="sri@contoh.id"), timezone.now())
    now = timezone.now()
    counts = []

    race(*(lambda: counts.append(staff_link.send_due(now=now)) for _ in range(5)))

    assert sum(counts) == 1
