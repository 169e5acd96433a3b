from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from issuance.services import progress


class Command(BaseCommand):
    help = "Make the counts of today and of every day that changed anew; with --all, of every day. Safe to run twice."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="every day since the first event")

    def handle(self, *args, **options):
        now = timezone.now()
        if not options["all"]:
            self.stdout.write(f"{progress.refresh_due(now=now)} hari dihitung ulang.")
            return
        first, today = progress.first_day() or timezone.localdate(now), timezone.localdate(now)
        days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        progress.refresh_all(days=tqdm(days, desc="Menghitung", unit=" hari", disable=None))
        self.stdout.write(f"{len(days)} hari dihitung ulang.")
