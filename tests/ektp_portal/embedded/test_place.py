import os
import stat

import pytest

from ektp_portal.embedded import place
from ektp_portal.embedded.errors import CannotStart
from ektp_portal.embedded.place import Account, can_enter, reachable_programs, sockets_directory

SOMEBODY = Account("somebody", uid=54321, gid=54321)


@pytest.fixture
def house(tmp_path):
    """A folder that everybody may pass through, parents included."""
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith("/tmp/pytest"):
            folder.chmod(0o755)
    if not can_enter(tmp_path, SOMEBODY):
        pytest.skip("this machine's temporary folder is private")
    return tmp_path


def test_can_enter_needs_every_parent(house):
    (house / "open" / "inner").mkdir(parents=True)
    assert can_enter(house / "open" / "inner", SOMEBODY)

    (house / "open").chmod(0o700)

    assert not can_enter(house / "open" / "inner", SOMEBODY)


def test_can_enter_anything_as_oneself(tmp_path):
    tmp_path.chmod(0o700)

    assert can_enter(tmp_path, None)


def test_sockets_directory_is_private_and_short():
    made = sockets_directory(None)

    try:
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        assert len(str(made / ".s.PGSQL.5432.lock")) < 107
    finally:
        made.rmdir()


def test_programs_that_can_be_run_are_not_copied(house):
    (house / "package").mkdir()

    assert reachable_programs([house / "package"], account=SOMEBODY, copies=house / "copies") == house


def test_programs_in_a_private_folder_are_copied_once_and_opened(house):
    private, copies = house / "private", house / "copies"
    copies.mkdir()
    (private / "package" / "bin").mkdir(parents=True)
    program = private / "package" / "bin" / "server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    private.chmod(0o700)

    found = reachable_programs([private / "package"], account=SOMEBODY, copies=copies)
    again = reachable_programs([private / "package"], account=SOMEBODY, copies=copies)

    assert found == again
    assert stat.S_IMODE((found / "package" / "bin" / "server").stat().st_mode) == 0o755
    assert can_enter(found / "package" / "bin", SOMEBODY)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_missing_wheel_names_the_variable_to_set():
    with pytest.raises(CannotStart, match="set DATABASE_URL"):
        place.package_directory("no_such_wheel", variable="DATABASE_URL")


def test_root_uses_an_unprivileged_account(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert place.server_account().uid != 0


def test_root_without_any_unprivileged_account_is_told_so(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(place, "UNPRIVILEGED_ACCOUNTS", ("no-such-account",))

    with pytest.raises(CannotStart, match="ordinary user"):
        place.server_account()


def test_an_ordinary_user_is_the_account(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert place.server_account() is None
