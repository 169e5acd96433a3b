from datetime import date

import pytest

from recording.policy.nik import NikMismatch
from recording.policy.resident_row import RowError, parse

TODAY = date(2026, 11, 23)
VILLAGES = {"33.19.02.1001": 7}
GOOD = {
    "nik": "3319021708959001",
    "kk": "3319021003109001",
    "name": "Sutrisno",
    "sex": "L",
    "birth_place": "Kudus",
    "birth_date": "1995-08-17",
    "village_code": "33.19.02.1001",
    "married": "ya",
    "recorded": "tidak",
    "card_held": "",
    "phone": "0812 3456 7890",
}


def row(**changed):
    return parse(GOOD | changed, villages=VILLAGES, today=TODAY)


def test_a_good_line_is_taken_as_it_is():
    parsed = row()

    assert (parsed.nik, parsed.family_card, parsed.name) == ("3319021708959001", "3319021003109001", "Sutrisno")
    assert (parsed.birth_date, parsed.village_id, parsed.phone) == (date(1995, 8, 17), 7, "+6281234567890")
    assert (parsed.married, parsed.recorded, parsed.card_held, parsed.mismatches) == (True, False, False, ())


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"nik": "3319 0217-0895.9001"}, "nik", "3319021708959001"),
        ({"kk": ""}, "family_card", ""),
        ({"name": "  Noor   Hadi "}, "name", "Noor Hadi"),
        ({"sex": "p", "nik": "3319025708959001"}, "sex", "P"),
        ({"birth_date": "17/8/1995"}, "birth_date", date(1995, 8, 17)),
        ({"village_code": "3319021001"}, "village_id", 7),
        ({"recorded": "YA", "card_held": "1"}, "card_held", True),
        ({"phone": ""}, "phone", ""),
        ({"phone": "6281234567890"}, "phone", "+6281234567890"),
        ({"phone": "(0291) 438813"}, "phone", "+62291438813"),
    ],
)
def test_other_ways_of_writing_the_same(changed, field, value):
    assert getattr(row(**changed), field) == value


@pytest.mark.parametrize(
    ("changed", "mismatches"),
    [
        ({"birth_date": "1995-08-18"}, (NikMismatch.BIRTH_DATE,)),
        ({"sex": "P"}, (NikMismatch.SEX,)),
        ({"birth_date": "1990-01-01", "sex": "P"}, (NikMismatch.BIRTH_DATE, NikMismatch.SEX)),
    ],
)
def test_a_nik_that_differs_only_warns(changed, mismatches):
    assert row(**changed).mismatches == mismatches


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"nik": ""}, "NIK harus 16 angka."),
        ({"nik": "9919021708959001"}, "NIK diawali kode provinsi yang tidak ada."),
        ({"nik": "3319022902019001"}, "NIK memuat tanggal yang tidak ada pada bulan itu."),
        ({"nik": "3319021708950000"}, "NIK berakhir 0000."),
        ({"kk": "12"}, "Nomor KK harus 16 angka."),
        ({"name": " "}, "Nama kosong."),
        ({"name": "3319021708959001"}, "Nama kosong."),
        ({"name": "Budi 3319021708959001"}, "Nama memuat angka panjang; periksa apakah kolom bergeser."),
        ({"name": "A" * 121}, "Kolom name lebih dari 120 huruf."),
        ({"sex": "X"}, "Jenis kelamin harus L atau P."),
        ({"birth_date": "17-08-1995"}, "Tanggal lahir tidak terbaca. Tulis 1990-08-17 atau 17/08/1990."),
        ({"birth_date": "31/02/1995"}, "Tanggal lahir tidak terbaca. Tulis 1990-08-17 atau 17/08/1990."),
        ({"birth_date": "2026-11-24"}, "Tanggal lahir di masa depan."),
        ({"birth_date": "1789-07-14"}, "Tanggal lahir sebelum tahun 1890."),
        ({"village_code": "33.18.01.2001"}, "Kode desa/kelurahan tidak dikenal; contoh yang benar 33.19.02.1001."),
        ({"married": "mungkin"}, "Kolom married harus ya atau tidak."),
        ({"card_held": "ya"}, "card_held ya, tetapi recorded tidak: pemegang KTP-el pasti sudah direkam."),
        ({"phone": "12"}, "Nomor telepon tidak terbaca. Perbaiki atau kosongkan."),
        (
            {"name": "Jos\udce9"},
            "Baris ini memuat huruf yang tidak terbaca. Simpan berkas sebagai CSV UTF-8, lalu muat lagi.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(changed, sentence):
    with pytest.raises(RowError) as error:
        row(**changed)

    assert str(error.value) == sentence
