import base64
import os

import pytest
from django.db import connection
from django.test import override_settings

from recording import crypto
from recording.models import ResidentIdentity
from recording.sessions import SessionStore
from tests.factories import ResidentFactory


def test_a_sealed_value_opens_in_its_own_place_only():
    sealed = crypto.seal("rahasia", bound_to="tabel.kolom.1")

    assert crypto.unseal(sealed, bound_to="tabel.kolom.1") == "rahasia"
    for elsewhere in ("tabel.kolom.2", "tabel.lain.1", "lain.kolom.1"):
        with pytest.raises(crypto.CannotOpen):
            crypto.unseal(sealed, bound_to=elsewhere)


def test_bytes_are_sealed_alike_and_are_no_text():
    sealed = crypto.seal_bytes(b"\xff\x00", bound_to="t.k.1")

    assert crypto.unseal_bytes(sealed, bound_to="t.k.1") == b"\xff\x00"
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(sealed, bound_to="t.k.1")


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_a_damaged_value_does_not_open(place):
    sealed = bytearray(crypto.seal("rahasia", bound_to="t.k.1"))
    sealed[place] ^= 1

    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(bytes(sealed), bound_to="t.k.1")


def test_equal_values_seal_differently_and_index_equally_within_one_purpose():
    assert crypto.seal("a", bound_to="t.k.1") != crypto.seal("a", bound_to="t.k.1")
    assert crypto.blind_index("a", purpose="x") == crypto.blind_index("a", purpose="x")
    assert crypto.blind_index("a", purpose="x") != crypto.blind_index("a", purpose="y")


def test_a_new_key_seals_and_the_old_one_still_opens():
    crypto._cipher.cache_clear()
    old, new = os.urandom(32), os.urandom(32)
    with override_settings(FIELD_ENCRYPTION_KEYS={1: old}):
        sealed = crypto.seal("rahasia", bound_to="t.k.1")
    crypto._cipher.cache_clear()
    with override_settings(FIELD_ENCRYPTION_KEYS={2: new, 1: old}):
        assert crypto.unseal(sealed, bound_to="t.k.1") == "rahasia"
        assert crypto.seal("x", bound_to="t.k.1")[0] == 2
    crypto._cipher.cache_clear()


@pytest.mark.django_db
def test_identity_copied_to_another_resident_does_not_open():
    one, other = ResidentFactory(), ResidentFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recording_residentidentity SET birth_date_ct = (SELECT birth_date_ct FROM"
            " recording_residentidentity WHERE resident_id = %s) WHERE resident_id = %s",
            [one.pk, other.pk],
        )

    with pytest.raises(crypto.CannotOpen):
        _ = ResidentIdentity.objects.get(pk=other.pk).birth_date


@pytest.mark.django_db
def test_a_session_is_unreadable_in_the_database_and_bound_to_its_key():
    session = SessionStore()
    session["nik"] = "3319021708959001"
    session.save()
    row = session.model.objects.get(session_key=session.session_key)

    assert "3319021708959001" not in row.session_data
    assert b"nik" not in base64.b64decode(row.session_data)
    assert SessionStore(session.session_key)["nik"] == "3319021708959001"
    assert SessionStore("lain" * 8).decode(row.session_data) == {}
