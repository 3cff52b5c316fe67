"""Lines cut into cells at once: text and its separator become a frame with one row a record."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tracer.intake.decode import Positions, Text
from tracer.intake.interface import Reject
from tracer.intake.quoting import inside, quote_positions, repair

MOST_CELLS = 10_000
"""A line with more cells is refused: no table of people has so many columns."""
LONGEST_LINE = 64 << 20
"""A line longer than this many bytes is refused."""

_SPARE = (b"\x1f", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x0e", b"\x0f", b"\x10", b"\x7f")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Every line of a text as a row of cells: `c0`, `c1` …, blank lines and headers still among them."""

    frame: pl.DataFrame
    offsets: Positions
    """Byte offset of each row in the original."""
    numbers: Positions
    """Line number of each row, from 1."""
    ragged: Positions
    """The rows that have not the usual number of cells."""
    odd: Positions
    """The rows that begin with a blank, a separator or a punctuation mark, or are ragged: only they may be no record."""
    rejects: tuple[Reject, ...]


def lay_out(text: Text, separator: str) -> Grid:
    """Cut every line of `text` at `separator` ("" = one cell a line). Short rows are padded with nulls, none is cut off."""
    text = without(text, np.flatnonzero(np.diff(text.begins, append=len(text.data)) > LONGEST_LINE), "line longer than 64 MiB")
    data = text.data
    sign = separator.encode()
    if len(sign) != 1:
        (spare,) = spare_bytes(data, 1)
        data = data.replace(sign, spare) if sign else data
        sign = spare
    units = np.frombuffer(data, np.uint8)
    begins = text.begins if len(data) == len(text.data) else _line_begins(units)
    quotes = quote_positions(units, sign[0]) if b'"' in data else np.zeros(0, np.int64)
    repaired = quotes is None
    if quotes is None:
        data, first = repair(data, begins, sign)
        units = np.frombuffer(data, np.uint8)
        begins, quotes = _line_begins(units), np.zeros(0, np.int64)
    elif len(quotes):
        first = np.flatnonzero(~inside(quotes, begins))
        begins = begins[first]
    else:
        first = np.arange(len(begins))
    signs = np.flatnonzero(units == sign[0])
    if len(quotes):
        signs = signs[~inside(quotes, signs)]
    counts = _counts(signs, begins, len(data))
    usual = _usual(counts)
    giant = np.flatnonzero(counts > min(MOST_CELLS, max(256, 4 * usual)))
    if len(giant):
        last = np.append(first[1:], len(text.begins))
        lines = np.concatenate([np.arange(first[row], last[row]) for row in giant])
        return lay_out(without(text, lines, "too many cells", heads=first[giant]), separator)
    frame = parse(data, sign, counts, quoted=bool(len(quotes)))
    frame = _restore(frame, separator, sign, quoted=bool(len(quotes)), repaired=repaired)
    ragged = np.flatnonzero(counts != usual)
    odd = np.union1d(ragged, _punctuated(units, begins, sign))
    return Grid(frame, text.offsets[first], text.numbers[first], ragged, odd, text.rejects)


def spare_bytes(data: bytes, count: int) -> tuple[bytes, ...]:
    """Control characters that the text does not use, to stand for separators and line ends inside it."""
    free = [byte for byte in _SPARE if byte not in data]
    return tuple((free + list(_SPARE))[:count])


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
        begins=_line_begins(np.frombuffer(data, np.uint8)),
        offsets=text.offsets[kept],
        numbers=text.numbers[kept],
        rejects=(*text.rejects, *new),
        chinese=frozenset(int(moved[i]) for i in text.chinese if kept[i]),
    )


def _line_begins(units: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Positions:
    ends = np.flatnonzero(units == 10) + 1
    begins = np.concatenate(([0], ends)) if len(units) else ends
    return begins[:-1] if len(begins) and begins[-1] == len(units) else begins


def _counts(signs: Positions, begins: Positions, size: int) -> Positions:
    """How many separators each row holds. The regular case costs two comparisons a row, no search."""
    rows = len(begins)
    if rows and len(signs) % rows == 0 and len(signs):
        table = signs.reshape(rows, -1)
        ends = np.append(begins[1:], size)
        if bool((table[:, 0] >= begins).all()) and bool((table[:, -1] < ends).all()):
            return np.full(rows, table.shape[1], np.int64)
    return np.diff(np.searchsorted(signs, np.append(begins, size)))


def _usual(counts: Positions) -> int:
    """The commonest count; blank lines (no separator) do not vote where others have one."""
    votes = np.bincount(np.minimum(counts, MOST_CELLS + 1))
    if len(votes) > 1 and votes[1:].any():
        if votes[0] <= votes[1:].max() * 4:
            votes[0] = 0
    return int(votes.argmax()) if len(votes) else 0


def _punctuated(units: np.ndarray[tuple[int], np.dtype[np.uint8]], begins: Positions, sign: bytes) -> Positions:
    if not len(begins):
        return begins
    first = units[begins]
    second = units[np.minimum(begins + 1, len(units) - 1)]
    suspect = np.isin(first, np.frombuffer(b'-=*_#~"| \t\r\n\x00' + sign, np.uint8)) | ((first == ord("+")) & (second == ord("-")))
    return np.flatnonzero(suspect)


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


def _restore(frame: pl.DataFrame, separator: str, sign: bytes, *, quoted: bool, repaired: bool) -> pl.DataFrame:
    """Undo inside cells what cutting had to change, and make empty cells null."""
    cells = pl.all()
    if quoted and separator and separator.encode() != sign:
        cells = cells.str.replace_all(sign.decode(), separator, literal=True)
    if repaired:
        cells = cells.str.replace_all("\x1e", "\n", literal=True).str.replace_all("\x1d", separator, literal=True)
    if not quoted and not repaired:
        return frame
    return frame.with_columns(pl.when(cells != "").then(cells))
