"""A national list as a file: taken in sealed, its columns named by a person, forgotten after seven days.

What its lines say is read by `list_reading`, what they mean by `central_import`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from issuance.enums import ImportState
from issuance.exceptions import ListAlreadyApplied, ListDateInFuture, ListNotUsable, MappingNotUsable
from issuance.gateways.spreadsheet import MAX_BYTES, SENTENCES
from issuance.models import CentralImport, CentralImportFile, ColumnMapping
from issuance.policy.column_mapping import Headings, guess, problem_with
from recording.crypto import seal_bytes, unseal_bytes
from recording.exceptions import WrongState
from recording.models import User
from recording.services import audit

PIECE = 2**20  # bytes sealed together: neither the upload nor the reading holds the file twice
FILE_KEPT = timedelta(days=7)  # to read it again with other columns; office standard
OPEN_STATES = (ImportState.READING, ImportState.MAPPING, ImportState.PREVIEW)
DONE_STATES = (ImportState.APPLYING, ImportState.APPLIED, ImportState.UNDOING)
NOT_USED: dict[str, int] = {}  # the mapping of a sheet that holds no list


class Uploaded(Protocol):
    """What Django calls a file: can be gone through more than once."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


@transaction.atomic
def receive(*, file: Uploaded, as_of: date, complete: bool, by: User, now: datetime) -> CentralImport:
    """Take in a list that speaks of the end of `as_of`, or of `now` when that is today; it is read soon, by a task.

    Idempotent by content, date and `complete`: a list that still waits is given back as it is. Raises
    ListAlreadyApplied, ListDateInFuture, ListNotUsable (empty, or more than 20 MB).
    """
    if as_of > timezone.localdate(now):
        raise ListDateInFuture
    digest, size = _digest(file)
    speaks_of = min(timezone.make_aware(datetime.combine(as_of, time.max)), now)
    _wait_for_the_same_file(digest)
    known = _known(digest, as_of, complete)
    if known is not None and known.state in DONE_STATES:
        raise ListAlreadyApplied(known.pk)
    if known is not None:
        return known
    made = CentralImport.objects.create(
        as_of=speaks_of, complete=complete, digest=digest, size=size, state=ImportState.READING, uploaded_by=by
    )
    for position, piece in enumerate(file.chunks(PIECE)):
        key = uuid4()
        CentralImportFile.objects.create(
            central_import=made,
            position=position,
            content_key=key,
            content_ct=seal_bytes(piece, bound_to=_place(key, position)),
        )
    audit.record(action="central_list.receive", actor=by, subject=f"central_import:{made.pk}")
    return made


def _digest(file: Uploaded) -> tuple[bytes, int]:
    """SHA-256 and bytes. Raises ListNotUsable."""
    sha, size = hashlib.sha256(), 0
    for piece in file.chunks(PIECE):
        size += len(piece)
        if size > MAX_BYTES:
            raise ListNotUsable(SENTENCES["too_large"])
        sha.update(piece)
    if not size:
        raise ListNotUsable(SENTENCES["empty"])
    return sha.digest(), size


