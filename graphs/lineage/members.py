"""The rows of a family's dumps below each other, and each dump's part of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.records import Numbers
from graphs.lineage.selection import Measure, measures
from graphs.lineage.sketch import PERSONAL, Cells, Grade, Sketch
from graphs.lineage.slots import spread

_HELD = 0.05
"""Share of cells that are filled, from which a dump is said to have a column."""
_SINGLE = 0.98
"""Share of cells from which a column is said to hold a single value."""

Mask = NDArray[np.bool_]
Slots = int
"""A set of slots: bit 2**slot is set for each of them."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lines:
    """Rows of dumps, column by column."""

    record: Numbers
    """(n,) ascending within a dump, none twice there."""
    person: Numbers
    """(n,) whom each record is about."""
    cells: Cells
    """(n, slots), columns contiguous like those of the next three."""
    partial: Cells
    faulty: Mask
    reduced: Mask
    place: Numbers
    """(n,) where in its dump the row stands."""
    rank: Numbers
    """(n,) how many of the dump's rows stand before it."""
    single: Mask
    """(n,) whether it stands once in its dump; else its place says little."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rows(Lines):
    """The rows of several dumps, dump after dump, each dump's in the order of their records, and so of their blocks."""

    starts: Numbers
    """(dumps + 1,) where each dump's rows begin, and where the last end."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Member(Lines):
    """One dump of a family, its rows as in `Rows`."""

    sketch: Sketch
    bounds: Numbers
    """(BLOCKS + 1,) where each block of rows begins, and where the last ends."""
    filled: Numbers
    """(slots,) cells that are not empty."""
    damaged: Numbers
    """(slots,) cells that are faulty."""
    held: Slots
    """Columns that the dump has."""
    personal: Slots
    """Columns that describe the person and would be the same wherever they were recorded."""
    masked: Slots
    """Columns most of whose cells are masked."""
    constant: Slots
    """Columns that hold a single value."""
    measures: tuple[Measure, ...]
    """What its rows can be selected by."""

    @property
    def size(self) -> int:
        """Records."""
        return len(self.record)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is looked at of one dump."""

    sketch: Sketch
    """Of the rows that are looked at."""
    slots: tuple[int, ...]
    rows: Numbers
    """Those of the sketch's rows that say something new, ascending."""
    single: Mask
    """(rows,) whether no other row says the same."""
    place: Numbers
    """Where in the dump each of the sketch's rows stands."""
    record: Numbers
    """(rows,)"""
    person: Numbers
    """(rows,)"""


def below(kept: Sequence[Kept], width: int) -> Rows:
    """The rows of dumps below each other, their columns at their slots of which there are `width`."""
    starts = np.cumsum([0, *(len(one.rows) for one in kept)])
    total = int(starts[-1])
    cells, partial = (np.zeros((total, width), np.uint32, order="F") for _ in range(2))
    grades = np.zeros((total, width), np.uint8, order="F")
    record, person, place, rank = (np.zeros(total, np.int64) for _ in range(4))
    single = np.zeros(total, bool)
    for one, start, end in zip(kept, starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        order = np.argsort(one.record)
        rows = one.rows[order]
        cells[start:end] = spread(one.sketch.cells[rows], one.slots, width)
        partial[start:end] = spread(one.sketch.partial[rows], one.slots, width)
        grades[start:end] = spread(one.sketch.grades[rows], one.slots, width)
        record[start:end], person[start:end] = one.record[order], one.person[order]
        place[start:end], rank[start:end], single[start:end] = one.place[rows], order, one.single[order]
    faulty, reduced = grades == Grade.FAULTY, grades == Grade.REDUCED
    return Rows(
        starts=starts,
        record=record,
        person=person,
        cells=cells,
        partial=partial,
        faulty=faulty,
        reduced=reduced,
        place=place,
        rank=rank,
        single=single,
    )


def member(rows: Rows, at: int, kept: Kept, first: Numbers) -> Member:
    """One dump's part of the rows; `first` has the first record of each block, and the end."""
    part = slice(int(rows.starts[at]), int(rows.starts[at + 1]))
    cells, reduced, record = rows.cells[part], rows.reduced[part], rows.record[part]
    filled, damaged = np.count_nonzero(cells, axis=0), np.count_nonzero(rows.faulty[part], axis=0)
    width = cells.shape[1]
    value = cells[np.argmax(cells != 0, axis=0), np.arange(width)] if len(cells) else np.zeros(width, np.uint32)
    single = np.count_nonzero((cells == value) | (cells == 0), axis=0) > _SINGLE * len(cells)
    return Member(
        sketch=kept.sketch,
        record=record,
        person=rows.person[part],
        cells=cells,
        partial=rows.partial[part],
        faulty=rows.faulty[part],
        reduced=reduced,
        place=rows.place[part],
        rank=rows.rank[part],
        single=rows.single[part],
        bounds=np.searchsorted(record, first),
        filled=filled,
        damaged=damaged,
        held=slots_of(filled >= max(1.0, _HELD * len(cells))),
        personal=_personal(kept.sketch, kept.slots),
        masked=slots_of(np.count_nonzero(reduced, axis=0) > 0.5 * np.maximum(1, filled)),
        measures=measures(kept.sketch.measures[kept.rows[np.argsort(kept.record)]], kept.sketch.ordinal),
        constant=slots_of(single),
    )


def slots_of(mark: Mask) -> Slots:
    """The slots that are marked (slots,)."""
    return int.from_bytes(np.packbits(mark, bitorder="little").tobytes(), "little")


def places(slots: Slots) -> list[int]:
    """The slots of a set."""
    return [place for place in range(slots.bit_length()) if slots >> place & 1]


def marked(sets: Sequence[Slots], width: int) -> Mask:
    """(sets, width) whether each set has each slot."""
    held = [np.frombuffer(one.to_bytes(-(-width // 8), "little"), np.uint8) for one in sets]
    return np.unpackbits(np.array(held), axis=1, count=width, bitorder="little").astype(bool)


def _personal(sketch: Sketch, slots: tuple[int, ...]) -> Slots:
    return sum(1 << slot for slot, role in zip(slots, sketch.roles, strict=True) if role in PERSONAL)
