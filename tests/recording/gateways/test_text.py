import pytest

from recording.gateways import OutgoingMessage
from recording.gateways.text import as_word, at_path, fill

MESSAGE = OutgoingMessage(
    key="a" * 32, kind="recorded", channel="sms", address="+6281234567890", subject="Perihal", body='Isi {to} "kutip"'
)


def test_fill_replaces_placeholders_wherever_they_stand_and_only_once():
    template = {"a": ["{to}", {"b": "{to_digits}/{to_local}"}], "c": "{text}", "d": 7, "{key}": "{key}: {subject}"}

    assert fill(template, MESSAGE) == {
        "a": ["+6281234567890", {"b": "6281234567890/081234567890"}],
        "c": 'Isi {to} "kutip"',
        "d": 7,
        "{key}": f"{'a' * 32}: Perihal",
    }


@pytest.mark.parametrize(
    ("path", "found"),
    [("data.0.id", 5), ("ok", True), ("data.1.id", None), ("data.x", None), ("ok.id", None), ("missing", None)],
)
def test_at_path_walks_objects_and_lists(path, found):
    assert at_path({"data": [{"id": 5}], "ok": True}, path) == found


@pytest.mark.parametrize(("value", "word"), [(True, "true"), (0, "0"), (" OK ", "ok"), (None, "none")])
def test_as_word_makes_values_comparable(value, word):
    assert as_word(value) == word
