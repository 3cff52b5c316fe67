"""Cells that are already plain pass at once; only the others are worked on.

Most columns are written one way. An expression such as when/then works out both of its branches for every row, so the
dear branch would be paid for by rows that never need it. A sieve works it out for the rows that do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Final

import polars as pl

Step = Callable[[pl.Expr], pl.Expr]
"""An expression made from an expression, row by row."""

_CELL = "cell"
_PLACE = "place"
_SAMPLE: Final = 500
_NEARLY_ALL: Final = 0.9
"""Share of a sample; where its shortcuts settle so many cells, all others are tried on the few that are left."""


def sift(cells: pl.Expr, first: Step, rest: Step, *, worth: Step | None = None) -> pl.Expr:
    """Try the cheap `first` on every cell, and the dear `rest` where it gave null. Null cells stay null.

    Args:
        cells: a column of text.
        first: text to text, null where it cannot tell.
        rest: text to text; it sees only the cells that are not null and that `first` left open.
        worth: Boolean on such cells: whether `rest` could make anything of it. The others become null.

    Returns:
        A column of text, as long as `cells`.
    """
    cell = pl.col(_CELL)

    def batch(values: pl.Series) -> pl.Series:
        frame = values.cast(pl.String).alias(_CELL).to_frame()
        settled = _work_out(frame, first(cell)).alias(values.name)
        left = frame.with_row_index(_PLACE).filter(settled.is_null() & frame[_CELL].is_not_null())
        if worth is not None and left.height:
            left = left.filter(worth(cell))
        if not left.height:
            return settled
        # A clone, because scatter writes in place and the column may be the caller's own.
        return settled.clone().scatter(left[_PLACE], _work_out(left, rest(cell)))

    return cells.map_batches(batch, return_dtype=pl.String, is_elementwise=True)


def sift_at_sight(cells: pl.Expr, sights: Sequence[Step], rest: Step) -> pl.Expr:
    """As `sift` with several cheap steps, of which those are tried that settle much of a sample of the column.

    Args:
        cells: a column of text.
        sights: text to what `rest` makes of it, null where they cannot tell; cheap, and each for its own writing.
        rest: text to text, for every cell.
    """

    def batch(values: pl.Series) -> pl.Series:
        frame = values.cast(pl.String).alias(_CELL).to_frame()
        sample = frame.gather_every(max(1, frame.height // _SAMPLE)).drop_nulls()
        cell = pl.col(_CELL)
        tried = sample.lazy().select(sight(cell).is_not_null().mean().alias(str(i)) for i, sight in enumerate(sights))
        share = [one or 0.0 for one in tried.collect(engine="in-memory").row(0)]
        order = sorted(range(len(sights)), key=share.__getitem__)
        chosen = [sights[place] for place in order if share[place] or sum(share) > _NEARLY_ALL]
        work = reduce(lambda after, sight: lambda left: sift(left, sight, after), chosen, rest)
        return _work_out(frame, work(cell)).alias(values.name)

    return cells.map_batches(batch, return_dtype=pl.String, is_elementwise=True)


def once(cells: pl.Expr, work: Step, *, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Expr:
    """`work(cells)`, with `cells` worked out a single time however often `work` mentions them.

    Args:
        cells: a column of text, or of structs of text.
        work: a column of `dtype` from it.
        dtype: type of the outcome.
    """

    def batch(values: pl.Series) -> pl.Series:
        return _work_out(values.alias(_CELL).to_frame(), work(pl.col(_CELL))).alias(values.name)

    return cells.map_batches(batch, return_dtype=dtype, is_elementwise=True)


def _work_out(frame: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    # Lazily, because only lazy queries work out equal parts of an expression a single time.
    return frame.lazy().select(expression.alias(_CELL)).collect(engine="in-memory").to_series()


def each_once(cells: pl.Expr, work: Callable[[str], str | None]) -> pl.Expr:
    """Put every distinct cell through `work`, a plain Python function, once. Meant for a rare residue only."""

    def batch(values: pl.Series) -> pl.Series:
        distinct = values.unique().drop_nulls()
        if distinct.is_empty():
            return pl.Series(values.name, [None] * len(values), dtype=pl.String)
        outcome = pl.Series([work(value) for value in distinct.to_list()], dtype=pl.String)
        return values.replace_strict(distinct, outcome, default=None, return_dtype=pl.String)

    return cells.map_batches(batch, return_dtype=pl.String, is_elementwise=True)
