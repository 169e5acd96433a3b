from collections.abc import Iterator
from pathlib import Path

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from issuance.services import integrity as upper
from recording.services import integrity as ground
from recording.services import leak_search

SHOWN = 5


class Command(BaseCommand):
    help = "Prove the portal's invariants. Says one line for each that is broken, and then ends with status 1."

    def add_arguments(self, parser):
        parser.add_argument("--sample", type=int, default=2_000, metavar="N", help="residents whose values are sought")
        parser.add_argument("--values", type=Path, metavar="FILE", help="seek these instead, one a line")
        parser.add_argument("--logs", type=Path, action="append", default=[], metavar="FOLDER", help="look here too")

    def handle(self, *args, sample, values, logs, **options):
        broken = 0
        for name, check in [*ground.CHECKS.items(), *upper.CHECKS.items()]:
            broken += self._report(name, check())
        if elsewhere := upper.prints_observed_only():
            self.stdout.write(f"{elsewhere} kartu dicetak di tempat lain menurut pusat; bukan pelanggaran.")
        if differing := upper.conflicts_with_the_centre():
            self.stdout.write(f"{differing} berkas berbeda dari data pusat, menunggu verifikator; bukan pelanggaran.")
        sought = set(values.read_bytes().split()) if values else leak_search.seeded_values(sample=sample)
        broken += self._report("9 tidak ada nilai pribadi terbaca", list(self._leaks(sought, logs)))
        if broken:
            raise CommandError(f"{broken} aturan dilanggar.", returncode=1)
        self.stdout.write(f"Semua aturan dipenuhi; {len(sought)} nilai pribadi dicari dan tidak ditemukan.")

    def _report(self, name: str, cases: list[str]) -> bool:
        if cases:
            more = f" ... ({len(cases)})" if len(cases) > SHOWN else ""
            self.stdout.write(f"{name}: {'; '.join(cases[:SHOWN])}{more}")
        return bool(cases)

    def _leaks(self, values: set[bytes], logs: list[Path]) -> Iterator[str]:
        yield from leak_search.found_in_database(values)
        elsewhere = [link.resolve() for link in settings.STATE_DIR.iterdir() if link.is_symlink() and link.is_dir()]
        for folder in [settings.STATE_DIR, *elsewhere, *logs]:
            yield from leak_search.found_in_files(values, folder=folder)
        try:
            yield from leak_search.found_in_valkey(values)
        except redis.RedisError:
            self.stderr.write("Valkey tidak dapat dibaca, jadi tidak diperiksa.")
