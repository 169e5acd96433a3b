from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from time import sleep

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from issuance.enums import ImportResult, ImportState
from issuance.exceptions import ListAlreadyApplied
from issuance.models import CentralImport
from issuance.services import central_import, list_file, list_reading
from recording import messages
from recording.enums import Role
from recording.exceptions import DomainError
from recording.models import User

SHOWN_BAD = 20


class Command(BaseCommand):
    help = (
        "Take in a list of the national centre (xlsx or csv) and apply it: cases move, people are owed their messages "
        "half an hour later. The same file again changes nothing. Ends with status 1 when the file is refused."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--as-of", type=day, required=True, metavar="DATE", help="until when it speaks: YYYY-MM-DD")
        parser.add_argument("--complete", action="store_true", help="everybody is on it: who is not, is missing")
        parser.add_argument("--by", metavar="USERNAME", help="who answers for it (default: the first verifier)")

    def handle(self, *args, file, as_of, complete, by, **options):
        verifier = _verifier(by)
        try:
            with file.open("rb") as content:
                made = list_file.receive(
                    file=File(content), as_of=as_of, complete=complete, by=verifier, now=timezone.now()
                )
            self._read(made, verifier)
            self._apply(made, verifier)
        except ListAlreadyApplied:
            self.stdout.write("Daftar ini sudah diterapkan; tidak ada yang berubah.")
        except (DomainError, OSError) as error:
            raise CommandError(f"{error}") from error

    def _read(self, made: CentralImport, by: User) -> None:
        """Until it is a preview. Raises CommandError."""
        state = list_reading.read(import_id=made.pk)
        if state == ImportState.MAPPING:
            made.refresh_from_db()
            list_file.remember_mapping(import_id=made.pk, columns=list_file.proposal(made), by=by, now=timezone.now())
            state = list_reading.read(import_id=made.pk)
        while state == ImportState.READING:  # a worker of the portal was faster
            sleep(0.2)
            state = list_reading.read(import_id=made.pk)
        made.refresh_from_db()
        if state == ImportState.MAPPING:
            raise CommandError("Kolomnya tidak dikenali. Unggah sekali di /petugas/impor/ dan pilih kolomnya.")
        if state in (ImportState.REFUSED, ImportState.DISCARDED):
            raise CommandError(made.problem or "Daftar ini dibuang selagi dibaca.")

    def _apply(self, made: CentralImport, by: User) -> None:
        bad = made.rows.filter(result__in=[ImportResult.MALFORMED, ImportResult.REPEATED]).order_by("sheet", "line")
        for row in bad[:SHOWN_BAD]:
            self.stdout.write(f"baris {row.line}: {row.problem}")
        if made.state == ImportState.PREVIEW:
            central_import.start(import_id=made.pk, by=by, now=timezone.now())
            made.refresh_from_db()
        with tqdm(total=made.total, unit=" baris", disable=None) as bar:
            while made.state == ImportState.APPLYING:
                central_import.go_on(
                    import_id=made.pk, now=timezone.now(), progress=lambda number, _count: bar.update(number)
                )
                made.refresh_from_db()
                if made.state == ImportState.APPLYING:  # a worker of the portal has it in hand
                    sleep(0.2)
        for result, label in ImportResult.choices:
            if number := made.counts["results"].get(result):
                self.stdout.write(f"{number:>9} {label}")
        for kind, number in made.counts["messages"].items():
            self.stdout.write(f"{number:>9} pesan: {messages.get(kind).label}")


def _verifier(username: str | None) -> User:
    verifiers = User.objects.filter(role=Role.VERIFIER, is_active=True).order_by("pk")
    found = verifiers.filter(username=username).first() if username else verifiers.first()
    if found is None:
        raise CommandError("Tidak ada akun verifikator yang aktif dengan nama itu. Isi --by dengan nama masuknya.")
    return found


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not YYYY-MM-DD: {text}") from error
