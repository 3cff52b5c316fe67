"""The dumps of a family beside each other: the same record, the same column, wherever they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from graphs.lineage.records import Numbers, once, people, records
from graphs.lineage.selection import Measure, measures
from graphs.lineage.sketch import PERSONAL, Cells, Grade, Sketch
from graphs.lineage.slots import align, spread

BLOCKS = 64
"""Blocks of records by hash; a bootstrap weighs blocks, alike in all dumps."""
_HELD = 0.05
"""Share of cells that are filled, from which a dump is said to have a column."""
_LEAST = 3
"""Records in common by which two dumps may be kin."""
_COMMON = 200
"""Dumps with the same person beyond which the person joins no dumps."""

Mask = NDArray[np.bool_]
Counts = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One dump of a family, its rows in the order of their records."""

    sketch: Sketch
    record: Numbers
    """(n,) ascending, none twice."""
    person: Numbers
    """(n,) whom each record is about."""
    cells: Cells
    """(n, slots)"""
    partial: Cells
    faulty: Mask
    reduced: Mask
    place: Numbers
    """(n,) where in the dump the row stands."""
    block: NDArray[np.int64]
    held: Mask
    """(slots,) whether the dump has such a column."""
    personal: Mask
    """(slots,) whether the column describes the person and would be the same wherever it was recorded."""
    masked: Mask
    """(slots,) whether most of its cells are masked."""
    constant: Mask
    """(slots,) whether it holds a single value."""
    measures: tuple[Measure, ...]
    """What its rows can be selected by."""

    @property
    def size(self) -> int:
        """Records."""
        return len(self.record)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Dumps that are connected by records in common."""

    numbers: tuple[int, ...]
    """Which of the case's dumps they are."""
    members: tuple[Member, ...]
    shared: NDArray[np.int64]
    """(members, members) people in common."""
    stock: int
    """Different records of all of them."""


def families(sketches: Sequence[Sketch]) -> list[Family]:
    """Part the dumps of a case into families, the largest first; a dump alone is a family of its own."""
    if not sketches:
        return []
    person = people(sketches)
    groups, shared = _groups(person)
    return [_family(sketches, person, group, shared) for group in groups]


def _groups(person: Sequence[Numbers]) -> tuple[list[Numbers], csr_matrix]:
    """Connected dumps, and the people that any two of them have in common."""
    count = max((int(one.max()) + 1 for one in person if len(one)), default=1)
    unique = [np.unique(one) for one in person]
    spans = np.cumsum([0, *(len(one) for one in unique)])
    column = np.concatenate(unique) if unique else np.zeros(0, np.int64)
    holds = csr_matrix((np.ones(len(column), np.int64), column, spans), shape=(len(person), count))
    if len(person) > _COMMON:
        # Somebody in very many dumps (a placeholder, a test customer) would join all families into one.
        crowd = np.asarray(holds.sum(axis=0)).ravel() > _COMMON
        holds = holds[:, ~crowd]
    shared = (holds @ holds.T).tocsr()
    kin = shared.copy()
    kin.data = np.where(kin.data >= _LEAST, kin.data, 0)
    kin.eliminate_zeros()
    label = connected_components(kin, directed=False)[1]
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return sorted(groups, key=lambda group: (-len(group), int(group[0]))), shared


def _family(sketches: Sequence[Sketch], person: Sequence[Numbers], group: Numbers, shared: csr_matrix) -> Family:
    chosen = [sketches[place] for place in group]
    _, flat = np.unique(np.concatenate([person[place] for place in group]), return_inverse=True)
    ends = np.cumsum([sketch.rows for sketch in chosen])[:-1]
    own = [one.astype(np.int64) for one in np.split(flat, ends)]
    slots = align(chosen, own)
    width = max((max(one) + 1 for one in slots if one), default=0)
    cells = [spread(sketch.cells, slot, width) for sketch, slot in zip(chosen, slots, strict=True)]
    kept = [once(whom, wide) for whom, wide in zip(own, cells, strict=True)]
    own = [whom[rows] for whom, rows in zip(own, kept, strict=True)]
    numbered = records(own, [wide[rows] for wide, rows in zip(cells, kept, strict=True)])
    members = tuple(
        _member(sketch, slot, rows, (record, whom), width)
        for sketch, slot, rows, record, whom in zip(chosen, slots, kept, numbered, own, strict=True)
    )
    stock = max((int(one.max()) + 1 for one in numbered if len(one)), default=0)
    return Family(tuple(int(one) for one in group), members, shared[group][:, group].toarray(), stock)


def _member(
    sketch: Sketch, slots: tuple[int, ...], rows: Numbers, numbers: tuple[Numbers, Numbers], width: int
) -> Member:
    record, person = numbers
    order = np.argsort(record, kind="stable")
    place = rows[order]
    cells, grades = spread(sketch.cells, slots, width)[place], spread(sketch.grades, slots, width)[place]
    filled = cells != 0
    share = filled.mean(axis=0) if len(cells) else np.zeros(width)
    reduced = grades == Grade.REDUCED
    first = cells[np.argmax(filled, axis=0), np.arange(width)] if len(cells) else np.zeros(width, np.uint32)
    return Member(
        sketch=sketch,
        record=record[order],
        person=person[order],
        cells=cells,
        partial=spread(sketch.partial, slots, width)[place],
        faulty=grades == Grade.FAULTY,
        reduced=reduced,
        place=place.astype(np.int64),
        block=_blocks(person[order]),
        held=share >= _HELD,
        personal=_personal(sketch, slots, width),
        masked=reduced.sum(axis=0) > 0.5 * np.maximum(1, filled.sum(axis=0)),
        measures=measures(sketch.measures[place], sketch.ordinal),
        constant=((cells == first) | ~filled).mean(axis=0) > 0.98 if len(cells) else np.zeros(width, bool),
    )


def _personal(sketch: Sketch, slots: tuple[int, ...], width: int) -> Mask:
    mark = np.zeros(width, bool)
    mark[[slot for slot, role in zip(slots, sketch.roles, strict=True) if role in PERSONAL]] = True
    return mark


def _blocks(person: Numbers) -> NDArray[np.int64]:
    """The block of each person, spread by a multiplicative hash (Knuth, TAOCP 3, 6.4)."""
    mixed = (person.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(58)).astype(np.int64)


def by_block(member: Member, values: NDArray[np.generic]) -> Counts:
    """(k, BLOCKS) sums over the blocks of values (k, n) of a member's rows."""
    onehot = np.zeros((member.size, BLOCKS), np.float32)
    onehot[np.arange(member.size), member.block] = 1
    return values.astype(np.float32) @ onehot
