import pytest

from recording.policy.shares import apportion


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1], [5, 5]),
        (10, [1, 1, 1], [4, 3, 3]),
        (7, [5, 0, 2], [5, 0, 2]),
        (0, [3, 4], [0, 0]),
        (1, [0.1, 0.2, 0.7], [0, 0, 1]),
    ],
)
def test_apportion_shares_out_everything_by_largest_remainder(total, weights, parts):
    assert apportion(total, weights) == parts
