"""What a spreadsheet's cell can hold. The kind decides: sixteen digits kept as a number have lost the last ones. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric cell, as the file writes it: "3319021708900010", "3.31902170890001E+15", "17"."""

    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A computed cell. Its result is whatever some program last stored there, so it is not used."""


Cell = str | Number | date | Formula | None


class Row(NamedTuple):
    """One row that is not empty. `sheet`: from 1; `line`: as the spreadsheet counts; `cells`: without the empty end."""

    sheet: int
    title: str
    line: int
    cells: tuple[Cell, ...]


def as_text(cell: Cell) -> str:
    """What a person would read in the cell; a computed one reads as empty."""
    match cell:
        case str():
            return " ".join(cell.split())
        case Number():
            return cell.text.removesuffix(".0")
        case date():
            return cell.isoformat()
    return ""
