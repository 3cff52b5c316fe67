"""What was read, whether it came from a file or from a frame somebody has in memory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl

from tracer.custody.exhibit import Exhibit, seal
from tracer.errors import UnreadableInput
from tracer.intake.columns import assign
from tracer.intake.interface import LENGTH, OFFSET, ROW, Reading, Table
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.reading import read
from tracer.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

FRAME = "frame"
"""What something without a file is called."""


@dataclass(frozen=True, slots=True)
class Material:
    """What was read, and the digest taken before."""

    name: str
    sha256: str
    size: int
    sealed_on: date
    """Day on which it was sealed: it is no younger."""
    reading: Reading


def of_exhibit(exhibit: Exhibit, reading: Reading) -> Material:
    """What was read of an exhibit."""
    return Material(exhibit.name, exhibit.sha256, exhibit.size, exhibit.sealed_at.date(), reading)


def material(
    data: str | os.PathLike[str] | Exhibit | pd.DataFrame | pl.DataFrame,
    settings: Settings,
    *,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> Material:
    """Read an exhibit, seal and read a file, or take a frame as it is.

    Raises:
        TracerError: there is nothing to read.
    """
    if isinstance(data, str | os.PathLike | Exhibit):
        exhibit = data if isinstance(data, Exhibit) else seal(data)
        return of_exhibit(exhibit, read(exhibit, settings, limits=limits, password=password))
    frame = data if isinstance(data, pl.DataFrame) else pl.from_pandas(data)
    if frame.is_empty():
        raise UnreadableInput("the frame has no rows", hint="give a frame that holds records")
    headers = tuple(str(name) for name in frame.columns)
    cells = frame.rename({name: f"c{place}" for place, name in enumerate(frame.columns)}).cast(pl.String)
    content = cells.write_csv().encode()
    numbered = cells.with_columns(pl.lit(None, pl.Int64).alias(name) for name in (OFFSET, LENGTH)).with_row_index(ROW)
    table = Table("", assign(numbered, headers), numbered.select(ROW, OFFSET, LENGTH, *cells.columns))
    digest, today = hashlib.sha256(content).hexdigest(), datetime.now(UTC).date()
    return Material(FRAME, digest, len(content), today, Reading(FRAME, "", (table,)))
