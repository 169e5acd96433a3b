"""What must be done before the portal serves: tables, reference data, demo residents, translations, static files."""

import hashlib
import os
import time
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command, get_commands

from ektp_portal.translations import compile_catalogues

DEMO = {"history_days": 60, "seed": 1}


class Command(BaseCommand):
    help = "Bring database, translations and static files up to date; `portal` runs it at every start."
    requires_system_checks: list[str] = []  # `make check` runs them; here they only cost time

    def handle(self, **_options):
        self._began = float(os.environ.get("PORTAL_STARTED_AT") or time.time())
        self._step("tables")
        call_command("migrate", interactive=False, verbosity=0)
        self._call_if_there("load_reference", "reference data: areas, offices, hours, rules")
        if settings.DEMO_RESIDENTS and settings.PORTAL_ENV != "production" and self._has_no_residents():
            demo = {"residents": settings.DEMO_RESIDENTS, **DEMO}
            self._call_if_there("seed_demo", "synthetic demo: {residents} residents, {history_days} days", **demo)
        self._step("translations and static files")
        for folder in settings.LOCALE_PATHS:
            compile_catalogues(folder)
        collect_static_files()

    def _step(self, what: str) -> None:
        self.stdout.write(f"{time.time() - self._began:6.1f} s  {what}")
        self.stdout.flush()

    def _call_if_there(self, command: str, what: str, **options: int) -> None:
        if command in get_commands():
            self._step(what.format(**options))
            call_command(command, **options)

    def _has_no_residents(self) -> bool:
        return not apps.get_model("recording", "Resident").objects.exists()


def collect_static_files() -> None:
    """Collect and compress, unless that was done for these very files: compressing takes seconds."""
    stamp, wanted = Path(settings.STATIC_ROOT) / ".sources", _fingerprint_of_sources()
    if not stamp.exists() or stamp.read_text() != wanted:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(wanted)


def _fingerprint_of_sources() -> str:
    """Changes with any static file, and with the pinned packages that make them ready."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=[]):
            found = os.stat(storage.path(name))
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
