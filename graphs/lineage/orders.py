"""What it takes to tell in which order a child's rows stand.

A list is a set and an order. Where nothing explains the order it is one of n! and takes their logarithm; rows that
stand as in a list that they were taken from cost next to nothing. As with the records, telling a list from its part
takes as much as the other way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graphs.lineage.options import Option, Table

_BROKEN = 0.3
"""Share of rows that stand before one that stood before them, from which no order is left: at random it is a half."""
_PLACED = 0.25
"""Share of rows that stand once, from which a list's order tells."""
_MOST = 0.9
"""Share of its records that a dump has in common with one whose order it is said to have."""
_AT_ONCE = 4_000_000
"""Rows that are looked at together."""


def orders(beside: Table, several: Sequence[Option]) -> NDArray[np.float64]:
    """(options,) nats of the order of the child's rows, told by the parents and siblings of each option."""
    if not beside.child.size or _sorted(beside) or beside.child.single.mean() < _PLACED:
        return np.zeros(len(several))
    broken = _broken(beside)
    sources = np.full((len(several), max(1, *(len(option.before) for option in several))), -1)
    for row, option in zip(sources, several, strict=True):
        # Who puts lists together keeps the first whole, and of the others what is new: it breaks least.
        ranked = sorted((beside.place[one] for one in option.before), key=lambda place: (broken[place], place))
        row[: len(ranked)] = ranked
    step = max(1, _AT_ONCE // beside.child.size)
    parts = [_nats(beside, sources[start : start + step]) for start in range(0, len(several), step)]
    return np.concatenate(parts)


def _sorted(beside: Table) -> bool:
    """Whether the rows stand in the order of a column, or as they do in a dump whose rows do."""
    return beside.child.sketch.sorted or any(
        match.sorted and match.ordered and len(match.rows) > _MOST * beside.child.size for match in beside.matched
    )


def _broken(beside: Table) -> NDArray[np.float64]:
    """(candidates,) share of the rows that stand before one that stood before them."""
    return np.array([_breaks(row[row >= 0]) for row in beside.stood])


def _breaks(told: NDArray[np.int32]) -> float:
    return float(np.count_nonzero(told[1:] < told[:-1]) / max(1, len(told) - 1))


def _nats(beside: Table, sources: NDArray[np.int64]) -> NDArray[np.float64]:
    """(options,) nats; `sources` are candidates by rank, -1 for none."""
    (count, ranks), size = sources.shape, beside.child.size
    label = np.zeros((count, size), np.int8)
    stood = np.full((count, size), -1, np.int32)
    for rank in reversed(range(ranks)):
        some = np.flatnonzero(sources[:, rank] >= 0)
        if len(some):
            theirs = beside.stood[sources[some, rank]]
            there = theirs != -1
            stood[some] = np.where(there, theirs, stood[some])
            label[some] = np.where(there, rank + 1, label[some])
    nats = gammaln(np.count_nonzero(label == 0, axis=1) + 1.0)
    mixed = gammaln(size + 1.0) - nats
    for rank in range(1, ranks + 1):
        mine = label == rank
        told = np.count_nonzero(mine, axis=1)
        whole = gammaln(told + 1.0)
        mixed -= whole
        at = np.flatnonzero(mine & (stood >= 0))
        nats += whole * _share(at // size, stood.ravel()[at], told, grouped=beside.grouped)
    runs = np.count_nonzero(label[:, 1:] != label[:, :-1], axis=1)
    nats += np.minimum(runs * (np.log(size) + 1), mixed)
    return np.asarray(nats)


def _share(
    option: NDArray[np.int64], stood: NDArray[np.int32], told: NDArray[np.int64], *, grouped: bool
) -> NDArray[np.float64]:
    """(options,) what it takes to tell an order out of another, as a share of the logarithm of all orders.

    By the places where it jumps, where stretches were moved about; or by who stands in which ascending run, where rows
    were drawn apart (a multinomial coefficient), which costs nothing where a column says it. Whichever is less.

    Args:
        option: (n,) whose row it is, ascending.
        stood: (n,) where in the list that it is told by.
        told: (options,) rows, with those whose place is not known.
        grouped: whether the rows stand in groups by a column.
    """
    count = len(told)
    size = np.bincount(option, minlength=count)
    breaks = _counted(option, stood[1:] < stood[:-1], count)
    most = np.maximum(gammaln(size + 1.0), 1e-9)
    share = np.where((breaks > _BROKEN * size) | (size < _PLACED * told) | (size < 2), 1.0, 0.0)
    some = (breaks > 0) & (share == 0)
    if not some.any():
        return share
    kept = some[option]
    option, stood = option[kept], stood[kept]
    begins = np.concatenate([[True], (option[1:] != option[:-1]) | (stood[1:] < stood[:-1])])
    lengths = np.diff(np.flatnonzero(np.concatenate([begins, [True]])))
    riffled = most - np.bincount(option[begins], gammaln(lengths + 1.0), count)
    rank = np.empty(len(stood), np.int64)
    rank[np.lexsort((stood, option))] = np.arange(len(stood))
    jumps = breaks if grouped else _counted(option, rank[1:] != rank[:-1] + 1, count)
    moved = 2 * jumps * np.log(np.maximum(size, 2))
    share[some] = (np.minimum(np.minimum(moved, riffled), most) / most)[some]
    return share


def _counted(option: NDArray[np.int64], mark: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """(options,) marks between neighbouring rows of the same option."""
    return np.bincount(option[1:][mark & (option[1:] == option[:-1])], minlength=count)
