import base64
import random

import pytest

from tools import scan_tracked


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a tracked file and returns what the scan has to say of it."""
    monkeypatch.setattr(scan_tracked, "ROOT", tmp_path)

    def write(line):
        (tmp_path / "file.py").write_text(line + "\n")
        return scan_tracked.in_file("file.py")

    return write


def test_a_planted_key_is_found(written):
    key = base64.b64encode(random.Random(7).randbytes(32)).decode()

    assert "looks like a secret" in written(f'KEY = "{key}"')[0]


def test_a_private_key_is_found(written):
    assert "Private Key" in written("-----BEGIN RSA PRIVATE " + "KEY-----")[0]


@pytest.mark.parametrize(
    "folder", [("work", "portal"), ("home", "somebody", "portal"), ("root", "portal"), ("Users", "somebody")]
)
def test_a_path_of_one_machine_is_found(written, folder):
    assert written(f"# see /{'/'.join(folder)}") == ["file.py:1: a path of one machine"]


@pytest.mark.parametrize(
    "line", ["/var/lib/ektp-portal", "https://example.go.id/home/", 'ALPHABET = "0123456789ABCDEF"']
)
def test_harmless_lines_are_left_alone(written, line):
    assert written(line) == []
