"""An exhibit becomes rows and nothing is lost: the one way into a dump."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.columns import assign
from tracer.intake.delimited import Delimited
from tracer.intake.encoding import HEAD
from tracer.intake.interface import ROW, Reader, Reading, Table
from tracer.intake.json_records import JsonArray, JsonLines
from tracer.intake.sql_inserts import SqlInserts
from tracer.intake.workbook import Workbook
from tracer.settings import DEFAULT, Settings

READERS: tuple[Reader, ...] = (Workbook(), SqlInserts(), JsonLines(), JsonArray(), Delimited())
"""Every shape of dump, in the order in which they are asked; the last one takes whatever is text."""


def read(exhibit: Exhibit, settings: Settings = DEFAULT) -> Reading:
    """Every record of the exhibit as text cells, with the role of each column.

    Raises:
        UnreadableInput: nothing in it can be read as records.
    """
    reader = _reader(exhibit)
    reading = reader.read(exhibit, settings)
    tables, first = [], 0
    for table in reading.tables:
        frame = table.frame
        if first:
            frame = frame.with_columns((pl.col(ROW) + first).cast(pl.UInt32))
        first += frame.height
        columns = assign(frame, tuple(column.name for column in table.columns))
        tables.append(Table(table.name, columns, frame))
    return replace(reading, tables=tuple(tables))


def _reader(exhibit: Exhibit) -> Reader:
    try:
        with exhibit.path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as fault:
        raise UnreadableInput(
            f"{exhibit.name}: cannot be read ({fault.strerror})", hint="check its permissions"
        ) from None
    return next(reader for reader in READERS if reader.recognises(head, exhibit.name))
