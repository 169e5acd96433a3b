import re
from pathlib import Path

import pytest
from django.conf import settings

from recording.policy.access_log import stands_out, words, words_for_resident

LITERAL = re.compile(r'(?:action=|_note\([^"]*?)f?"([a-z_]+\.)([a-z_{][^"]*)"')
USUAL = {"reads": 40, "without_work": 0, "off_hours": 0, "busiest": 10, "usual_most": 20.0}


def actions():
    """Every action that the sources write, such as `appointment.book`."""
    sources = [path for app in ("recording", "issuance") for path in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    found = {group + rest for path in sources for group, rest in LITERAL.findall(path.read_text())}
    return sorted(action for action in found if not action.endswith(("_id", ".py")))


def test_the_search_for_actions_finds_them():
    assert {"appointment.book", "resident.read", "staff.disable", "tracking_code.reissue"} <= set(actions())


@pytest.mark.parametrize("action", actions())
def test_every_action_has_words(action):
    assert words(action) != action
    assert words_for_resident(action)


def test_the_longer_name_wins():
    assert words("case.read") == "Membuka berkas kartu"
    assert words("case.printed") == "Mengubah berkas kartu"


def test_an_unknown_action_is_shown_as_it_is():
    assert words("baru.sekali") == "baru.sekali"
    assert words_for_resident("baru.sekali") == "Mengurus data Anda"


@pytest.mark.parametrize(
    ("figures", "count"),
    [
        ({}, 0),
        ({"without_work": 9}, 0),  # of forty: a quarter is ten
        ({"without_work": 10}, 1),
        ({"reads": 4, "without_work": 4}, 0),
        ({"off_hours": 1}, 1),
        ({"busiest": 20}, 0),
        ({"busiest": 21}, 1),
        ({"busiest": 500, "usual_most": None}, 0),
        ({"without_work": 40, "off_hours": 3, "busiest": 40}, 3),
    ],
)
def test_what_stands_out(figures, count):
    assert len(stands_out(**USUAL | figures)) == count
