"""Catalogues compiled with Babel, so that no machine needs gettext."""

import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> int:
    """Write each `.mo` under `folder` that is missing or older than its `.po`. Returns how many were written."""
    stale = [source for source in catalogues(folder) if _is_stale(source)]
    for source in stale:
        _compile(source)
    return len(stale)


def catalogues(folder: Path) -> list[Path]:
    """Every `.po` file under `folder`."""
    return sorted(folder.glob("*/LC_MESSAGES/*.po"))


def _is_stale(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path) -> None:
    """Into a new file that then takes the old one's place: another process may be reading it."""
    handle, partial = tempfile.mkstemp(dir=source.parent, suffix=".mo.new")
    with os.fdopen(handle, "wb") as output:
        write_mo(output, _read(source))
    os.chmod(partial, 0o644)
    os.replace(partial, source.with_suffix(".mo"))


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file)
