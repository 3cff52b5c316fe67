"""Which rows of two dumps are the same record, for many pairs of dumps at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphs.lineage.members import Rows
from graphs.lineage.records import Numbers

_TOGETHER = 1_000_000
"""Joined rows, about, that are looked at together."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Pairs of dumps with records in common, and these, pair after pair."""

    left: Numbers
    """(pairs,) one dump."""
    right: Numbers
    """(pairs,) the other."""
    starts: Numbers
    """(pairs + 1,) where each pair's rows begin, and where the last end."""
    lefts: Numbers
    """(n,) rows of the one …"""
    rights: Numbers
    """(n,) … and of the other, by which each pair is ascending."""
    pair: Numbers
    """(n,) to which pair they belong."""

    @property
    def counts(self) -> Numbers:
        """(pairs,) records in common."""
        return np.diff(self.starts)

    def turned(self) -> Joint:
        """The same rows in the same places with the dumps changed about."""
        return replace(self, left=self.right, right=self.left, lefts=self.rights, rights=self.lefts)

    def order(self) -> Numbers:
        """(n,) the places of the rows so that those of the right dump ascend in each pair."""
        rising = (self.rights[1:] > self.rights[:-1]) | (self.pair[1:] > self.pair[:-1])
        return np.arange(len(self.pair)) if rising.all() else np.lexsort((self.rights, self.pair))

    def sums(self, values: NDArray[np.generic]) -> NDArray[np.int64]:
        """(pairs,) sums of values (n,) or marks; every pair has a row at least."""
        return np.add.reduceat(values, self.starts[:-1], dtype=np.int64)

    def counted(self, rows: Numbers) -> NDArray[np.int64]:
        """(pairs,) how many of the rows with these places, ascending, are of each pair."""
        return np.diff(np.searchsorted(rows, self.starts))


def joint(left: Numbers, right: Numbers, counts: Numbers, rows: tuple[Numbers, Numbers]) -> Joint:
    """A joint of pairs with so many records in common each."""
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Joint(left, right, starts, *rows, np.repeat(np.arange(len(left)), counts))


def joints(rows: Rows, wanted: Sequence[Sequence[int]]) -> Iterator[Joint]:
    """Join the rows of each dump with those of others, some pairs at a time.

    Args:
        rows: of all dumps.
        wanted: for each dump the others, ascending.
    """
    at = np.full(int(rows.record.max()) + 1 if len(rows.record) else 1, -1, np.int64)
    parts: list[Joint] = []
    held = 0
    for one, others in enumerate(wanted):
        part = _joined(rows, one, np.array(others, np.int64), at)
        if len(part.left):
            parts.append(part)
            held += len(part.lefts)
        if held > _TOGETHER:
            yield _together(parts)
            parts, held = [], 0
    if parts:
        yield _together(parts)


def _together(parts: Sequence[Joint]) -> Joint:
    counts = np.concatenate([part.counts for part in parts])
    left, right, lefts, rights = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("left", "right", "lefts", "rights")
    )
    return joint(left, right, counts, (lefts, rights))


def _joined(rows: Rows, one: int, others: Numbers, at: Numbers) -> Joint:
    """The pairs of one dump; `at` has room for every record and is given back empty."""
    own = np.arange(rows.starts[one], rows.starts[one + 1])
    theirs = _ranges(rows.starts[others], rows.starts[others + 1])
    at[rows.record[own]] = own
    mine = at[rows.record[theirs]]
    at[rows.record[own]] = -1
    same = mine >= 0
    lefts, rights = mine[same], theirs[same]
    more = _same_person(rows, own, theirs[~same], (lefts, rights))
    if more is not None:
        lefts, rights = np.concatenate([lefts, more[0]]), np.concatenate([rights, more[1]])
        order = np.argsort(rights)
        lefts, rights = lefts[order], rights[order]
    counts = np.searchsorted(rights, rows.starts[others + 1]) - np.searchsorted(rights, rows.starts[others])
    some = counts > 0
    return joint(np.full(int(some.sum()), one), others[some], counts[some], (lefts, rights))


def _ranges(begins: Numbers, ends: Numbers) -> Numbers:
    """All numbers from each beginning to before its end."""
    size = ends - begins
    return np.asarray(np.arange(size.sum()) + np.repeat(begins - np.cumsum(size) + size, size))


def _same_person(
    rows: Rows, own: Numbers, others: Numbers, joined: tuple[Numbers, Numbers]
) -> tuple[Numbers, Numbers] | None:
    """Of what is left, the first rows about the same person in a dump and in each other, or None.

    Args:
        rows: of all dumps.
        own: the rows of one dump.
        others: rows of other dumps whose records it has not.
        joined: rows that are joined already, the dump's and the others'.
    """
    several = np.zeros(int(rows.person.max(initial=-1)) + 1, bool)
    several[rows.person[own]] = True
    others = others[several[rows.person[others]]]
    if not len(others):
        return None
    base = len(rows.person)
    whose = np.searchsorted(rows.starts, others, side="right") * base
    _, first = np.unique(whose + rows.person[others], return_index=True)
    others, whose = others[first], whose[first]
    by_person = own[np.argsort(rows.person[own], kind="stable")]
    begins = np.searchsorted(rows.person[by_person], rows.person[others])
    ends = np.searchsorted(rows.person[by_person], rows.person[others], side="right")
    which = np.repeat(np.arange(len(others)), ends - begins)
    mine = by_person[_ranges(begins, ends)]
    taken = np.searchsorted(rows.starts, joined[1], side="right") * base + joined[0]
    free = ~np.isin(whose[which] + mine, taken)
    which, place = np.unique(which[free], return_index=True)
    return mine[free][place], others[which]
