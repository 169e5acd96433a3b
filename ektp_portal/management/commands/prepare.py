"""What must be done before the portal serves: tables, reference data, demo residents, translations, static files."""

import os
import time

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, call_command, get_commands

from ektp_portal.translations import compile_catalogues

DEMO_SEED = {"residents": 5000, "history_days": 60, "seed": 1}


class Command(BaseCommand):
    help = "Bring database, translations and static files up to date; `portal` runs it at every start."
    requires_system_checks: list[str] = []  # `make check` runs them; here they only cost time

    def handle(self, **_options):
        self._began = float(os.environ.get("PORTAL_STARTED_AT") or time.time())
        self._step("tables")
        call_command("migrate", interactive=False, verbosity=0)
        self._call_if_there("load_reference", "reference data: areas, offices, hours, rules")
        if settings.PORTAL_ENV != "production" and self._has_no_residents():
            self._call_if_there("seed_demo", "synthetic demo: {residents} residents, {history_days} days", **DEMO_SEED)
        self._step("translations and static files")
        for folder in settings.LOCALE_PATHS:
            compile_catalogues(folder)
        call_command("collectstatic", interactive=False, verbosity=0)

    def _step(self, what: str) -> None:
        self.stdout.write(f"{time.time() - self._began:6.1f} s  {what}")
        self.stdout.flush()

    def _call_if_there(self, command: str, what: str, **options) -> None:
        if command in get_commands():
            self._step(what.format(**options))
            call_command(command, **options)

    def _has_no_residents(self) -> bool:
        return not apps.get_model("recording", "Resident").objects.exists()
