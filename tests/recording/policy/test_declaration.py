import pytest

from recording.policy.declaration import same_name
from recording.policy.note import has_personal_number


@pytest.mark.parametrize(
    ("declared", "registered"),
    [
        ("sri wahyuni", "SRI WAHYUNI"),
        ("Muhammad Nur'aini", "MUHAMMAD NURAINI"),
        ("Siti  Khotijah", "SITI KHOTIJAH"),
        ("H. Sutrisno", "H SUTRISNO"),
        ("René", "RENE"),
        ("Slamet", "Slamet"),
    ],
)
def test_spelling_of_case_accents_and_blanks_makes_no_difference(declared, registered):
    assert same_name(declared, registered)


@pytest.mark.parametrize(("declared", "registered"), [("Slamet", "Slamat"), ("Sri", "Sri Wahyuni"), ("Andi", "Budi")])
def test_another_name_is_another_name(declared, registered):
    assert not same_name(declared, registered)


@pytest.mark.parametrize(
    "note", ["NIK 3319021708909001", "kk 3319-0217-0890-9001 salah", "3319 0217 0890 9001", "x3319021708909001y"]
)
def test_a_note_with_sixteen_digits_is_noticed(note):
    assert has_personal_number(note)


@pytest.mark.parametrize("note", ["", "telepon 081234567890", "nomor 12345678901234567", "tiga jari kiri"])
def test_other_notes_pass(note):
    assert not has_personal_number(note)