def _wait_for_the_same_file(digest: bytes) -> None:
    """Two uploads of one file go one after the other, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _known(digest: bytes, as_of: date, complete: bool) -> CentralImport | None:
    return (
        CentralImport.objects.filter(
            digest=digest, as_of__date=as_of, complete=complete, state__in=[*OPEN_STATES, *DONE_STATES]
        )
        .order_by("-pk")
        .first()
    )


def _place(key: UUID, position: int) -> str:
    return f"{CentralImportFile._meta.db_table}.content.{key}.{position}"


def content(*, import_id: int) -> bytes:
    """The file as it came. Raises ListNotUsable: it is kept no more."""
    pieces = CentralImportFile.objects.filter(central_import_id=import_id).order_by("position").iterator(chunk_size=1)
    whole = b"".join(
        unseal_bytes(bytes(each.content_ct), bound_to=_place(each.content_key, each.position)) for each in pieces
    )
    if not whole:
        raise ListNotUsable("Berkas daftar ini sudah dihapus. Unggah lagi.")
    return whole


def headings_of(central_import: CentralImport) -> list[Headings]:
    """The heading row of each sheet that has one."""
    return [
        Headings(each["sheet"], each["title"], each["line"], tuple(each["titles"]))
        for each in central_import.headings
        if each["titles"]
    ]


def proposal(central_import: CentralImport) -> dict[int, dict[str, int]]:
    """Sheet -> field -> column: as remembered, else as guessed; {}: this sheet is left out."""
    remembered = _remembered(central_import)
    return {
        each.sheet: remembered[each.digest] if each.digest in remembered else guess(each.titles)
        for each in headings_of(central_import)
    }


def remembered_for_all(central_import: CentralImport) -> dict[int, dict[str, int]] | None:
    """Sheet -> field -> column when somebody has said so for the headings of every sheet; else None."""
    remembered, headings = _remembered(central_import), headings_of(central_import)
    if not headings or any(each.digest not in remembered for each in headings):
        return None
    columns = {each.sheet: remembered[each.digest] for each in headings}
    return columns if any(columns.values()) else None


def _remembered(central_import: CentralImport) -> dict[bytes, dict[str, int]]:
    digests = [each.digest for each in headings_of(central_import)]
    known = ColumnMapping.objects.filter(headings__in=digests)
    return {bytes(digest): columns for digest, columns in known.values_list("headings", "columns")}


@transaction.atomic
def remember_mapping(
    *, import_id: int, columns: Mapping[int, Mapping[str, int]], by: User, now: datetime
) -> CentralImport:
    """Say which column is which, sheet -> field -> column from 0 (nothing for a sheet left out), and have the list read,
    again if it was already. The next list with the same headings is read without asking.

    Raises MappingNotUsable; WrongState: the list is applied, dropped, or kept no more.
    """
    waiting = CentralImport.objects.select_for_update().filter(
        pk=import_id, state__in=[ImportState.MAPPING, ImportState.PREVIEW], pieces__position=0
    )
    found = waiting.first()
    if found is None:
        raise WrongState
    said = {each.sheet: _checked(each, columns.get(each.sheet) or NOT_USED) for each in headings_of(found)}
    if not any(said.values()):
        raise MappingNotUsable("Pilih kolom NIK dan Status untuk sedikitnya satu lembar.")
    for each in headings_of(found):
        ColumnMapping.objects.update_or_create(
            headings=each.digest, defaults={"columns": said[each.sheet], "saved_by": by}
        )
    found.columns = {f"{sheet}": given for sheet, given in said.items()}
    found.state, found.problem, found.reading_key, found.touched_at = ImportState.READING, "", None, None
    found.done = found.total = 0
    found.save(update_fields=["columns", "state", "problem", "reading_key", "touched_at", "done", "total"])
    audit.record(action="central_list.map", actor=by, subject=f"central_import:{import_id}")
    return found


def _checked(headings: Headings, columns: Mapping[str, int]) -> dict[str, int]:
    """Raises MappingNotUsable."""
    problem = problem_with(columns, width=len(headings.titles)) if columns else ""
    if problem:
        raise MappingNotUsable(f"{headings.title}: {problem}" if headings.title else problem)
    return dict(columns)


@transaction.atomic
def forget_files(*, now: datetime) -> int:
    """Delete the files of lists that came more than seven days ago. A list that could not be read until then is dropped.

    Returns how many lists lost their file.
    """
    old = CentralImport.objects.filter(uploaded_at__lt=now - FILE_KEPT, pieces__position=0)
    ids = list(old.values_list("pk", flat=True))
    CentralImport.objects.filter(pk__in=ids, state__in=[ImportState.READING, ImportState.MAPPING]).update(
        state=ImportState.DISCARDED, reading_key=None
    )
    CentralImportFile.objects.filter(central_import_id__in=ids).delete()
    return len(ids)
