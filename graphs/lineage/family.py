"""The dumps of a family beside each other: the same record, the same column, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from graphs.lineage.members import Kept, Member, Rows, below, member
from graphs.lineage.records import Numbers, once, people, records
from graphs.lineage.sketch import Sketch
from graphs.lineage.slots import align, spread

BLOCKS = 64
"""Blocks of records by hash; a bootstrap weighs blocks, alike in all dumps."""
_LEAST = 3
"""Records in common by which two dumps may be kin."""
_WORD = 64
_ROWS, _MANY, _FEW_ROWS = 20_000, 200, 1_000
"""Rows of a dump that are looked at on average; and how many in a case of more than so many dumps."""
_COMMON = 200
"""Dumps with the same person beyond which the person joins no dumps."""

Counts = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Dumps that are connected by records in common."""

    numbers: tuple[int, ...]
    """Which of the case's dumps they are."""
    members: tuple[Member, ...]
    rows: Rows
    shared: NDArray[np.int64]
    """(members, members) people in common."""
    stock: int
    """Different records of all of them."""
    share: float
    """Share of the people that are looked at."""
    bits: NDArray[np.uint64]
    """(members, words) which records each has, a bit each, every block beginning with a word of its own."""
    words: Numbers
    """(BLOCKS + 1,) where the words of each block begin, and where the last end."""


def families(sketches: Sequence[Sketch], *, rows: int | None = None) -> Iterator[Family]:
    """Part the dumps of a case into families, the largest first; a dump alone is a family of its own.

    Args:
        sketches: of the dumps.
        rows: how many rows of a dump to look at on average; fewer where there are many dumps if left out.
    """
    if not sketches:
        return
    person = people(sketches)
    groups, shared = _groups(person)
    most = rows or (_ROWS if len(sketches) <= _MANY else _FEW_ROWS)
    for group in groups:
        yield _family(sketches, person, group, shared[group][:, group].toarray(), most)


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


def _family(
    sketches: Sequence[Sketch], person: Sequence[Numbers], group: Numbers, shared: NDArray[np.int64], most: int
) -> Family:
    """A family, looked at through so many people that its dumps have `most` rows on average."""
    chosen, whose = [sketches[place] for place in group], [person[place] for place in group]
    share = min(1.0, most * len(chosen) / max(1, sum(len(one) for one in whose)))
    taken = [np.arange(len(one)) if share == 1.0 else np.flatnonzero(_spread(one) < share) for one in whose]
    chosen = [sketch.only(at) if share < 1.0 else sketch for sketch, at in zip(chosen, taken, strict=True)]
    _, flat = np.unique(np.concatenate([one[at] for one, at in zip(whose, taken, strict=True)]), return_inverse=True)
    own = [one.astype(np.int64) for one in np.split(flat, np.cumsum([len(at) for at in taken])[:-1])]
    slots = align(chosen, own)
    width = max((max(one) + 1 for one in slots if one), default=0)
    wide = [spread(sketch.cells, slot, width) for sketch, slot in zip(chosen, slots, strict=True)]
    kept, single = zip(*(once(whom, cells) for whom, cells in zip(own, wide, strict=True)), strict=True)
    own = [whom[rows] for whom, rows in zip(own, kept, strict=True)]
    numbered = records(own, [cells[rows] for cells, rows in zip(wide, kept, strict=True)])
    numbered, first, stock = _blocked(own, numbered)
    dumps = [Kept(*parts) for parts in zip(chosen, slots, kept, single, taken, numbered, own, strict=True)]
    rows = below(dumps, width)
    members = tuple(member(rows, at, one, first) for at, one in enumerate(dumps))
    bits = np.zeros((len(members), int(first[-1]) // _WORD), np.uint64)
    for place, one in enumerate(members):
        np.bitwise_or.at(bits[place], one.record // _WORD, np.uint64(1) << (one.record % _WORD).astype(np.uint64))
    return Family(tuple(int(one) for one in group), members, rows, shared, stock, share, bits, first // _WORD)


def _blocked(person: Sequence[Numbers], record: Sequence[Numbers]) -> tuple[list[Numbers], Numbers, int]:
    """Number records anew so that those of a block follow each other, and each block begins at a full word.

    Returns the numbers, (BLOCKS + 1,) the first of each block and the end, and how many records there are.
    """
    count = max((int(one.max()) + 1 for one in record if len(one)), default=0)
    whose = np.zeros(count, np.int64)
    for whom, one in zip(person, record, strict=True):
        whose[one] = whom
    block = _blocks(whose)
    size = np.bincount(block, minlength=BLOCKS)
    first = np.concatenate([[0], np.cumsum(-(-size // _WORD) * _WORD)]).astype(np.int64)
    order = np.argsort(block, kind="stable")
    new = np.empty(count, np.int64)
    new[order] = np.arange(count) + np.repeat(first[:-1] - np.cumsum(size) + size, size)
    return [new[one] for one in record], first, count


def _blocks(person: Numbers) -> NDArray[np.int64]:
    """The block of each person."""
    return (_spread(person) * BLOCKS).astype(np.int64)


def _spread(person: Numbers) -> NDArray[np.float64]:
    """A number between 0 and 1 for each person, by a multiplicative hash (Knuth, TAOCP 3, 6.4)."""
    mixed = (person.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def by_block(values: NDArray[np.generic], bounds: Numbers) -> Counts:
    """(…, BLOCKS) sums over blocks of values (…, n) that stand in the order of their blocks."""
    sums = np.zeros((*values.shape[:-1], BLOCKS), np.float32)
    some = bounds[:-1] < bounds[1:]
    if some.any():
        sums[..., some] = np.add.reduceat(values, bounds[:-1][some], axis=-1, dtype=np.float32)
    return sums
