"""Model pieces for personal values: a ciphertext column, an index column, and the property that joins them."""

from django.db import models

from recording.crypto import blind_index, seal, unseal


class CiphertextField(models.BinaryField):
    """A sealed value (see `recording.crypto`); read and written through a `Sealed` property only."""

    def __init__(self, **kwargs):
        super().__init__(**{"null": True, "editable": False, **kwargs})


class BlindIndexField(models.BinaryField):
    """The 32-byte keyed index of a sealed value, for exact look-up."""

    def __init__(self, **kwargs):
        super().__init__(**{"null": True, "editable": False, "max_length": 32, **kwargs})


class Sealed:
    """A plain-text property over `<name>_ct` (and `<name>_bi` when `indexed`); "" is stored as NULL.

    `row` names the attribute that identifies the row in the additional data; it must be set before the value is.
    """

    def __init__(self, *, row: str, indexed: bool = False):
        self.row, self.indexed = row, indexed

    def __set_name__(self, owner, name):
        self.name = name

    def place(self, instance) -> str:
        """Where the value of `instance` is bound to: "table.column.row"."""
        return f"{instance._meta.db_table}.{self.name}.{getattr(instance, self.row)}"

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        sealed = getattr(instance, f"{self.name}_ct")
        return "" if sealed is None else unseal(sealed, bound_to=self.place(instance))

    def __set__(self, instance, value: str | None):
        if value and getattr(instance, self.row) is None:
            raise ValueError(f"{self.name} cannot be sealed before {self.row} is known")
        setattr(instance, f"{self.name}_ct", seal(value, bound_to=self.place(instance)) if value else None)
        if self.indexed:
            setattr(instance, f"{self.name}_bi", self.index(instance, value) if value else None)

    def index(self, owner, value: str) -> bytes:
        """The blind index of `value` in this column, as stored in `<name>_bi`."""
        return blind_index(value, purpose=f"{owner._meta.db_table}.{self.name}")
