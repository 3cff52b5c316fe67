"""Text tables: any separator or none, quoted cells, with a header or without, several of them one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake import header as headers
from tracer.intake.aligned import align
from tracer.intake.decode import Text, find, texts
from tracer.intake.encoding import Positions
from tracer.intake.grid import MOST_CELLS, MOST_LAID_OUT, Grid, lay_out, lay_out_evenly, only, without
from tracer.intake.interface import Note, Part, Piece, Reject, Shape
from tracer.intake.labels import strip_labels, unwrap
from tracer.intake.marked import Cut, cut, glued, marks
from tracer.intake.member import Member
from tracer.intake.rejoined import rejoined, with_breaks
from tracer.intake.sections import Sorted, sort_rows
from tracer.intake.separator import unquote, vote

_SAMPLED = 400
"""How many lines vote on the separator: half from the head, half spread over the rest."""
_LONGEST_HEAD, _LONGEST_SHOWN = 1 << 18, 10_000
"""Most bytes of the head, and of a line behind it, that vote."""
_LEAST_LINES = 3
"""How many lines make a table of their own in a text with another separator."""


@dataclass(slots=True)
class _State:
    """What is known of the tables so far."""

    separator: str | None = None
    marked: Cut | None = None
    """How lines are cut in which no separator but something else marks the cells."""
    header: headers.Cells | None = None
    width: int = 0
    tables: int = 0
    aside: int = 0
    blank: int = 0

    @property
    def name(self) -> str:
        return f"table {self.tables}" if self.tables > 1 else ""


class Delimited:
    """The shape of last resort: whatever is text has lines."""

    format = "csv"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Always: text in lines is a table of at least one column."""
        return True

    def read(self, member: Member) -> Iterator[Part]:
        """Cut the text into cells and take away what is no record.

        Raises:
            UnreadableInput: it is not text.
        """
        state = _State()
        said: Shape | None = None
        for text in texts(member):
            yield from text.rejects
            for region, separator in _regions(replace(text, rejects=()), state):
                shape = Shape("csv" if separator else "text", text.encoding)
                if said is None or shape.encoding != said.encoding:
                    said = said or shape
                    yield Shape(said.format, shape.encoding if shape.encoding == said.encoding else "mixed")
                yield from _table(region, state) if isinstance(region, Grid) else _ragged(region, separator, state)
        if state.aside:
            yield Note(f"{state.aside} lines of titles, rules, adverts, footers or repeated headers are no records")


def _regions(text: Text, state: _State) -> Iterator[tuple[Text | Grid, str]]:
    """The lines of one separator after those of another; nearly always all lines have the same.

    Lines that hold one separator equally often come as the grid that they were cut into to find that out.
    """
    if not len(text.begins):
        return
    separator, shown = state.separator, sample(text)
    if separator is None or not _holds(shown, separator):
        separator = vote(shown)
    parted = _parted(text, shown, separator, state) if not separator or state.separator is None else None
    if parted is not None:
        state.separator = None
        yield from ((part, "\x1f") for part in slices(parted, "\x1f"))
        return
    state.separator = separator
    grid = lay_out_evenly(text, separator)
    if grid is not None:
        yield grid, separator
        return
    if separator and b'"' not in text.data:
        without = _without(text, separator)
        if int(without.sum()) >= _LEAST_LINES:
            rest = only(text, without)
            other = vote(sample(rest))
            if other and other != separator and _agreeing(rest, other) >= _LEAST_LINES:
                yield from ((part, separator) for part in slices(only(text, ~without), separator))
                state.header, state.width = None, 0
                inner = _State(tables=state.tables)
                for region, found in _regions(rest, inner):
                    state.header = None
                    yield region, found
                return
    yield from ((part, separator) for part in slices(text, separator))


def _parted(text: Text, shown: Sequence[str], separator: str, state: _State) -> Text | None:
    """The text with 0x1F between its cells where something other than this separator parts them; else None."""
    state.marked = marks(shown, separator, state.marked)
    if state.marked is not None:
        return cut(text, state.marked)
    aligned = None if separator else align(text, shown)
    if separator or aligned is not None:
        return aligned
    state.marked = glued(shown)
    return None if state.marked is None else cut(text, state.marked)


