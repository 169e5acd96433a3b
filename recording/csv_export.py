"""Tables as CSV files that a spreadsheet opens without running anything that somebody typed."""

import csv
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

# Cells that begin so, also after blanks, are formulas to one spreadsheet or another.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    """A file that hands each line straight on."""

    def write(self, line: str) -> str:
        return line


def safe_cell(value) -> str:
    """`value` as text that no spreadsheet takes for a formula."""
    text = "" if value is None else f"{value}"
    bare = text.lstrip(" \u00a0\u200b\ufeff")
    return f"'{text}" if bare.startswith(FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text == text.strip()


def csv_response(*, name: str, columns: Sequence[str], rows: Iterable[Sequence]) -> StreamingHttpResponse:
    """A download `name`.csv, sent row by row. `columns` never change with the language."""
    writer = csv.writer(_Echo())

    def lines():
        yield "\ufeff" + writer.writerow(columns)
        for row in rows:
            yield writer.writerow([safe_cell(value) for value in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
