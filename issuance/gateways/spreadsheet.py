"""Read a spreadsheet that somebody uploaded, row by row, without believing anything in it.

The file is opened by a child process (`spreadsheet_child.py`) that holds no key and no address of ours and may use only
so much memory and time. Whatever it does, here it ends as rows or as `NotReadable` with a sentence.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Timer
from typing import Any

from issuance.policy.cell import Cell, Formula, Number, Row

MAX_BYTES = 20 * 2**20
SECONDS = 240  # for the whole file, the reader's own work included; below the task's limit
CHILD = Path(__file__).with_name("spreadsheet_child.py")
LONGEST_ANSWER = 8 * 2**20  # one line of the child's; its largest honest one is about 1 MB
SAVE_AS = "Buka di Excel, pilih Simpan sebagai, lalu Excel Workbook (.xlsx) atau CSV UTF-8."
SENTENCES = {
    "archive": f"Berkas ini bukan lembar kerja, atau hanya arsip. {SAVE_AS}",
    "binary_workbook": f"Berkas ini buku kerja biner (.xlsb). {SAVE_AS}",
    "bomb": "Isi berkas ini jauh lebih besar daripada ukurannya, jadi tidak dibuka. Salin baris yang perlu ke buku "
    "kerja baru, simpan, lalu unggah.",
    "damaged": f"Berkas ini rusak atau terpotong. Ambil lagi dari sumbernya. {SAVE_AS}",
    "deep": f"Susunan berkas ini tidak wajar, jadi tidak dibuka. {SAVE_AS}",
    "document": f"Berkas ini dokumen, bukan lembar kerja. {SAVE_AS}",
    "empty": "Berkas ini kosong. Ambil lagi dari sumbernya.",
    "encoding": "Huruf dalam berkas ini tidak terbaca. Simpan sebagai CSV UTF-8, lalu unggah lagi.",
    "entities": f"Berkas ini memuat definisi XML yang tidak wajar, jadi tidak dibuka. {SAVE_AS}",
    "locked": "Berkas ini dikunci kata sandi. Buka di Excel, hapus kata sandinya, simpan, lalu unggah lagi.",
    "long_line": "Baris {at} terlalu panjang untuk sebuah daftar. Periksa apakah berkasnya benar.",
    "macros": f"Berkas ini memuat makro. {SAVE_AS}",
    "no_sheet": "Buku kerja ini tidak punya lembar yang dapat dibaca.",
    "null_bytes": "Berkas ini bukan teks. Simpan sebagai CSV UTF-8 atau .xlsx, lalu unggah lagi.",
    "old_excel": f"Berkas ini Excel lama (.xls). {SAVE_AS}",
    "open_document": f"Berkas ini OpenDocument (.ods). {SAVE_AS}",
    "pdf": "Berkas ini PDF. Minta daftar aslinya sebagai .xlsx atau CSV.",
    "picture": "Berkas ini gambar. Minta daftar aslinya sebagai .xlsx atau CSV.",
    "quotes": "Tanda kutip pada baris {at} tidak berpasangan, jadi baris sesudahnya tidak dapat dipisah. Perbaiki baris "
    "itu, atau simpan lagi dari Excel.",
    "stopped": "Berkas ini terlalu berat untuk dibaca, jadi dihentikan. Salin baris yang perlu ke buku kerja baru, "
    "simpan, lalu unggah.",
    "too_big": "Isi berkas ini terlalu besar. Pisah menjadi beberapa daftar.",
    "too_large": "Berkas ini lebih dari 20 MB. Pisah menjadi beberapa daftar.",
    "too_many_columns": "Lembar {at} memuat isi di luar 200 kolom pertama. Hapus kolom yang tidak perlu, lalu simpan.",
    "too_many_rows": "Daftar ini lebih dari 200.000 baris. Pisah menjadi beberapa berkas.",
    "too_many_sheets": "Buku kerja ini lebih dari 30 lembar. Simpan lembar daftarnya saja.",
    "web_page": f"Berkas ini sebenarnya halaman web, walau namanya lain. {SAVE_AS}",
}


class NotReadable(ValueError):
    """The file as a whole cannot be used; `str()` says why and what to do. Repeats nothing of the file."""

    def __init__(self, code: str, at: int | None = None):
        super().__init__(SENTENCES.get(code, SENTENCES["damaged"]).format(at=at or 1))
        self.code = code


class Spreadsheet:
    """An uploaded file. `kind` ("xlsx" or "csv") and `titles` of its sheets are known once a row was asked for."""

    def __init__(self, content: bytes):
        self.content = content
        self.kind = ""
        self.titles: list[str] = []

    def rows(self, *, first: int | None = None, seconds: float = SECONDS) -> Iterator[Row]:
        """Every row that is not empty, sheet after sheet, as it is read; with `first`, so many of each sheet.

        Raises NotReadable, also after rows were given. After `seconds` the child is killed.
        """
        if len(self.content) > MAX_BYTES:
            raise NotReadable("too_large")
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            cwd="/",
            start_new_session=True,
        )
        watch = Timer(seconds, child.kill)
        watch.daemon = True
        watch.start()
        try:
            self._hand_over(child, {"rows": first})
            yield from self._answers(child)
        finally:
            watch.cancel()
            child.kill()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    pipe.close()
            child.wait()

    def _hand_over(self, child: subprocess.Popen, wanted: dict) -> None:
        with suppress(BrokenPipeError):  # it died: that no last answer comes will say so
            child.stdin.write(json.dumps(wanted).encode() + b"\n")
            child.stdin.write(self.content)
            child.stdin.close()

    def _answers(self, child: subprocess.Popen) -> Iterator[Row]:
        while line := child.stdout.readline(LONGEST_ANSWER):
            try:
                answer = json.loads(line)
            except ValueError:
                break
            if isinstance(answer, list):
                yield from (self._row(*row) for row in answer)
            elif "refused" in answer:
                raise NotReadable(answer["refused"], answer["at"])
            elif "end" in answer:
                return
            else:
                self.kind, self.titles = answer["kind"], answer["sheets"]
        raise NotReadable("stopped")

    def _row(self, sheet: int, line: int, cells: list) -> Row:
        return Row(sheet, self.titles[sheet - 1], line, tuple(map(_cell, cells)))


def _cell(given: Any) -> Cell:
    if given is None or isinstance(given, str):
        return given or None
    match given[0]:
        case "n":
            return Number(given[1])
        case "d":
            return date.fromisoformat(given[1])
    return Formula()
