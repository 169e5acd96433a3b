import pytest
import redis
from django.conf import settings
from django.test import Client

from recording.models import Resident
from recording.services import leak_search
from recording.services.leak_search import _Sink, found_in_database, found_in_files, found_in_valkey, seeded_values
from tests.factories import DeclarationFactory, ResidentFactory, TrackingCodeFactory

NIK = "3319021708909555"


@pytest.fixture
def resident(db):
    return ResidentFactory(
        identity__nik=NIK, identity__phone="+6286012345678", identity__family_card="3319021003109001"
    )


@pytest.fixture
def values(resident):
    return seeded_values(sample=10)


def test_values_are_those_of_the_residents(values):
    assert values == {NIK.encode(), b"3319021003109001", b"6286012345678", b"1990-08-17"}


def test_sealed_values_are_not_found(values, resident):
    DeclarationFactory(appointment__resident=resident, phone="+6286012345678")
    TrackingCodeFactory(resident=resident)

    assert list(found_in_database(values)) == []


@pytest.mark.parametrize("value", [NIK, f"x{NIK}9", "+62 6286012345678", "1990-08-17"])
def test_a_value_in_clear_in_a_table_is_found(values, value):
    Resident.objects.update(entitlement_reason=f"lihat {value}.")

    assert list(found_in_database(values)) == ["tabel recording_resident: 1 nilai pribadi terbaca"]


def test_sessions_hold_nothing_in_clear(values, db):
    session = Client().session
    session["answers"] = {"nik": NIK, "birth_date": "1990-08-17"}
    session.save()

    assert list(found_in_database(values)) == []


def test_a_value_in_a_file_is_found_but_not_where_addresses_belong(values, tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "web.log").write_text(f"GET /?nik={NIK}\n")
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "1.txt").write_text("To: +6286012345678")
    (tmp_path / "kosong.log").write_text("GET / 3319021708909556\n")

    assert list(found_in_files(values, folder=tmp_path)) == ["berkas log/web.log: 1 nilai pribadi terbaca"]


@pytest.mark.parametrize("kind", ["string", "list", "hash", "key"])
def test_a_value_in_the_cache_or_queue_is_found(values, kind):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert list(found_in_valkey(values)) == []
        key = f"uji:{NIK}" if kind == "key" else "uji"
        match kind:
            case "string" | "key":
                client.set(key, NIK if kind == "string" else "1")
            case "list":
                client.rpush(key, f'{{"args": ["{NIK}"]}}')
            case "hash":
                client.hset(key, "nik", NIK)
        try:
            assert list(found_in_valkey(values)) == ["Valkey: 1 nilai pribadi terbaca"]
        finally:
            client.delete(key)


@pytest.mark.parametrize("pieces", [1, 3, 7, 100])
def test_a_value_cut_in_pieces_is_counted_once(monkeypatch, pieces):
    monkeypatch.setattr(leak_search, "CHUNK_BYTES", 1)
    text = b"a 17 b " + NIK.encode() + b" c " + b"0" * 200 + b" " + NIK.encode()
    sink = _Sink({NIK.encode()})

    for start in range(0, len(text), pieces):
        sink.write(text[start : start + pieces])

    assert sink.count() == 2
