"""One table after another in the same text or sheet: where each begins, what its header is, which rows are records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers import person_name
from tracer.intake import header as headers
from tracer.intake.encoding import Positions
from tracer.intake.furniture import is_cell, is_empty, is_furniture, is_nul, is_number, joined, names_somebody
from tracer.intake.sampling import spread

_SHOWN, _LEAST_SHOWN = 200, 20
"""How many rows are looked at to tell a header, and how many where each has thousands of cells."""
_SHOWN_CELLS = 100_000
_MOST_SUSPECTS = 20_000
_LONGEST_NAME = 40
_MOST_TITLES = 8
_LEAST_NAMES = 2
"""How many names a header must have to be known again by them."""
_MOSTLY = 0.9
_LEAST_RUN = 3
"""How many rows of another width make another table."""


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One table's rows."""

    rows: Positions
    """The records, by their place in the frame."""
    header: headers.Cells | None
    begins: bool
    """Whether it begins a table; else it goes on with the last one of the text before."""


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """What the rows of a frame are."""

    sections: tuple[Section, ...]
    blank: int
    aside: int
    """Rows that are titles, rules, adverts, footers or repeated headers."""
    spoilt: Positions
    """Rows of NUL bytes."""


def sort_rows(  # noqa: PLR0913 - what is known of the rows, and of the table that they go on with
    frame: pl.DataFrame,
    suspects: Positions,
    counts: Positions,
    usual: int,
    *,
    goes_on: bool,
    header: headers.Cells | None = None,
) -> Sorted:
    """Tell records from everything else.

    Args:
        frame: every row there is.
        suspects: rows that stand out by their first sign or their width.
        counts: separators of each row.
        usual: the commonest count.
        goes_on: the first row goes on with a table whose header is known.
        header: of that table, if it has one.
    """
    height = frame.height
    suspects = _suspects(frame, suspects)
    part = frame[suspects]
    columns = frame.columns
    alone = (counts[suspects] == 0) & (usual > 0)
    row = pl.col("row")
    rows = part.select(row=joined())
    told = rows.select(empty=is_empty(row), nul=is_nul(row), named=names_somebody(row))
    nul, empty = told["nul"].to_numpy(), told["empty"].to_numpy() & ~told["nul"].to_numpy()
    named = told["named"].to_numpy()
    # What names somebody is a record, unless it stands alone and may be an advert: few rows are looked at more closely.
    close = np.flatnonzero(~empty & ~nul & (~named | alone))
    furniture = np.zeros(len(suspects), bool)
    if len(close):
        looked = pl.concat([part[close], rows[close]], how="horizontal").select(
            is_furniture(row, columns, alone=pl.lit(pl.Series(alone[close])))
        )
        furniture[close] = looked.to_series().to_numpy()
    if frame.width == 1:
        line, inked = part.to_series(), ~empty & ~nul
        if named.sum() >= 0.5 * inked.sum():
            furniture |= ~named & inked & ~_is_record(line)
        furniture[:1] &= not _is_headed(line.filter(pl.Series(inked)))
    kind = np.zeros(height, np.int8)  # 0 record, 1 blank, 2 aside, 3 spoilt, 4 header
    kind[suspects[furniture]] = 2
    kind[suspects[empty]] = 1
    kind[suspects[nul]] = 3
    heads = _headers(frame, suspects, kind, counts)
    sections = tuple(_sections(frame, kind, heads, counts, header if goes_on else None, goes_on=goes_on))
    aside = int((kind == 2).sum())
    return Sorted(sections, int((kind == 1).sum()), aside, np.flatnonzero(kind == 3))


def _suspects(frame: pl.DataFrame, odd: Positions) -> Positions:
    """Rows that may be no record: those that stand out, those behind them, those without digits where others have."""
    if frame.width == 1:
        return np.arange(frame.height)
    # A mask, for to sort and to hash millions of places takes a hundred times as long.
    around = np.zeros(frame.height, bool)
    around[odd] = around[np.minimum(odd + 1, frame.height - 1)] = True
    around[:_SHOWN] = True
    sample = frame[spread(frame.height, 300)]
    digits = sample.select(pl.all().str.contains(r"[0-9]").mean())
    shares = [value or 0.0 for value in digits.row(0)]
    numeric = int(np.argmax(shares))
    if shares[numeric] >= 0.9:
        name = frame.columns[numeric]
        bare = frame.select((pl.col(name).is_null() | ~pl.col(name).str.contains("[0-9]")).arg_true()).to_series()
        around[bare.to_numpy()[:_MOST_SUSPECTS]] = True
    return np.flatnonzero(around)


def _is_record(lines: pl.Series) -> NDArray[np.bool_]:
    """Which lines of one cell are a name or a number, and nothing else."""
    line = pl.col("line")
    told = person_name.valid(line.str.strip_chars()).fill_null(False) | is_number(line).fill_null(False)
    return np.asarray(lines.alias("line").to_frame().select(told).to_series().to_numpy())


