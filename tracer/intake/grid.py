"""Lines cut into cells at once: text and its separator become a frame with one row a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake.blocks import LONGEST_LINE
from tracer.intake.decode import Text, find, line_begins, tally
from tracer.intake.encoding import Positions
from tracer.intake.interface import Reject
from tracer.intake.quoting import inside, quote_positions, repair

MOST_CELLS = 10_000
"""A line with more cells is refused: no table of people has so many columns."""
MOST_LAID_OUT = 12 << 20
"""How many cells are laid out at once."""

_SPARE = (b"\x1f", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x0e", b"\x0f", b"\x10", b"\x7f")
_SUSPECT = np.zeros(256, bool)
_SUSPECT[np.frombuffer(b'-=*_#~"| \t\r\n\x00', np.uint8)] = True


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Every line of a text as a row of cells: `c0`, `c1` …, blank lines and headers still among them."""

    frame: pl.DataFrame
    offsets: Positions
    """Byte offset of each row in the original."""
    ends: Positions
    """Where each row ends there."""
    numbers: Positions
    """Line number of each row, from 1."""
    odd: Positions
    """The rows that begin with a blank, a separator or a mark, or are ragged."""
    counts: Positions
    """How many separators each row holds."""
    usual: int
    """The commonest of these."""
    rejects: tuple[Reject, ...]


def lay_out_evenly(text: Text, separator: str) -> Grid | None:
    """The grid of lines that hold the separator equally often and quote nothing, at the cost of parsing; else None.

    That they do is not taken for granted from the first of them: together they hold so many, and the parser found no
    line with more.
    """
    sign, data, lines = separator.encode(), text.data, len(text.begins)
    if len(sign) != 1 or b'"' in data or not lines or len(data) > LONGEST_LINE:
        return None
    width = data.count(sign, 0, int(text.begins[1]) if lines > 1 else len(data))
    if not width or lines * (width + 1) > MOST_LAID_OUT or tally(data, sign) != width * lines:
        return None
    rows = _Rows(data, text.begins, np.arange(lines), np.zeros(0, np.int64), repaired=False)
    frame, counts = _regular(rows, sign)
    if frame is None:
        return None
    return Grid(
        frame,
        text.offsets,
        text.ends,
        text.numbers,
        np.flatnonzero(_punctuated(rows, sign)),
        counts,
        width,
        text.rejects,
    )


def lay_out(text: Text, separator: str) -> Grid:
    """Cut every line of `text` at `separator` ("" = one cell a line). Short rows are padded with nulls."""
    text = without(
        text, np.flatnonzero(np.diff(text.begins, append=len(text.data)) > LONGEST_LINE), "line longer than 64 MiB"
    )
    data = text.data
    sign = separator.encode()
    if len(sign) != 1:
        (spare,) = spare_bytes(data, 1)
        data = data.replace(sign, spare) if sign else data
        sign = spare
    begins = text.begins if len(data) == len(text.data) else line_begins(np.frombuffer(data, np.uint8))
    rows = _resolve_quotes(data, begins, sign)
    frame, counts = _regular(rows, sign)
    if frame is None:
        counts = _counts(rows, sign)
        usual = _usual(counts)
        giant = np.flatnonzero(counts > min(MOST_CELLS, max(256, 4 * usual)))
        if len(giant):
            last = np.append(rows.first[1:], len(text.begins))
            lines = np.concatenate([np.arange(rows.first[row], last[row]) for row in giant])
            return lay_out(without(text, lines, "too many cells", heads=rows.first[giant]), separator)
        frame = parse(rows.data, sign, counts, quoted=bool(len(rows.quotes)))
    frame = _restore(frame, rows, separator, sign)
    common = _usual(counts)
    odd = np.flatnonzero((counts != common) | _punctuated(rows, sign))
    offsets, ends = text.offsets[rows.first], text.ends[last_lines(rows.first, len(text.begins))]
    return Grid(frame, offsets, ends, text.numbers[rows.first], odd, counts, common, text.rejects)


