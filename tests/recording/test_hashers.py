from contextlib import ExitStack

import pytest
from argon2 import extract_parameters

from recording import hashers
from recording.exceptions import PasswordsBusy
from recording.hashers import PortalArgon2PasswordHasher


def test_passwords_are_argon2id_of_46_mebibytes_one_pass_one_lane():
    hasher = PortalArgon2PasswordHasher()

    encoded = hasher.encode("kereta-api-malam", hasher.salt())

    parameters = extract_parameters(encoded.removeprefix("argon2"))
    assert (parameters.type.name, parameters.memory_cost, parameters.time_cost) == ("ID", 46 * 1024, 1)
    assert parameters.parallelism == 1
    assert hasher.verify("kereta-api-malam", encoded)


@pytest.fixture
def all_turns_taken(monkeypatch):
    """Eight others work on their passwords at this moment and do not come to an end."""
    monkeypatch.setattr(hashers, "WAIT", 0.01)
    with ExitStack() as others:
        for _ in range(hashers.AT_A_TIME):
            others.enter_context(hashers.turn())
        yield


def test_no_more_than_eight_passwords_are_worked_on_at_a_time(all_turns_taken):
    hasher = PortalArgon2PasswordHasher()

    with pytest.raises(PasswordsBusy):
        hasher.encode("kereta-api-malam", "garam-yang-panjang")
    with pytest.raises(PasswordsBusy):
        hasher.verify("kereta-api-malam", "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ")


def test_a_turn_is_given_back_also_after_an_error():
    for _ in range(hashers.AT_A_TIME + 1):
        with pytest.raises(ZeroDivisionError), hashers.turn():
            1 / 0  # noqa: B018


@pytest.mark.django_db
def test_whoever_signs_in_meanwhile_is_told_to_try_again(all_turns_taken, client, settings):
    settings.PASSWORD_HASHERS = ["recording.hashers.PortalArgon2PasswordHasher"]

    answer = client.post("/petugas/masuk/", {"username": "operator.kota", "password": "kereta-api-malam"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Tunggu beberapa detik" in answer.content.decode()
