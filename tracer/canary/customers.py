"""A file becomes a table as canaries see it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import polars as pl

from canaries.table import Field, Table
from tracer.custody.exhibit import Exhibit, seal
from tracer.errors import UnreadableInput
from tracer.intake.interface import OFFSET
from tracer.intake.reading import read
from tracer.settings import DEFAULT, Settings


@dataclass(frozen=True, slots=True)
class Customers:
    """A file with one table of customers."""

    exhibit: Exhibit
    table: Table
    format: str
    encoding: str
    sheet: str
    offsets: pl.Series
    """Byte offset of each record, where the shape has one."""


def customers(file: str | os.PathLike[str], settings: Settings = DEFAULT) -> Customers:
    """Read a platform's table or export: of several tables the longest.

    Raises:
        UnreadableInput: it cannot be read as records.
    """
    exhibit = seal(file)
    reading = read(exhibit, settings)
    if not reading.tables:
        raise UnreadableInput(f"{exhibit.name}: holds no table", hint="look at it with: luobo inspect")
    longest = max(reading.tables, key=lambda table: table.frame.height)
    fields = tuple(Field(column.name, column.role.value) for column in longest.columns)
    cells = longest.frame.select(pl.col(column.key).alias(f"c{place}") for place, column in enumerate(longest.columns))
    table = Table(fields, cells)
    return Customers(exhibit, table, reading.format, reading.encoding, longest.name, longest.frame[OFFSET])
