from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from issuance.services import demo
from issuance.services.demo import stories


class Command(BaseCommand):
    help = (
        "Fill an empty portal with a synthetic Kudus: people that do not exist, staff logins, days of appointments, "
        "recordings and cards up to this moment. Never in production."
    )

    def add_arguments(self, parser):
        parser.add_argument("--residents", type=int, default=5_000, metavar="N")
        parser.add_argument("--history-days", type=int, default=60, metavar="D")
        parser.add_argument("--seed", type=int, default=1, metavar="S")

    def handle(self, *args, residents, history_days, seed, **options):
        now = timezone.now().replace(microsecond=0)
        bars: dict[str, tqdm] = {}

        def progress(stage: str, done: int, total: int) -> None:
            bar = bars.setdefault(stage, tqdm(total=total, desc=stage, unit="", disable=None))
            bar.update(done - bar.n)

        try:
            report = demo.seed(residents=residents, history_days=history_days, seed=seed, now=now, progress=progress)
        except demo.NotNow as error:
            raise CommandError(str(error)) from error
        finally:
            for bar in bars.values():
                bar.close()
        people = stories.collect(now=now)
        path = stories.write(people, settings.STATE_DIR)
        self.stdout.write(
            f"{report.residents} warga contoh, {report.appointments} janji, {report.recordings} perekaman, "
            f"{report.cases} berkas. Target percepatan disesuaikan dengan penduduk contoh: {report.target} orang."
        )
        self.stdout.write(f"Masuk petugas: {', '.join(report.logins)}; kata sandi {settings.DEMO_PASSWORD}.")
        self.stdout.write("Warga untuk dicoba (tidak ada yang nyata):")
        self.stdout.write(stories.as_table(people))
        self.stdout.write(f"Daftar ini juga ada di {path}.")