def sample(text: Text) -> list[str]:
    """Lines of the head and lines spread evenly over the rest, without their quoted cells."""
    count, half = len(text.begins), _SAMPLED // 2
    bounds = np.append(text.begins, len(text.data))
    head = text.data[: min(int(bounds[min(half, count)]), _LONGEST_HEAD)]
    spread = np.unique(np.linspace(min(half, count), count, half, endpoint=False).astype(np.int64))
    lines = (text.data[bounds[i] : min(bounds[i + 1], bounds[i] + _LONGEST_SHOWN)] for i in spread if i < count)
    return [line for block in (head, *lines) for line in unquote(block.decode(errors="ignore"))] or [""]


def _holds(shown: Sequence[str], separator: str) -> bool:
    """Whether most lines of a later run, of which some are shown, still hold the separator."""
    return sum(separator in line for line in shown) >= 0.5 * len(shown)


def _without(text: Text, separator: str) -> NDArray[np.bool_]:
    """Which lines hold no such separator and are not blank."""
    bounds = np.append(text.begins, len(text.data))
    none: NDArray[np.bool_] = _counts(text, separator) == 0
    for line in np.flatnonzero(none):
        none[line] = bool(text.data[bounds[line] : bounds[line + 1]].strip())
    return none


def _agreeing(text: Text, separator: str) -> int:
    counts = [line.count(separator) for line in sample(text)]
    usual = max(set(counts), key=counts.count)
    return counts.count(usual) if usual else 0


def slices(text: Text, separator: str) -> Iterator[Text]:
    """The text in as many runs of lines as keep the laid-out cells few: one long line widens all others."""
    counts = _counts(text, separator)
    if b'"' not in text.data and len(counts):
        usual = int(np.bincount(np.minimum(counts, MOST_CELLS)).argmax())
        giant = np.flatnonzero(counts > min(MOST_CELLS, max(256, 4 * usual)))
        text, counts = without(text, giant, "too many cells"), np.delete(counts, giant)
    longest = min(int(counts.max(initial=0)), MOST_CELLS) + 1
    lines = max(1, MOST_LAID_OUT // longest)
    if lines >= len(counts):
        yield text
        return
    rejects = text.rejects
    for first in range(0, len(counts), lines):
        chosen = np.zeros(len(counts), bool)
        chosen[first : first + lines] = True
        yield replace(only(text, chosen), rejects=rejects)
        rejects = ()


def _counts(text: Text, separator: str) -> Positions:
    """How many separators each line holds."""
    sign = separator.encode()
    if not sign:
        return np.zeros(len(text.begins), np.int64)
    at = find(np.frombuffer(text.data, np.uint8), sign[0])
    if len(sign) > 1:
        at = np.array([place for place in at.tolist() if text.data.startswith(sign, place)], np.int64)
    return np.diff(np.searchsorted(at, np.append(text.begins, len(text.data))))


def _ragged(text: Text, separator: str, state: _State) -> Iterator[Part]:
    text, joined = rejoined(text, separator)
    grid = lay_out(text, separator)
    yield from _table(replace(grid, frame=with_breaks(grid.frame)) if joined else grid, state)


def _table(grid: Grid, state: _State) -> Iterator[Part]:
    yield from grid.rejects
    found = sort_rows(
        grid.frame,
        grid.odd,
        grid.counts,
        grid.usual,
        goes_on=state.header is not None or state.width > 0,
        header=state.header,
    )
    yield from (Reject(int(grid.offsets[i]), int(grid.numbers[i]), "NUL bytes only") for i in found.spoilt)
    state.aside += found.aside
    state.blank += found.blank
    yield from _pieces(grid, found, state)


def _pieces(grid: Grid, found: Sorted, state: _State) -> Iterator[Piece]:
    frame = grid.frame
    for section in found.sections:
        if section.begins or not state.tables:
            state.tables += 1
            state.header, state.width = section.header, frame.width
        width = max(frame.width, len(state.header or ()))
        rows = section.rows
        if not len(rows):
            continue
        cells = frame if len(rows) == frame.height else frame[rows]
        names: list[str | None] = [*(state.header or ())]
        names += [None] * (width - len(names))
        cells = cells.with_columns(pl.lit(None, pl.String).alias(f"c{i}") for i in range(frame.width, width))
        cells, names = strip_labels(unwrap(cells), names)
        offsets, ends = grid.offsets, grid.ends
        if len(rows) != frame.height:
            offsets, ends = offsets[rows], ends[rows]
        yield Piece(state.name, tuple(names), cells, offsets, ends)
