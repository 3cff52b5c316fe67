"""A table as every shape hands it over: numbered rows, their offsets, their cells."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake.header import Cells, names
from tracer.intake.interface import OFFSET, ROW, Column, Role, Table

UNREAD = "not looked at yet"


def table(name: str, cells: pl.DataFrame, header: Cells | None, offsets: NDArray[np.int64] | None) -> Table:
    """The table of these text cells (any column names, one row a record), numbered from 0, its columns without a role.

    Columns without a header name that hold nothing at all are left out: nothing is lost with them.
    """
    named = [bool(cell and cell.strip()) for cell in (header or ())][: cells.width]
    named += [False] * (cells.width - len(named))
    empty = [count == cells.height for count in cells.null_count().row(0)] if cells.height else [False] * cells.width
    kept = [i for i in range(cells.width) if named[i] or not empty[i]]
    titles = names(header, cells.width)
    columns = tuple(Column(f"c{k}", titles[i], Role.OTHER, UNREAD) for k, i in enumerate(kept))
    height = cells.height
    where = (
        pl.Series(OFFSET, offsets, dtype=pl.Int64)
        if offsets is not None
        else pl.Series(OFFSET, [None] * height, dtype=pl.Int64)
    )
    frame = pl.DataFrame(
        [
            pl.int_range(height, dtype=pl.UInt32, eager=True).alias(ROW),
            where,
            *(cells.to_series(i).alias(f"c{k}") for k, i in enumerate(kept)),
        ]
    )
    return Table(name, columns, frame)