def last_lines(first: Positions, lines: int) -> Positions:
    """The last line of each row of which the first is known, in a text of so many lines."""
    return np.append(first[1:], lines)[: len(first)] - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """A text whose quotes are understood."""

    data: bytes
    begins: Positions
    """Where each row begins in `data`."""
    first: Positions
    """The line of the text with which each row begins."""
    quotes: Positions
    """The quotes that are left for the parser to resolve: none, or all of a text in which they fit."""
    repaired: bool
    """Whether the text was rewritten without its quotes."""


def _resolve_quotes(data: bytes, begins: Positions, sign: bytes) -> _Rows:
    nothing = np.zeros(0, np.int64)
    if b'"' not in data:
        return _Rows(data, begins, np.arange(len(begins)), nothing, repaired=False)
    quotes = quote_positions(np.frombuffer(data, np.uint8), sign[0])
    if quotes is None:
        data, first = repair(data, begins, sign)
        return _Rows(data, line_begins(np.frombuffer(data, np.uint8)), first, nothing, repaired=True)
    first = np.flatnonzero(~inside(quotes, begins))
    return _Rows(data, begins[first], first, quotes, repaired=False)


def _regular(rows: _Rows, sign: bytes) -> tuple[pl.DataFrame | None, Positions]:
    """The frame and its counts, if every row has as many cells as the first; without searching for separators.

    Polars refuses a row with more cells and pads one with fewer: no null in the last column, no short row.
    """
    end = int(rows.begins[1]) if len(rows.begins) > 1 else len(rows.data)
    width = rows.data.count(sign, 0, end)
    if rows.repaired or width > MOST_CELLS // 10 or (len(rows.quotes) and rows.quotes[0] < end):
        return None, rows.begins
    counts = np.full(len(rows.begins), width, np.int64)
    try:
        frame = parse(rows.data, sign, counts, quoted=bool(len(rows.quotes)))
    except (pl.exceptions.PolarsError, AssertionError):
        return None, rows.begins
    if frame.to_series(width).null_count() and (len(rows.quotes) or rows.data.count(sign) != width * len(counts)):
        return None, rows.begins
    return frame, counts


def spare_bytes(data: bytes, count: int) -> tuple[bytes, ...]:
    """Control characters that the text does not use, to stand for separators and line ends inside it."""
    free = [byte for byte in _SPARE if byte not in data]
    return tuple((free + list(_SPARE))[:count])


def only(text: Text, lines: NDArray[np.bool_]) -> Text:
    """The text of these lines alone."""
    return replace(without(text, np.flatnonzero(~lines), ""), rejects=())


BREAK_SIGN = b"\x1e"
"""Stands for a line end inside a cell while lines are cut."""


def merged(text: Text, lines: Positions) -> Text:
    """The text with each of these lines behind the one before it, `BREAK_SIGN` between them."""
    data = np.frombuffer(text.data, np.uint8).copy()
    data[text.begins[lines] - 1] = BREAK_SIGN[0]
    kept = np.ones(len(text.begins), bool)
    kept[lines] = False
    moved = np.cumsum(kept) - 1
    return replace(
        text,
        data=data.tobytes(),
        begins=text.begins[kept],
        offsets=text.offsets[kept],
        ends=text.ends[last_lines(np.flatnonzero(kept), len(kept))],
        numbers=text.numbers[kept],
        foreign=frozenset(int(moved[i]) for i in text.foreign if kept[i]),
    )


def rewritten(text: Text, data: bytes) -> Text:
    """The text with other content in its lines."""
    return replace(text, data=data, begins=line_begins(np.frombuffer(data, np.uint8)))


def line_by_line(text: Text, row: Callable[[str], str]) -> Text:
    """The text with each line written anew."""
    lines = text.data.decode(errors="replace").split("\n")
    tail = [lines.pop()] if text.data.endswith(b"\n") else []
    return rewritten(text, "\n".join([*map(row, lines), *tail]).encode())


