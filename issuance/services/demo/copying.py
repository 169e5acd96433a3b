"""Rows by COPY: what a service writes one by one, demo data writes by the hundred thousand."""

import io
import json
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

FLUSH_ROWS = 5_000
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class CopyTable:
    """Collects rows of `model` and sends them in batches; a column that is not given has the model's default."""

    def __init__(self, model: type[models.Model], *, with_id: bool = False):
        self.model = model
        concrete = [
            field for field in model._meta.concrete_fields if with_id or not isinstance(field, models.AutoField)
        ]
        fields = {str(field.column): field for field in concrete}
        self.columns = list(fields)
        self.json = {column for column, field in fields.items() if isinstance(field, models.JSONField)}
        self.arrays = {column for column, field in fields.items() if isinstance(field, ArrayField)}
        self.defaults = {column: self._text(column, field.get_default()) for column, field in fields.items()}
        self.buffer, self.waiting, self.count = io.StringIO(), 0, 0

    def add(self, **values: Any) -> None:
        """One row, by column name (foreign keys as `<name>_id`)."""
        given = {column: self._text(column, value) for column, value in values.items()}
        self.buffer.write("\t".join((self.defaults | given).values()) + "\n")
        self.count += 1
        self.waiting += 1
        if self.waiting >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.buffer.seek(0)
            columns = ", ".join(f'"{column}"' for column in self.columns)
            with connection.cursor() as cursor:
                cursor.copy_expert(f"COPY {self.model._meta.db_table} ({columns}) FROM STDIN", self.buffer)
            self.buffer, self.waiting = io.StringIO(), 0

    def _text(self, column: str, value: Any) -> str:
        if column in self.json:
            value = json.dumps(value)
        elif column in self.arrays:
            value = "{" + ",".join(value) + "}"
        match value:
            case None:
                return r"\N"
            case bool():
                return "t" if value else "f"
            case str():
                return value.translate(_ESCAPES)
            case bytes():
                return r"\\x" + value.hex()
            case datetime() | date():
                return value.isoformat()
        return str(value)


class Ids:
    """Ids of `model` from its sequence, fetched in blocks: rows can refer to each other before they are written."""

    def __init__(self, model: type[models.Model]):
        self.table = model._meta.db_table
        self.block: list[int] = []

    def take(self) -> int:
        if not self.block:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [self.table, FLUSH_ROWS],
                )
                self.block = [number for (number,) in reversed(cursor.fetchall())]
        return self.block.pop()