def _is_headed(lines: pl.Series) -> bool:
    """Whether the first of these lines of one cell names the column that the others are."""
    if len(lines) <= _LEAST_NAMES or not headers.is_known([lines[0]]):
        return False
    below = lines[1:].alias("line").to_frame()[_spread(np.arange(len(lines) - 1), 1)]
    return float(below.select(is_cell(pl.col("line")).mean()).item() or 0.0) >= _MOSTLY


def _headers(frame: pl.DataFrame, suspects: Positions, kind: NDArray[np.int8], counts: Positions) -> list[int]:
    """Rows that are made of known column names."""
    candidates = suspects[(kind[suspects] == 0) | ((kind[suspects] == 2) & (counts[suspects] > 0))]
    first = frame[:, :_SHOWN][candidates].select(pl.coalesce(pl.all())).to_series()
    worded = (first.str.len_chars() <= _LONGEST_NAME) & ~first.str.contains(r"[0-9]{3}|[*@]")
    candidates = candidates[worded.fill_null(False).to_numpy()][:_MOST_SUSPECTS]
    found = [
        int(row)
        for row, cells in zip(candidates, frame[candidates].iter_rows(), strict=True)
        if headers.is_known(cells)
    ]
    kind[found] = 0
    return found


def _sections(  # noqa: C901, PLR0913 (the cases of one decision, and all that it rests on)
    frame: pl.DataFrame,
    kind: NDArray[np.int8],
    heads: list[int],
    counts: Positions,
    current: headers.Cells | None,
    *,
    goes_on: bool,
) -> Iterator[Section]:
    starts = sorted({0, *_begins(kind, heads, counts)})
    known = set(heads)
    for start, end in zip(starts, [*starts[1:], frame.height], strict=True):
        fresh = start > 0 or not goes_on
        rows = np.flatnonzero(kind[start:end] == 0) + start
        if (
            end in known
            and 0 < len(rows) <= _MOST_TITLES
            and not any(map(headers.holds_values, frame[rows].iter_rows()))
        ):
            kind[rows] = 2  # what stands above a header and holds no value is its title
            continue
        shown = frame[_spread(rows, frame.width)].rows()
        titles = headers.title_lines(shown) if fresh else 0
        for row in rows[:titles]:
            if int(row) in known:
                titles = int(np.flatnonzero(rows == row)[0])
                break
        kind[rows[:titles]] = 2
        rows = rows[titles:]
        shown = frame[_spread(rows, frame.width)].rows()
        head: headers.Cells | None = None
        if len(rows) and (int(rows[0]) in known or (fresh and headers.is_header(shown[0], shown[1:]))):
            # Two lines of header: groups above names, or a translation below them. The last one names the columns.
            taken = 1
            while taken < min(3, len(rows) - 1) and int(rows[taken]) in known and rows[taken] == rows[taken - 1] + 1:
                taken += 1
            if taken == 1 and int(rows[0]) not in known and len(rows) > 2 and int(rows[1]) in known:
                taken = 2
            head = shown[taken - 1]
            kind[rows[0]] = 4
            kind[rows[1:taken]] = 2
            rows = rows[taken:]
        if head is not None and current is not None and tuple(head) == tuple(current):
            head, fresh = None, False  # the same header once more
        if head is not None:
            current = head
        again = _equal(frame, rows, current)
        kind[rows[again]] = 2
        rows = rows[~again]
        if len(rows) or head is not None:
            yield Section(rows, head, fresh)


def _equal(frame: pl.DataFrame, rows: Positions, header: headers.Cells | None) -> NDArray[np.bool_]:
    """Which rows are the header once more, cell by cell."""
    filled = [(name, cell) for name, cell in zip(frame.columns, header or (), strict=False) if cell]
    again = np.zeros(len(rows), bool)
    if len(filled) < _LEAST_NAMES:
        return again
    name, cell = filled[0]
    close = np.flatnonzero((frame.get_column(name) == cell).fill_null(value=False).to_numpy()[rows])
    for place in close[:_MOST_SUSPECTS].tolist():
        row = frame.row(int(rows[place]), named=True)
        again[place] = all(row[name] == cell for name, cell in filled)
    return again


def _begins(kind: NDArray[np.int8], heads: list[int], counts: Positions) -> Iterator[int]:
    """Where another table may begin: at a known header, or behind a gap where the width changes for good."""
    previous = -2
    for row in heads:
        if row != previous + 1:
            yield row
        previous = row
    if len(heads) > len(kind) // 2:
        return
    whole = np.flatnonzero(kind == 0)
    gaps = np.flatnonzero(np.diff(whole) > 1)
    for gap in gaps[:10_000].tolist():
        before, after = whole[max(0, gap - 1) : gap + 1], whole[gap + 1 : gap + 1 + _LEAST_RUN]
        if len(after) < _LEAST_RUN or (counts[before[-1]] == 0 and len(before) > 1):
            continue
        mine, theirs = counts[before[-1]], counts[after]
        if (theirs[1:] == theirs[1]).all() and theirs[1] != mine and theirs[1] > 0:
            yield int(after[0])


def _spread(rows: Positions, width: int) -> Positions:
    shown = max(_LEAST_SHOWN, min(_SHOWN, _SHOWN_CELLS // width))
    return np.unique(np.concatenate((rows[:shown], rows[:: max(1, len(rows) // shown)]))).astype(np.int64)
