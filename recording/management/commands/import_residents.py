from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from recording.policy.resident_row import COLUMNS
from recording.services.resident_import import NotARegister, import_file


class Command(BaseCommand):
    help = (
        f"Take in the population register from a CSV file with the columns {', '.join(COLUMNS)}. "
        "The same file again changes nothing. Lines that cannot be taken are kept, with the reason, in a rejects file."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--rejects", type=Path, metavar="PATH", help="default: FILE with .rejects.csv added")

    def handle(self, *args, file, rejects, **options):
        rejects = rejects or file.with_name(f"{file.stem}.rejects.csv")
        try:
            if rejects.resolve() == file.resolve():
                raise CommandError("Berkas penolakan tidak boleh sama dengan berkas yang dimuat.")
            with tqdm(total=file.stat().st_size, unit="B", unit_scale=True, disable=None) as bar:
                report = import_file(path=file, rejects=rejects, today=timezone.localdate(), progress=bar.update)
        except NotARegister as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(_sentence(error)) from error
        for number, reason in report.first_rejects:
            self.stdout.write(f"baris {number}: {reason}")
        if report.rejected > len(report.first_rejects):
            self.stdout.write(f"... dan {report.rejected - len(report.first_rejects)} baris lain:")
            for reason, count in report.reasons.most_common():
                self.stdout.write(f"{count:>9} {reason}")
        if report.mismatches:
            self.stdout.write(
                f"{report.mismatches} baris dimuat dengan tanggal lahir atau jenis kelamin yang berbeda dari NIK-nya."
            )
        self.stdout.write(f"{report.lines} baris dibaca, {report.taken} warga baru, {report.rejected} tidak dimuat.")
        if report.rejected:
            self.stdout.write(f"Baris yang tidak dimuat: {report.rejects} (perbaiki, lalu muat lagi berkas itu).")


def _sentence(error: OSError) -> str:
    """What is wrong with a file, in the words of whoever has to mend it."""
    sentences = {
        FileNotFoundError: "tidak ada. Periksa nama dan foldernya.",
        PermissionError: "tidak boleh dibaca atau ditulis oleh akun ini.",
        IsADirectoryError: "adalah folder, bukan berkas.",
    }
    return f"{error.filename} {sentences.get(type(error), 'tidak dapat dibaca atau ditulis; diskkah yang penuh?')}"
