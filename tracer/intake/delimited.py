"""Text tables: any separator or none, quoted cells, with a header or without."""

from __future__ import annotations

import numpy as np
import polars as pl

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake import header as headers
from tracer.intake.decode import Text, decode
from tracer.intake.furniture import is_empty, is_furniture, is_nul
from tracer.intake.grid import Grid, lay_out
from tracer.intake.interface import Reading, Reject, Table
from tracer.intake.separator import unquote, vote
from tracer.intake.table import table
from tracer.settings import Settings

_SAMPLED = 400
"""How many lines vote on the separator: half from the head, half spread over the rest."""
_LONGEST_HEAD, _LONGEST_SHOWN = 1 << 18, 10_000
"""Most bytes of the head, and of a line behind it, that vote."""
_SHOWN = 200
"""How many rows are looked at to tell a header."""


class Delimited:
    """The shape of last resort: whatever is text has lines."""

    format = "csv"

    def recognises(self, head: bytes, name: str) -> bool:
        """Always: text in lines is a table of at least one column."""
        return True

    def read(self, exhibit: Exhibit, settings: Settings) -> Reading:
        """Cut the text into cells and take away what is no record.

        Raises:
            UnreadableInput: it is not text, or holds no record and no reject.
        """
        text = decode(exhibit)
        separator = vote(_sample(text))
        grid = lay_out(text, separator)
        found, head, rejects, warnings = _records(grid)
        if not found.frame.height and head is None:
            raise UnreadableInput(f"{exhibit.name}: holds no record", hint="check that it was copied whole")
        shape = "csv" if separator else "text"
        return Reading(shape, text.encoding, (found,), rejects, warnings=warnings)


def _sample(text: Text) -> list[str]:
    """Lines of the head and lines spread evenly over the rest, without their quoted cells."""
    count, half = len(text.begins), _SAMPLED // 2
    bounds = np.append(text.begins, len(text.data))
    head = text.data[: min(int(bounds[min(half, count)]), _LONGEST_HEAD)]
    spread = np.unique(np.linspace(min(half, count), count, half, endpoint=False).astype(np.int64))
    lines = (text.data[bounds[i] : min(bounds[i + 1], bounds[i] + _LONGEST_SHOWN)] for i in spread if i < count)
    return [line for block in (head, *lines) for line in unquote(block.decode(errors="ignore"))] or [""]


def _records(grid: Grid) -> tuple[Table, headers.Cells | None, tuple[Reject, ...], tuple[str, ...]]:
    """The grid without what is no record: (its table, its header, its rejects, what was set aside)."""
    frame = grid.frame
    kept = np.ones(frame.height, bool)
    # In a table of one column any line may be a title; in a wider one only those that stand out by their first byte.
    suspects = grid.odd if frame.width > 1 else np.arange(frame.height)
    aside = frame[suspects].select(
        furniture=is_furniture(frame.columns), empty=is_empty(frame.columns), nul=is_nul(frame.columns)
    )
    kept[suspects[aside["furniture"].to_numpy() | aside["empty"].to_numpy()]] = False
    spoilt = suspects[aside["nul"].to_numpy()]
    rejects = (*grid.rejects, *(Reject(int(grid.offsets[i]), int(grid.numbers[i]), "NUL bytes only") for i in spoilt))
    blank = int((aside["empty"] & ~aside["nul"]).sum())

    rows = np.flatnonzero(kept)
    shown = frame[np.unique(np.concatenate((rows[:_SHOWN], rows[:: max(1, len(rows) // _SHOWN)])))].rows()
    titles = headers.title_lines(shown)
    kept[rows[:titles]] = False
    head = shown[titles] if titles < len(shown) and headers.is_header(shown[titles], shown[titles + 1 :]) else None
    if head is not None:
        kept[headers.repeats(frame, head)] = False
    aside_count = int((~kept).sum()) - blank - len(spoilt) - (head is not None)
    warnings = (
        (f"{aside_count} lines of titles, rules, footers or repeated headers are no records",) if aside_count else ()
    )
    cells = frame if kept.all() else frame.filter(pl.Series(kept))
    offsets = grid.offsets if kept.all() else grid.offsets[kept]
    return table("", cells, head, offsets), head, rejects, warnings