def without(text: Text, lines: Positions, reason: str, heads: Positions | None = None) -> Text:
    """The text less these lines; each of them (or of `heads`, where several make one record) becomes a reject."""
    if not len(lines):
        return text
    kept = np.ones(len(text.begins), bool)
    kept[lines] = False
    bounds = np.append(text.begins, len(text.data))
    edges = np.flatnonzero(np.diff(kept.astype(np.int8), prepend=0, append=0))
    data = b"".join(text.data[bounds[a] : bounds[b]] for a, b in edges.reshape(-1, 2).tolist())
    new = tuple(Reject(int(text.offsets[i]), int(text.numbers[i]), reason) for i in (lines if heads is None else heads))
    moved = np.cumsum(kept) - 1
    return replace(
        text,
        data=data,
        begins=line_begins(np.frombuffer(data, np.uint8)),
        offsets=text.offsets[kept],
        ends=text.ends[kept],
        numbers=text.numbers[kept],
        rejects=(*text.rejects, *new),
        foreign=frozenset(int(moved[i]) for i in text.foreign if kept[i]),
    )


def _counts(rows: _Rows, sign: bytes) -> Positions:
    """How many separators each row holds."""
    signs = find(np.frombuffer(rows.data, np.uint8), sign[0])
    if len(rows.quotes):
        signs = signs[~inside(rows.quotes, signs)]
    return np.diff(np.searchsorted(signs, np.append(rows.begins, len(rows.data))))


def _usual(counts: Positions) -> int:
    """The commonest count; blank lines (no separator) do not vote where others have one."""
    votes = np.bincount(np.minimum(counts, MOST_CELLS + 1))
    if len(votes) > 1 and votes[1:].any() and votes[0] <= votes[1:].max() * 4:
        votes[0] = 0
    return int(votes.argmax()) if len(votes) else 0


def _punctuated(rows: _Rows, sign: bytes) -> NDArray[np.bool_]:
    units, begins = np.frombuffer(rows.data, np.uint8), rows.begins
    first = units[begins]
    second = units[np.minimum(begins + 1, len(units) - 1)]
    rule = (first == ord("+")) & (second == ord("-"))
    marked: NDArray[np.bool_] = _SUSPECT[first] | (first == sign[0]) | rule
    return marked


def parse(data: bytes, sign: bytes, counts: Positions, *, quoted: bool) -> pl.DataFrame:
    """One row a line, one column a cell: `counts` says how many separators each line holds."""
    width = int(counts.max(initial=0)) + 1
    # Polars takes the width from the first line: where that is short, a line of separators goes first.
    lead = sign * (width - 1) + b"\n" if len(counts) and counts[0] + 1 < width else b""
    frame = pl.read_csv(
        lead + data if lead else data or b"\n",
        separator=sign.decode(),
        has_header=False,
        infer_schema=False,
        quote_char='"' if quoted else None,
        schema={f"c{i}": pl.String for i in range(width)},
    )
    frame = frame[1:] if lead or not data else frame
    if frame.height != len(counts):  # never: the grid and Polars would disagree on what a record is
        raise AssertionError(f"{frame.height} rows parsed out of {len(counts)}")
    return frame


def _restore(frame: pl.DataFrame, rows: _Rows, separator: str, sign: bytes) -> pl.DataFrame:
    """Undo inside cells what cutting had to change, and make empty cells null."""
    if not len(rows.quotes) and not rows.repaired:
        return frame
    cells = pl.all()
    if rows.repaired:
        cells = cells.str.replace_all("\x1e", "\n", literal=True).str.replace_all("\x1d", separator, literal=True)
    elif separator and separator.encode() != sign:
        cells = cells.str.replace_all(sign.decode(), separator, literal=True)
    return frame.with_columns(pl.when(cells != "").then(cells))
