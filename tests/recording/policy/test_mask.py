import pytest

from recording.policy.mask import mask_address, mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Budi Santoso", "B••• S•••"),
        ("Sutrisno", "S•••"),
        ("siti nur aini rahmawati", "S••• N••• A•••"),
        ("", ""),
    ],
)
def test_mask_name(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [("+6281234567890", "+62 8•• •••• ••90"), ("budi@contoh.example", "b•••@c•••")],
)
def test_mask_address(address, masked):
    assert mask_address(address) == masked
